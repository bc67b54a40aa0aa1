"""Made-up rooms: impulse responses of boxes by the image-source method, with a diffuse tail."""

from __future__ import annotations

import numpy as np

from training.corpus import RATE, Samples

SOUND_SPEED = 343.0
_ORDER = 8


def shoebox(rng: np.random.Generator) -> Samples:
    """Make the response of a random living-room-sized box, unit energy, direct sound first.

    Rooms are 2.5–7 m wide, 2.3–3.2 m high; the talker lies 0.15–0.6 m above the floor 0.5–4 m
    from the microphone; reverberation times are 0.15–0.8 s.
    """
    size = np.array([rng.uniform(2.5, 7), rng.uniform(2.5, 7), rng.uniform(2.3, 3.2)])
    talker = np.array([*(rng.uniform(0.1, 0.9, 2) * size[:2]), rng.uniform(0.15, 0.6)])
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 4.0)
    away = np.array([reach * np.cos(angle), reach * np.sin(angle), rng.uniform(-0.1, 1.0)])
    ear = np.clip(talker + away, 0.05, size - 0.05)
    t60 = rng.uniform(0.15, 0.8)
    return _with_tail(_images(size, talker, ear, t60), t60, rng)


def _images(size: np.ndarray, talker: np.ndarray, ear: np.ndarray, t60: float) -> Samples:
    """Add up the mirror images of the talker (Allen and Berkley, 1979)."""
    volume = float(np.prod(size))
    surface = 2 * float(size[0] * size[1] + size[1] * size[2] + size[0] * size[2])
    # Sabine's formula gives the absorption that decays by 60 dB in t60.
    absorbed = min(0.9, 0.161 * volume / (surface * t60))
    reflected = np.sqrt(1 - absorbed)
    n = np.arange(-_ORDER, _ORDER + 1)
    axes, bounces = [], []
    for axis in range(3):
        even, odd = 2 * n * size[axis] + talker[axis], 2 * n * size[axis] - talker[axis]
        axes.append(np.concatenate([even, odd]) - ear[axis])
        bounces.append(np.concatenate([np.abs(2 * n), np.abs(2 * n - 1)]))
    squares = [a**2 for a in axes]
    distance = np.sqrt(
        squares[0][:, None, None] + squares[1][None, :, None] + squares[2][None, None, :]
    ).ravel()
    count = (
        bounces[0][:, None, None] + bounces[1][None, :, None] + bounces[2][None, None, :]
    ).ravel()
    gain = reflected**count / np.maximum(distance, 0.1)
    delay = ((distance - distance.min()) / SOUND_SPEED * RATE).astype(np.int64)
    length = int(RATE * min(t60, 0.5))
    keep = delay < length
    return np.bincount(delay[keep], gain[keep], length).astype(np.float32)


def _with_tail(early: Samples, t60: float, rng: np.random.Generator) -> Samples:
    """Roughen the late part with noise of the same decay, as furniture does."""
    time = np.arange(len(early)) / RATE
    tail = rng.standard_normal(len(early)) * np.exp(-6.9 * time / t60)
    tail[: int(0.01 * RATE)] = 0
    late = np.sqrt(np.sum(early[1:] ** 2) / (np.sum(tail**2) + 1e-12))
    response = early + rng.uniform(0.2, 0.8) * late * tail
    return np.asarray(response / np.sqrt(np.sum(response**2)), np.float32)
