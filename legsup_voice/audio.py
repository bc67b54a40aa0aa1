"""The two sample rates and the block everything runs on; decibels.

The engine's only clock is the number of blocks that have passed, so the block length is the same on
both sides: 20 ms is 320 samples heard and 480 samples spoken. 16 kHz is what the recogniser's model
takes; 24 kHz carries all that a speech synthesiser makes and divides a sound card's 48 kHz.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""Mono samples, full scale ±1."""

HEAR_RATE = 16_000
SPEAK_RATE = 24_000
BLOCKS_PER_SECOND = 50
HEAR_BLOCK = HEAR_RATE // BLOCKS_PER_SECOND
SPEAK_BLOCK = SPEAK_RATE // BLOCKS_PER_SECOND

_PERIODS = 24
"""Reach of the resampler's low-pass to each side, in periods of the lower rate."""
_CUTOFF = 0.475
"""Where it takes off 6 dB, as a part of the lower rate."""
_KAISER = 8.0
"""Shape of its window: 80 dB."""
_TOGETHER = 48
"""Samples of the source that are taken together, where a block has whole groups of them: one
product with a matrix of 96 by 96 takes half as long as with one of 49 by 2, 48 times as often."""


def amplitude(gain_db: float) -> float:
    """Return the amplitude ratio that `gain_db` decibels are."""
    return float(10 ** (gain_db / 20))


def decibels(ratio: float) -> float:
    """Return an amplitude ratio in dB; -inf for 0."""
    return 20 * math.log10(ratio) if ratio > 0 else -math.inf


def level_db(samples: Samples) -> float:
    """Return the root mean square in dB of full scale; -inf for digital silence."""
    power = float(np.dot(samples, samples)) / len(samples) if len(samples) else 0.0
    return 10 * math.log10(power) if power > 0 else -math.inf


def convolved(samples: Samples, response: Samples) -> Samples:
    """Return the whole convolution of two signals, as long as both together less one sample.

    By NumPy's transform: importing scipy.signal for it would take 78 MB and two seconds.
    """
    length = len(samples) + len(response) - 1
    size = 1 << (length - 1).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[:length].astype(np.float32)


class Resampler:
    """A stream at another rate, made sample by sample as the blocks come; 1 to 3 ms late.

    For every `down` samples it makes `up` others, each its own weighted sum of what is around it: a
    low-pass of 48 periods of the lower rate that keeps what is below 0.42 of it whole and takes 80
    dB off what is above 0.53. Libraries either give bursts, 20 to 40 ms late, or (soxr, variable
    rate) take 400 us for what takes 40 here, both ways together.
    """

    def __init__(self, source: int, target: int) -> None:
        """From `source` to `target` samples a second."""
        common = math.gcd(source, target)
        down, up = source // common, target // common
        times = math.gcd(max(1, _TOGETHER // down), source // BLOCKS_PER_SECOND // down)
        self._down, up = times * down, times * up
        slower = min(source, target) / source  # of the rates, against the source's
        span = math.ceil(_PERIODS / slower)
        place = np.arange(-span, self._down + span)[:, np.newaxis] - np.arange(up) * source / target
        low_pass = np.sinc(2 * _CUTOFF * slower * place)
        inside = np.maximum(0.0, 1.0 - np.square(place * slower / _PERIODS))
        weights = low_pass * np.i0(_KAISER * np.sqrt(inside)) * (inside > 0.0)
        self._weights = (weights / weights.sum(axis=0)).astype(np.float32)
        self._stream = np.zeros(2 * span, np.float32)
        self.late = span / source
        """Seconds."""

    def process(self, samples: Samples) -> Samples:
        """Return the next samples at the target's rate: as many as whole `down` of them allow."""
        stream = np.concatenate((self._stream, samples))
        rows, step = len(self._weights), stream.itemsize
        count = (len(stream) - rows) // self._down + 1
        if count <= 0:
            self._stream = stream
            return stream[:0]
        self._stream = stream[count * self._down :]
        if not stream.any():
            return np.zeros(count * self._weights.shape[1], np.float32)
        windows: Samples = np.ndarray(
            (count, rows), np.float32, stream, 0, (self._down * step, step)
        )
        out: Samples = windows.copy() @ self._weights
        return out.reshape(-1)
