"""Templates as the smallest graph of words that accepts them: shared beginnings and shared ends.

A network with free arcs is built from the templates, made deterministic (subset construction) and
minimal on the way back (hash-consing; the network has no circles). Its size follows the templates,
not the number of ways that they stand for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from legsup_voice.hearing.grammar.templates import Expression, Rule, Sequence, Slot

PLAIN = 0
"""The rank of what a template says itself."""

LONGER = 1
"""The same of a template of which a single word means nothing: it is too often said otherwise."""

Labels: TypeAlias = tuple[int, ...]
"""What a final node means, by number, the foremost first."""


@dataclass(frozen=True)
class Graph:
    """A minimal deterministic acyclic graph; node 0 is the start, every arc leads to a later node.

    `arcs[node]` gives the next node for each word; `finals[node]` what the words so far mean.
    """

    arcs: tuple[Mapping[str, int], ...]
    finals: Mapping[int, Labels]

    def follow(self, words: list[str], node: int = 0) -> int | None:
        """Return where `words` lead from `node`, or None."""
        for word in words:
            found = self.arcs[node].get(word)
            if found is None:
                return None
            node = found
        return node

    def labels(self, words: list[str]) -> Labels:
        """Return what `words` as a whole mean; nothing for what isn't in the graph."""
        node = self.follow(words)
        return () if node is None else self.finals.get(node, ())

    @property
    def ways(self) -> int:
        """How many word sequences it accepts."""
        count = [0] * len(self.arcs)
        for node in range(len(self.arcs) - 1, -1, -1):
            count[node] = (node in self.finals) + sum(count[to] for to in self.arcs[node].values())
        return count[0]


@dataclass
class Network:
    """The graph under construction: `arcs` need a word, `free` ones need none."""

    arcs: list[list[tuple[str, int]]] = field(default_factory=lambda: [[]])
    free: list[list[int]] = field(default_factory=lambda: [[]])
    finals: dict[int, tuple[int, int]] = field(default_factory=dict)
    """(rank, label) of each final node; the lowest rank comes foremost."""
    _closed: dict[int, tuple[dict[str, frozenset[int]], frozenset[tuple[int, int]]]] = field(
        default_factory=dict
    )

    def node(self) -> int:
        """Add a node."""
        self.arcs.append([])
        self.free.append([])
        return len(self.arcs) - 1

    def add(
        self,
        expression: Expression,
        rules: Mapping[str, Expression],
        values: Mapping[str, Expression],
        start: int,
    ) -> int:
        """Add `expression` after the node `start`; return where it ends."""
        if isinstance(expression, str):
            end = self.node()
            self.arcs[start].append((expression, end))
            return end
        if isinstance(expression, Rule):
            return self.add(rules[expression.name], rules, values, start)
        if isinstance(expression, Slot):
            return self.add(values[expression.name], rules, values, start)
        if isinstance(expression, Sequence):
            for item in expression.items:
                start = self.add(item, rules, values, start)
            return start
        end = self.node()
        for item in expression.items:
            self.free[self.add(item, rules, values, start)].append(end)
        return end

    def out(self, state: int) -> tuple[dict[str, frozenset[int]], frozenset[tuple[int, int]]]:
        """Return the arcs and the finals that free arcs lead to from `state`."""
        if state not in self._closed:
            reached, waiting = {state}, list(self.free[state])
            while waiting:
                new = waiting.pop()
                if new not in reached:
                    reached.add(new)
                    waiting += self.free[new]
            arcs: dict[str, set[int]] = {}
            for each in reached:
                for word, to in self.arcs[each]:
                    arcs.setdefault(word, set()).add(to)
            finals = frozenset(self.finals[each] for each in reached if each in self.finals)
            self._closed[state] = {word: frozenset(to) for word, to in arcs.items()}, finals
        return self._closed[state]

    def minimal(self) -> Graph:
        """Return the graph of everything added after node 0."""
        return _Minimiser(self).graph()


class _Minimiser:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._known: dict[tuple[frozenset[int], bool], int] = {}
        self._alike: dict[tuple[Labels, tuple[tuple[str, int], ...]], int] = {}

    def graph(self) -> Graph:
        self._node(frozenset([0]), 0)
        made = list(self._alike)  # children before parents: turned round, every arc leads onwards
        last = len(made) - 1
        arcs = tuple({word: last - to for word, to in edges} for _, edges in reversed(made))
        finals = {last - at: labels for at, (labels, _) in enumerate(made) if labels}
        return Graph(arcs, finals)

    def _node(self, states: frozenset[int], words: int) -> int:
        """Return the number of the smallest node that accepts what `states` do after `words`."""
        key = states, words == 1
        if key in self._known:
            return self._known[key]
        onwards: dict[str, frozenset[int]] = {}
        finals: set[tuple[int, int]] = set()
        for state in states:
            arcs, ends = self._network.out(state)
            finals |= ends
            for word, to in arcs.items():
                onwards[word] = onwards[word] | to if word in onwards else to
        if words == 1:
            finals = {(rank, label) for rank, label in finals if rank != LONGER}
        labels = tuple(dict.fromkeys(label for _, label in sorted(finals)))
        edges = tuple((word, self._node(onwards[word], words + 1)) for word in sorted(onwards))
        number = self._alike.setdefault((labels, edges), len(self._alike))
        self._known[key] = number
        return number
