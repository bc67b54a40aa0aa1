"""Slower speech: the pauses between words grow, the words themselves stay as they are.

A stretched vowel sounds drunk, and a voice is understood better when it gives time between words
than when it draws them out. So a line is slowed where it is quiet anyway.
"""

import numpy as np

from legsup_voice.audio import SPEAK_RATE, Samples, amplitude

FRAME = SPEAK_RATE // 100
QUIET_DB = -34.0
"""Below the loudest frame of a line; what is softer is a pause, or the closure of a stop."""

SHORTEST = 8
"""Frames; the closures of stops inside words are shorter than this, pauses are not."""


def with_longer_pauses(samples: Samples, factor: float) -> Samples:
    """Return `samples` (mono, 24 kHz) with every pause inside them `factor` times as long."""
    if factor <= 1.0:
        return samples
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    levels = np.sqrt(np.mean(frames**2, axis=1))
    quiet = levels < levels.max(initial=0.0) * amplitude(QUIET_DB)
    edges = np.flatnonzero(np.diff(quiet.astype(np.int8), prepend=0, append=0))
    pieces: list[Samples] = []
    at = 0
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        inside = start > 0 and end < len(frames)
        if inside and end - start >= SHORTEST:
            middle = (start + end) // 2 * FRAME
            more = round((end - start) * FRAME * (factor - 1))
            pieces += [samples[at:middle], np.zeros(more, np.float32)]
            at = middle
    return np.concatenate([*pieces, samples[at:]])
