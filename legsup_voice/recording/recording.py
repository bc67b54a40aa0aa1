"""A whole session without a listener: what `legsup render` writes to a file.

The script is data (`content/en/recording.yaml`); the hold follows the live one: the same opening,
the same breathing guidance, the same announcements, the exit warning on time to the sample. It is
played through the same mixer as a live session.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from legsup_voice.audio import BLOCKS_PER_SECOND, SPEAK_RATE
from legsup_voice.content import Section, capitalised, content
from legsup_voice.protocol.actions import Breathe, Say
from legsup_voice.protocol.breathing import Breathing, Phase
from legsup_voice.protocol.choices import Talk
from legsup_voice.protocol.commands import Pattern
from legsup_voice.session.guidance import FADE_CYCLES, GUIDED_SECONDS
from legsup_voice.session.hold import REMIND_EVERY
from legsup_voice.speaking.mixer import Mixer
from legsup_voice.speaking.voice import Voice

_BUSY = 20.0  # seconds around an announcement in which no reminder is spoken
_BELL_SECONDS = 2.0  # the hold begins with the bell alone
_HALFWAY_FROM, _MINUTE_LEFT_FROM = 120.0, 150.0  # seconds of hold, as in a live session


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


def record(voice: Voice, hold_seconds: float, pattern: str) -> Recording:
    """Return the guided session with a hold of so many seconds and that breathing pattern.

    Raises:
        UserError: the synthesiser is missing or fails.
    """
    script = content().recording
    tape = _Tape(Mixer(voice), content().duration(hold_seconds))
    for section in script.before:
        tape.section(section)
    tape.chapter(script.hold)
    _hold(tape, hold_seconds, pattern)
    for section in script.after:
        tape.section(section)
    return Recording(np.concatenate(tape.blocks), tuple(tape.chapters))


class _Tape:
    """What has been recorded so far."""

    def __init__(self, mixer: Mixer, hold_duration: str) -> None:
        self.mixer = mixer
        self.blocks: list[NDArray[np.int16]] = []
        self.chapters: list[Chapter] = []
        self._duration = hold_duration
        self._times_said: Counter[str] = Counter()

    @property
    def now(self) -> float:
        return len(self.blocks) / BLOCKS_PER_SECOND

    def chapter(self, title: str) -> None:
        self.chapters.append(Chapter(title, self.now))

    def section(self, section: Section) -> None:
        self.chapter(section.title)
        for part in section.parts:
            if part.line:
                self.say(part.line)
            else:
                text = part.say.format(duration=self._duration)
                self.mixer.say(Say("recording", text, "setup", safety=True, gap=0.0))
            self.play_out()
            self.play_until(self.now + part.pause)

    def say(self, name: str, gap: float = 0.0) -> None:
        line = content().lines[name]
        text = capitalised(line.say[self._times_said[name] % len(line.say)])
        self._times_said[name] += 1
        self.mixer.say(Say(name, text, line.pace, line.safety, gap))

    def play_out(self) -> None:
        while self.mixer.queued:
            self._play_block()

    def play_until(self, end: float) -> None:
        while self.now < end - 1e-6:
            self._play_block()

    def _play_block(self) -> None:
        samples, _ = self.mixer.block()
        self.blocks.append(np.round(samples * 32767).astype(np.int16))


def _hold(tape: _Tape, seconds: float, pattern: str) -> None:
    """Record the hold: it ends `seconds` after it began, whatever is said in it."""
    start = tape.now
    tape.mixer.ring()
    tape.play_until(start + _BELL_SECONDS)
    tape.say("hold.begin")
    tape.say(content().breathing.patterns[pattern].line, gap=1.0)
    tape.play_out()
    breathing = _breathing(pattern, min(GUIDED_SECONDS, start + seconds - tape.now))
    if breathing.cycles:
        tape.mixer.breathe(Breathe(breathing))
    silent_from = tape.now - start + breathing.seconds
    for at, say in _announcements(tape, seconds, silent_from):
        tape.play_until(start + at)
        say()
    tape.play_until(start + seconds)


def _announcements(
    tape: _Tape, seconds: float, silent_from: float
) -> list[tuple[float, Callable[[], None]]]:
    """Return what is said in the hold after its opening, and when."""
    told = {}
    if seconds >= _HALFWAY_FROM:
        told[seconds / 2] = "hold.halfway"
    if seconds >= _MINUTE_LEFT_FROM:
        told[seconds - 60.0] = "hold.minute_left"
    at = silent_from + REMIND_EVERY[Talk.NORMAL]
    while at < seconds - _BUSY:
        if all(abs(at - other) > _BUSY for other in told):
            told[at] = "hold.reminder"
        at += REMIND_EVERY[Talk.NORMAL]
    return [(at, _saying(tape, name)) for at, name in sorted(told.items())]


def _saying(tape: _Tape, name: str) -> Callable[[], None]:
    return lambda: tape.say(name)


def _breathing(pattern: str, seconds: float) -> Breathing:
    """Return whole breaths of `pattern` within `seconds`, the last ones fading."""
    chosen = content().breathing.patterns[Pattern(pattern)]
    phases = tuple(Phase(cue, round(length * 1000)) for cue, length in chosen.phases)
    cycle = sum(phase.milliseconds for phase in phases) / 1000
    cycles = floor(seconds / cycle) if cycle else 0
    if chosen.at_most_cycles is not None:
        cycles = min(cycles, chosen.at_most_cycles)
    return Breathing(pattern, phases, cycles, min(FADE_CYCLES, max(0, cycles - 1)))
