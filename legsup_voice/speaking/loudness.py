"""Loudness and peaks: how loud a clip is to an ear, and how to bring it to a level.

Loudness is ITU-R BS.1770-4 (K-weighted, gated) by libloudness, whose binding needs neither SciPy
nor its 78 MB; the true peak is taken at four times the sample rate, as the same recommendation
says.
"""

import functools

import numpy as np
import soxr
from loudness import integrated_loudness
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from legsup_voice.audio import SPEAK_RATE, Samples, amplitude, decibels

VOICE_LUFS = -18.0
"""What every spoken line is levelled to."""

VOICE_PEAK_DB = -3.5
"""Highest true peak of a line, dBFS: leaves room below -2 dBFS for ducked breathing under it."""

LOUD_PEAK_DB = -2.6
"""The same of a line that is turned up: what sounds under it is bent where it would pass -2."""

_SHORTEST = 0.4  # seconds: one gating block of BS.1770
_OVERSAMPLE = 4
_MILLISECOND = SPEAK_RATE // 1000
_LOOKAHEAD = 8  # milliseconds


def loudness(samples: Samples) -> float:
    """Return the integrated loudness in LUFS of mono samples at 24 kHz; -inf for silence.

    A clip shorter than two gating blocks is measured as if it were repeated, since its own edges
    would otherwise fall into blocks that are mostly padding.
    """
    if not np.any(samples):
        return -float("inf")
    shortest = 2 * round(_SHORTEST * SPEAK_RATE)
    repeats = -(-shortest // len(samples))
    return float(integrated_loudness(np.tile(samples, repeats), SPEAK_RATE))


def at_loudness(samples: Samples, lufs: float) -> Samples:
    """Return `samples` at `lufs`, whatever their peaks; read-only.

    The meter counts in steps of 0.1 LU, which fall elsewhere at another level: hence two rounds.
    """
    made = samples.astype(np.float32)
    for _ in range(2):
        made *= np.float32(amplitude(lufs - loudness(made)))
    made.flags.writeable = False
    return made


def peak_envelope(samples: Samples) -> NDArray[np.float64]:
    """Return, for each sample, the highest magnitude of the oversampled signal around it."""
    padded = np.pad(samples.astype(np.float64), 8)
    dense = np.abs(soxr.resample(padded, 1, _OVERSAMPLE, quality="HQ"))
    dense = np.pad(dense, (0, max(0, len(padded) * _OVERSAMPLE - len(dense))))
    parts = (dense[shift : len(padded) * _OVERSAMPLE : _OVERSAMPLE] for shift in range(_OVERSAMPLE))
    peaks = functools.reduce(np.maximum, parts)
    peaks = np.maximum(peaks, np.append(0.0, peaks[:-1]))  # the stretch before and after each
    return np.asarray(np.maximum(peaks, np.abs(padded))[8:-8])


def true_peak(samples: Samples) -> float:
    """Return the true peak in dBFS; -inf for silence."""
    return decibels(float(peak_envelope(samples).max())) if len(samples) else -float("inf")


def limited(samples: Samples, ceiling_db: float) -> Samples:
    """Return `samples` with no true peak above `ceiling_db`, turned down smoothly around peaks."""
    return _held_under(samples, peak_envelope(samples), amplitude(ceiling_db))


def _held_under(samples: Samples, envelope: NDArray[np.float64], ceiling: float) -> Samples:
    """Return `samples` turned down wherever `envelope` passes `ceiling`.

    The gain is reckoned for every millisecond and sees 8 ms ahead. The two moving averages together
    are as long as the moving minimum before them, less what the straight lines between milliseconds
    need, so the gain has fully arrived when the peak does.
    """
    if not len(envelope) or envelope.max() <= ceiling:
        return samples
    count = -(-len(envelope) // _MILLISECOND)
    padded = np.pad(envelope, (0, count * _MILLISECOND - len(envelope)))
    highest = padded.reshape(count, _MILLISECOND).max(axis=1)
    needed = np.minimum(1.0, ceiling / np.maximum(highest, 1e-9))
    width = _LOOKAHEAD + 1
    needed = np.pad(needed, 2 * width - 1, mode="edge")
    held = sliding_window_view(needed, 2 * width + 1).min(axis=1)
    average = np.full(width, 1.0 / width)
    gain = np.convolve(np.convolve(held, average, "valid"), average, "valid")
    middles = (np.arange(count) + 0.5) * _MILLISECOND
    line = np.interp(np.arange(len(samples)), middles, gain)
    return (samples * line).astype(np.float32)


def levelled(
    samples: Samples, lufs: float = VOICE_LUFS, ceiling_db: float = VOICE_PEAK_DB
) -> Samples:
    """Return `samples` at `lufs` with no true peak above `ceiling_db`."""
    start = loudness(samples)
    if start == -float("inf"):
        return samples
    envelope = peak_envelope(samples)
    ceiling = amplitude(ceiling_db - 0.1)
    gain_db = lufs - start
    for _ in range(12):  # limiting lowers the loudness: make up for it
        gain = amplitude(gain_db)
        result = _held_under((samples * gain).astype(np.float32), envelope * gain, ceiling)
        missing = lufs - loudness(result)
        if abs(missing) < 0.05:
            break
        gain_db += 1.4 * missing
    return result


def louder(samples: Samples, gain_db: float) -> Samples:
    """Return a levelled line `gain_db` louder to the ear, its peaks held where they may be.

    The limiter makes up for what it takes from the peaks. Voiced speech has about 10 dB between its
    power and its peaks, so the loudest that can be is near -12 LUFS, 6 LU above the usual; denser
    than that, by compression, measured no louder and pleased less.
    """
    return levelled(samples, VOICE_LUFS + gain_db, LOUD_PEAK_DB)
