"""A lock-free ring between the sound callback and the worker.

One thread writes, one reads. Each side owns one counter that only ever grows and publishes it after
the samples are in place (or taken), so neither waits for the other and nothing is allocated: the
sound card's callback may use it. What doesn't fit, or isn't there, is counted, never hidden.
"""

import numpy as np

from legsup_voice.audio import Samples

RING_SECONDS = 8
"""How far the worker may fall behind before what the microphone hears is lost."""


class Ring:
    """`capacity` float32 samples between one writer and one reader."""

    def __init__(self, capacity: int) -> None:
        self._samples = np.zeros(capacity, dtype=np.float32)
        self.capacity = capacity
        self.written = 0
        """Samples ever written; the writer's counter."""
        self.taken = 0
        """Samples ever read; the reader's counter."""
        self.overrun = 0
        """Samples the writer had to drop because the ring was full."""
        self.underrun = 0
        """Samples the reader asked for that weren't there and got silence for."""

    @property
    def fill(self) -> int:
        """Samples waiting to be read; exact for either side as a bound it may rely on."""
        return self.written - self.taken

    def write(self, samples: Samples) -> int:
        """Append as many of `samples` as fit, count the rest as overrun, return how many fitted."""
        fits = min(len(samples), self.capacity - self.fill)
        at = self.written % self.capacity
        first = min(fits, self.capacity - at)
        self._samples[at : at + first] = samples[:first]
        self._samples[: fits - first] = samples[first:fits]
        self.written += fits
        self.overrun += len(samples) - fits
        return fits

    def read_into(self, out: Samples) -> int:
        """Fill `out`, with silence where samples are missing; return how many were real."""
        there = min(len(out), self.fill)
        at = self.taken % self.capacity
        first = min(there, self.capacity - at)
        out[:first] = self._samples[at : at + first]
        out[first:there] = self._samples[: there - first]
        out[there:] = 0.0
        self.taken += there
        self.underrun += len(out) - there
        return there

    def read(self, most: int) -> Samples:
        """Return what is there, up to `most` samples; asking for more is no loss."""
        out = np.empty(min(most, self.fill), dtype=np.float32)
        self.read_into(out)
        return out
