"""Sound that is torn because the computer is too busy, though the speaker is well.

What is lost of the warning is said again. But a session that can't keep up with its own sound would
say it in pieces for ever: then its parent is to say it, which hands each line over as a whole.
"""

from legsup_voice.live.heartbeat import Stopwatch
from legsup_voice.session.desk import LOST_SECONDS

HOLES = 0.25
TORN_FOR = 5
"""Seconds in a row, with so much lost in each: no line gets through."""

TRIES = 2
"""Warnings in a row that were torn, however far apart the holes are."""


class Tears:
    """Counts what is lost while the speaker is `there`; make a new one when it goes or comes."""

    def __init__(self, *, there: bool = True) -> None:
        self._there = there
        self._watch = Stopwatch()
        self._second = 0
        self._late: float | None = None
        self._torn_seconds = self._torn_warnings = 0

    def warned(self, lost: float) -> None:
        """Take note of a warning that is over, and of the seconds of it that were lost."""
        self._torn_warnings = self._torn_warnings + 1 if lost >= LOST_SECONDS else 0

    def too_many(self, late: float) -> bool:
        """Return whether another should speak; `late` is all sound so far that came too late.

        To be asked often. A stop of the whole program is one tear, however long it was.
        """
        second = int(self._watch.seconds())
        if second > self._second or self._late is None:
            torn = self._late is not None and late - self._late >= HOLES
            self._torn_seconds = self._torn_seconds + 1 if torn else 0
            self._second, self._late = second, late
        return self._there and (self._torn_seconds >= TORN_FOR or self._torn_warnings >= TRIES)
