"""What happens to sound on its way to the ears: noise, rooms, distance, a whisper, other clocks.

Everything is made from the clip's name alone, so that every run hears the same.
"""

import zlib

import numpy as np
import soxr

from legsup_voice.audio import HEAR_RATE, Samples, amplitude, convolved
from legsup_voice.evaluation.clips import quiet_around
from legsup_voice.simulation.level import active_level

NOISE_RATIO = 10.0
"""dB by which a command, while it is speech (ITU-T P.56), is louder than the household noise."""

ROOM_DIRECT = (-15.0, 0.0)
"""Energy of the direct sound against the reverberation, in dB: across a room, or lying behind
something."""
ROOM_DECAY = (0.2, 1.0)
"""RT60 in seconds: a furnished bedroom to a bathroom or an empty room."""
FAR_DIRECT, FAR_DECAY = (-15.0, -10.0), (0.5, 1.0)
ROOM_LOSS = 10.0
"""dB by which the reverberation is quieter than a close recording."""

SOFT_DB = 20.0
"""How much quieter than the recording somebody speaks who doesn't want to disturb."""

WHISPER_DB = 20.0
"""The same of a whisper (Traunmüller and Eriksson 2000: 15 to 25)."""


def in_noise(samples: Samples, noise: Samples, name: str, ratio: float = NOISE_RATIO) -> Samples:
    """Return the recording in `noise`, `ratio` dB under its active level; `name` picks where."""
    laid = quiet_around(samples)
    noise = np.tile(noise, len(laid) // len(noise) + 1)
    start = zlib.crc32(name.encode()) % (len(noise) - len(laid) + 1)
    noise = noise[start : start + len(laid)]
    level = amplitude(active_level(samples, HEAR_RATE) - ratio)
    gain = level / max(float(np.sqrt(np.mean(np.square(noise, dtype=np.float64)))), 1e-9)
    return np.asarray(np.clip(laid + gain * noise, -1, 1), np.float32)


def in_room(
    samples: Samples,
    name: str,
    direct: tuple[float, float] = ROOM_DIRECT,
    decay: tuple[float, float] = ROOM_DECAY,
) -> Samples:
    """Return the recording as it arrives across a room that `name` picks, as much quieter."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return across(samples, room(rng, float(rng.uniform(*direct)), float(rng.uniform(*decay))))


def across(samples: Samples, response: Samples) -> Samples:
    """Return the recording as it arrives across a room with that impulse response."""
    return quiet_around(convolved(samples, response)[: len(samples) + HEAR_RATE // 2])


def drifted(samples: Samples, ppm: float) -> Samples:
    """Return what a microphone hears whose clock is so many parts in a million the slower one."""
    finer = soxr.resample(samples, 1, 16)
    at = np.arange(len(samples)) * 16 * (1 + 1e-6 * ppm)
    return np.asarray(np.interp(at, np.arange(len(finer)), finer), np.float32)


def room(rng: np.random.Generator, direct: float, decay: float) -> Samples:
    """Return an impulse response: the direct sound, a few reflections, and a diffuse tail.

    `direct`: its energy against all else in dB; `decay`: RT60 in seconds. The tail is Polack's
    (1988): noise that decays, the high tones twice as fast.
    """
    time = np.arange(round(min(decay, 1.0) * HEAR_RATE)) / HEAR_RATE
    noise = rng.standard_normal(len(time))
    low = np.convolve(noise, np.ones(6) / 6, "same")
    late = low * np.exp(-6.9 * time / decay) + (noise - low) * np.exp(-13.8 * time / decay)
    late[: round(rng.uniform(0.002, 0.008) * HEAR_RATE)] = 0.0
    for _ in range(4):
        late[rng.integers(HEAR_RATE // 500, HEAR_RATE // 30)] += rng.uniform(-3, 3)
    late *= amplitude(-ROOM_LOSS) / np.sqrt(np.sum(late**2))
    late[0] = amplitude(direct - ROOM_LOSS)
    return late.astype(np.float32)


def whispered(samples: Samples, name: str) -> Samples:
    """Return the recording as if whispered: its formants over noise, no pitch, little below them.

    The spectral envelope of every 32 ms is kept (cepstrum of 1.5 ms) and its excitation replaced
    by noise; what a throat without voice doesn't make, below 500 Hz, falls by 12 dB an octave.
    """
    size, hop = 512, 128
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    window = np.sqrt(np.hanning(size + 1)[:-1])
    padded = np.pad(samples.astype(np.float64), size)
    breath = rng.standard_normal(len(padded))
    out = np.zeros(len(padded))
    tilt = np.minimum(1.0, (np.arange(size // 2 + 1) * HEAR_RATE / size / 500.0) ** 2)
    for start in range(0, len(padded) - size, hop):
        frame = slice(start, start + size)
        spectrum = np.abs(np.fft.rfft(padded[frame] * window)) + 1e-9
        cepstrum = np.fft.irfft(np.log(spectrum))
        cepstrum[25:-24] = 0.0
        envelope = np.exp(np.fft.rfft(cepstrum).real) * tilt
        noise = np.fft.rfft(breath[frame] * window)
        out[frame] += np.fft.irfft(noise * envelope / np.sqrt(size / 2)) * window
    out = out[size:-size]
    level = amplitude(active_level(samples, HEAR_RATE) - WHISPER_DB)
    return np.asarray(
        out * level / amplitude(active_level(out.astype(np.float32), HEAR_RATE)), np.float32
    )


def softly(samples: Samples) -> Samples:
    """Return the recording as somebody says it who doesn't want to disturb."""
    return samples * np.float32(amplitude(-SOFT_DB))
