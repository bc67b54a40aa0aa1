"""Where a sentence may pause: at its punctuation, and between its phrases.

A calm voice is slow by pausing more than by stretching its vowels, and a sentence of five words has
no comma to pause at. The network is told of a pause between phrases by a semicolon.
"""

from __future__ import annotations

import re

STARTERS = frozenset(
    "and or with to on onto of in into when until where so then from for by that but as at if "
    "while near close".split()
)
"""Words that begin a phrase: the best places to pause before."""

DIRECTIONS = frozenset("up down off out".split())
"""Words that begin a phrase before one of `DETERMINERS` ("down the wall") and end one else ("lie
down")."""

DETERMINERS = frozenset("the a an your my our his her its".split())

LEANING = DETERMINERS | frozenset(
    "to of on onto in into and or with at as am be not can may it i you we they this that "
    "do does did will would could should from for by if when until where so but then up no any "
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty half low high say very too more "
    "near close feel press keep".split()
)
"""Words that lean on the next one: never a pause after them."""

LEANING_A_LITTLE = frozenset("is are".split())
"""Words that lean on the next one, but less than others do."""

LEANT_ON = frozenset("them it me us now there here".split())
"""Words that lean on the one before: never a pause before them."""

MARKS = ",;:.!?"


def with_break(text: str, *, anywhere: bool = False) -> str | None:
    """Return `text` with one more semicolon before a phrase; None when no place is left.

    The longest stretch without a pause is parted as near to its middle as the words allow;
    `anywhere`: between any two words that don't lean on each other.
    """
    stretches = list(re.finditer(rf"[^{MARKS}]+", text))
    for stretch in sorted(stretches, key=lambda found: -len(found.group())):
        place = _place(stretch.group(), anywhere)
        if place is not None:
            at = stretch.start() + place
            return f"{text[:at]};{text[at:]}"
    return None


def _place(stretch: str, anywhere: bool) -> int | None:
    """Return the index of the space at which `stretch` is best parted."""
    best: tuple[float, int] | None = None
    for space in re.finditer(r"(?<=\w) (?=\w)", stretch):
        before = stretch[: space.start()].lower().split()
        after = stretch[space.end() :].lower().split()
        if len(before) < 2 or before[-1] in LEANING or after[0] in LEANT_ON:
            continue
        if before[-1] in LEANING_A_LITTLE and not anywhere:
            continue
        starts = after[0] in STARTERS or (
            after[0] in DIRECTIONS and after[1:] != [] and after[1] in DETERMINERS
        )
        if not starts and (not anywhere or after[0] in DIRECTIONS):
            continue
        if len(after) < 2 and not anywhere:
            continue
        cost = abs(len(stretch) / 2 - space.start()) / len(stretch) - 0.3 * starts
        if best is None or cost < best[0]:
            best = cost, space.start()
    return best[1] if best else None
