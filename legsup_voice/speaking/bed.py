"""What may sound under everything else: a bed that never ends, and a bell.

A bed is a loop made from the spectrum: noise with random phases and tones that fit a whole number
of times repeat without a seam, because the inverse Fourier transform is periodic by nature.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.protocol.commands import Bed
from legsup_voice.speaking.gain import Fader
from legsup_voice.speaking.loudness import at_loudness

BED_LUFS = -37.0
"""How loud a bed is: 19 LU below the voice (product: at least 15)."""

BELL_LUFS = -26.0
"""How loud the bell is: 8 LU below the voice."""

FADE_SECONDS = 10.0
"""How slowly a bed comes and goes."""

_LOOP_SECONDS = 40
_WAVES = 4  # in a loop: one every ten seconds
_DRONE = ((110.0, 1.0), (110.2, 0.7), (164.8, 0.5), (165.0, 0.5), (220.1, 0.25), (330.0, 0.1))
_BELL = ((392.0, 1.0, 1.6), (784.5, 0.45, 1.0), (1180.0, 0.2, 0.6), (1570.0, 0.08, 0.35))

Curve = NDArray[np.float64]


class BedPlayer:
    """Plays one bed round and round, faded in and out."""

    def __init__(self, bed: Bed) -> None:
        self._fader = Fader(0.0)
        self.choose(bed)

    def choose(self, bed: Bed) -> None:
        """Play `bed` from now on."""
        self._loop = None if bed is Bed.NONE else loop(bed)
        self._place = 0

    def play(self, on: bool) -> None:
        """Fade the bed in or out, over ten seconds."""
        self._fader.move(float(on), FADE_SECONDS)

    def block(self, length: int) -> Samples:
        """Return the next `length` samples."""
        if self._loop is None or self._fader.silent:
            return np.zeros(length, np.float32)
        samples = np.take(self._loop, np.arange(self._place, self._place + length), mode="wrap")
        self._place = (self._place + length) % len(self._loop)
        return self._fader.apply(samples)


@cache
def loop(bed: Bed) -> Samples:
    """Return one round of `bed`, which follows on itself without a seam."""
    length = _LOOP_SECONDS * SPEAK_RATE
    seconds = np.arange(length) / SPEAK_RATE
    if bed is Bed.DRONE:
        samples = sum(
            (level * np.sin(2 * np.pi * frequency * seconds) for frequency, level in _DRONE),
            np.zeros(length),
        )
    elif bed is Bed.WAVES:
        turn = 2 * np.pi * _WAVES * seconds / _LOOP_SECONDS
        swell = np.exp(1.4 * (np.sin(turn + 0.35 * np.sin(turn)) - 1))
        samples = _noise(length, 1.0) * swell + 0.25 * _noise(length, 2.0)
    else:
        samples = _noise(length, 2.0)
    return at_loudness(samples.astype(np.float32), BED_LUFS)


def _noise(length: int, slope: float) -> Curve:
    """Return seamless noise of unit power falling by `slope` times 3 dB an octave above 120 Hz."""
    frequencies = np.fft.rfftfreq(length, 1 / SPEAK_RATE)
    shape = np.maximum(frequencies, 120.0) ** (-slope / 2) * (frequencies > 40.0)
    phases = np.exp(2j * np.pi * np.random.default_rng(int(slope)).random(len(frequencies)))
    noise = np.fft.irfft(shape * phases, length)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


@cache
def bell() -> Samples:
    """Return one stroke of a small soft bell."""
    seconds = np.arange(3 * SPEAK_RATE) / SPEAK_RATE
    stroke = sum(
        (
            level * np.exp(-seconds / fall) * np.sin(2 * np.pi * frequency * seconds)
            for frequency, level, fall in _BELL
        ),
        np.zeros(len(seconds)),
    )
    stroke *= np.minimum(1.0, seconds / 0.008) * np.minimum(1.0, (3.0 - seconds) / 0.5)
    return at_loudness(stroke.astype(np.float32), BELL_LUFS)
