"""How words are pronounced: a lexicon, and for what it lacks what the spelling suggests."""

import itertools
from collections.abc import Sequence
from functools import cache

from legsup_voice.hearing.models import bundled
from legsup_voice.hearing.phones import Phones

MOST = 6
"""Most ways to pronounce a text that are compared."""


@cache
def lexicon() -> dict[str, tuple[Phones, ...]]:
    """Return the pronunciations of every word that `models/phones/lexicon.txt` lists."""
    found: dict[str, list[Phones]] = {}
    text = (bundled("phones") / "lexicon.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, *phones = line.split()
        found.setdefault(word, []).append(tuple(phones))
    return {word: tuple(ways) for word, ways in found.items()}


def of_texts(texts: Sequence[str]) -> list[list[Phones]]:
    """Return the ways to pronounce each text; none where the lexicon lacks a word of it."""
    known = lexicon()
    return [
        [
            tuple(itertools.chain.from_iterable(way))
            for way in itertools.islice(
                itertools.product(*(known.get(word, ()) for word in text.split())), MOST
            )
        ]
        for text in texts
    ]
