"""Written text as the words that are said."""

import re

_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
_DIGITS = re.compile(r"\d+")


def normalised(text: object) -> str:
    """Return `text` in small letters, with plain apostrophes and without punctuation.

    What templates are written with (brackets, bars, angles) stays.
    """
    if not isinstance(text, str):
        raise ValueError("a phrase is words, not a number or a list")  # noqa: TRY004
    plain = text.lower().translate(_APOSTROPHES)
    plain = re.sub(r"[^\w\s'()\[\]|<>{}]", " ", plain)
    return " ".join(plain.split())
