"""From the house, in real time: a session begun by MQTT, answered by voice, ended by MQTT."""

import contextlib
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import pytest

from legsup_voice.bridges import guide
from legsup_voice.content import content
from legsup_voice.speaking.voice import Voice
from tests.bridges.assistant import BRIGHT, DIMMED, Flat, needs_home_assistant
from tests.bridges.broker import MOSQUITTO, BridgeProcess, Listener, Mosquitto
from tests.bridges.flood import Flood, memory
from tests.live.test_live import answers
from tests.live.virtual import LegsUp, Room, began, hurry

pytestmark = [
    pytest.mark.live,
    pytest.mark.mqtt,
    pytest.mark.skipif(MOSQUITTO is None, reason="not run: there is no mosquitto here"),
]

OPTIONS = ("--minutes", "3", "--breathing", "none")
SOUND_OFF = 0.3
"""Seconds from the press to silence (safety rule 4), the broker's and the bridge's part in it."""

RECORDER = 10
"""Milliseconds by which what is recorded may be behind what sounds."""

FOLLOWS = 1.0
"""Seconds within which a lamp follows the state."""

FLAT = 8e6
"""Bytes of memory; a million lines that were kept would take more."""

TCP_LISTEN, UDP_OPEN = "0A", "07"
"""States in /proc/net (net/tcp_states.h)."""


def socket_of(room: Room) -> Path:
    return room.folder / "legsup_voice" / "control.sock"


def into_the_hold(program: LegsUp) -> None:
    program.converse(answers(), goal="SETUP", seconds=200)
    program.converse({"setup": ["skip this", "skip"]}, goal="HOLD", seconds=120)


def test_start_by_mqtt_answers_by_voice_and_come_down_by_mqtt_during_a_line(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("home")
    with Room(folder) as room, Mosquitto(folder) as broker, Listener(broker.port) as listener:
        options = ("--port", str(broker.port), "--identity", "test")
        with LegsUp(room, *OPTIONS) as program, BridgeProcess(folder, *options) as bridge:
            for process in (bridge.process.pid, broker.process.pid):
                hurry(process)
            listener.wait_for("legsup/test/phase", "idle")
            program.wait_for(lambda: program.of("said"), "the first line", 30)
            listener.publish("legsup/test/start/set", "PRESS")
            listener.wait_for("legsup/test/phase", "preparing")
            into_the_hold(program)
            listener.wait_for("legsup/test/phase", "hold")
            nothing_is_lost_in_a_flood(program, broker)
            room.record(milliseconds=RECORDER)
            spoken = len(program.of("say"))
            guide.ask({"command": "louder"}, socket_of(room))
            program.wait_for(lambda: len(program.of("say")) > spoken, "a line in the hold", 10)
            time.sleep(0.3)
            recorded = len(room.heard)
            listener.publish("legsup/test/stop/set", "PRESS")
            program.wait_for(lambda: program.of("say", line="exit.warning"), "the warning", 5)
            listener.wait_for("legsup/test/phase", "coming_down")
            time.sleep(3)
            heard = room.heard
        (asked,) = program.of("heard", command="stop")
        cut = next(e for e in program.of("said") if e["t"] >= asked["t"])
        first = next(e for e in program.of("say") if e["t"] >= asked["t"])
    assert cut["cut"]
    assert first["line"] == "exit.warning"
    clip = Voice().clip(first["text"], content().lines["exit.warning"].pace)
    assert began(heard[recorded:], clip) - (first["start"] - cut["end"]) <= SOUND_OFF


def nothing_is_lost_in_a_flood(program: LegsUp, broker: Mosquitto) -> None:
    """With the broker stopped and the socket flooded no line loses a sample, nothing is obeyed."""
    path = socket_of(program.room)
    (session,) = program.children()
    program.wait_for(lambda: len(program.of("said")) == len(program.of("say")), "silence", 20)
    before, used = len(program.events), memory(session)
    broker.process.send_signal(signal.SIGSTOP)
    with Flood(path) as flood:
        for command in ("quieter", "louder", "quieter", "louder"):
            lines = len(program.of("say"))
            assert guide.ask({"command": command}, path)["ok"]
            program.wait_for(lambda lines=lines: len(program.of("say")) > lines, "a line", 10)  # type: ignore[misc]
            program.wait_for(
                lambda: len(program.of("said")) == len(program.of("say")), "its end", 20
            )
        program.wait_for(lambda: flood.lines > 1_000_000, "a million lines", 60)
    broker.process.send_signal(signal.SIGCONT)
    meanwhile = program.events[before:]
    assert [e for e in meanwhile if e["kind"] == "state"] == []
    heard = [e for e in meanwhile if e["kind"] == "heard"]
    asked = [e["command"] for e in heard]
    assert asked == ["quieter", "louder", "quieter", "louder"]
    said = [e for e in meanwhile if e["kind"] == "said"]
    assert len(said) >= len(asked)
    assert [e for e in said if e["lost"]] == []
    # A line that is due just as we ask for something gives way to the answer; no other is cut.
    asked_at = [e["t"] for e in heard]
    assert all(min(abs(e["t"] - t) for t in asked_at) < 0.1 for e in said if e["cut"])
    assert memory(session) - used < FLAT


@pytest.mark.homeassistant
@needs_home_assistant
def test_start_in_home_assistant_answers_by_voice_and_a_lamp_follows(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("home")
    with ExitStack() as stack:
        room = stack.enter_context(Room(folder))
        flat = Flat(stack, folder)
        program = stack.enter_context(LegsUp(room, *OPTIONS))
        flat.meet("idle")
        flat.make_a_lamp_follow()
        clock = Clock(socket_of(room))
        program.wait_for(lambda: program.of("said"), "the first line", 30)
        flat.press("Start")
        into_the_hold(program)
        began = clock.unix(program.of("state", state="HOLD")[-1]["t"])
        dimmed = flat.assistant.lamp_is(DIMMED, since=began)
        flat.press("Come down")
        program.wait_for(lambda: program.state() == "LEAVING", "the way down", 10)
        left = clock.unix(program.of("state", state="LEAVING")[-1]["t"])
        lit = flat.assistant.lamp_is(BRIGHT, since=left)
        for process in (program.process.pid, *program.children(), flat.bridge.process.pid):
            assert listening(process) == []
        assert listening(flat.broker.process.pid)
    print(f"the lamp follows after {dimmed - began:.3f} s and {lit - left:.3f} s")  # noqa: T201
    assert dimmed - began <= FOLLOWS
    assert lit - left <= FOLLOWS


class Clock:
    """The audio clock and the wall's, by what comes soonest through the control socket."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zero = float("inf")
        Thread(target=self._compare, daemon=True).start()

    def unix(self, t: float) -> float:
        """Return the Unix time of `t` on the audio clock."""
        return self._zero + t

    def _compare(self) -> None:
        with contextlib.suppress(guide.NoGuideError):
            for message in guide.follow(self._path):
                self._zero = min(self._zero, time.time() - float(message["t"]))


def listening(process: int) -> list[str]:
    """Return the network addresses at which `process` listens."""
    own = {str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir()}
    return [
        fields[1]
        for protocol in ("tcp", "tcp6", "udp", "udp6")
        for fields in map(str.split, Path(f"/proc/net/{protocol}").read_text().splitlines()[1:])
        if f"socket:[{fields[9]}]" in own and fields[3] in (TCP_LISTEN, UDP_OPEN)
    ]
