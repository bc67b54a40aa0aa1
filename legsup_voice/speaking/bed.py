"""What may sound under everything else: a bed that never ends, and a bell.

A bed is a loop made from the spectrum: noise with random phases, tones and drops that fit a whole
number of times repeat without a seam, because the inverse Fourier transform is periodic by nature.
A file of the user's own is laid over itself at its ends.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from legsup_voice import soundfiles
from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.protocol.commands import Bed
from legsup_voice.speaking.gain import Fader
from legsup_voice.speaking.loudness import at_loudness, limited

BED_LUFS = -37.0
"""How loud a bed is: 19 LU below the voice (product: at least 15)."""

BELL_LUFS = -26.0
"""How loud the bell is: 8 LU below the voice."""

FADE_SECONDS = 10.0
"""How slowly a bed comes and goes."""

OWN_SECONDS = (5.0, 180.0)
"""How long a file of the user's own may last; of a longer one the beginning is taken (17 MB)."""

_LOOP_SECONDS = 40
_OVERLAP = 3.0  # seconds over which the end of a user's file becomes its beginning
_DROPS = 45  # a second
_OWN_CREST = 20.0  # dB a peak of a user's file may stand out
_WAVES = 4  # in a loop: one every ten seconds
_DRONE = ((110.0, 1.0), (110.2, 0.7), (164.8, 0.5), (165.0, 0.5), (220.1, 0.25), (330.0, 0.1))
_BELL = ((392.0, 1.0, 1.6), (784.5, 0.45, 1.0), (1180.0, 0.2, 0.6), (1570.0, 0.08, 0.35))

Curve = NDArray[np.float64]


class BedPlayer:
    """Plays one bed round and round, faded in and out; the next one is faded over the last."""

    def __init__(self, bed: Bed | Path) -> None:
        """Play a bed, or the user's own file.

        Raises:
            UserError: the file can't be read or is too short.
        """
        self._on = False
        self._rounds: list[_Round] = []
        self._chosen = _Round(own(bed)) if isinstance(bed, Path) else _of(bed)

    def choose(self, bed: Bed) -> None:
        """Play `bed` from now on, over ten seconds."""
        on = self._on
        self.play(False)
        self._chosen = _of(bed)
        self.play(on)

    def play(self, on: bool) -> None:
        """Fade the bed in or out, over ten seconds."""
        self._on = on
        if self._chosen is None:
            return
        if on and self._chosen not in self._rounds:
            self._rounds.append(self._chosen)
        self._chosen.fader.move(float(on), FADE_SECONDS)

    @property
    def sounding(self) -> bool:
        """Whether it is to be heard, or to fade."""
        return bool(self._rounds)

    def block(self, length: int) -> Samples:
        """Return the next `length` samples."""
        mixed = np.zeros(length, np.float32)
        for each in self._rounds:
            mixed += each.block(length)
        self._rounds = [each for each in self._rounds if not each.fader.silent]
        return mixed


class _Round:
    """A loop and the place in it."""

    def __init__(self, samples: Samples) -> None:
        self._samples, self._place = samples, 0
        self.fader = Fader(0.0)

    def block(self, length: int) -> Samples:
        places = np.arange(self._place, self._place + length)
        self._place = (self._place + length) % len(self._samples)
        return self.fader.apply(np.take(self._samples, places, mode="wrap"))


def _of(bed: Bed) -> _Round | None:
    return None if bed is Bed.NONE else _Round(loop(bed))


def own(path: Path) -> Samples:
    """Return the user's file as a loop without a seam, as loud as any bed.

    Raises:
        UserError: it can't be read or is too short.
    """
    shortest, longest = OWN_SECONDS
    samples = soundfiles.read(path, SPEAK_RATE)[: round(longest * SPEAK_RATE)]
    if len(samples) < shortest * SPEAK_RATE or not np.any(samples):
        raise UserError(
            f"{path} can't be used as a bed: it is silent or shorter than {shortest:.0f} s."
        )
    overlap = min(round(_OVERLAP * SPEAK_RATE), len(samples) // 3)
    turn = np.linspace(0, np.pi / 2, overlap, dtype=np.float32)
    samples[:overlap] = samples[:overlap] * np.sin(turn) + samples[-overlap:] * np.cos(turn)
    looped = at_loudness(samples[:-overlap], BED_LUFS)
    return limited(looped, BED_LUFS + _OWN_CREST)


@cache
def loop(bed: Bed) -> Samples:
    """Return one round of `bed`, which follows on itself without a seam."""
    length = _LOOP_SECONDS * SPEAK_RATE
    seconds = np.arange(length) / SPEAK_RATE
    if bed is Bed.DRONE:
        samples = sum(
            (level * np.sin(2 * np.pi * frequency * seconds) for frequency, level in _DRONE),
            np.zeros(length),
        )
    elif bed is Bed.WAVES:
        turn = 2 * np.pi * _WAVES * seconds / _LOOP_SECONDS
        swell = np.exp(1.4 * (np.sin(turn + 0.35 * np.sin(turn)) - 1))
        samples = _noise(length, 1.0) * swell + 0.25 * _noise(length, 2.0)
    elif bed is Bed.RAIN:
        samples = 0.8 * _noise(length, 1.0) + _drops(length)
    else:
        samples = _noise(length, 2.0)
    return at_loudness(samples.astype(np.float32), BED_LUFS)


def _noise(length: int, slope: float) -> Curve:
    """Return seamless noise of unit power falling by `slope` times 3 dB an octave above 120 Hz."""
    frequencies = np.fft.rfftfreq(length, 1 / SPEAK_RATE)
    shape = np.maximum(frequencies, 120.0) ** (-slope / 2) * (frequencies > 40.0)
    phases = np.exp(2j * np.pi * np.random.default_rng(int(slope)).random(len(frequencies)))
    noise = np.fft.irfft(shape * phases, length)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def _drops(length: int) -> Curve:
    """Return seamless drops: short soft knocks, a few near and most far."""
    random = np.random.default_rng(5)
    count = round(_DROPS * length / SPEAK_RATE)
    strokes = np.zeros(length)
    strokes[random.integers(0, length, count)] = random.exponential(1.0, count)
    frequencies = np.fft.rfftfreq(length, 1 / SPEAK_RATE)
    # A drop is a band of noise about 900 Hz wide that is over in 3 ms.
    shape = np.exp(-0.5 * ((frequencies - 1800.0) / 900.0) ** 2)
    drops = np.fft.irfft(np.fft.rfft(strokes) * shape, length)
    drops /= np.sqrt(np.mean(drops**2))
    return np.asarray(3.0 * np.tanh(drops / 4.0) / 4.0)  # no drop startles


@cache
def bell() -> Samples:
    """Return one stroke of a small soft bell."""
    seconds = np.arange(3 * SPEAK_RATE) / SPEAK_RATE
    stroke = sum(
        (
            level * np.exp(-seconds / fall) * np.sin(2 * np.pi * frequency * seconds)
            for frequency, level, fall in _BELL
        ),
        np.zeros(len(seconds)),
    )
    stroke *= np.minimum(1.0, seconds / 0.008) * np.minimum(1.0, (3.0 - seconds) / 0.5)
    return at_loudness(stroke.astype(np.float32), BELL_LUFS)
