"""Ears that hang or break, behind their guard. Real threads; the ears are complete fakes."""

import time
from dataclasses import dataclass, field
from threading import Event

import numpy as np

from legsup_voice.audio import HEAR_BLOCK, SPEAK_BLOCK, Samples
from legsup_voice.hearing.ears import Attention, Report
from legsup_voice.live.guard import STALLED, GuardedEars
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard

MICROPHONE, SPEAKER = np.zeros(HEAR_BLOCK, np.float32), np.zeros(SPEAK_BLOCK, np.float32)
LOUD = np.ones(HEAR_BLOCK, np.float32)
ATTENTION = Attention(frozenset(Command))


@dataclass
class Echo:
    """Hears "stop" in every loud block; hangs, or breaks, when told to."""

    hang: Event = field(default_factory=Event)
    break_: Event = field(default_factory=Event)
    blocks: int = 0

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block."""
        while self.hang.is_set():
            time.sleep(0.01)
        if self.break_.is_set():
            raise RuntimeError("out of cheese")
        self.blocks += 1
        heard = Heard(Command.STOP, speech_end=self.blocks / 50)
        return [heard] if microphone[0] else []

    def reset(self) -> None:
        """Forget nothing: there is no utterance."""


def stop_after(guarded: GuardedEars, blocks: int) -> float:
    """Pass silence, then a loud block; return when its "stop" was heard on the audio clock."""
    for _ in range(blocks - 1):
        guarded.listen(MICROPHONE, SPEAKER, ATTENTION)
    reports = guarded.listen(LOUD, SPEAKER, ATTENTION)
    while not reports:
        reports = guarded.listen(MICROPHONE, SPEAKER, ATTENTION)
    (heard,) = reports
    assert isinstance(heard, Heard)
    return heard.speech_end


def test_every_block_is_heard_in_order() -> None:
    guarded = GuardedEars(Echo)
    assert stop_after(guarded, 100) == 2.0
    assert not guarded.failed()


def test_ears_that_break_are_replaced_and_no_time_is_lost() -> None:
    first = Echo()
    made = iter([first, Echo()])
    guarded = GuardedEars(lambda: next(made))
    stop_after(guarded, 50)
    first.break_.set()
    passed = 50
    while not guarded.failed():
        guarded.listen(MICROPHONE, SPEAKER, ATTENTION)
        passed += 1
    assert guarded.troubles == ["out of cheese"]
    while True:  # the new ears take a moment to be ready
        reports = guarded.listen(LOUD, SPEAKER, ATTENTION)
        passed += 1
        if reports:
            break
    assert isinstance(reports[0], Heard)
    assert abs(reports[0].speech_end - passed / 50) < 0.1


def test_ears_that_hang_are_replaced_and_never_hold_the_engine_up() -> None:
    first = Echo()
    made = iter([first, Echo()])
    guarded = GuardedEars(lambda: next(made))
    stop_after(guarded, 10)
    first.hang.set()
    began = time.monotonic()
    while not guarded.failed():
        guarded.listen(MICROPHONE, SPEAKER, ATTENTION)
    assert time.monotonic() - began >= STALLED
    stop_after(guarded, 10)
    first.hang.clear()
    assert guarded.troubles == ["no answer"]
