"""Written text as the words that are said."""

import re
from collections.abc import Mapping

LONGEST_NUMBER = 9
"""Digits of what may be a number; more are said one by one."""

_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
_PIECES = re.compile(r"\d+|\D+")


def normalised(text: object) -> str:
    """Return `text` in small letters, with plain apostrophes and without punctuation.

    What templates are written with (brackets, bars, angles) stays.
    """
    if not isinstance(text, str):
        raise ValueError("a phrase is words, not a number or a list")  # noqa: TRY004
    plain = text.lower().translate(_APOSTROPHES)
    plain = re.sub(r"[^\w\s'()\[\]|<>{}]", " ", plain)
    return " ".join(plain.split())


def in_words(text: str, numbers: Mapping[int, str]) -> tuple[str, ...]:
    """Return the words of `text`, its numerals as they are said: "5" is "five", "911" digits."""
    plain = re.sub(r"[()\[\]|<>{}]", " ", normalised(text))
    found = []
    for word in plain.split():
        for piece in _PIECES.findall(word) if any(map(str.isdecimal, word)) else [word]:
            if not piece.isdecimal():
                found.append(piece)
            elif len(piece) <= LONGEST_NUMBER and int(piece) in numbers:
                found += numbers[int(piece)].split()
            else:
                found += [numbers.get(int(digit), digit) for digit in piece]
    return tuple(found)
