"""Kaldi's MFCC in NumPy, equal to what Vosk computes from ``conf/mfcc.conf``."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import scipy.fft

Array = npt.NDArray[np.float32]

RATE = 16000
WINDOW, SHIFT, FFT = 400, 160, 512
DIM = 40
LOW_HZ, HIGH_HZ = 20.0, 7600.0
_LIFTER = 22.0
MFCC_CONF = (
    "--use-energy=false\n--num-mel-bins=40\n--num-ceps=40\n--low-freq=20\n--high-freq=7600\n"
    "--sample-frequency=16000\n--dither=0\n"
)
"""The options Vosk reads; they must say what this module does."""


def _mel(hertz: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    return np.asarray(1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0))


@cache
def _mel_bank() -> Array:
    """Triangular filters on the mel scale, shape (257, 40)."""
    edges = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), DIM + 2)
    bins = _mel(np.arange(FFT // 2 + 1) * RATE / FFT)[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    up, down = (bins - left) / (centre - left), (right - bins) / (right - centre)
    bank = np.maximum(0.0, np.minimum(up, down))
    bank[-1] = 0.0  # Kaldi leaves the Nyquist bin out
    return np.asarray(bank, np.float32)


@cache
def _cosine() -> Array:
    """DCT-II with Kaldi's scaling and cepstral lifter, shape (40 mel bins, 40 cepstra)."""
    n, k = np.arange(DIM)[:, None] + 0.5, np.arange(DIM)[None, :]
    matrix = np.sqrt(2.0 / DIM) * np.cos(np.pi / DIM * n * k)
    matrix[:, 0] = np.sqrt(1.0 / DIM)
    lifter = 1.0 + 0.5 * _LIFTER * np.sin(np.pi * k / _LIFTER)
    return np.asarray(matrix * lifter, np.float32)


@cache
def _povey() -> Array:
    n = np.arange(WINDOW)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * n / (WINDOW - 1))) ** 0.85
    return np.asarray(window, np.float32)


def frames(samples: int) -> int:
    """Tell how many frames (25 ms every 10 ms) fit into ``samples`` samples."""
    return 0 if samples < WINDOW else 1 + (samples - WINDOW) // SHIFT


def mfcc(samples: Array) -> Array:
    """Compute 40 cepstra every 10 ms, shape (frames, 40).

    ``samples`` are 16 kHz samples in 16-bit scale (-32768..32767), as Kaldi takes them.
    """
    count = frames(len(samples))
    if not count:
        return np.zeros((0, DIM), np.float32)
    view = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::SHIFT]
    mean = view.mean(axis=1, keepdims=True)
    # Pre-emphasis inside the window; Kaldi repeats the first sample before it.
    emphasised = view[:, 1:] - np.float32(0.97) * view[:, :-1]
    emphasised -= np.float32(0.03) * mean
    first = np.float32(0.03) * (view[:, :1] - mean)
    windowed = np.concatenate([first, emphasised], axis=1) * _povey()
    spectrum = scipy.fft.rfft(windowed, FFT, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    energy = np.maximum(power @ _mel_bank(), np.finfo(np.float32).eps)
    return np.asarray(np.log(energy) @ _cosine(), np.float32)
