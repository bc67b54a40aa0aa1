"""Ears that may hang, break or be slow without taking the session with them.

The recogniser is someone else's machine code: it can stall, and it can fail. So it listens in a
thread of its own. The engine waits a moment for the answer to each block, long enough for nearly
every one, and then goes on: its clock never waits for the ears. If no answer comes for two seconds
the thread is given up and new ears are made. Ears that answer too slowly skip what they can't keep
up with. What was said meanwhile is lost, and told; no time is.

While there is nothing to follow, neither a voice nor a line of ours, blocks are handed over several
at a time: to wake a thread costs more than what ears do with a quiet block.
"""

import contextlib
import logging
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Protocol

from legsup_voice.audio import BLOCKS_PER_SECOND, Samples
from legsup_voice.engine.engine import Hearing
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Report, VoiceActivity

log = logging.getLogger(__name__)

WAIT = 0.01
"""Seconds given to the answer of one block: half of it, so that a late worker still catches up."""

STALLED = 2.0
"""Seconds without an answer after which the ears are given up."""

TOGETHER = 4
"""Blocks handed over at a time while there is nothing to follow. A voice that begins is noticed up
to 60 ms later; what ends it is not."""

BEHIND = 50
"""Blocks, a second of sound, that may wait for ears that answer; then these are skipped."""

TOLD_EVERY = 60.0
"""Seconds between two complaints of ears that are too slow all the time."""

MOST_HANGING = 3
"""Threads that may hang at once. A thread can't be ended from outside and keeps its ears, 43 MB;
with that many we go without ears until one of them comes back."""

Block = tuple[Samples, Samples, Attention]


class Resettable(Hearing, Protocol):
    """Ears that can forget the utterance under way."""

    @property
    def following(self) -> bool:
        """Whether an utterance may be under way."""
        ...

    def reset(self) -> None:
        """Forget it."""
        ...


class NoEars:
    """For somebody who must be told the way down though nothing can listen."""

    following = False

    def listen(self, _microphone: Samples, _speaker: Samples, _: Attention) -> list[Report]:
        """Hear nothing."""
        return []

    def reset(self) -> None:
        """There is nothing to forget."""


@dataclass
class _Thread:
    """One pair of ears at work, or none where `worker` is None."""

    asked: "queue.SimpleQueue[tuple[float, list[Block]] | None]" = field(
        default_factory=queue.SimpleQueue
    )
    """Blocks, with the seconds by which the ears' own time is behind; None: reset."""
    answered: "queue.SimpleQueue[tuple[int, list[Report]]]" = field(
        default_factory=queue.SimpleQueue
    )
    """What was heard in how many blocks."""
    kept: list[Block] = field(default_factory=list)
    """Blocks to be asked together with the next."""
    following: bool = False
    """Whether the ears wait for the end of an utterance."""
    ready: bool = False
    broken: str = ""
    given_up: bool = False
    given: int = 0
    """Blocks the ears have got, or will."""
    waiting: int = 0
    """Blocks asked and not yet answered."""
    answered_at: float = 0.0
    worker: Thread | None = None


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
        self._slow_at = float("-inf")
        self._hanging: list[_Thread] = []
        self._thread = self._start(make())

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block of each; return what has been heard by now, late if the ears are."""
        now, thread = time.monotonic(), self._thread
        reports: list[Report] = []
        self._blocks += 1
        if thread.worker is None and self._may_start():
            self._thread = self._start(None)
        if thread.ready:
            if not thread.waiting:
                thread.answered_at = now
            elif thread.waiting > BEHIND and now - thread.answered_at < STALLED / 4:
                self._skip(thread, now)
            thread.kept.append((microphone, speaker, attention))
            followed = thread.following or attention.speaking is not None
            if followed or len(thread.kept) >= TOGETHER:
                self._ask(thread)
            reports = self._answers(thread)
        if thread.broken:
            self._give_up(thread.broken)
        elif thread.waiting and now - thread.answered_at > STALLED:
            self._give_up("no answer")
        return reports

    @property
    def following(self) -> bool:
        """Whether an utterance may be under way."""
        return self._thread.following

    def reset(self) -> None:
        """Have the ears forget the utterance under way."""
        self._ask(self._thread)
        self._thread.asked.put(None)

    def failed(self) -> bool:
        """Return whether ears have been given up, or fell behind, since this was last asked."""
        failed = len(self.troubles) > self._announced
        self._announced = len(self.troubles)
        return failed

    def _ask(self, thread: _Thread) -> None:
        """Hand over what is kept."""
        blocks, thread.kept = thread.kept, []
        behind = (self._blocks - len(blocks) - thread.given) / BLOCKS_PER_SECOND
        thread.asked.put((behind, blocks))
        thread.given += len(blocks)
        thread.waiting += len(blocks)

    def _answers(self, thread: _Thread) -> list[Report]:
        reports: list[Report] = []
        deadline = time.monotonic() + WAIT
        while thread.waiting:
            try:
                blocks, heard = thread.answered.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            thread.waiting -= blocks
            thread.answered_at = time.monotonic()
            reports += heard
        return reports

    def _skip(self, thread: _Thread, now: float) -> None:
        """Take back what waits for slow ears; what they hear next is no part of it."""
        with contextlib.suppress(queue.Empty):
            while True:
                if (asked := thread.asked.get_nowait()) is not None:
                    thread.waiting -= len(asked[1])
                    thread.given -= len(asked[1])
        thread.asked.put(None)
        if now - self._slow_at > TOLD_EVERY:
            self._slow_at = now
            self.troubles.append("too slow")

    def _give_up(self, why: str) -> None:
        self.troubles.append(why)
        self._thread.given_up = True
        self._thread.asked.put(None)  # wakes it, so that it can end
        self._hanging.append(self._thread)
        self._thread = self._start(None) if self._may_start() else _Thread()

    def _may_start(self) -> bool:
        self._hanging = [it for it in self._hanging if it.worker and it.worker.is_alive()]
        return len(self._hanging) < MOST_HANGING

    def _start(self, ears: Resettable | None) -> _Thread:
        thread = _Thread(ready=ears is not None)
        thread.worker = Thread(target=self._work, args=(thread, ears), name="ears", daemon=True)
        thread.worker.start()
        return thread

    def _work(self, thread: _Thread, ears: Resettable | None) -> None:
        try:
            ears = ears or self._make()
            thread.ready = True
            while not thread.given_up:
                asked = thread.asked.get()
                if asked is None:
                    ears.reset()
                else:
                    behind, blocks = asked
                    heard = [_moved(it, behind) for block in blocks for it in ears.listen(*block)]
                    thread.following = ears.following
                    thread.answered.put((len(blocks), heard))
        except Exception as error:
            if not thread.ready:
                time.sleep(STALLED)  # ears that can't even be made are not tried all the time
            thread.broken = str(error) or type(error).__name__
            log.exception("The ears broke off")


def _moved(report: Report, seconds: float) -> Report:
    """Return `report`, whose times count the blocks its ears got, on the audio clock."""
    if isinstance(report, VoiceActivity):
        return replace(report, at=report.at + seconds)
    return replace(report, speech_end=report.speech_end + seconds)
