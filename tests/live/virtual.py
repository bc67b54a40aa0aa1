"""A room without walls: a PulseAudio of our own, `legsup run` in it, and a person who answers.

The person's sink is heard through `legsup_mic`, a remapped monitor source; what the program plays
into `legsup_speaker` is recorded from its monitor. Everything runs in real time.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import soundfile
from scipy.signal import fftconvolve

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE, Samples
from legsup_voice.simulation.people import People
from legsup_voice.speaking.voice import Voice

MODULES = (
    "module-native-protocol-unix auth-anonymous=1 socket={socket}",
    "module-null-sink sink_name=legsup_speaker rate=48000",
    "module-null-sink sink_name=person rate=48000",
    "module-remap-source source_name=legsup_mic master=person.monitor",
)
PATIENCE = 20.0
"""Seconds that anything may take here before the test gives up on it."""

PIECE = SPEAK_RATE // 2
"""Samples of a line that are looked for at a time: a word or two."""

BEGINNING = 4 * PIECE
"""Samples of a line within which a piece without a hole is looked for."""

DRIFT = SPEAK_RATE
"""Samples by which holes may have put off a piece."""

STARTING = Lock()
"""One program starts at a time: they are busy then, and would hold up each other's sound."""


PROGRAM, SOUND = 5, 10
"""Real-time priorities: no program, while it loads, holds up what plays and records."""


