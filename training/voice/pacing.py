"""Pace: a line rendered whole, then its pauses widened until it is in its class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.speaking.prosody import LENIENT_WORDS, LONGEST_LINE, PACES, wanted_seconds
from training.voice.breaks import MARKS, with_break

_FRAME = SPEAK_RATE // 100
_SILENCE_DB = -42.0  # below the loudest 10 ms: the network's own silence
_LEAD_IN, _LEAD_OUT = 0.01, 0.04  # seconds kept around what is louder
_FADE = round(0.012 * SPEAK_RATE)
_REACH = 3  # frames around a mark's own
_ONSET = round(0.10 * SPEAK_RATE)  # a first sound begins up to so long before its symbol does
_MARGIN = 2.0  # words a minute kept from the bounds of a class
_WAYS = 8
_LAST_SPEED = 0.60
_STRETCH = 1.4  # so much longer pauses may become where nothing else brings a line into its class


@dataclass(frozen=True)
class Manner:
    """How a class is spoken: speeds (1 is the network's own) and the most silence added, in s."""

    speed: float
    slowest: float
    fastest: float
    comma: float
    sentence: float


MANNERS = {
    "setup": Manner(speed=0.76, slowest=0.66, fastest=1.0, comma=0.6, sentence=0.9),
    "hold": Manner(speed=0.72, slowest=0.64, fastest=0.9, comma=0.9, sentence=1.3),
}
"""Below 0.64 listeners' opinions, as modelled, fall: rather one more pause than a slower word. Only
a line of short words without a place to pause is spoken at `_LAST_SPEED`."""


class Speaker(Protocol):
    """What renders phonemes."""

    def say(self, spoken: str, speed: float) -> Samples:
        """Return `spoken` as sound."""

    def borders(self, spoken: str, speed: float) -> npt.NDArray[np.int64]:
        """Return the sample at which each symbol begins, and the last one ends."""


def paced(
    text: str, words: int, pace: str, transcribed: Callable[[str], str], speaker: Speaker
) -> Samples:
    """Return `text` spoken whole, in its class of words a minute, without silence at its ends.

    `words` is the count of the line as written. What is too quick gets pauses between its phrases,
    then is spoken more slowly, then gets pauses between other words; what is too slow is spoken
    faster. The speaker says how long each way lasts, so most lines are rendered once.
    """
    manner, limits = MANNERS[pace], PACES[pace]
    if words <= LENIENT_WORDS:
        return trimmed(_said(speaker, transcribed(text), manner.speed)[0])
    wanted = wanted_seconds(words, limits)
    shortest = 60 * words / (limits.fastest - _MARGIN)
    longest = min(60 * words / (limits.slowest + _MARGIN), LONGEST_LINE - 0.05)
    samples, most, places = np.zeros(0, np.float32), [0.0], [0]
    ways = _ways(text, manner)
    for marked, chosen in ways:
        spoken, speed = transcribed(marked), chosen
        most = [_most(spoken[mark], manner) for mark in _marks(spoken)]
        expected = _seconds(speaker.borders(spoken, speed))
        if expected + sum(most) < shortest and (marked, chosen) != ways[-1]:
            continue
        while speed < manner.fastest and _seconds(speaker.borders(spoken, speed)) > longest:
            speed += 0.02
        samples, borders = _said(speaker, spoken, speed)
        places = pauses(samples, spoken, borders)
        if len(trimmed(samples)) / SPEAK_RATE + sum(most) >= shortest:
            break
    spoken_seconds = len(trimmed(samples)) / SPEAK_RATE
    share = 0.0
    if most:
        share = min(1.0, max(0.0, wanted - spoken_seconds) / sum(most))
        share = max(share, min(_STRETCH, (shortest - spoken_seconds) / sum(most)))
    return trimmed(widened(samples, places, [share * each for each in most]))


def _said(speaker: Speaker, spoken: str, speed: float) -> tuple[Samples, npt.NDArray[np.int64]]:
    """Return `spoken` as sound, silent up to its first symbol, and its borders.

    Slow as it is here, the network creaks before it speaks, and a listener takes that for a word.
    """
    samples, borders = speaker.say(spoken, speed), speaker.borders(spoken, speed)
    start = max(0, int(borders[0]) - _ONSET)
    samples[:start] = 0.0
    samples[start : start + _FADE] *= np.linspace(0, 1, _FADE, dtype=np.float32)
    return samples, borders


def _seconds(borders: npt.NDArray[np.int64]) -> float:
    """Return about how long what is so divided lasts, without the silence before and after it."""
    return float(borders[-2] - borders[0]) / SPEAK_RATE


def _ways(text: str, manner: Manner) -> list[tuple[str, float]]:
    """Return ways to say `text`, (text with breaks, speed), from the quickest to the slowest."""
    ways = [(text, manner.speed)]
    for anywhere in (False, True):
        while len(ways) < _WAYS:
            parted = with_break(ways[-1][0], anywhere=anywhere)
            if parted is None:
                break
            ways.append((parted, ways[-1][1]))
            if not anywhere and len(ways) == 2:
                ways.append((parted, manner.slowest))
        ways.append((ways[-1][0], manner.slowest))
    return [*ways, (ways[-1][0], _LAST_SPEED)]


def widened(samples: Samples, places: list[int], seconds: list[float]) -> Samples:
    """Return `samples` with that much silence let in at each of `places`."""
    pieces, start = [], 0
    whole = samples.copy()
    for place, length in zip(places, seconds, strict=True):
        whole[place - _FADE : place] *= np.linspace(1, 0, _FADE, dtype=np.float32)
        whole[place : place + _FADE] *= np.linspace(0, 1, _FADE, dtype=np.float32)
        pieces += [whole[start:place], np.zeros(round(length * SPEAK_RATE), np.float32)]
        start = place
    return np.concatenate([*pieces, whole[start:]])


def pauses(samples: Samples, spoken: str, borders: npt.NDArray[np.int64]) -> list[int]:
    """Return the middle of the quietest stretch of 30 ms at each mark within `spoken`."""
    levels = np.convolve(_levels(samples), np.ones(3) / 3, "same")
    places = []
    for mark in _marks(spoken):
        first = int(borders[mark]) // _FRAME - _REACH
        last = int(borders[min(mark + 2, len(borders) - 1)]) // _FRAME + _REACH
        place = first + int(np.argmin(levels[first:last]))
        places.append(place * _FRAME + _FRAME // 2)
    return places


def _marks(spoken: str) -> list[int]:
    """Return where `spoken` has its marks, but for those at its end."""
    inner = spoken.rstrip(MARKS + " ")
    return [i for i, letter in enumerate(inner) if letter in MARKS and inner[i + 1 : i + 2] == " "]


def _most(mark: str, manner: Manner) -> float:
    return manner.comma if mark in ",;:" else manner.sentence


def trimmed(samples: Samples) -> Samples:
    """Cut the network's silence off both ends and fade the new ends."""
    levels = _levels(samples)
    loud = np.flatnonzero(levels > levels.max() * 10 ** (_SILENCE_DB / 20))
    start = max(0, int(loud[0]) * _FRAME - round(_LEAD_IN * SPEAK_RATE))
    end = min(len(samples), (int(loud[-1]) + 1) * _FRAME + round(_LEAD_OUT * SPEAK_RATE))
    kept = samples[start:end].copy()
    kept[: _FADE // 4] *= np.linspace(0, 1, _FADE // 4, dtype=np.float32)
    kept[-_FADE:] *= np.linspace(1, 0, _FADE, dtype=np.float32)
    return kept


def _levels(samples: Samples) -> npt.NDArray[np.float64]:
    """Return the power (root mean square) of every 10 ms."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
