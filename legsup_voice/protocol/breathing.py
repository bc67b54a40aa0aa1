"""The breathing clock: which cue begins when.

Cue times are exact sums of whole milliseconds counted from the first cue, never a chain of waits,
so they can't drift: the speaking side turns each into a sample index of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """One part of a breath: `cue` is `in`, `out` or `hold`; `milliseconds` its length."""

    cue: str
    milliseconds: int


@dataclass(frozen=True)
class Breathing:
    """A pattern at a chosen speed, guided for `cycles` breaths, the last `fade_cycles` fading."""

    pattern: str
    phases: tuple[Phase, ...]
    cycles: int
    fade_cycles: int = 0

    @property
    def cycle_milliseconds(self) -> int:
        """The length of one breath."""
        return sum(phase.milliseconds for phase in self.phases)

    @property
    def seconds(self) -> float:
        """The length of all guided breaths."""
        return self.cycles * self.cycle_milliseconds / 1000

    def schedule(self) -> Iterator[tuple[int, int, Phase]]:
        """Yield (milliseconds from the first cue, cycle number from 0, phase) of every cue."""
        for cycle in range(self.cycles):
            at = cycle * self.cycle_milliseconds
            for phase in self.phases:
                yield at, cycle, phase
                at += phase.milliseconds
