"""Ears that hear what a script says, and an engine with a real session and mixer around them."""

import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from legsup_voice.audio import BLOCKS_PER_SECOND, HEAR_BLOCK, SPEAK_RATE, Samples
from legsup_voice.content import LANGUAGE
from legsup_voice.engine.engine import Engine
from legsup_voice.engine.wiring import put_together
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Report
from legsup_voice.protocol.commands import Bed, Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.log import LineBegun, LineOver, LogRecord, StateEntered
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from legsup_voice.session.settings import Settings
from legsup_voice.speaking.voice import Voice

SILENCE: Samples = np.zeros(HEAR_BLOCK, np.float32)


class Tone(Voice):
    """A voice whose every line is a tone of 0.1 s a word at −20 dBFS; nothing is rendered."""

    def clip(self, text: str, pace: str) -> Samples:
        """Return the tone that stands for `text`."""
        del pace
        times = np.arange(len(text.split()) * SPEAK_RATE // 10) / SPEAK_RATE
        return np.asarray(0.14 * np.sin(2 * np.pi * 440 * times), np.float32)


@cache
def tone(language: str = LANGUAGE) -> Tone:
    """Return the voice of these tests in a language, its cache in a folder of its own."""
    return Tone(Path(tempfile.mkdtemp(prefix="legsup-test-")), language=language)


@dataclass
class ScriptedEars:
    """Reports `due` at the next block, and keeps what attention it was given."""

    due: list[Report] = field(default_factory=list)
    attention: list[Attention] = field(default_factory=list)
    speaker: list[Samples] = field(default_factory=list)

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block of each; return what is due."""
        del microphone
        self.attention.append(attention)
        self.speaker.append(speaker)
        due, self.due = self.due, []
        return due


class Stage:
    """An engine in a silent room, its log, and a person who says commands."""

    def __init__(
        self,
        journal: Journal | None = None,
        bed: Bed = Bed.NONE,
        language: str = LANGUAGE,
        **settings: Any,
    ) -> None:
        self.ears = ScriptedEars()
        self.log: list[LogRecord] = []
        self.heard: list[Samples] = []
        self.lost = 0  # samples of each block that never leave the speaker
        chosen, voice = Settings.model_validate(settings), tone(language)
        self.engine: Engine = put_together(
            chosen, self.ears, voice, self.log.append, journal, bed=bed
        )

    def play(self, seconds: float) -> "Stage":
        """Let `seconds` pass."""
        for _ in range(round(seconds * BLOCKS_PER_SECOND)):
            self.heard.append(self.engine.process(SILENCE))
            self.engine.settle(self.lost)
        return self

    def hear(self, command: Command, **details: Any) -> "Stage":
        """Let the person's command arrive with the next block."""
        self.ears.due.append(Heard(command, command.value, **details))
        return self.play(1 / BLOCKS_PER_SECOND)

    def play_until(self, state: State, seconds: float = 300.0) -> "Stage":
        """Let time pass until `state` is entered."""
        for _ in range(round(seconds * BLOCKS_PER_SECOND)):
            if self.states()[-1:] == [state]:
                return self
            self.play(1 / BLOCKS_PER_SECOND)
        raise AssertionError(f"{state} was not entered: {self.states()}, {self.lines()[-6:]}")

    def states(self) -> list[State]:
        """Return the states entered."""
        return [record.state for record in self.log if isinstance(record, StateEntered)]

    def lines(self) -> list[str]:
        """Return the lines that began to sound."""
        return [record.line for record in self.log if isinstance(record, LineBegun)]

    def over(self) -> list[LineOver]:
        """Return the ends of lines."""
        return [record for record in self.log if isinstance(record, LineOver)]
