"""A whole session without a listener: what `legsup render` writes to a file.

What is said before the pose and after it is data (`content/<language>/recording.yaml`); between
them the real session runs, from the hold to the last rest, with nobody answering.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from legsup_voice.audio import BLOCKS_PER_SECOND, HEAR_BLOCK, SPEAK_RATE, Samples
from legsup_voice.content import Content, Section, capitalised, content
from legsup_voice.engine.wiring import put_together
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Report
from legsup_voice.protocol.actions import Say
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.log import LineBegun, LogRecord, StateEntered
from legsup_voice.protocol.states import State
from legsup_voice.session.settings import Settings
from legsup_voice.soundfiles import to_16_bit
from legsup_voice.speaking.mixer import Mixer
from legsup_voice.speaking.voice import Voice

_INTO_THE_POSE = {
    State.IDLE: Command.START,
    State.SCREENING: Command.NO,
    State.SETUP: Command.NEXT,
}
"""What takes someone who is well from IDLE to the hold."""

_SILENCE: Samples = np.zeros(HEAR_BLOCK, np.float32)


@dataclass(frozen=True)
class Chapter:
    """Where a part of the recording begins, in seconds."""

    title: str
    start: float


@dataclass(frozen=True)
class Recording:
    """A rendered session: 16-bit mono samples at 24 kHz."""

    samples: NDArray[np.int16]
    chapters: tuple[Chapter, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / SPEAK_RATE


def record(
    voice: Voice, hold_seconds: float, pattern: Pattern, *, night: bool = False
) -> Recording:
    """Return the guided session with a hold of so many seconds and that breathing pattern.

    One for the `night` has no bell and ends with sleep.

    Raises:
        UserError: the synthesiser is missing or fails.
    """
    said = content(voice.language)
    script = said.recording
    tape = _Tape(Mixer(voice), said, said.duration(hold_seconds))
    for section in script.before:
        tape.section(section)
    for entered, block in _session(voice, hold_seconds, pattern, bell=not night):
        if entered is not None:
            tape.chapter(script.states[entered])
        tape.keep(block)
    for section in script.night if night else script.after:
        tape.section(section)
    return Recording(np.concatenate(tape.blocks), tuple(tape.chapters))


@dataclass
class _Practised:
    """Ears for a person who says one `word` at a time, and nothing from the hold on."""

    word: Command | None = None

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Return the word that is to be said, if it is taken."""
        del microphone, speaker
        word, self.word = self.word, None
        return [] if word is None or word not in attention.accepts else [Heard(word)]


def _session(
    voice: Voice, seconds: float, pattern: Pattern, *, bell: bool
) -> Iterator[tuple[State | None, Samples]]:
    """Run a session; yield its blocks, and each state entered, from the hold to the last question.

    Nobody answers a recording, so it ends before what asks about dizziness.
    """
    told: list[LogRecord] = []
    settings = Settings(
        minutes=seconds / 60,
        breathing=pattern,
        last=Choices(seconds, pattern, bell=bell),
        listens=False,
    )
    person = _Practised()
    engine = put_together(settings, person, voice, told.append)
    in_pose, lines = False, content(voice.language).lines
    while True:
        if not engine.speaking:
            person.word = _INTO_THE_POSE.get(engine.session.state)
        block = engine.process(_SILENCE)
        engine.settle(0)
        entered = next((r.state for r in told if isinstance(r, StateEntered)), None)
        asks = any(isinstance(r, LineBegun) and lines[r.line].offers for r in told)
        told.clear()
        in_pose = in_pose or entered is State.HOLD
        if in_pose and asks:
            return
        if in_pose:
            yield entered, block


class _Tape:
    """What has been recorded so far."""

    def __init__(self, mixer: Mixer, said: Content, hold_duration: str) -> None:
        self.blocks: list[NDArray[np.int16]] = []
        self.chapters: list[Chapter] = []
        self._mixer = mixer
        self._content = said
        self._duration = hold_duration
        self._times_said: Counter[str] = Counter()

    def chapter(self, title: str) -> None:
        """Begin a chapter here."""
        self.chapters.append(Chapter(title, len(self.blocks) / BLOCKS_PER_SECOND))

    def keep(self, block: Samples) -> None:
        """Record a block."""
        self.blocks.append(to_16_bit(block))

    def section(self, section: Section) -> None:
        """Record a section of the script, each part followed by its pause."""
        self.chapter(section.title)
        for part in section.parts:
            self._mixer.say(self._line(part.line) if part.line else self._text(part.say))
            while self._mixer.queued:
                self._play_block()
            for _ in range(round(part.pause * BLOCKS_PER_SECOND)):
                self._play_block()

    def _line(self, name: str) -> Say:
        line = self._content.lines[name]
        said = line.say[self._times_said[name] % len(line.say)]
        text = capitalised(said.format(duration=self._duration))
        self._times_said[name] += 1
        return Say(name, text, line.pace, line.safety, gap=0.0)

    def _text(self, text: str) -> Say:
        return Say("recording", text, "setup", safety=True, gap=0.0)

    def _play_block(self) -> None:
        block, _ = self._mixer.block()
        self._mixer.settle(0)
        self.keep(block)
