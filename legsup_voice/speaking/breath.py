"""What breathing sounds like: a breath-like noise over a soft tone, one sound for each phase.

With eyes closed, and in any room, the phases must tell themselves apart, and be what the words for
them say: breathing in rises (an octave in pitch, dark to bright, soft to full), breathing out falls
the same way but stays audible to its end, holding is one steady tone, where the breath before it
ended. No sound begins louder than breathing in does but breathing out, which goes on where the
breath in ended. Every sound begins with a definite onset on its first sample (an attack of 15 ms)
after a tenth of a second of rest, so the moment of a cue can be heard, and measured, within
milliseconds.

Words ("in", "out") or counts ("in, two, three") can sound along with the sounds.

Cues are placed by sample index: a cue `m` milliseconds after the first one begins exactly 24 m
samples after it, however long the session lasts.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.protocol.breathing import Breathing, Phase
from legsup_voice.protocol.events import CueStarted
from legsup_voice.speaking.cue_words import CueWords
from legsup_voice.speaking.gain import Fader
from legsup_voice.speaking.loudness import at_loudness

BREATH_LUFS = -28.0
"""How loud breathing in and out sounds: 10 LU below the voice."""

HOLD_LUFS = -35.0
"""How loud holding sounds: no louder than breathing in begins."""

STOP_SECONDS = 0.006
"""The shortest fade: no click, and well within one block."""

_PER_MILLISECOND = SPEAK_RATE // 1000
_ATTACK, _RELEASE, _REST = 0.015, 0.25, 0.1  # seconds
_LOW_TONE, _HIGH_TONE = 220.0, 440.0  # Hz: an octave, both carried by a small loudspeaker
_SOFTEST = 0.38  # of full: where breathing in begins and breathing out ends, -8 dB
_CENTRES = tuple(280.0 * 1.6**band for band in range(6))  # Hz, dark to bright
_BAND_WIDTH = 0.35  # octaves from a band's centre to where it has fallen by 4 dB
_NOISE_SECONDS = 8

Curve = NDArray[np.float32]
"""Single: with doubles, making the sounds took more memory than anything else in a session."""

Halves = NDArray[np.float16]
"""What is kept for later: rounding adds noise 66 dB below the sound."""


@dataclass(frozen=True)
class _Cue:
    name: str
    start: int
    end: int
    sound: Samples


class Guidance:
    """One running breathing pattern, from its first cue to its end."""

    def __init__(
        self, breathing: Breathing, start: int, words: CueWords | None = None, at: int | None = None
    ) -> None:
        """Place the first cue at sample `start`; all sounds of the pattern are made now.

        `at` is the first sample that will be asked for, when that is earlier than `start`.
        """
        self.pattern = breathing.pattern
        self._start, self._at = start, start if at is None else at
        self._cycle = breathing.cycle_milliseconds * _PER_MILLISECOND
        self._until = sys.maxsize  # no cue begins from this sample on
        self._cues = _placed(breathing, start, words)
        self._cue = next(self._cues, None)
        unfaded = (breathing.cycles - breathing.fade_cycles) * breathing.cycle_milliseconds
        self._fade_start = start + unfaded * _PER_MILLISECOND
        whole = breathing.cycles * breathing.cycle_milliseconds
        self._end = start + whole * _PER_MILLISECOND
        self._fader = Fader()

    @property
    def over(self) -> bool:
        """Nothing more will sound."""
        return self._cue is None or self._fader.silent

    @property
    def stopping(self) -> bool:
        """It fades out, or ends with the breath under way."""
        return self._fader.gain < 1.0 or self._fader.moving or self._until < sys.maxsize

    def hand_over(self) -> int:
        """End with the breath under way; return the sample at which the next one may begin."""
        self._until = self._start + -(-max(0, self._at - self._start) // self._cycle) * self._cycle
        return max(self._at, self._until)

    def stop(self, fade: float) -> None:
        """Fade out over `fade` seconds, at least a few milliseconds."""
        self._fader.move(0.0, max(fade, STOP_SECONDS))

    def block(self, length: int) -> tuple[Samples, list[CueStarted]]:
        """Return the next `length` samples and the cues that begin in them."""
        samples = np.zeros(length, np.float32)
        started: list[CueStarted] = []
        begin, end = self._at, self._at + length
        while self._cue is not None and self._cue.start < end:
            cue = self._cue
            if cue.start >= self._until:
                self._cue = None
                break
            if cue.start >= begin:
                started.append(CueStarted(cue.name, cue.start / SPEAK_RATE))
            first, last = max(begin, cue.start), min(end, cue.end)
            samples[first - begin : last - begin] = cue.sound[first - cue.start : last - cue.start]
            if cue.end > end:
                break
            self._cue = next(self._cues, None)
        if end > self._fade_start:
            done = (np.arange(begin, end) - self._fade_start) / max(1, self._end - self._fade_start)
            samples *= np.clip(1.0 - done, 0.0, 1.0).astype(np.float32)
        self._at = end
        return self._fader.apply(samples), started


def sounds(phases: Sequence[Phase]) -> list[Samples]:
    """Return the sound of each phase of a breath; a hold keeps the tone it was reached on."""
    previous = (*phases[-1:], *phases)
    return [
        sound(phase.cue, phase.milliseconds, low=phase.cue == "hold" and before.cue == "out")
        for before, phase in zip(previous, phases, strict=False)
    ]


def _placed(breathing: Breathing, start: int, words: CueWords | None) -> Iterator[_Cue]:
    plain = sounds(breathing.phases)
    if words is not None:
        plain = [words.over(*each) for each in zip(breathing.phases, plain, strict=True)]
    made = cycle(plain)
    for at, _, phase in breathing.schedule():
        samples = next(made)
        begin = start + at * _PER_MILLISECOND
        yield _Cue(phase.cue, begin, begin + len(samples), samples)


def sound(cue: str, milliseconds: int, *, low: bool = False) -> Samples:
    """Return the sound of a phase: `cue` is `in`, `out` or `hold`; `low` is the tone of a hold."""
    return kept(cue, milliseconds, low=low).astype(np.float32)


@lru_cache(maxsize=32)
def kept(cue: str, milliseconds: int, *, low: bool) -> Halves:
    """Return what `sound` does, as it is kept."""
    length = milliseconds * _PER_MILLISECOND
    position = np.linspace(0.0, 1.0, length, endpoint=False, dtype=np.float32)
    if cue == "in":
        glide, swell = position, _SOFTEST + (1 - _SOFTEST) * np.sin(0.5 * np.pi * position) ** 2
        mix = _noise(0.1 + 0.65 * position) * 0.8 + _tone(glide) * 0.5
    elif cue == "out":
        glide, swell = 1 - position, _SOFTEST + (1 - _SOFTEST) * np.cos(0.5 * np.pi * position) ** 2
        mix = _noise(0.75 - 0.65 * position) * 0.8 + _tone(glide) * 0.5
    else:
        glide, swell = np.full_like(position, 0.0 if low else 1.0), np.ones_like(position)
        mix = _tone(glide)
    shaped = mix * swell * _edges(length)
    loud = HOLD_LUFS if cue == "hold" else BREATH_LUFS
    return at_loudness(shaped, loud).astype(np.float16)


def _edges(length: int) -> Curve:
    """Return the envelope that rises within the attack and is gone a rest before the end."""
    rise, fall, rest = (
        min(round(part * SPEAK_RATE), length // 4) for part in (_ATTACK, _RELEASE, _REST)
    )
    envelope = np.ones(length, np.float32)
    envelope[:rise] = np.sin(np.linspace(0, np.pi / 2, rise))
    envelope[length - fall - rest : length - rest] = np.cos(np.linspace(0, np.pi / 2, fall)) ** 2
    envelope[length - rest :] = 0.0
    return envelope


def _tone(glide: Curve) -> Curve:
    """Return a soft tone moving between the low (0) and the high tone (1), with one overtone."""
    frequency = _LOW_TONE * (_HIGH_TONE / _LOW_TONE) ** glide
    turns = np.cumsum(frequency, dtype=np.float64) / SPEAK_RATE % 1.0
    angle = (2 * np.pi * turns).astype(np.float32)
    tone: Curve = np.sin(angle) + np.float32(0.25) * np.sin(2 * angle)
    return tone


def _noise(brightness: Curve) -> Curve:
    """Return breath-like noise whose colour follows `brightness` (0 dark, 1 bright)."""
    place = brightness * (len(_CENTRES) - 1)
    mixed = np.zeros_like(brightness)
    for index, band in enumerate(_noise_bands()):
        mixed += np.exp(-((place - index) ** 2)) * np.resize(band, len(brightness))
    return mixed


@lru_cache(maxsize=1)
def _noise_bands() -> list[Halves]:
    """Return one endless loop of noise around each centre, unit power, always the same."""
    length = _NOISE_SECONDS * SPEAK_RATE
    octaves = np.log2(np.maximum(np.fft.rfftfreq(length, 1 / SPEAK_RATE), 1.0))
    random = np.random.default_rng(1)
    loops = []
    for centre in _CENTRES:
        shape = np.exp(-0.5 * ((octaves - np.log2(centre)) / _BAND_WIDTH) ** 2)
        phases = np.exp(2j * np.pi * random.random(len(octaves)))
        loop = np.fft.irfft(shape * phases, length)
        loops.append((loop / np.sqrt(np.mean(loop**2))).astype(np.float16))
    return loops
