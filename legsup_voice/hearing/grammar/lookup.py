"""Where words lead in the graph that text is read by, and what stands there.

What starts somewhere in it is found by name: templates, what is left of them without small words,
what text may begin with, and rules.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from legsup_voice.hearing.grammar.graph import Labels
from legsup_voice.hearing.grammar.intent import Sense
from legsup_voice.hearing.grammar.meaning import urgency
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.hearing.grammar.written import BEGINNINGS, Written

Values: TypeAlias = tuple[tuple[str, str], ...]
Reached: TypeAlias = dict[tuple[int, Values], int]
"""Nodes, by the values of lists on the way there, and how few words were left out on it."""


class Lookup:
    """Follows words through a `Written`."""

    def __init__(self, written: Written) -> None:
        self._written, self._graph, self._starts = written, written.graph, written.starts
        self._slots = lru_cache(maxsize=None)(self._find_slots)

    def has(self, rule: str, words: Words) -> bool:
        """Tell whether `words` hold what the rule stands for."""
        return any(self.ends(rule, words, at) for at in range(len(words)))

    def closes(self, rule: str, words: Words) -> bool:
        """Tell whether `words` end with what the rule stands for."""
        return any(len(words) in self.ends(rule, words, at) for at in range(len(words)))

    def ends(self, rule: str, words: Words, start: int) -> set[int]:
        """Return where in `words` what the rule stands for may end that begins at `start`."""
        return {end for end, _ in self._along(f"<{rule}>", words, start)}

    def is_finite(self, words: Words) -> bool:
        """Tell whether `words` hold a verb that goes with somebody or something."""
        return self.has("finite", words) or any(map(self._written.spelling.is_short, words))

    def without(self, rule: str, words: Words) -> Words:
        """Return `words` without what the rule stands for, the longest first."""
        kept, at = list[str](), 0
        while at < len(words):
            end = max(self.ends(rule, words, at), default=at)
            if end == at:
                kept.append(words[at])
            at = max(end, at + 1)
        return tuple(kept)

    def beginnings(self, words: Words) -> tuple[Sense, ...]:
        """Return what the beginning of `words` says, whatever follows."""
        found = {label for _, labels in self._along(BEGINNINGS, words, 0) for label in labels}
        return tuple(sense for label in sorted(found) for sense in self._senses(label))

    def find(self, start: str, words: Words, most_missing: int = 0) -> tuple[Sense, ...]:
        """Return what templates say that `words` mean, what must not be missed first.

        Of those that have up to `most_missing` words of the spelling's `left_out` besides, the ones
        with the fewest of them count.
        """
        reached: list[Reached] = [{} for _ in range(len(words) + 1)]
        reached[0][self._starts[start], ()] = 0
        for at in range(len(words) + 1):
            if most_missing:
                self._leave_out(reached[at], most_missing, first=at == 0)
            for (node, values), missing in reached[at].items() if at < len(words) else ():
                to = self._graph.step(node, words[at])
                if to is not None:
                    _reach(reached[at + 1], to, values, missing)
                for name, after in self._slots(node):
                    for value, end in self._spans(name, words, at):
                        _reach(reached[end], after, (*values, (name, value)), missing)
        found = {
            (missing, label, values)
            for (node, values), missing in reached[len(words)].items()
            for label in self._graph.labels_at(node)
        }
        fewest = min((missing for missing, _, _ in found), default=0)
        each = [
            self._senses(of, values) for missing, of, values in sorted(found) if missing == fewest
        ]
        each.sort(key=lambda senses: urgency(senses[0].intent))
        return tuple(dict.fromkeys(sense for senses in each for sense in senses))

    def _leave_out(self, reached: Reached, most: int, *, first: bool) -> None:
        """Add to `reached` where up to `most` words lead that nobody said; `first`: none yet."""
        spelling, waiting = self._written.spelling, list(reached)
        left_out = spelling.left_out_first if first else spelling.left_out
        while waiting:
            node, values = waiting.pop()
            missing = reached[node, values] + 1
            for word in left_out if missing <= most else ():
                to = self._graph.step(node, word)
                if to is not None and _reach(reached, to, values, missing):
                    waiting.append((to, values))

    def _senses(self, label: int, values: Values = ()) -> tuple[Sense, ...]:
        given = {self._written.lists[name][0]: value for name, value in values}
        return self._written.meanings[label].senses(given)

    def _find_slots(self, node: int) -> tuple[tuple[str, int], ...]:
        """Return the lists whose values may follow at `node`, and where they lead."""
        lists = ((name, self._graph.step(node, name)) for name in self._written.lists)
        return tuple((name, to) for name, to in lists if to is not None)

    def _spans(self, name: str, words: Words, at: int) -> Iterator[tuple[str, int]]:
        """Yield each value of the list `name` that is said from `at` on, and where it ends."""
        _, values = self._written.lists[name]
        for end, labels in self._along(name, words, at):
            for label in labels:
                yield values[label], end

    def _along(self, start: str, words: Words, at: int) -> Iterator[tuple[int, Labels]]:
        """Yield, wherever something ends that begins at `at`, that place and what it means."""
        node = self._starts[start]
        for end, word in enumerate(words[at:], start=at + 1):
            to = self._graph.step(node, word)
            if to is None:
                return
            node, labels = to, self._graph.labels_at(to)
            if labels:
                yield end, labels


def _reach(reached: Reached, node: int, values: Values, missing: int) -> bool:
    """Add a node to `reached`; tell whether it was further away before."""
    nearer = missing < reached.get((node, values), missing + 1)
    if nearer:
        reached[node, values] = missing
    return nearer
