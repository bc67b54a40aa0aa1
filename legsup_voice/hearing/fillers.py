"""Words that people say and that are no command: listed so that they compete with what is."""

from collections.abc import Iterable
from importlib.resources import files

from legsup_voice.hearing import pronunciations


def fillers(phrases: Iterable[str]) -> tuple[str, ...]:
    """Return the words of `content/en/fillers.txt` but those that sound like one of `phrases`."""
    text = (files("legsup_voice.content") / "en" / "fillers.txt").read_text(encoding="utf-8")
    words = [word for line in text.splitlines() for word in line.split("#")[0].split()]
    taken = {way for ways in pronunciations.of_texts(list(phrases)) for way in ways}
    ways = pronunciations.of_texts(words)
    return tuple(word for word, each in zip(words, ways, strict=True) if taken.isdisjoint(each))
