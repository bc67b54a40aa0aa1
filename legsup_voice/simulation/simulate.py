"""`legsup simulate`: a whole session in a simulated room, on the audio clock, to sound files.

The engine is the one `legsup run` drives; only the devices differ. Everything goes to disk as it
happens, so an hour needs no more memory than a minute.
"""

import resource
import tempfile
import time
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import typer

from legsup_voice.audio import (
    BLOCKS_PER_SECOND,
    HEAR_RATE,
    SPEAK_BLOCK,
    SPEAK_RATE,
    Samples,
)
from legsup_voice.engine.wiring import put_together
from legsup_voice.errors import UserError
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.commands import Pattern
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.limits import A_DAY
from legsup_voice.protocol.log import LineOver, LogRecord, StateEntered, moved, wire
from legsup_voice.protocol.states import State
from legsup_voice.records.eventlog import EventLog, read_events
from legsup_voice.records.journal import Journal
from legsup_voice.session.settings import DEFAULT_HOLD, Settings
from legsup_voice.simulation.director import Director
from legsup_voice.simulation.expect import Record, failures
from legsup_voice.simulation.faults import StallingEars, WallClock, full_disk
from legsup_voice.simulation.latency import percentile, reply_latencies
from legsup_voice.simulation.people import People
from legsup_voice.simulation.room import Echo, Room
from legsup_voice.simulation.scenario import RoomOptions, Scenario, Step, load_scenario
from legsup_voice.soundfiles import WavWriter, read
from legsup_voice.speaking.voice import Voice

AFTER_DONE = 5.0
SILENCE = 60.0
"""Seconds: the simulation ends so long after DONE, or in IDLE or REFUSED when nobody speaks."""
LONGEST = 2 * 3600.0
"""Seconds at which a simulation without `until` ends, should the session never do."""
NOTICE = 2.0
"""Seconds until a lost device or a recogniser that doesn't answer is noticed, as when live."""
DISK = 30.0
"""Seconds: simulated time stands still until the disk has answered."""
YESTERDAY = Choices(DEFAULT_HOLD, Pattern.BELLY)
"""What somebody who comes back chose last time."""

SILENT_BLOCK: Samples = np.zeros(SPEAK_BLOCK, np.float32)


@dataclass(frozen=True)
class Outcome:
    """What came of a simulation. Times are seconds, `peak_memory` bytes of resident memory.

    `took` is the time on the wall, `computed` the time of all cores together.
    """

    simulated: float
    took: float
    computed: float
    peak_memory: int
    latencies: list[float]
    failed: list[str]


