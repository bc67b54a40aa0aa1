"""Made-up sound and made-up ways from the loudspeaker to the microphone."""

import numpy as np

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, SPEAK_RATE, Samples, amplitude
from legsup_voice.simulation.room import Echo

BLOCKS = 400
"""8 s."""


def syllables(blocks: int, seed: int, level_db: float = -20.0) -> Samples:
    """Noise with the spectral tilt and the rhythm of speech, in speaker samples."""
    noise = np.random.default_rng(seed).standard_normal(blocks * SPEAK_BLOCK)
    tilted = np.convolve(noise, 0.9 ** np.arange(60), "same")
    rhythm = np.sin(np.pi * 4.0 * np.arange(len(noise)) / SPEAK_RATE) ** 2
    sound = tilted * rhythm
    scale = amplitude(level_db) / np.sqrt(np.mean(sound**2))
    return np.asarray(sound * scale, np.float32)


def room(seconds: float, seed: int) -> Samples:
    """An exponentially decaying impulse response, 40 dB down after `seconds`."""
    time = np.arange(round(seconds * HEAR_RATE)) / HEAR_RATE
    response = np.random.default_rng(seed).standard_normal(len(time))
    response *= 10 ** (-2.0 * time / seconds)
    response[0] = 3.0
    return response.astype(np.float32)


def echo_of(speaker: Samples, gain_db: float, delay_ms: float, impulse: Samples | None) -> Samples:
    """What the microphone hears of `speaker`: block n holds the echo of the blocks before n."""
    echo = Echo(gain_db, delay_ms, impulse)
    blocks = speaker.reshape(-1, SPEAK_BLOCK)
    silence = np.zeros(HEAR_BLOCK, np.float32)
    return np.concatenate([silence, *(echo.process(block) for block in blocks[:-1])])


def level(samples: Samples) -> float:
    return 10.0 * float(np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


def hiss(blocks: int) -> Samples:
    noise = np.random.default_rng(9).standard_normal(blocks * HEAR_BLOCK) * amplitude(-72.0)
    return noise.astype(np.float32)
