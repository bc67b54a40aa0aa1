"""Pace: how fast clauses are spoken and how long the silences between them last.

A calm voice is slow by pausing, not by stretching its vowels. So each clause is rendered at an
easy speed and the words-per-minute class is met by the silences at the punctuation; only when those
would become too short or too long does the speed change.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from legsup_voice.audio import SPEAK_RATE, Samples

LONGEST_LINE = 8.0
"""Seconds a line may last; a long one is spoken at the fast end of its class."""


@dataclass(frozen=True)
class Pace:
    """A words-per-minute class: what is aimed at, its bounds, and how freely silence is used."""

    target: float
    slowest: float
    fastest: float
    speed: float  # of the words, before pauses; 1 is the synthesiser's easy speed
    gap: int  # silence between words, in the synthesiser's steps of about 30 ms


PACES = {
    "setup": Pace(target=120.0, slowest=110.0, fastest=130.0, speed=1.05, gap=0),
    "hold": Pace(target=100.0, slowest=90.0, fastest=110.0, speed=0.95, gap=2),
}
"""The two classes of the content's lines (product numbers: 110-130 and 90-110 words a minute)."""

LENIENT_WORDS = 3
"""Lines of up to this many words need not meet their class: one long word decides their speed."""

_CLAUSE = re.compile(r"[^,;:.!?]+(?:[,;:.!?]+|$)")
_PAUSES = {",": (0.1, 0.26, 0.5), ";": (0.14, 0.4, 0.7), ":": (0.14, 0.4, 0.7)}
_FULL_STOP = (0.35, 0.55, 0.95)  # seconds: shortest, easy, longest silence after a sentence


_SLOWEST_SPEED = 0.9
_GAP_STEP = 0.03  # seconds of silence that one step of the word gap adds, measured


@dataclass(frozen=True)
class Clause:
    """A stretch of text up to its punctuation, and the silence after it (seconds)."""

    text: str
    shortest: float
    easy: float
    longest: float


def clauses(text: str) -> list[Clause]:
    """Split `text` at its punctuation; the last clause is followed by no silence."""
    parts = [match.group().strip() for match in _CLAUSE.finditer(text)]
    parts = [part for part in parts if any(letter.isalnum() for letter in part)]
    result = [Clause(part, *_PAUSES.get(part[-1], _FULL_STOP)) for part in parts]
    return [*result[:-1], Clause(parts[-1], 0.0, 0.0, 0.0)] if parts else []


def wanted_seconds(words: int, pace: Pace) -> float:
    """Return how long a line should last: at its class's target, a long one faster to fit 8 s."""
    fastest = 60 * words / (pace.fastest - 1.5)
    return max(min(60 * words / pace.target, LONGEST_LINE - 0.1), fastest)


Say: TypeAlias = Callable[[str, float, int], Samples]
"""Renders one clause at a speed (1 is easy) and word gap."""


def spoken(text: str, pace: Pace, words: int, say: Say, rounds: int) -> Samples:
    """Return `text` spoken at `pace`.

    `words` is the count of the line as written. Speed and gap are found by measuring what comes
    out; in a few rounds a line is within a few percent.
    """
    parts = clauses(text)
    if not parts:
        return np.zeros(0, np.float32)
    wanted = wanted_seconds(words, pace)
    least, easy, most = (
        sum(getattr(part, name) for part in parts) for name in ("shortest", "easy", "longest")
    )
    speed, gap = pace.speed, pace.gap
    for _ in range(rounds):
        sounds = [say(part.text, speed, gap) for part in parts]
        voiced = sum(map(len, sounds)) / SPEAK_RATE
        silence = min(max(wanted - voiced, least), most)
        if abs(voiced + silence - wanted) <= 0.03 * wanted:
            break
        target = max(wanted - easy, 0.4 * wanted)
        speed *= voiced / target
        if speed < _SLOWEST_SPEED:  # rather parted words than stretched vowels
            lacking = target * (1 - speed / _SLOWEST_SPEED)
            gap += max(1, round(lacking / max(1, words - 1) / _GAP_STEP))
            speed = _SLOWEST_SPEED
    return _joined(sounds, _silences(parts, silence))


def _silences(parts: list[Clause], total: float) -> list[float]:
    """Return the silence after each clause, together `total` as far as the bounds allow."""
    easy = sum(part.easy for part in parts)
    if total < easy:
        span = easy - sum(part.shortest for part in parts)
        share = min(1.0, (easy - total) / span) if span else 0.0
        return [part.easy - share * (part.easy - part.shortest) for part in parts]
    span = sum(part.longest for part in parts) - easy
    share = min(1.0, (total - easy) / span) if span else 0.0
    return [part.easy + share * (part.longest - part.easy) for part in parts]


def _joined(sounds: list[Samples], silences: list[float]) -> Samples:
    pieces: list[Samples] = []
    for sound, silence in zip(sounds, silences, strict=True):
        pieces += [sound, np.zeros(round(silence * SPEAK_RATE), np.float32)]
    return np.concatenate(pieces)
