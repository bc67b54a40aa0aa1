"""Dereverberation: what somebody said, without the late echo of the room.

Weighted prediction error (Nakatani et al., 2010): in each band of the spectrum, late echo is what
the frames before predict of a frame; a linear prediction is fitted in which every frame weighs the
less the louder it is, so that it follows the echo and not the voice.

nara_wpe, the library for it, would bring six packages that a Pi needs for nothing else.
"""

import numpy as np
import numpy.typing as npt

from legsup_voice.audio import Samples

FRAME = 512
"""Samples; 32 ms, of which half is new."""

TAPS = 6
"""Frames that predict, the last of them the one before: 112 ms."""

ROUNDS = 2
"""Each gives every frame the weight that what the one before left of it deserves."""

ECHO = 0.08
"""Part of an utterance's energy that each round takes off at least where a room echoes. The first
one takes 10 to 27 % across a room, 4 to 10 % in a noisy kitchen, 2 to 9 % close by: nine in ten of
some 100 long phrases each."""

_HOP = FRAME // 2
_WINDOW = np.sqrt(np.hanning(FRAME + 1)[:-1]).astype(np.float32)
_FLOOR = 1e-4
"""Of a band's mean power, so that silence doesn't weigh without end."""

Spectra = npt.NDArray[np.complex64]


def dereverberated(utterance: Samples) -> Samples | None:
    """Return `utterance` (16 kHz) without its late echo; None where there is hardly any."""
    dry = spectra = _analysed(utterance)
    before = _before(spectra)
    for _ in range(ROUNDS):
        dry = _unpredicted(spectra, before, dry)
        if _energy(spectra - dry) <= ECHO * _energy(spectra):
            return None
    return _synthesised(dry, len(utterance))


def _before(spectra: Spectra) -> Spectra:
    """Return the frames before each frame (bands, frames, taps)."""
    before = np.zeros((*spectra.shape, TAPS), np.complex64)
    for tap in range(TAPS):
        before[:, tap + 1 :, tap] = spectra[:, : -tap - 1]
    return before


def _unpredicted(spectra: Spectra, before: Spectra, dry: Spectra) -> Spectra:
    """Return what `before` doesn't predict of `spectra`, in frames as loud as those of `dry`."""
    weighted = (before.conj() / _power(dry)[:, :, np.newaxis]).transpose(0, 2, 1)
    correlation = weighted @ before
    load = np.trace(correlation, axis1=1, axis2=2).real * _FLOOR / TAPS + 1e-9
    correlation += load[:, np.newaxis, np.newaxis] * np.eye(TAPS, dtype=np.float32)
    prediction = np.linalg.solve(correlation, weighted @ spectra[:, :, np.newaxis])
    return np.asarray(spectra - (before @ prediction)[:, :, 0])


def _power(spectra: Spectra) -> npt.NDArray[np.float32]:
    """Return the power of each frame and band, with that of the frames beside it."""
    power = np.pad(np.square(np.abs(spectra)), ((0, 0), (1, 1)))
    smooth = (power[:, :-2] + power[:, 1:-1] + power[:, 2:]) / 3
    least = _FLOOR * smooth.mean(axis=1, keepdims=True) + 1e-12
    return np.asarray(np.maximum(smooth, least), np.float32)


def _analysed(samples: Samples) -> Spectra:
    """Return the spectra of `samples` (bands, frames)."""
    padded = np.pad(samples, (FRAME, FRAME + -len(samples) % _HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::_HOP]
    return np.asarray(np.fft.rfft(frames * _WINDOW, axis=1).T, np.complex64)


def _synthesised(spectra: Spectra, length: int) -> Samples:
    """Return the samples of `spectra`; frames overlap by half."""
    frames = np.fft.irfft(spectra.T, FRAME, axis=1) * _WINDOW
    ahead, behind = frames[1:, :_HOP], frames[:-1, _HOP:]
    samples = (ahead + behind).reshape(-1)
    return samples[_HOP : _HOP + length].astype(np.float32)


def _energy(spectra: Spectra) -> float:
    return float(np.vdot(spectra, spectra).real)
