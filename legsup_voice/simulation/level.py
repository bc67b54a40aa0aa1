"""How loud speech is while it is speech: the active level of ITU-T P.56, method B.

A clip's plain RMS depends on the pauses around the words; the active level does not, so clips from
different voices can be set to one loudness.
"""

import numpy as np

from legsup_voice.audio import Samples, convolved

ENVELOPE_SECONDS = 0.03
HANGOVER_SECONDS = 0.2
MARGIN_DB = 15.9
"""The three constants of P.56: envelope smoothing, hangover, and how far below the active level
the threshold of activity lies."""


def active_level(samples: Samples, rate: int) -> float:
    """Return the active speech level of `samples` in dB below full scale (RMS); -inf in silence."""
    energy = float(np.sum(np.square(samples, dtype=np.float64)))
    if energy == 0.0:
        return -np.inf
    envelope = convolved(np.abs(samples), _smoothing(rate))[: len(samples)]
    hangover = round(HANGOVER_SECONDS * rate)
    best = 10.0 * np.log10(energy / len(samples))
    for bit in range(1, 16):
        threshold = 2.0**-bit
        active = _active_samples(envelope >= threshold, hangover)
        if not active:
            continue
        level = 10.0 * np.log10(energy / active)
        best = level
        if level - 20.0 * np.log10(threshold) >= MARGIN_DB:
            break
    return float(best)


def _smoothing(rate: int) -> Samples:
    """Return the response of two equal one-pole filters in a row, until it has died away."""
    place = np.arange(round(20 * ENVELOPE_SECONDS * rate))
    pole = np.exp(-1.0 / (rate * ENVELOPE_SECONDS))
    return np.asarray((1.0 - pole) ** 2 * (place + 1) * pole**place, np.float32)


def _active_samples(above: np.typing.NDArray[np.bool_], hangover: int) -> int:
    """Count the samples that are `above`, or were within the last `hangover` samples."""
    index = np.where(above, np.arange(len(above)), -hangover - 1)
    last = np.maximum.accumulate(index)
    return int(np.count_nonzero(np.arange(len(above)) - last <= hangover))
