"""What sounds just before a line: so that it doesn't startle, and so that a speaker is awake.

A voice out of long silence startles whoever rests with closed eyes. So a line that nobody asked for
is led in by a soft tone that grows and brightens; the way out, whose first word must not wait,
by a moment of it. Before the end of a hold, which is known, the tone grows for seconds.

Speakers on Bluetooth, HDMI and some USB cards fall asleep when nothing plays, and cut off the first
half second of what comes next; digital silence doesn't keep them awake. A floor, a noise too soft
to hear, does for most; the others get a moment of louder noise before a line.
"""

from enum import StrEnum
from functools import cache

import numpy as np

from legsup_voice.audio import SPEAK_RATE, Samples, amplitude
from legsup_voice.speaking.gain import Fader

LONG_SILENCE = 20.0
"""Seconds without a line after which one that nobody asked for is led in."""

TONE_SECONDS, SHORT_TONE_SECONDS = 1.2, 0.15
"""How long the tone is: before an ordinary line, and before a safety line (an end of hold may be
250 ms off)."""

RISE_SECONDS = 8.0
"""How long the tone grows before the end of a hold."""

RISE_FADE = 0.15
"""How soon it is gone when the hold won't end then, seconds."""

SLEEP_SECONDS, WAKE_SECONDS = 3.0, 0.7
"""After how much silence a speaker may sleep, and how long it takes to wake."""

FLOOR_DB, WAKE_DB = -72.0, -52.0
"""How loud the floor and the noise that wakes a speaker are, dB of full scale (rms)."""

_TONE_DB = -30.0
_ATTACK, _RELEASE = 0.02, 0.05


class KeepAwake(StrEnum):
    """What keeps a speaker awake."""

    OFF = "off"
    FLOOR = "floor"
    LEAD_IN = "lead_in"


@cache
def tone(seconds: float) -> Samples:
    """Return the tone: 330 Hz, ever louder, with overtones that come in later."""
    at = np.arange(round(seconds * SPEAK_RATE)) / SPEAK_RATE
    place = at / seconds
    turn = 2 * np.pi * 330.0 * at
    mixed = np.sin(turn) + 0.4 * place * np.sin(2 * turn) + 0.25 * place**2 * np.sin(3 * turn)
    rise = np.minimum(1.0, at / _ATTACK) * (0.1 + 0.9 * place**2)
    fall = np.minimum(1.0, (seconds - at) / min(_RELEASE, seconds / 3))
    return np.asarray(mixed * rise * fall * amplitude(_TONE_DB), np.float32)


class Rise:
    """The tone that grows before the end of a hold, and comes to its full at it."""

    def __init__(self, end: int) -> None:
        """Come to the full at sample `end` of the mixer's clock."""
        self._samples = tone(RISE_SECONDS)
        self._start = end - len(self._samples)
        self._fader = Fader()

    def begun(self, at: int) -> bool:
        """Return whether it has sounded before sample `at`."""
        return at > self._start

    def over(self, at: int) -> bool:
        """Return whether nothing of it sounds from sample `at` on."""
        return self._fader.silent or at >= self._start + len(self._samples)

    def stop(self) -> None:
        """Fade out: the hold won't end then."""
        self._fader.move(0.0, RISE_FADE)

    def block(self, at: int, length: int) -> Samples:
        """Return its part of the `length` samples from sample `at` on."""
        before = min(length, max(0, self._start - at))
        skipped = max(0, at - self._start)
        piece = self._samples[skipped : skipped + length - before]
        block = np.zeros(length, np.float32)
        block[before : before + len(piece)] = piece
        return self._fader.apply(block)


@cache
def noise(seconds: float, level_db: float) -> Samples:
    """Return noise that begins and ends softly."""
    count = round(seconds * SPEAK_RATE)
    samples = np.random.default_rng(7).standard_normal(count) * amplitude(level_db)
    edge = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / 480)
    return np.asarray(samples * edge, np.float32)


@cache
def floor() -> Samples:
    """Return a second of noise to be played round and round."""
    samples = np.random.default_rng(8).standard_normal(SPEAK_RATE) * amplitude(FLOOR_DB)
    return np.asarray(samples, np.float32)