class Simulation:
    """One scenario's room, people and engine; the engine can die and begin anew."""

    def __init__(self, scenario: Scenario, voice: Voice, journal: Path, log: EventLog) -> None:
        options = scenario.options
        self.finished = False
        self.happenings: list[Record] = []
        self._options = options
        self._voice = voice
        self._people = People(voice)
        self._log = log
        self._director = Director(scenario.steps)
        self._room = build_room(scenario.room)
        self._journal_path = journal
        self._clock = WallClock()
        self._disk_full = False
        self._speaker_plugged = True
        self._faults: list[tuple[float, Fault]] = []
        self._reported: set[Fault] = set()
        self._state, self._entered = State.IDLE, 0.0
        self._done_at: float | None = None
        self._records: list[LogRecord] = []
        self._last_sound = 0.0
        self._speaker = SILENT_BLOCK
        self._check(scenario.steps)
        self._start()

    def step(self) -> tuple[Samples, Samples]:
        """Pass one block of time; return the microphone's and the speaker's block."""
        for at, step in self._director.acts(self._room.now + 1 / BLOCKS_PER_SECOND):
            self._act(step, at)
        self._notice_faults()
        microphone = self._room.microphone(self._speaker)
        with self._disk():
            speaker = self._engine.process(microphone)
            self._engine.settle(0 if self._speaker_plugged else SPEAK_BLOCK)
        self._hand_out()
        self._speaker = speaker if self._speaker_plugged else SILENT_BLOCK
        self.finished = self._is_over()
        return microphone, self._speaker

    # --- the program -----------------------------------------------------------------------

    def _start(self) -> None:
        """Switch the program on, as after a power cut when it has run before."""
        options = self._options
        settings = Settings(
            minutes=options.minutes,
            breathing=options.breathing,
            seed=options.seed,
            returning=options.returning,
            last=YESTERDAY if options.returning else None,
            practised=(A_DAY,) if options.returning else (),
        )
        self._offset = self._room.now
        self._ears = StallingEars(options.model, language=options.language)
        self._journal = Journal(self._journal_path, self._clock, wait=DISK)
        self._engine = put_together(settings, self._ears, self._voice, self._take, self._journal)
        self._reported.clear()

    def _take(self, record: LogRecord) -> None:
        """Note one record, on the clock of the room."""
        self._records.append(moved(record, self._offset))

    def _hand_out(self) -> None:
        """Write what has been noted to the event log, and let the people react to it."""
        records, self._records = self._records, []
        for record in records:
            self._log.write(wire(record))
            self._director.notice(record)
            match record:
                case StateEntered(t, state):
                    self._state, self._entered = state, t
                    if state is State.DONE:
                        self._done_at = t
                case LineOver():
                    self._last_sound = max(self._last_sound, record.end)

    def _disk(self) -> AbstractContextManager[None]:
        return full_disk() if self._disk_full else nullcontext()

    def _is_over(self) -> bool:
        now = self._room.now
        if self._engine.finished or now >= (self._options.until or LONGEST):
            return True
        if self._engine.speaking:
            return False
        if self._done_at is not None:
            return now >= self._done_at + AFTER_DONE
        waits = self._state in (State.IDLE, State.REFUSED) and not self._director.waiting
        return waits and now >= max(self._last_sound, self._entered) + SILENCE

    # --- what happens in the room ------------------------------------------------------------

    def _check(self, steps: tuple[Step, ...]) -> None:
        """Find all that is to be heard before anything begins."""
        for step in steps:
            self._clip(step)

    def _clip(self, step: Step) -> Samples | None:
        if step.play is not None:
            return _sound(step.play)
        if step.say is not None:
            return self._people.clip(step.say, step.voice or self._options.voice)
        return None

    def _act(self, step: Step, at: float) -> None:
        clip = self._clip(step)
        if clip is not None:
            name = step.say or str(step.play)
            source = "person" if step.say else name
            uttered = self._room.utter(clip, at, step.gain_db, source)
            self._last_sound = max(self._last_sound, uttered.end)
            self._happened("person", uttered.start, text=name, end=uttered.end)
            return
        self._happened("act", at, what=_name(step))
        if step.unplug or step.plug:
            self._plug(step.unplug or step.plug or "", at, plugged=bool(step.plug))
        elif step.stall:
            self._ears.stalled = True
            self._faults.append((at + NOTICE, Fault.RECOGNISER_STALLED))
        elif step.disk:
            self._disk_full = True
        elif step.clock is not None:
            self._clock.jump(step.clock)
        elif step.kill:
            self._journal.close()
            self._start()

    def _plug(self, device: str, at: float, *, plugged: bool) -> None:
        microphone = device == "microphone"
        lost, back = (
            (Fault.MICROPHONE_LOST, Fault.MICROPHONE_BACK)
            if microphone
            else (Fault.SPEAKER_LOST, Fault.SPEAKER_BACK)
        )
        if microphone:
            self._room.microphone_plugged = plugged
        else:
            self._speaker_plugged = plugged
        self._faults = [(due, fault) for due, fault in self._faults if fault is not lost]
        if not plugged:
            self._faults.append((at + NOTICE, lost))
        elif lost in self._reported:
            self._reported.discard(lost)
            self._faults.append((at, back))

    def _notice_faults(self) -> None:
        now = self._room.now
        due = [fault for at, fault in self._faults if at <= now]
        self._faults = [(at, fault) for at, fault in self._faults if at > now]
        for fault in due:
            self._reported.add(fault)
            if fault is Fault.RECOGNISER_STALLED:
                self._ears.stalled = False
            if fault in (Fault.RECOGNISER_STALLED, Fault.MICROPHONE_BACK):
                self._ears.reset()
            self._engine.fault(fault)

    def _happened(self, kind: str, at: float, **more: object) -> None:
        self.happenings.append({"t": at, "kind": kind, **more})

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()


