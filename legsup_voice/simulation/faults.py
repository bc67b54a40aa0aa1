"""Faults that a scenario brings about, made the way the real ones arrive."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

from legsup_voice.audio import Samples
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Ears, Report


class StallingEars(Ears):
    """Ears whose recogniser can stop answering."""

    stalled = False

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block of each; nothing comes back while it is stalled."""
        return [] if self.stalled else super().listen(microphone, speaker, attention)


class WallClock:
    """The time of day, which someone or a time server may set."""

    def __init__(self) -> None:
        self._jumped = 0.0

    def __call__(self) -> float:
        """Return seconds since 1970, as this clock has them."""
        return time.time() + self._jumped

    def jump(self, seconds: float) -> None:
        """Set the clock `seconds` on, or back."""
        self._jumped += seconds


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow: every write fails as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
