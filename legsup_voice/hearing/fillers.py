"""Words that people say and that are no command: listed so that they compete with what is."""

from legsup_voice import content
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.grammar.graph import Graph


def listed() -> list[str]:
    """Return the words of `content/en/fillers.txt`."""
    text = content.path("fillers.txt").read_text(encoding="utf-8")
    return [word for line in text.splitlines() for word in line.split("#")[0].split()]


def fillers(graph: Graph) -> tuple[str, ...]:
    """Return the words that are `listed` but those that sound like a command of `graph`."""
    words = listed()
    commands = [word for word, to in graph.arcs[0].items() if to in graph.finals]
    taken = {way for ways in pronunciations.of_texts(commands) for way in ways}
    ways = pronunciations.of_texts(words)
    return tuple(word for word, each in zip(words, ways, strict=True) if taken.isdisjoint(each))
