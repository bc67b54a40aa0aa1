"""Weights with fewer bits: as long as before where they are read, shorter where they are packed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FLOAT_BITS = 23
"""Bits of a 32-bit float's mantissa."""


def rounded(values: npt.NDArray[np.float32], mantissa: int) -> npt.NDArray[np.float32]:
    """Return `values` to the nearest that has so many bits of ``mantissa``, ties to even."""
    zeros = FLOAT_BITS - mantissa
    if not zeros:
        return values
    bits = np.ascontiguousarray(values, "<f4").view("<u4").astype(np.int64)
    odd = bits >> zeros & 1
    nearest = (bits + odd + (1 << (zeros - 1)) - 1) >> zeros << zeros
    return nearest.astype("<u4").view("<f4")
