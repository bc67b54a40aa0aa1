"""A live session on the microphone and the speaker.

One worker, the main thread, runs the engine whenever the sound card needs the next block. Once
somebody may lie in the pose nothing here may end the program without the exit having been spoken:
not a signal, not a full disk, not a lost device.
"""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any, TypeVar

import typer

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.config import (
    Config,
    cache_directory,
    choices_path,
    data_directory,
    journal_path,
    load_config,
    phrases_path,
)
from legsup_voice.content import content
from legsup_voice.devices.soundcard import SoundCard, check
from legsup_voice.engine.engine import Engine
from legsup_voice.engine.wiring import put_together, settings_of
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.readiness import refuse_unready
from legsup_voice.live import stamps
from legsup_voice.live.control import Control, open_control
from legsup_voice.live.guard import GuardedEars, NoEars
from legsup_voice.live.heartbeat import ASKED, SIGNALLED, Beat, Heartbeat, Stopwatch
from legsup_voice.live.memory import give_back_memory, keep_the_heap_small, trim
from legsup_voice.live.notify import is_service
from legsup_voice.live.run_options import RunOptions
from legsup_voice.live.setup import render_missing
from legsup_voice.live.tears import Tears
from legsup_voice.private import private_folder
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.commands import Bed, Pattern
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.log import LineOver, LogRecord, wire
from legsup_voice.protocol.states import State
from legsup_voice.records.eventlog import EventLog
from legsup_voice.records.journal import Journal
from legsup_voice.records.past import counts_for, lately, readable, since_one_ended_early
from legsup_voice.records.remembered import remember, remembered
from legsup_voice.records.writer import Writer
from legsup_voice.session.desk import BARRED_SECONDS
from legsup_voice.session.leaving import WARNINGS
from legsup_voice.session.settings import VARIES, Settings
from legsup_voice.soundfiles import WavWriter
from legsup_voice.speaking.cue_words import Cues
from legsup_voice.speaking.lead_in import KeepAwake
from legsup_voice.speaking.voice import Voice
from legsup_voice.yamlfile import READ, kept

T = TypeVar("T")

log = logging.getLogger(__name__)

LOOK_EVERY = 3
"""Turns of the sound card, of 40 ms each, between two looks at how it fares."""

LAST_WORDS = 30.0
"""Seconds the program may go on speaking after it was asked to end."""

TELL_EVERY = 1.0
"""Seconds of sound between two signs of life to the supervisor."""

BEFORE_THE_POSE = frozenset({State.SCREENING, State.SETUP})
"""Where a session ends when its speaker is lost; what is said then is said by another."""

PARTED_SECONDS = 1800.0
"""So long after a session nobody is welcomed who didn't ask for it."""

TAIL = 0.5
"""Seconds for the last sound to leave the sound card."""


class _OrElse:
    """Makes what a session is to have; when it fails, what there is otherwise.

    Only with somebody in the pose from before: then nothing that the way down can do without is a
    reason to end.
    """

    def __init__(self, interrupted: bool) -> None:
        self._interrupted = interrupted

    def __call__(self, otherwise: T, make: Callable[[], T]) -> T:
        try:
            return make()
        except Exception as error:  # whatever it is
            if not self._interrupted:
                raise
            log.warning("%s", error)
            return otherwise


def live(heartbeat: Heartbeat, options: RunOptions, *, interrupted: bool, again: bool) -> int:
    """Run one session and return the exit status: 0, or 128 plus the signal that ended it.

    `interrupted`: somebody may lie in the pose from before. `again`: the session before broke off;
    the event log goes on. All is made before whoever speaks meanwhile makes way; only the sound
    card has to be opened after that.

    Raises:
        UserError: the configuration, a device, the model, the voice or an option is wrong.
    """
    keep_the_heap_small()
    or_else = _OrElse(interrupted)
    config = options.over(or_else(Config(), load_config))
    with ExitStack() as stack:
        events = options.events
        event_log = or_else(None, lambda: EventLog(events, go_on=again) if events else None)
        session = _loaded(stack, heartbeat, config, event_log, interrupted)
        heartbeat.may_speak()
        session.card = SoundCard(config.mic, config.speaker)
        stack.callback(session.card.close)
        session.control = open_control(
            stack, captions=options.captions, tells_need=config.needs_someone
        )
        # Nobody waits for it: the first hold is a minute away.
        Thread(target=_prepare, args=(session.engine,), name="prepare", daemon=True).start()
        status = session.run()
    if status == 0:
        stamps.note(stamps.PARTED)
    for sentence in session.troubles():
        typer.echo(f"legsup: {sentence}", err=True)
    return status


