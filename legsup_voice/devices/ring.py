"""A lock-free ring between the sound callback and the worker.

One thread writes, one reads. Each side owns one counter that only ever grows and publishes it after
the samples are in place (or taken), so neither waits for the other. What doesn't fit is dropped, as
`written` tells; what isn't there is silence, and counted: the speaker is that much later.

A callback has caches that are cold and a lock to wait for, so it only moves bytes (`give`, `take`):
with arrays it took three times as long.
"""

from typing import Any, TypeAlias

import numpy as np

from legsup_voice.audio import Samples

Buffer: TypeAlias = memoryview | Any
"""What is cut and set as a memoryview is; that of PortAudio's own has no type."""

RING_SECONDS = 8
"""How far the worker may fall behind before what the microphone hears is lost."""

AHEAD_SECONDS = 1
"""Room for what the speaker is to play: five times what is ever made ahead."""


class Ring:
    """`capacity` float32 samples between one writer and one reader, the same on all `channels`."""

    def __init__(self, capacity: int, channels: int = 1) -> None:
        self._samples = np.zeros((capacity, channels), dtype=np.float32)
        self._bytes: memoryview = self._samples.data.cast("B")
        self._size = self._samples.itemsize * channels
        self.capacity = capacity
        self.written = 0
        """Samples ever written; the writer's counter."""
        self.taken = 0
        """Samples ever read; the reader's counter."""
        self.underrun = 0
        """Samples the reader asked for that weren't there and got silence for."""

    @property
    def fill(self) -> int:
        """Samples waiting to be read; exact for either side as a bound it may rely on."""
        return self.written - self.taken

    def write(self, samples: Samples) -> int:
        """Append as many of `samples` as fit, drop the rest, return how many fitted."""
        fits = min(len(samples), self.capacity - self.fill)
        at = self.written % self.capacity
        first = min(fits, self.capacity - at)
        self._samples[at : at + first] = samples[:first, np.newaxis]
        self._samples[: fits - first] = samples[first:fits, np.newaxis]
        self.written += fits
        return fits

    def silence(self, fade: int) -> None:
        """Let what waits fall to silence within `fade` samples; for the writer, who thinks better.

        The reader may take some of it meanwhile, as it was or as it is to be.
        """
        count = self.fill
        gains = np.zeros(count, np.float32)
        gains[:fade] = np.linspace(1.0, 0.0, fade, dtype=np.float32)[:count]
        at = self.written - count
        self._samples[np.arange(at, self.written) % self.capacity] *= gains[:, np.newaxis]

    def read_into(self, out: Samples) -> int:
        """Fill `out`, with silence where samples are missing; return how many were real."""
        there = min(len(out), self.fill)
        at = self.taken % self.capacity
        first = min(there, self.capacity - at)
        out[:first] = self._samples[at : at + first, 0]
        out[first:there] = self._samples[: there - first, 0]
        out[there:] = 0.0
        self.taken += there
        self.underrun += len(out) - there
        return there

    def give(self, out: Buffer, count: int) -> None:
        """Fill a card's own buffer of `count` samples on all channels, as `read_into` does."""
        size, there = self._size, min(count, self.fill)
        at = self.taken % self.capacity
        first = min(there, self.capacity - at)
        out[: first * size] = self._bytes[at * size : (at + first) * size]
        if there > first:
            out[first * size : there * size] = self._bytes[: (there - first) * size]
        if count > there:
            out[there * size : count * size] = bytes((count - there) * size)
        self.taken += there
        self.underrun += count - there

    def take(self, data: Buffer, count: int) -> None:
        """Append the `count` samples on all channels of a card's own buffer, as `write` does."""
        size, fits = self._size, min(count, self.capacity - self.fill)
        at = self.written % self.capacity
        first = min(fits, self.capacity - at)
        self._bytes[at * size : (at + first) * size] = data[: first * size]
        if fits > first:
            self._bytes[: (fits - first) * size] = data[first * size : fits * size]
        self.written += fits

    def read(self, most: int) -> Samples:
        """Return what is there, up to `most` samples; asking for more is no loss."""
        out = np.empty(min(most, self.fill), dtype=np.float32)
        self.read_into(out)
        return out
