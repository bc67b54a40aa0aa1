"""Barge-in: an ordinary line ducks and starts again, a safety line does neither."""

import numpy as np
import pytest

from legsup_voice.audio import BLOCKS_PER_SECOND, SPEAK_RATE
from legsup_voice.engine.barge_in import BargeIn
from legsup_voice.hearing.ears import VoiceActivity
from legsup_voice.protocol.actions import Say
from legsup_voice.protocol.events import LineEnded, LineStarted, Rejected
from legsup_voice.speaking.mixer import Mixer, Sounded
from legsup_voice.speaking.voice import Voice


class Tone(Voice):
    """A voice whose every line is three seconds of a tone at −20 dBFS; its cache is not used."""

    def clip(self, text: str, pace: str) -> np.ndarray:
        del text, pace
        times = np.arange(3 * SPEAK_RATE) / SPEAK_RATE
        return (0.14 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


class Stage:
    """A mixer with one line sounding, and what was heard of it."""

    def __init__(self, *, safety: bool = False) -> None:
        self.mixer = Mixer(Tone())
        self.barge_in = BargeIn(self.mixer)
        self.now = 0.0
        self.sounded: list[Sounded | LineEnded] = []
        self.mixer.say(Say("family.line", "words", "setup", safety, gap=0.0))

    def play(self, seconds: float) -> float:
        """Let time pass; return the root mean square of its last 100 ms."""
        blocks = []
        for _ in range(round(seconds * BLOCKS_PER_SECOND)):
            block, sounded = self.mixer.block()
            blocks.append(block)
            self.sounded += [*sounded, *self.mixer.settle(0)]
            self.now += 1 / BLOCKS_PER_SECOND
        return float(np.sqrt(np.mean(np.square(np.concatenate(blocks[-5:])))))

    def voice(self, active: bool) -> None:
        """The person's voice begins or ends now."""
        self.barge_in.voice(VoiceActivity(active, self.now), self.now)

    def started(self) -> list[float]:
        return [event.start for event in self.sounded if isinstance(event, LineStarted)]

    def ended(self) -> list[bool]:
        return [event.cut for event in self.sounded if isinstance(event, LineEnded)]


def test_other_talk_ducks_the_line_and_it_starts_again_after_two_seconds() -> None:
    stage = Stage()
    before = stage.play(1.0)
    stage.voice(True)
    assert stage.play(0.2) < before / 4
    stage.barge_in.rejected(Rejected("the weather", "unknown"))
    stage.play(0.6)
    stage.voice(False)
    stage.play(6.0)
    assert stage.started() == pytest.approx([0.0, 3.0], abs=0.05)
    assert stage.ended() == [True, False]


def test_a_cough_ducks_the_line_and_lets_it_go_on() -> None:
    stage = Stage()
    before = stage.play(1.0)
    stage.voice(True)
    stage.play(0.2)
    stage.barge_in.rejected(Rejected("", "unknown"))
    stage.voice(False)
    assert stage.play(0.5) == pytest.approx(before, rel=0.01)
    stage.play(3.0)
    assert stage.ended() == [False]


def test_our_own_words_start_nothing_again() -> None:
    stage = Stage()
    stage.play(1.0)
    stage.voice(True)
    stage.barge_in.rejected(Rejected("words", "own voice"))
    stage.play(0.5)
    stage.voice(False)
    stage.play(4.0)
    assert stage.ended() == [False]


def test_rule_14_a_safety_line_neither_ducks_nor_starts_again() -> None:
    stage = Stage(safety=True)
    before = stage.play(1.0)
    stage.voice(True)
    assert stage.play(0.5) == pytest.approx(before, rel=0.01)
    stage.barge_in.rejected(Rejected("the weather", "unknown"))
    stage.voice(False)
    stage.play(4.0)
    assert stage.ended() == [False]


def test_a_line_starts_again_only_once() -> None:
    stage = Stage()
    for _ in range(3):
        stage.play(0.5)
        stage.voice(True)
        stage.barge_in.rejected(Rejected("television", "unknown"))
        stage.play(1.0)
        stage.voice(False)
        stage.play(1.5)
    assert stage.ended() == [True, False]