def build_room(options: RoomOptions) -> Room:
    """Return the room that a scenario describes.

    Raises:
        UserError: a sound file can't be read.
    """
    echo = noise = None
    snr_db = 0.0
    if options.echo:
        path = options.echo.impulse
        impulse = None if path is None else read(path, HEAR_RATE)
        echo = Echo(options.echo.gain_db, options.echo.delay_ms, impulse)
    if options.noise:
        noise, snr_db = read(options.noise.file, HEAR_RATE), options.noise.snr_db
    return Room(echo, noise, snr_db)


@cache
def _sound(path: Path) -> Samples:
    return read(path, HEAR_RATE)


def _name(step: Step) -> str:
    acts = ("unplug", "plug", "stall", "disk", "clock", "kill")
    name, value = next((n, v) for n in acts if (v := getattr(step, n)) is not None)
    return name if value is True else f"{name}: {value}"


def run_scenario(path: Path, out: Path) -> Outcome:
    """Simulate the scenario at `path` into the folder `out`, which is made.

    Raises:
        UserError: the scenario or a file that it names is wrong, or `out` can't be written.
    """
    scenario = load_scenario(path)
    voice = Voice(language=scenario.options.language)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder {out} can't be made: {error.strerror}.") from error
    began, computed = time.perf_counter(), time.process_time()
    blocks = 0
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="legsup-"))
        log = stack.enter_context(EventLog(out / "events.jsonl"))
        microphone_file = stack.enter_context(WavWriter(out / "microphone.wav", HEAR_RATE))
        speaker_file = stack.enter_context(WavWriter(out / "speaker.wav", SPEAK_RATE))
        simulation = Simulation(scenario, voice, Path(folder) / "journal.db", log)
        stack.callback(simulation.close)
        while not simulation.finished:
            microphone, speaker = simulation.step()
            microphone_file.write(microphone)
            speaker_file.write(speaker)
            blocks += 1
    with EventLog(out / "room.jsonl") as log:
        for record in simulation.happenings:
            log.write(record)
    records = read_events(out / "events.jsonl")
    return Outcome(
        simulated=blocks / BLOCKS_PER_SECOND,
        took=time.perf_counter() - began,
        computed=time.process_time() - computed,
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        latencies=reply_latencies(records),
        failed=failures(scenario.expect, records),
    )


def simulate(path: Path, out: Path) -> int:
    """Simulate a scenario, draw its timeline and print a summary; 1 when it isn't as expected."""
    outcome = run_scenario(path, out)
    from legsup_voice.simulation.timeline import draw  # after the memory has been measured

    draw(out)
    typer.echo(summary(outcome))
    for sentence in outcome.failed:
        typer.echo(f"{path}: {sentence}.", err=True)
    return 1 if outcome.failed else 0


def summary(outcome: Outcome) -> str:
    """Return the figures of a simulation as one line."""
    parts = [
        f"{outcome.simulated:.0f} s simulated",
        f"{outcome.took / outcome.simulated:.3f} of real time",
        f"{outcome.computed / outcome.simulated:.3f} of one core",
        f"{outcome.peak_memory / 2**20:.0f} MiB peak memory",
    ]
    if outcome.latencies:
        p50 = percentile(outcome.latencies, 50)
        p95 = percentile(outcome.latencies, 95)
        parts.append(f"reply after {p50:.2f} s (median), {p95:.2f} s (95th percentile)")
    return ", ".join(parts)
