"""How words are pronounced: a lexicon, and for what it lacks what the spelling suggests."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache

from legsup_voice.content import LANGUAGE, locale
from legsup_voice.hearing.letter_to_sound import pronounce
from legsup_voice.hearing.models import broken, bundled, packaged
from legsup_voice.hearing.phones import OUTPUTS, Phones

MOST = 6
"""Most ways to pronounce a text that are compared."""


MOST_GUESSES = 81
"""The same of a word whose pronunciation is only a guess: three ways to say each of four vowels."""

NEAR: dict[str, Phones] = {
    "AE": ("AE", "AA", "AH"),
    "AA": ("AA", "AO", "AH"),
    "AH": ("AH", "AA", "IH"),
    "AO": ("AO", "AA", "OW"),
    "EH": ("EH", "EY", "IH"),
    "EY": ("EY", "EH", "IY"),
    "IH": ("IH", "IY", "AH"),
    "IY": ("IY", "IH", "EY"),
    "OW": ("OW", "AO", "AH"),
    "UH": ("UH", "UW", "AH"),
    "UW": ("UW", "UH", "OW"),
}
"""Vowels that a spelling may stand for as well."""

REDUCED: dict[str, tuple[Phones, ...]] = {
    "is": (("Z",), ("S",)),
}
"""How little people make of some words between others: "my foot's asleep"."""


@cache
def lexicon() -> dict[str, tuple[Phones, ...]]:
    """Return the pronunciations of every word that `models/phones/lexicon.txt` lists.

    Raises:
        UserError: the file is missing or broken.
    """
    found: dict[str, list[Phones]] = {}
    for word, phones in _listed():
        found.setdefault(word, []).append(phones)
    return {word: tuple(ways) for word, ways in found.items()}


def first_of(words: Collection[str]) -> dict[str, Phones]:
    """Return the first pronunciation of each of `words` that is listed; nothing else is kept."""
    found: dict[str, Phones] = {}
    for word, phones in _listed():
        if word in words:
            found.setdefault(word, phones)
    return found


def _listed() -> Iterator[tuple[str, Phones]]:
    path = bundled("phones") / "lexicon.txt"
    try:
        for line in packaged(path).splitlines():
            yield _entry(line)
    except ValueError as error:
        raise broken(path) from error


def _entry(line: str) -> tuple[str, Phones]:
    word, *phones = line.split()
    if not phones or not OUTPUTS.keys() >= set(phones):
        raise ValueError(f"{line!r} is no word with its phones")
    return word, tuple(phones)


def of_words(words: Iterable[str], language: str = LANGUAGE) -> dict[str, tuple[Phones, ...]]:
    """Return the ways to pronounce each word; by its spelling where the lexicon lacks it.

    The lexicon is English. Words of another language are told in the nearest phones of English:
    enough to tell whether two sound the same.

    Raises:
        UserError: espeak-ng, which says how new words sound, is missing.
    """
    if language != LANGUAGE:
        spelled = pronounce(list(words), locale(language).voice)
        return {word: (way,) for word, way in spelled.items()}
    known = lexicon()
    listed = list(words)
    lacking = [word for word in listed if word not in known]
    guessed = pronounce(lacking) if lacking else {}
    return {
        word: known[word] + REDUCED.get(word, ())
        if word in known
        else tuple(_guesses(word, guessed[word]))
        for word in listed
    }


def _guesses(word: str, guess: Phones) -> Iterator[Phones]:
    """Yield `guess` and ways to say it with other vowels: "namaste" isn't said as it is spelled."""
    choices = [NEAR.get(phone, (phone,)) for phone in guess]
    for way in itertools.islice(itertools.product(*choices), MOST_GUESSES):
        yield way
        if word.endswith("e") and way and way[-1] not in NEAR:
            yield (*way, "EY")


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
