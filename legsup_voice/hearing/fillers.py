"""Words that people say and that are no command: listed so that they compete with what is."""

from collections.abc import Iterator

from legsup_voice import content
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.grammar.graph import Graph


def listed() -> list[str]:
    """Return the words of `content/en/fillers.txt`."""
    return [word for line in _lines("fillers.txt") for word in line.split()]


def wake_words() -> list[str]:
    """Return what other assistants are called by (`content/en/wake_words.txt`)."""
    return list(filter(None, _lines("wake_words.txt")))


def _lines(name: str) -> Iterator[str]:
    for line in content.path(name).read_text(encoding="utf-8").splitlines():
        yield line.split("#")[0].strip()


def fillers(graph: Graph) -> tuple[str, ...]:
    """Return the words that are `listed` but those that sound like a command of `graph`."""
    words = listed()
    commands = [word for word, to in graph.arcs[0].items() if to in graph.finals]
    taken = {way for ways in pronunciations.of_texts(commands) for way in ways}
    ways = pronunciations.of_texts(words)
    return tuple(word for word, each in zip(words, ways, strict=True) if taken.isdisjoint(each))
