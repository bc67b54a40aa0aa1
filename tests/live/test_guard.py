"""Ears that hang or break, behind their guard. Real threads; the ears are complete fakes."""

import threading
import time
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np
import pytest

from legsup_voice.audio import HEAR_BLOCK, SPEAK_BLOCK, Samples
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Report
from legsup_voice.live.guard import BEHIND, MOST_HANGING, TOGETHER, GuardedEars
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard

MICROPHONE, SPEAKER = np.zeros(HEAR_BLOCK, np.float32), np.zeros(SPEAK_BLOCK, np.float32)
LOUD = np.ones(HEAR_BLOCK, np.float32)
ATTENTION = Attention(frozenset(Command))


@dataclass
class Echo:
    """Hears "stop" in every loud block; hangs, or breaks, when told to."""

    pause: float = 0.0
    """Seconds it takes for each block."""
    hang: Event = field(default_factory=Event)
    break_: Event = field(default_factory=Event)
    following: bool = False
    blocks: int = 0
    resets: int = 0
    reset_after: int = 0
    """Blocks before the last reset."""

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block."""
        time.sleep(self.pause)
        while self.hang.is_set():
            time.sleep(0.01)
        if self.break_.is_set():
            raise RuntimeError("out of cheese")
        self.blocks += 1
        heard = Heard(Command.STOP, speech_end=self.blocks / 50)
        return [heard] if microphone[0] else []

    def reset(self) -> None:
        """Count it: there is no utterance to forget."""
        self.resets += 1
        self.reset_after = self.blocks


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


@pytest.mark.parametrize(
    ("following", "line", "together"), [(False, None, 4), (True, None, 1), (False, "Hi.", 1)]
)
def test_ears_are_woken_for_every_block_only_while_there_is_something_to_follow(
    following: bool, line: str | None, together: int
) -> None:
    ears = Echo(following=following)
    guarded = GuardedEars(lambda: ears)
    attention = replace(ATTENTION, speaking=line)
    for _ in range(TOGETHER):  # after which it is known what the ears follow
        guarded.listen(MICROPHONE, SPEAKER, attention)
    for passed in range(TOGETHER + 1, 10 * TOGETHER + 1):
        guarded.listen(MICROPHONE, SPEAKER, attention)
        due = passed // together * together
        until = time.monotonic() + 5
        while ears.blocks < due and time.monotonic() < until:
            time.sleep(0.001)
        assert ears.blocks == due


def test_a_reset_comes_after_what_was_heard_before_it() -> None:
    ears = Echo()
    guarded = GuardedEars(lambda: ears)
    guarded.listen(LOUD, SPEAKER, ATTENTION)
    guarded.reset()
    stop_after(guarded, TOGETHER)
    assert ears.reset_after == 1


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
        time.sleep(0.01)  # no faster than the microphone: a second of it is not there at once
    assert 2.0 <= time.monotonic() - began < 4.0
    stop_after(guarded, 10)
    first.hang.clear()
    assert guarded.troubles == ["no answer"]


def test_a_reset_reaches_the_ears() -> None:
    ears = Echo()
    guarded = GuardedEars(lambda: ears)
    guarded.reset()
    stop_after(guarded, 10)
    assert ears.resets == 1


def test_every_block_is_answered_once_however_late() -> None:
    """A worker that was busy gets all answers that are there, not one for each block."""
    ears = Echo()
    guarded = GuardedEars(lambda: ears)
    stop_after(guarded, 1)
    ears.hang.set()
    for _ in range(20):
        guarded.listen(LOUD, SPEAKER, ATTENTION)
    ears.hang.clear()
    time.sleep(0.2)
    answers = [guarded.listen(MICROPHONE, SPEAKER, ATTENTION) for _ in range(TOGETHER)]
    assert sum(map(len, answers)) == 20


def test_slow_ears_skip_what_they_cannot_keep_up_with_and_it_is_told() -> None:
    ears = Echo(pause=0.03)  # for 20 ms of sound
    guarded = GuardedEars(lambda: ears)
    began, passed, late, told = time.monotonic(), 0, [], 0
    while passed < 600:  # 12 s of sound, in real time
        now = passed / 50
        for heard in guarded.listen(LOUD, SPEAKER, ATTENTION):
            assert isinstance(heard, Heard)
            late.append(now - heard.speech_end)
        told += guarded.failed()
        passed += 1
        time.sleep(max(0.0, began + passed / 50 - time.monotonic()))
    assert told == 1
    assert guarded.troubles == ["too slow"]
    assert max(late) < (BEHIND + 20) / 50
    assert ears.resets >= 1
    assert 200 < ears.blocks < 420


def test_ears_that_hang_again_and_again_are_not_piled_up() -> None:
    def alive() -> int:
        return sum(thread.name == "ears" for thread in threading.enumerate())

    made: list[Echo] = []

    def make() -> Echo:
        made.append(Echo())
        made[-1].hang.set()
        return made[-1]

    before = alive()
    guarded = GuardedEars(make)
    until = time.monotonic() + 2.5 * (MOST_HANGING + 2)
    while time.monotonic() < until:
        guarded.listen(MICROPHONE, SPEAKER, ATTENTION)
        time.sleep(0.01)
    assert len(made) == MOST_HANGING
    for ears in made:
        ears.hang.clear()
    while len(made) == MOST_HANGING:  # they have ended, so new ones may be made
        guarded.listen(MICROPHONE, SPEAKER, ATTENTION)
        time.sleep(0.01)
    made[-1].hang.clear()
    time.sleep(0.2)
    assert alive() == before + 1
    assert max(ears.blocks for ears in made[:-1]) <= TOGETHER, "a given-up thread went on"
