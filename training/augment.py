"""Augmentation: one clean clip becomes another recording of it, different every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.signal as ss

from training.corpus import RATE, Samples

Talk = Callable[[int], Samples]
"""What returns so many samples of somebody talking, from a random place."""


@dataclass
class Surroundings:
    """What a clip can be placed in: room responses, noise recordings, other people's talk."""

    rooms: list[Samples]
    noises: list[Samples]
    talk: Talk


def augment(x: Samples, around: Surroundings, rng: np.random.Generator, level: float) -> Samples:
    """Place samples in -1..1 in a room with noise; return samples in 16-bit scale.

    ``level`` (0 easy … 1 everything) is the curriculum: how often and how strongly the
    recording is spoilt.
    """
    x = _speed(x, rng, level)
    lead, tail = int(RATE * rng.uniform(0.05, 0.45)), int(RATE * rng.uniform(0.2, 0.5))
    x = np.concatenate([np.zeros(lead, np.float32), x, np.zeros(tail, np.float32)])
    if rng.random() < 0.6 * level:
        room = around.rooms[rng.integers(len(around.rooms))]
        x = ss.oaconvolve(x, room)[: len(x)].astype(np.float32)
    if rng.random() < 0.5 * level:
        x = _colour(x, rng)
    power = float(np.mean(x[lead : len(x) - tail] ** 2)) + 1e-10
    if rng.random() < 0.7 * level:
        x = x + _at(_noise(len(x), around, rng), power, rng.uniform(22 - 20 * level, 30))
    if rng.random() < 0.15 * level:
        x = x + _at(_fit(around.talk(len(x)), len(x), rng), power, rng.uniform(6, 20))
    # A microphone is never digitally silent.
    x = x + _at(rng.standard_normal(len(x), np.float32), power, rng.uniform(30, 60))
    return _gain(x, power, rng)


def background(seconds: float, around: Surroundings, rng: np.random.Generator) -> Samples:
    """Make a stretch without speech (noise, or near silence) in 16-bit scale."""
    samples = _noise(int(seconds * RATE), around, rng)
    return _gain(samples, float(np.mean(samples**2)) + 1e-10, rng, quiet=20.0)


def _speed(x: Samples, rng: np.random.Generator, level: float) -> Samples:
    """Change tempo and pitch together, which also moves the formants: another speaker."""
    percent = round(100 * float(np.exp(rng.normal(0, 0.07 * (0.5 + 0.5 * level)))))
    percent = int(np.clip(percent, 82, 122))
    if percent == 100:
        return x
    return np.asarray(ss.resample_poly(x, 100, percent), np.float32)


def _colour(x: Samples, rng: np.random.Generator) -> Samples:
    """Give the sound another microphone: tilt, one broad peak or dip, a narrower band."""
    x = np.asarray(ss.lfilter([1, rng.uniform(-0.6, 0.5)], [1], x), np.float32)
    if rng.random() < 0.5:
        x = _peak(x, rng.uniform(200, 6000), rng.uniform(-9, 9), rng.uniform(0.5, 2))
    if rng.random() < 0.4:
        band = [rng.uniform(60, 350), rng.uniform(3400, 7600)]
        x = np.asarray(ss.sosfilt(ss.butter(1, band, "band", fs=RATE, output="sos"), x), np.float32)
    return x


def _peak(x: Samples, hertz: float, decibels: float, q: float) -> Samples:
    """Raise or lower the band around ``hertz`` (Bristow-Johnson's peaking equaliser)."""
    amplitude, w = 10 ** (decibels / 40), 2 * np.pi * hertz / RATE
    alpha, cosine = np.sin(w) / (2 * q), -2 * np.cos(w)
    zeros = [1 + alpha * amplitude, cosine, 1 - alpha * amplitude]
    poles = [1 + alpha / amplitude, cosine, 1 - alpha / amplitude]
    return np.asarray(ss.lfilter(zeros, poles, x), np.float32)


def _noise(samples: int, around: Surroundings, rng: np.random.Generator) -> Samples:
    choice = rng.random()
    if choice < 0.25:  # coloured noise, from white to rumble
        white = rng.standard_normal(samples, np.float32)
        return np.asarray(ss.lfilter([1], [1, -rng.uniform(0, 0.98)], white), np.float32)
    if choice < 0.37:  # babble: several people at once
        voices = [_fit(around.talk(samples), samples, rng) for _ in range(rng.integers(3, 7))]
        level = [v / np.sqrt(np.mean(v**2) + 1e-9) for v in voices]
        return np.asarray(np.sum(level, axis=0), np.float32)
    return _fit(around.noises[rng.integers(len(around.noises))], samples, rng)


def _fit(x: Samples, samples: int, rng: np.random.Generator) -> Samples:
    """Cut or repeat ``x`` to a length, from a random place."""
    if len(x) < samples:
        x = np.tile(x, samples // len(x) + 1)
    start = int(rng.integers(0, len(x) - samples + 1))
    return x[start : start + samples]


def _at(noise: Samples, power: float, snr: float) -> Samples:
    """Scale ``noise`` to ``snr`` decibels below the speech power."""
    scale = np.sqrt(power / (float(np.mean(noise**2)) + 1e-12)) * 10 ** (-snr / 20)
    return np.asarray(noise * np.float32(scale), np.float32)


def _gain(x: Samples, power: float, rng: np.random.Generator, quiet: float = 0.0) -> Samples:
    """Set the level (-44..-12 dBFS), to whole numbers like a sound card; a few clip."""
    target = 10 ** ((rng.uniform(-44, -12) - rng.uniform(0, quiet)) / 20)
    if rng.random() < 0.03:
        target = 10 ** (rng.uniform(-12, -6) / 20)
    scaled = x * np.float32(target / np.sqrt(power) * 32768)
    return np.asarray(np.round(np.clip(scaled, -32768, 32767)), np.float32)
