"""An echo that comes all at once later or sooner than it did.

A block of the microphone that is missing, or left out, moves the echo by 20 ms; a sound card that
ran dry moves it by anything. The room stays the same, so the filter that was learnt is right again
as soon as it is moved.
"""

import numpy as np

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, Samples

FURTHEST = HEAR_RATE // 10
"""Samples by which it may come later or sooner: 100 ms."""

TOLD = HEAR_RATE // 10
"""Samples of what is heard that tell it, the newest; all of them come after the jump."""

RECENT = -(-(TOLD + FURTHEST) // HEAR_BLOCK)
"""Blocks of what is expected with which they are compared."""

RIGHT = 0.3
"""What is left of their energy at most, if it was that."""


def jump(heard: Samples, expected: Samples) -> int | None:
    """Return how many samples later the echo is `heard` than `expected`; None if it isn't at all.

    Both are `RECENT` blocks.
    """
    newest = heard[-TOLD:]
    size = 2 * len(expected)
    both = np.fft.rfft(newest, size) * np.fft.rfft(expected, size).conj()
    both /= np.sqrt(np.abs(both)) + 1e-9
    start = len(expected) - TOLD
    later = np.arange(-FURTHEST // 2, FURTHEST + 1)
    best = int(later[np.fft.irfft(both, size)[later - start].argmax()])
    common = TOLD + min(best, 0)
    wanted = newest[:common]
    rest = wanted - expected[start - best : start - best + common]
    return best if np.dot(rest, rest) < RIGHT * np.dot(wanted, wanted) else None
