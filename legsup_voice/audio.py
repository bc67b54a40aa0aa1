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
