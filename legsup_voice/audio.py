"""The two sample rates and the block everything runs on.

The engine's only clock is the number of blocks that have passed, so the block length is the same on
both sides: 20 ms is 320 samples heard and 480 samples spoken. 16 kHz is what the recogniser's model
takes; 24 kHz carries all that a speech synthesiser makes and divides a sound card's 48 kHz.
"""

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


def convolved(samples: Samples, response: Samples) -> Samples:
    """Return the whole convolution of two signals, as long as both together less one sample.

    By NumPy's transform: importing scipy.signal for it would take 78 MB and two seconds.
    """
    length = len(samples) + len(response) - 1
    size = 1 << (length - 1).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[:length].astype(np.float32)