def _loaded(
    stack: ExitStack,
    heartbeat: Heartbeat,
    config: Config,
    event_log: EventLog | None,
    interrupted: bool,
) -> "Live":
    """Return a session that has all but the sound card and the control socket."""
    or_else = _OrElse(interrupted)
    check(config.mic, config.speaker)
    with kept(cache_directory() / READ):
        ears, voice = _ears(config, or_else), _voice(config, or_else)
    give_back_memory()  # twice: it is now that there is most of it
    journal = Journal(journal_path())
    stack.callback(journal.close)
    recording = or_else(None, lambda: _recording() if config.keep_audio else None)
    writers = _Writers(event_log, recording)
    stack.callback(writers.close)
    session = Live(ears or GuardedEars(NoEars), journal, writers, heartbeat)
    session.engine = _engine(session, voice, config, or_else, interrupted)
    if ears is None:
        session.engine.fault(Fault.MICROPHONE_LOST)
    give_back_memory()
    return session


def _ears(config: Config, or_else: _OrElse) -> GuardedEars | None:
    """Return ears, or else some that don't know the user's own phrases, or else none."""
    make = partial(Ears, config.model, echo=config.echo, language=config.language)
    or_else(None, lambda: refuse_unready(config.language, config.model))
    ears = or_else(None, lambda: GuardedEars(partial(make, own_phrases=phrases_path())))
    return ears or or_else(None, lambda: GuardedEars(make))


def _voice(config: Config, or_else: _OrElse) -> Voice:
    voice = or_else(
        Voice(voice="espeak", language=config.language),
        lambda: Voice(voice=config.voice, language=config.language),
    )
    or_else(None, lambda: render_missing(voice))
    voice.hold(content(config.language).spoken_from_the_pose_on())
    return voice


def _engine(
    session: "Live", voice: Voice, config: Config, or_else: _OrElse, interrupted: bool
) -> Engine:
    """Return the engine, or else one without a bed."""
    settings = or_else(Settings(), lambda: _settings(config, interrupted))
    bed = Path(config.bed_file).expanduser() if config.bed_file else Bed(config.bed)

    def over(bed: Bed | Path) -> Engine:
        return put_together(
            settings,
            session.ears,
            voice,
            session.take,
            session.journal,
            remember=session.writers.remember,
            silence=session.silence,
            bed=bed,
            breaths={Pattern.BELLY: config.belly_seconds, Pattern.BOX: config.box_seconds},
            cues=Cues(config.cues),
            keep_awake=KeepAwake(config.keep_awake),
            volume_db=config.volume,
            interrupted=interrupted,
        )

    return or_else(None, lambda: over(bed)) or over(Bed.NONE)


def _prepare(engine: Engine) -> None:
    engine.prepare()
    trim()


def _settings(config: Config, interrupted: bool) -> Settings:
    now = time.time()
    past = readable(journal_path())
    held = lately(past, now)
    counts = counts_for(held, now)
    # A service starts again after each session: nobody who was wished a good night is welcomed
    # then. Who starts it by hand hears that it is there.
    parted = is_service() and stamps.lately(stamps.PARTED, PARTED_SECONDS)
    return settings_of(
        minutes=config.minutes,
        breathing=config.breathing,
        talk=config.talk,
        slow=config.speech == "slow",
        bell=config.bell,
        bell_minutes=config.bell_minutes,
        seed=VARIES * len(past or ()),
        last=remembered(choices_path()),
        returning=not interrupted and counts > 0,
        returning_for=counts,
        # Why the last session ended is written nowhere: a symptom may have been it.
        barred_for=max(0.0, BARRED_SECONDS - since_one_ended_early(past, now)),
        practised=[now - row.began.timestamp() for row in held],
        welcomes=not parted,
    )


def _recording() -> WavWriter:
    folder = private_folder(data_directory() / "audio")
    return WavWriter(folder / f"{datetime.now():%Y-%m-%dT%H-%M-%S}.wav", HEAR_RATE)


class _Writers:
    """What a session leaves behind besides the journal; the engine waits for none of it."""

    def __init__(self, events: EventLog | None, recording: WavWriter | None) -> None:
        self._choices = Writer("What was chosen", partial(remember, choices_path()))
        self._events = Writer("The event log", events.write, events.close) if events else None
        self._recording = (
            Writer("The recording", recording.write, recording.close) if recording else None
        )

    def event(self, record: LogRecord) -> None:
        """Keep `record`."""
        if self._events is not None:
            self._events.put(wire(record))

    def sound(self, microphone: Samples) -> None:
        """Keep what the microphone has heard, if the user wants that."""
        if self._recording is not None:
            self._recording.put(microphone)

    def remember(self, choices: Choices) -> None:
        """Keep what was chosen for the next time."""
        self._choices.put(choices)

    def close(self) -> None:
        """Write what is left."""
        for writer in self._all():
            writer.close()

    def troubles(self) -> list[str]:
        """Return what could not be written, a sentence each."""
        return [writer.trouble for writer in self._all() if writer.trouble]

    def _all(self) -> Iterator[Writer[Any]]:
        for writer in (self._events, self._recording, self._choices):
            if writer is not None:
                yield writer