def hurry(process: int, priority: int = PROGRAM) -> None:
    """Let a busy machine not hold up the threads of `process`, where that is allowed."""
    with contextlib.suppress(OSError):  # it has ended, or we may not
        for thread in Path(f"/proc/{process}/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(priority))


def whole_lines(path: Path) -> list[str]:
    """Return the lines of a file that is being written; one that is only half there is left out."""
    return path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []


def command_line(process: int) -> bytes:
    """Return how `process` was started; nothing when it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def children(process: int) -> list[int]:
    """Return what `process` has forked and is still there."""
    tasks = Path(f"/proc/{process}/task")
    lists = [task.joinpath("children").read_text() for task in tasks.glob("*")]
    found = [int(number) for number in " ".join(lists).split()]
    ours = command_line(process)
    return [pid for pid in found if command_line(pid) == ours]


class Room:
    """The sound server and what is plugged into it; use it in a `with` statement."""

    def __init__(self, folder: Path, modules: tuple[str, ...] = MODULES) -> None:
        self.folder = folder
        self.modules = modules
        """What the sound server is made of."""
        self.server = f"unix:{folder / 'socket'}"
        self.environment = os.environ | {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "PULSE_SERVER": self.server,
            "LEGSUP_DATA": str(folder / "data"),
            "LEGSUP_CACHE": str(Voice().cache),
            "COLUMNS": "200",
            "OMP_NUM_THREADS": "1",
        }
        self._people = People(Voice())
        self._processes: list[subprocess.Popen[bytes]] = []
        self.output: int | None = None
        """Where the programs write from now on, if not into `messages`."""

    def __enter__(self) -> "Room":
        self.folder.chmod(0o700)
        for server in self._serve():
            hurry(server.pid, SOUND)
        self._breathe()
        self.record()
        return self

    def _serve(self) -> list[subprocess.Popen[bytes]]:
        """Start the sound server with the room's devices; return its processes."""
        modules = [module.format(socket=self.folder / "socket") for module in self.modules]
        # --high-priority would take back the priority given below
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        options += ["--high-priority=no", "--realtime=no"]
        server = self._start(
            "pulseaudio", *options, *(part for module in modules for part in ("-L", module))
        )
        until(lambda: "legsup_mic" in self.pactl("list", "short", "sources"), "the sound server")
        return [server]

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            process.kill()

    def _start(self, *command: str, group: int | None = None) -> subprocess.Popen[bytes]:
        with (self.folder / "messages.txt").open("ab") as messages:
            process = subprocess.Popen(
                command,
                env=self.environment,
                stdout=messages if self.output is None else self.output,
                stderr=messages if self.output is None else self.output,
                process_group=group,
            )
        self._processes.append(process)
        return process

    def _start_tool(self, tool: str, *options: str) -> subprocess.Popen[bytes]:
        """Start one of the sound server's own, which plays or records."""
        return self._start(tool, f"--server={self.server}", *options)

    def pactl(self, *command: str) -> str:
        """Return what the sound server's own tool answers."""
        return subprocess.run(
            ["pactl", f"--server={self.server}", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    def unplug(self, device: str) -> None:
        """Take `legsup_mic` or `legsup_speaker` away."""
        for line in self.pactl("list", "short", "modules").splitlines():
            number, _, *arguments = line.split("\t")[:3] if "\t" in line else ("", "")
            if f"_name={device} " in f"{' '.join(arguments)} ":
                self.pactl("unload-module", number)

    def plug(self, device: str) -> None:
        """Bring it back."""
        module = next(module for module in self.modules if f"_name={device} " in module)
        self.pactl("load-module", *module.split())

    def loop_back(self) -> None:
        """Let the microphone hear the speaker."""
        self.pactl("load-module", "module-loopback", "source=legsup_speaker.monitor", "sink=person")

    def say(self, what: str | Path, person: int = 0) -> None:
        """Let the person say a text in one of the bundled voices, or play a recording."""
        if isinstance(what, Path):
            clip = soundfile.read(what)[0]
        else:
            voices = self._people.voices
            clip = self._people.clip(what, voices[person % len(voices)])
        quiet = np.zeros(HEAR_RATE // 5)
        path = self.folder / "person.wav"
        soundfile.write(path, np.concatenate([quiet, clip, quiet]), HEAR_RATE)
        player = self._start_tool("paplay", "--device=person", "--latency-msec=200", str(path))
        hurry(player.pid, SOUND)
        assert player.wait(timeout=PATIENCE) == 0

    def _breathe(self) -> None:
        """Give the microphone the noise that every real one has, at -86 dBFS."""
        noise = np.random.default_rng(1).normal(0, 2, HEAR_RATE * 600).astype(np.int16)
        (self.folder / "noise.raw").write_bytes(noise.tobytes())
        player = self._start_tool(
            "pacat", "--device=person", "--format=s16le", f"--rate={HEAR_RATE}", "--channels=1",
            "--latency-msec=500", str(self.folder / "noise.raw"),
        )  # fmt: skip
        hurry(player.pid, SOUND)

    def record(self, sink: str = "legsup_speaker", milliseconds: int = 100) -> None:
        """Begin to record the speaker, anew if it was away, or another sink.

        What has been recorded is up to `milliseconds` behind what sounds.
        """
        self._recording = self.folder / f"speaker-{len(self._processes)}.raw"
        recorder = self._start_tool(
            "parec",
            f"--device={sink}.monitor",
            "--format=s16le",
            f"--rate={SPEAK_RATE}",
            "--channels=1",
            f"--latency-msec={milliseconds}",
            str(self._recording),
        )
        hurry(recorder.pid, SOUND)
        # An idle sink has made up to two seconds of silence ahead; a recorder gets none of it.
        with contextlib.suppress(AssertionError):  # the sink itself hangs
            until(lambda: self._recording.exists() and self._recording.stat().st_size, "sound", 4)

    @property
    def messages(self) -> str:
        """What the programs here have written to the terminal."""
        return (self.folder / "messages.txt").read_text(encoding="utf-8", errors="replace")

    @property
    def heard(self) -> Samples:
        """What the speaker has played since `record`, at 24 kHz."""
        return (np.fromfile(self._recording, np.int16) / 32768).astype(np.float32)


class PipeWireRoom(Room):
    """The same room with PipeWire in PulseAudio's place."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = f"unix:{folder / 'pulse' / 'native'}"
        self.environment |= {
            "PULSE_SERVER": self.server,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'bus'}",
            "XDG_STATE_HOME": str(folder / "state"),
        }

    def _serve(self) -> list[subprocess.Popen[bytes]]:
        bus = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        servers = [self._start("dbus-daemon", "--session", "--nofork", f"--address={bus}")]
        until((self.folder / "bus").exists, "the bus")
        servers.append(self._start("pipewire"))
        until((self.folder / "pipewire-0").exists, "PipeWire")
        servers += [self._start("wireplumber"), self._start("pipewire-pulse")]
        until(lambda: "PipeWire" in self.pactl("info"), "PipeWire's PulseAudio")
        for module in self.modules[1:]:
            self.pactl("load-module", *module.split())
        until(lambda: "legsup_mic" in self.pactl("list", "short", "sources"), "the devices")
        self.pactl("set-default-sink", "legsup_speaker")
        self.pactl("set-default-source", "legsup_mic")
        return servers


class AlsaRoom(Room):
    """The same room for programs that find no sound server, only ALSA's devices and mixers."""

    NAMES = ("legsup_speaker", "legsup_mic", "person")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        del self.environment["PULSE_SERVER"]
        configuration = folder / "asound.conf"
        named = {"!default": "", **{name: f"device {name}" for name in self.NAMES}}
        configuration.write_text(
            "\n".join(
                f'{kind}.{name} {{ type pulse server "{self.server}" {device} }}'
                for name, device in named.items()
                for kind in ("pcm", "ctl")
            )
        )
        self.environment["ALSA_CONFIG_PATH"] = str(configuration)


class LegsUp:
    """`legsup run` (or another command) in `room`; use it in a `with` statement."""

    def __init__(self, room: Room, *options: str, command: str = "run") -> None:
        self.room = room
        self.events_file = room.folder / "events.jsonl"
        self.events_file.unlink(missing_ok=True)
        if command == "run":
            options = ("--events", str(self.events_file), *options)
        self._command = (sys.executable, "-m", "legsup_voice", command, *options)

    def __enter__(self) -> "LegsUp":
        with STARTING:
            self.process = self.room._start(*self._command)
            until(lambda: self.events or self.process.poll() is not None, "the start", 60)
            for process in (self.process.pid, *self.children()):
                hurry(process)
        return self

    def __exit__(self, *_: object) -> None:
        sessions = self.children()
        self.process.kill()
        self.process.wait()
        for session in sessions:  # which would speak on, for whoever may lie there
            with contextlib.suppress(ProcessLookupError):
                os.kill(session, signal.SIGKILL)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The event log so far."""
        return [json.loads(line) for line in whole_lines(self.events_file)]

    @property
    def messages(self) -> str:
        """What the programs in the room have written to the terminal."""
        return self.room.messages

    def children(self) -> list[int]:
        """Return the ids of the program's sessions."""
        return children(self.process.pid)

    def state(self) -> str:
        """The state of the session."""
        states = self.of("state")
        return str(states[-1]["state"]) if states else ""

    def of(self, kind: str, **values: object) -> list[dict[str, Any]]:
        """Return the events of one kind that have these values."""
        return [e for e in self.events if e["kind"] == kind and values.items() <= e.items()]

    def wait_for(self, condition: Callable[[], object], what: str, seconds: float) -> None:
        """Wait until `condition` holds; the program must be running meanwhile."""

        def holds_or_ended() -> bool:
            return bool(condition()) or self.process.poll() is not None

        until(holds_or_ended, what, seconds)
        assert condition(), f"the program ended before {what}: {self.messages[-2000:]}"

    def converse(
        self,
        answers: Mapping[str, list[str | Path]],
        goal: str | Callable[[], bool],
        seconds: float,
    ) -> None:
        """Answer every line until the session is in state `goal`, or `goal` holds.

        `answers` holds what to say after a line, by its name or family; an answer that leads
        nowhere within 8 s is given again, in the next way there is to say it, then by others.
        """
        deadline = time.monotonic() + seconds
        answered, at, tries = 0, 0.0, 0
        while not (goal() if callable(goal) else self.state() == goal):
            assert time.monotonic() < deadline, f"no {goal}, only {self.events[-5:]}"
            assert self.process.poll() is None, f"no {goal}: {self.messages[-2000:]}"
            said, turn = self._last_said()
            ways = answers.get(said) or answers.get(said.split(".")[0])
            again = turn == answered
            if ways and (not again or time.monotonic() > at + 8):
                time.sleep(0.8)  # as people do; and perhaps the line has a second sentence
                if self._last_said() == (said, turn):
                    tries = tries + 1 if again else 0
                    self.room.say(ways[tries % len(ways)], tries // len(ways))
                    answered, at = turn, time.monotonic()
            time.sleep(0.1)

    def _last_said(self) -> tuple[str, int]:
        """Return the line that was said last and its number; no name while one sounds.

        What is said of lost and found devices is no line to answer.
        """
        spoken = [event for event in self.events if event["kind"] in ("say", "said")]
        if not spoken or spoken[-1]["kind"] == "say":
            return "", len(spoken)
        lines = [e["line"] for e in spoken if not e["line"].startswith("fault.")]
        return lines[-1] if lines else "", len(spoken)


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.05)


def find(recording: Samples, clip: Samples) -> tuple[float, float]:
    """Return where in `recording` it is most like `clip`, in seconds, and how much (0 to 1)."""
    overlap = fftconvolve(recording, clip[::-1], mode="valid")
    energy = np.cumsum(np.concatenate([[0.0], recording.astype(np.float64) ** 2]))
    there = np.sqrt(np.maximum(energy[len(clip) :] - energy[: -len(clip)], 1e-9))
    likeness = overlap / (there * np.linalg.norm(clip))
    best = int(np.argmax(likeness))
    return best / SPEAK_RATE, float(likeness[best])


def began(recording: Samples, clip: Samples) -> float:
    """Return when `clip` began in `recording`, in seconds.

    Its first piece tells that no hole fell into; a hole later in it doesn't blur that.
    """
    likely = []
    for start in range(0, min(len(clip), BEGINNING), PIECE):
        at, likeness = find(recording, clip[start : start + PIECE])
        if likeness > 0.8:
            return at - start / SPEAK_RATE
        likely.append(likeness)
    raise AssertionError(f"not in the recording: its pieces are at most {likely} like it")


def heard_share(recording: Samples, clip: Samples) -> float:
    """Return how much of `clip` sounds in `recording`, in order, as a share of its pieces.

    A hole, where a busy machine let the card run dry, spoils the piece it falls in and puts off
    the ones after it; as a whole such a line would be unlike itself, though people hear it well.
    """
    pieces = [clip[i : i + PIECE] for i in range(0, len(clip) - PIECE + 1, PIECE)]
    loudness = [float(np.sqrt(np.mean(piece**2))) for piece in pieces]
    earliest = max(0, round(find(recording, clip)[0] * SPEAK_RATE) - DRIFT)
    sounding, heard = 0, 0
    for number, piece in enumerate(pieces):
        if loudness[number] < max(loudness) / 10:  # a pause between sentences
            continue
        sounding += 1
        start = earliest + number * PIECE
        there = recording[start : start + PIECE + 2 * DRIFT]
        heard += len(there) > PIECE and find(there, piece)[1] > 0.8
    return heard / sounding
