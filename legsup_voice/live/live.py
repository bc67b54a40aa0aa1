"""A live session on the microphone and the speaker.

One worker, the main thread, runs the engine whenever the sound card needs the next block. Once
somebody may lie in the pose nothing here may end the program without the exit having been spoken:
not a signal, not a full disk, not a lost device.
"""

import contextlib
import ctypes
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FrameType

import typer
from pydantic import ValidationError

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.config import (
    Config,
    config_directory,
    data_directory,
    journal_path,
    load_config,
)
from legsup_voice.devices.soundcard import SoundCard, check
from legsup_voice.devices.transport import BLOCK
from legsup_voice.engine.wiring import put_together
from legsup_voice.errors import UserError
from legsup_voice.hearing.ears import Ears
from legsup_voice.live.control import Control, open_control
from legsup_voice.live.guard import GuardedEars
from legsup_voice.live.notify import ServiceManager
from legsup_voice.live.setup import render_missing
from legsup_voice.protocol.commands import Bed
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.log import LogRecord, wire
from legsup_voice.records.eventlog import EventLog
from legsup_voice.records.journal import Journal
from legsup_voice.session.settings import Settings
from legsup_voice.soundfiles import WavWriter
from legsup_voice.speaking.voice import Voice

PAUSE = BLOCK / 4
"""Seconds between two looks at the sound card."""

LAST_WORDS = 30.0
"""Seconds the program may go on speaking after it was asked to end."""

TAIL = 0.5
"""Seconds for the last sound to leave the sound card."""

BROKE_OFF = 1
"""The exit status of a program that broke off when nobody was in the pose; Python's own."""

SIGNALLED = 128
"""A shell's exit status for a program ended by signal N is this plus N."""

_M_ARENA_MAX = -8  # malloc.h


def live(
    *,
    mic: str | None,
    speaker: str | None,
    events: Path | None,
    minutes: float | None,
    breathing: str | None,
    model: str | None,
    again: bool = False,
) -> int:
    """Run one session and return the exit status: 0, or 128 plus the signal that ended it.

    `again`: this is the second try, the first broke off. It goes on with the same event log, but
    only if somebody may lie in the pose; otherwise the status is `BROKE_OFF`.

    Raises:
        UserError: the configuration, a device, the model, the voice or `events` is wrong.
    """
    if again and not _left_in_the_pose():
        return BROKE_OFF
    _share_one_heap()
    config = load_config()
    settings = _settings(config, minutes, breathing)
    with ExitStack() as stack:
        log = EventLog(events, go_on=again) if events else None
        if log is not None:
            stack.callback(_end, log)
        mic, speaker = mic or config.mic, speaker or config.speaker
        check(mic, speaker)
        phrases = config_directory() / "phrases.yaml"
        ears = GuardedEars(partial(Ears, model or config.model, phrases, echo=config.echo))
        voice = Voice()
        render_missing(voice)
        card = SoundCard(mic, speaker)
        stack.callback(card.close)
        journal = Journal(journal_path())
        stack.callback(journal.close)
        recording = stack.enter_context(_recording()) if config.keep_audio else None
        control = open_control(stack)
        session = Live(card, ears, voice, config, journal, settings, log, recording, control)
        give_back_memory()
        status = session.run()
    for sentence in session.troubles():
        typer.echo(f"legsup: {sentence}", err=True)
    return status


def _share_one_heap() -> None:
    """Let all threads take memory from one place: glibc's own for each keep 5 MB more."""
    _ask_glibc("mallopt", _M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Return to the system what loading took for a while; glibc would keep it."""
    _ask_glibc("malloc_trim", 0)


def _ask_glibc(function: str, *numbers: int) -> None:
    with contextlib.suppress(OSError, AttributeError):  # another C library
        getattr(ctypes.CDLL("libc.so.6"), function)(*numbers)


def _settings(config: Config, minutes: float | None, breathing: str | None) -> Settings:
    try:
        return Settings.model_validate(
            {
                "minutes": minutes if minutes is not None else config.minutes,
                "breathing": breathing or config.breathing,
                "talk": config.talk,
                "seed": int(time.time()),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"--{first['loc'][0]}: {first['msg']}.") from error


def _left_in_the_pose() -> bool:
    journal = Journal(journal_path())
    journal.close()
    return journal.interrupted


def _end(log: EventLog) -> None:
    with contextlib.suppress(OSError):  # a full disk was reported when it first refused a line
        log.__exit__(None, None, None)


def _recording() -> WavWriter:
    folder = data_directory() / "audio"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return WavWriter(folder / f"{datetime.now():%Y-%m-%dT%H-%M-%S}.wav", HEAR_RATE)


@dataclass
class Live:
    """A session between the sound card and the disk."""

    card: SoundCard
    ears: GuardedEars
    voice: Voice
    config: Config
    journal: Journal
    settings: Settings
    log: EventLog | None
    recording: WavWriter | None
    control: Control | None

    def __post_init__(self) -> None:
        self._signal: int | None = None
        self._disk_trouble: str | None = None
        self._engine = put_together(
            self.settings,
            self.ears,
            self.voice,
            self._take,
            self.journal,
            bed=Bed(self.config.bed),
            volume_db=self.config.volume,
        )

    def run(self) -> int:
        """Run to the end of the session, or for as long as last words take after a signal."""
        manager = ServiceManager()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_end)
        manager.tell("READY=1")
        deadline: float | None = None
        alive_until = 0.0
        while not self._engine.finished and (deadline is None or self._engine.now < deadline):
            if self._signal is not None and deadline is None:
                manager.tell("STOPPING=1")
                self._engine.fault(Fault.TERMINATE)
                deadline = self._engine.now + LAST_WORDS
            self.card.step(self._process, self._engine.settle)
            if self._engine.now >= alive_until:
                manager.tell("WATCHDOG=1")
                alive_until = self._engine.now + 1.0
            self._notice_faults()
            if self.control is not None:
                self.control.exchange(self._engine)
            time.sleep(PAUSE)
        time.sleep(TAIL)
        manager.close()
        return 0 if self._signal is None else SIGNALLED + self._signal

    def troubles(self) -> list[str]:
        """Return what went wrong without stopping the session, a sentence each."""
        losses = self.card.losses
        found = [self.journal.trouble, self._disk_trouble]
        if self.ears.troubles:
            count = len(self.ears.troubles)
            found.append(f"The recogniser had to be restarted {count}×: {self.ears.troubles[0]}.")
        if losses.late >= 1.0:
            found.append(f"The computer was too busy: {losses.late:.1f} s of sound were left out.")
        return [sentence for sentence in found if sentence]

    def _asked_to_end(self, number: int, _frame: FrameType | None) -> None:
        self._signal = self._signal or number

    def _process(self, microphone: Samples) -> Samples:
        if self.recording is not None:
            try:
                self.recording.write(microphone)
            except OSError as error:
                self.recording = None
                self._disk_trouble = f"The recording could not be written: {error}."
        return self._engine.process(microphone)

    def _notice_faults(self) -> None:
        for fault in self.card.faults():
            if fault is Fault.MICROPHONE_BACK:
                self.ears.reset()
            self._engine.fault(fault)
        if self.ears.failed():
            self._engine.fault(Fault.RECOGNISER_STALLED)

    def _take(self, record: LogRecord) -> None:
        if self.control is not None:
            self.control.record(record)
        if self.log is not None:
            try:
                self.log.write(wire(record))
            except OSError as error:
                self.log = None
                self._disk_trouble = f"The event log could not be written: {error}."
