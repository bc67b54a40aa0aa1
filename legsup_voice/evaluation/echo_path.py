"""The way from our speaker back into our microphone: how long it takes and how loud it arrives.

A sweep is played and looked for in what comes back with a matched filter, which finds it in noise
some 30 dB louder than a click of the same peak would need.
"""

from dataclasses import dataclass

import numpy as np

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE, Samples, convolved, level_db

SWEEP_SECONDS = 1.0
SWEEP_LEVEL = 0.18
"""Amplitude; as loud as the voice, which is at -18 LUFS."""

LOW, HIGH = 200.0, 7000.0
"""Hertz; what small speakers and 16 kHz microphones both carry."""

FADE_SECONDS = 0.02

CLEAR = 8.0
"""How far the filter's peak must stand out of its own root mean square to be an echo."""


@dataclass(frozen=True)
class EchoPath:
    """`delay` in seconds from our block to its echo; levels in dB below full scale."""

    delay: float
    level: float
    gain: float
    """Echo against what was played, in dB."""


def sweep(rate: int = SPEAK_RATE) -> Samples:
    """Return the sweep at `rate`."""
    seconds = np.arange(round(SWEEP_SECONDS * rate)) / rate
    growth = SWEEP_SECONDS / np.log(HIGH / LOW)  # the frequency grows by e in this time
    tone = SWEEP_LEVEL * np.cos(2 * np.pi * LOW * growth * np.expm1(seconds / growth))
    fade = np.clip(np.minimum(seconds, SWEEP_SECONDS - seconds) / FADE_SECONDS, 0, 1)
    return np.asarray(tone * fade, np.float32)


def find_echo(heard: Samples, noise: Samples) -> EchoPath | None:
    """Return what a sweep that began to play with `heard` (16 kHz) tells; None if it isn't there.

    `noise` is what was heard before, to be taken off the echo's power.
    """
    played = sweep(HEAR_RATE)
    likeness = np.abs(convolved(heard, played[::-1])[len(played) - 1 : len(heard)])
    at = int(np.argmax(likeness))
    if likeness[at] <= CLEAR * np.sqrt(np.mean(likeness**2)):
        return None
    echo = heard[at : at + len(played)]
    power = 10 ** (level_db(echo) / 10) - 10 ** (level_db(noise) / 10)
    level = 10 * float(np.log10(max(power, 1e-12)))
    return EchoPath(at / HEAR_RATE, level, level - level_db(played))
