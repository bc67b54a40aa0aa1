"""Ears that may hang or break without taking the session with them.

The recogniser is someone else's machine code: it can stall, and it can fail. So it listens in a
thread of its own. The engine waits a moment for the answer to each block, long enough for nearly
every one, and then goes on: its clock never waits for the ears. If no answer comes for two seconds
the thread is given up and new ears are made; what was said meanwhile is lost, no time is.
"""

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Protocol

from legsup_voice.audio import BLOCKS_PER_SECOND, Samples
from legsup_voice.engine.engine import Hearing
from legsup_voice.hearing.ears import Attention, Report, VoiceActivity

WAIT = 0.01
"""Seconds given to the answer of one block: half of it, so that a late worker still catches up."""

STALLED = 2.0
"""Seconds without an answer after which the ears are given up."""

Block = tuple[Samples, Samples, Attention]


class Resettable(Hearing, Protocol):
    """Ears that can forget the utterance under way."""

    def reset(self) -> None:
        """Forget it."""
        ...


@dataclass
class _Thread:
    """One pair of ears at work; `began` is the number of the first block they are given."""

    began: int
    asked: "queue.SimpleQueue[Block | None]" = field(default_factory=queue.SimpleQueue)
    answered: "queue.SimpleQueue[list[Report]]" = field(default_factory=queue.SimpleQueue)
    ready: bool = False
    broken: str = ""
    given_up: bool = False
    waiting: int = 0
    """Blocks asked and not yet answered."""
    answered_at: float = 0.0


class GuardedEars:
    """Passes every block to the ears `make` makes; to new ones when those fail."""

    def __init__(self, make: Callable[[], Resettable]) -> None:
        """Make the first ears at once, so that a bad model is an error here.

        Raises:
            UserError: whatever `make` raises.
        """
        self.troubles: list[str] = []
        """Why ears were given up, each time."""
        self._make = make
        self._blocks = 0
        self._announced = 0
        self._thread = self._start(make())

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block of each; return what has been heard by now, late if the ears are."""
        now, thread, ready = time.monotonic(), self._thread, self._thread.ready
        reports: list[Report] = []
        if ready:
            if not thread.waiting:
                thread.answered_at = now
            thread.asked.put((microphone, speaker, attention))
            thread.waiting += 1
            reports = self._answers(thread)
        self._blocks += 1
        if not ready:
            thread.began = self._blocks
        if thread.broken:
            self._give_up(thread.broken)
        elif thread.waiting and now - thread.answered_at > STALLED:
            self._give_up("no answer")
        return reports

    def reset(self) -> None:
        """Have the ears forget the utterance under way."""
        self._thread.asked.put(None)

    def failed(self) -> bool:
        """Return whether ears have been given up since this was last asked."""
        failed = len(self.troubles) > self._announced
        self._announced = len(self.troubles)
        return failed

    def _answers(self, thread: _Thread) -> list[Report]:
        reports: list[Report] = []
        deadline = time.monotonic() + WAIT
        while thread.waiting:
            try:
                answer = thread.answered.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            thread.waiting -= 1
            thread.answered_at = time.monotonic()
            reports += (_moved(report, thread.began / BLOCKS_PER_SECOND) for report in answer)
        return reports

    def _give_up(self, why: str) -> None:
        self.troubles.append(why)
        self._thread.given_up = True
        self._thread.asked.put(None)  # wakes it, so that it can end
        self._thread = self._start(None)

    def _start(self, ears: Resettable | None) -> _Thread:
        thread = _Thread(began=self._blocks, ready=ears is not None)
        Thread(target=self._work, args=(thread, ears), name="ears", daemon=True).start()
        return thread

    def _work(self, thread: _Thread, ears: Resettable | None) -> None:
        try:
            ears = ears or self._make()
            thread.ready = True
            while not thread.given_up:
                block = thread.asked.get()
                if block is None:
                    ears.reset()
                else:
                    thread.answered.put(ears.listen(*block))
        except Exception as error:
            if not thread.ready:
                time.sleep(STALLED)  # ears that can't even be made are not tried all the time
            thread.broken = str(error) or type(error).__name__


def _moved(report: Report, seconds: float) -> Report:
    """Return `report`, whose times count from the first block its ears got, on the audio clock."""
    if isinstance(report, VoiceActivity):
        return replace(report, at=report.at + seconds)
    return replace(report, speech_end=report.speech_end + seconds)