@dataclass
class Live:
    """A session between sound card and disk; `engine` and `card` are to be set before it runs."""

    ears: GuardedEars
    journal: Journal
    writers: _Writers
    heartbeat: Heartbeat
    engine: Engine = field(init=False)
    card: SoundCard = field(init=False)
    control: Control | None = None

    def __post_init__(self) -> None:
        self._signal: int | None = None
        self._told: Beat | None = None
        self._tell_at = 0.0
        self._tears = Tears()

    def run(self) -> int:
        """Run to the end of the session, or for as long as last words take after a signal."""
        for number in ASKED:
            signal.signal(number, self._asked_to_end)
        asked: Stopwatch | None = None
        turns = count()
        while not self.engine.finished and (asked is None or asked.seconds() < LAST_WORDS):
            if self._signal is not None and asked is None:
                self.engine.fault(Fault.TERMINATE)
                asked = Stopwatch()
            self.card.must_work(self.engine.session.in_pose)
            self.card.step(self._process, self.engine.settle)
            if next(turns) % LOOK_EVERY == 0:
                self._look_at_the_sound()
            if self.control is not None:
                self.control.exchange(self.engine)
            self.card.wait(calm=not (self.engine.speaking or self.ears.following))
        time.sleep(TAIL)
        self.heartbeat.beat(Beat.OVER)
        return 0 if self._signal is None else SIGNALLED + self._signal

    def troubles(self) -> list[str]:
        """Return what went wrong without stopping the session, a sentence each."""
        losses = self.card.losses
        found = [self.journal.trouble, *self.writers.troubles()]
        if self.ears.troubles:
            count = len(self.ears.troubles)
            found.append(f"The recogniser had to be restarted {count}×: {self.ears.troubles[0]}.")
        if losses.late >= 1.0:
            found.append(f"The computer was too busy: {losses.late:.1f} s of sound were left out.")
        return [sentence for sentence in found if sentence]

    def silence(self) -> None:
        """Take back the sound that was made ahead."""
        self.card.silence()

    def _asked_to_end(self, number: int, _frame: FrameType | None) -> None:
        self._signal = self._signal or number

    def take(self, record: LogRecord) -> None:
        """Pass a record of the event log on to those who keep or tell it."""
        if self.control is not None:
            self.control.record(record)
        self.writers.event(record)
        if isinstance(record, LineOver) and record.line in WARNINGS:
            self._tears.warned(record.lost)

    def _process(self, microphone: Samples) -> Samples:
        self.writers.sound(microphone)
        block = self.engine.process(microphone)
        place = self._place()
        hangs = place is Beat.UP and self.card.stuck  # then silence has its parent speak
        if place is not self._told or (self.engine.now >= self._tell_at and not hangs):
            self._told, self._tell_at = place, self.engine.now + TELL_EVERY
            self.heartbeat.beat(place)
        return block

    def _place(self) -> Beat:
        """Return what the supervisor would have to say if nothing came any more."""
        if self.engine.session.in_pose:
            return Beat.UP
        resting = self.engine.session.state in (State.LYING, State.SIDE, State.SITTING)
        return Beat.RESTING if resting else Beat.CLEAR

    def _look_at_the_sound(self) -> None:
        if self._tears.too_many(self.card.losses.late) and self.engine.session.in_pose:
            self.heartbeat.beat(Beat.TORN)
        self._notice_faults()

    def _notice_faults(self) -> None:
        session = self.engine.session
        before_the_pose = session.state in BEFORE_THE_POSE and not session.in_pose
        for fault in self.card.faults():
            if fault in (Fault.SPEAKER_LOST, Fault.SPEAKER_BACK):
                self._tears = Tears(there=fault is Fault.SPEAKER_BACK)
            if fault is Fault.MICROPHONE_BACK:
                self.ears.reset()
            elif fault is Fault.SPEAKER_LOST and before_the_pose:
                self.heartbeat.beat(Beat.SPEECHLESS)
            self.engine.fault(fault)
        if self.ears.failed():
            self.engine.fault(Fault.RECOGNISER_STALLED)
