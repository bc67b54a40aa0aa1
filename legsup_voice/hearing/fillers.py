"""Words that people say and that are no command: listed so that they compete with what is."""

from collections.abc import Iterator

from legsup_voice import content
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.grammar.graph import Graph
from legsup_voice.hearing.models import packaged


def listed(language: str = content.LANGUAGE) -> list[str]:
    """Return the words of `content/<language>/fillers.txt`."""
    return [word for line in _lines("fillers.txt", language) for word in line.split()]


def wake_words(language: str = content.LANGUAGE) -> list[str]:
    """Return what other assistants are called by (`content/<language>/wake_words.txt`)."""
    return list(filter(None, _lines("wake_words.txt", language)))


def _lines(name: str, language: str) -> Iterator[str]:
    for line in packaged(content.path(name, language)).splitlines():
        yield line.split("#")[0].strip()


def fillers(graph: Graph, language: str = content.LANGUAGE) -> tuple[str, ...]:
    """Return the words that are `listed` but those that sound like a command of `graph`."""
    words = listed(language)
    commands = [word for word, to in graph.onwards(0) if graph.labels_at(to)]
    ways = pronunciations.of_words({*words, *commands}, language)
    taken = {way for word in commands for way in ways[word]}
    return tuple(word for word in words if taken.isdisjoint(ways[word]))
