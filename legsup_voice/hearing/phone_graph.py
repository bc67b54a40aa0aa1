"""Everything that can be said, as a graph of phones, and how well it fits what was heard.

The grammar's graph of words becomes one of phones whose equal ends are one, so that billions of
ways to say things are some ten thousand arcs. CTC's forward algorithm (Graves et al., 2006) runs
over the few arcs that still fit: what is measured against the likeliest phones only ever falls, so
what has fallen too far is given up without loss.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from legsup_voice.hearing.grammar.graph import Graph, Labels
from legsup_voice.hearing.phones import OUTPUTS, PHONES, Floats, Phones, steps

Fits: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.integer[Any]]
Words: TypeAlias = Mapping[str, tuple[Phones, ...]]
Edges: TypeAlias = frozenset[tuple[int, int, bool]]

GIVEN_UP = 1e-7
"""Likelihood against the likeliest phones (a fit of −16) below which a way is followed no further:
twice as bad as what can still count."""

ADDED = 2.0
"""How much less likely a phrase is with another word around it, as a natural logarithm: most people
say "stop", not "so stop", and of other talk and unclear speech too much sounds like the latter."""

_ADDED = np.exp(-ADDED)


class Around(NamedTuple):
    """Words that may be said before a phrase and after it."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()


class PhoneGraph:
    """The phones of all phrases and fillers. Made once, never changed.

    Arcs lie in the order of the nodes they leave; ends are where a phrase or filler is complete.
    """

    def __init__(self, arcs: Places, columns: Places, labels: tuple[Labels, ...]) -> None:
        """Keep what `made` makes.

        `arcs`: the node each arc leaves, its phone, where it leads, and 1 where a word around a
        phrase ends with it, else 0 (4, number of arcs).

        `columns`: the place in `fits` of what ends at each node, -1 for nothing; the last node is
        the start. `labels`: what the places mean, labels of the words' finals; fillers have the
        last place, after them.
        """
        source, phone, to, added = arcs
        self.columns, self.labels = columns.astype(np.int32), labels
        self._phone, self._to = phone.astype(np.uint8), to.astype(np.int32)
        self._added = added.astype(np.bool_)
        self._nodes = len(columns)
        self._start = self._nodes - 1
        self._first = np.searchsorted(source, np.arange(self._nodes + 1)).astype(np.int32)

    @classmethod
    def made(
        cls, words: Graph, ways: Words, fillers: Iterable[Phones], around: Around
    ) -> "PhoneGraph":
        """Return the graph of everything that `words` accepts.

        `ways`: how each word is pronounced; words without any are left out. `fillers`:
        pronunciations of words that are no command. `around`: see `Around`.
        """
        builder = _Builder(around)
        builder.add(words, ways, fillers)
        labels = words.meanings
        place: dict[Labels | None, int] = {each: at for at, each in enumerate(labels)}
        place[None] = len(labels)
        columns = np.full(len(builder.edges), -1, np.int32)
        for node, each in builder.finals.items():
            columns[node] = place[each]
        edges = [(node, *edge) for node, each in enumerate(builder.edges) for edge in sorted(each)]
        return cls(np.array(edges, np.int32).T, columns, labels)

    @property
    def arcs(self) -> Places:
        """The arcs, as they were given; they are kept in a sixth of the memory."""
        source = np.repeat(np.arange(self._nodes), np.diff(self._first))
        return np.array([source, self._phone, self._to, self._added], np.int32)

    @property
    def size(self) -> int:
        """How many arcs there are."""
        return len(self._phone)

    def fits(self, log_posteriors: Floats) -> Fits:
        """Return, for each of `labels` and for the fillers, the best log-likelihood ratio.

        It is that of the best way to say it to the likeliest phones: 0 at most, or a little more
        where several ways add up; -inf for what was given up.
        """
        # All steps of five seconds of other talk would be 70 MB.
        ((nodes, total, *_),) = deque(self._follow(steps(log_posteriors)), maxlen=1)
        columns = self.columns[nodes]
        found = np.zeros(len(self.labels) + 1)
        np.maximum.at(found, columns[columns >= 0], total[columns >= 0])
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(found))

    def best(self, labels: Labels, log_posteriors: Floats) -> Phones:
        """Return the phones of the likeliest way to say what `labels` mean; none if none fits."""
        history = list(self._follow(steps(log_posteriors)))
        nodes, total, *_ = history[-1]
        ours = self.columns[nodes] == self.labels.index(labels)
        if not ours.any():
            return ()
        return self._traced(history, int(nodes[ours][total[ours].argmax()]))

    def _follow(self, rows: Fits) -> Iterator["_Step"]:
        """Yield, after each step, the nodes that still fit and how well, and the arcs."""
        step = _Step(np.array([self._start]), np.ones(1), np.zeros(0, np.intp), np.zeros(0))
        yield step
        phone, reached = np.zeros(self.size), np.zeros(self._nodes)
        for row in rows:
            nodes, total, arcs, was = step
            out, counts = leaving(self._first, nodes)
            phone[arcs] = was
            phone[out] += np.repeat(total, counts) * np.where(self._added[out], _ADDED, 1.0)
            active = np.concatenate([arcs, out])
            value = phone[active] * row[self._phone[active]]
            phone[active] = 0.0
            # An arc that goes on and begins again is there twice; both hold the sum.
            keep = np.flatnonzero(value > GIVEN_UP)
            active, unique = np.unique(active[keep], return_index=True)
            value = value[keep][unique]
            reached[nodes] = total * row[0]
            np.add.at(reached, self._to[active], value)
            touched = np.unique(np.concatenate([nodes, self._to[active]]))
            now = reached[touched]
            reached[touched] = 0.0
            fitting = now > GIVEN_UP
            step = _Step(touched[fitting], now[fitting], active, value)
            yield step

    def _traced(self, history: list["_Step"], node: int) -> Phones:
        """Return the phones on the likeliest way to `node`, from its end to its beginning."""
        found: list[str] = []
        step = len(history) - 1
        while node != self._start and step:
            _, _, arcs, values = history[step]
            coming = np.flatnonzero(self._to[arcs] == node)
            before = history[step - 1].at(node)
            if not len(coming) or before > values[coming].max():  # a blank
                step -= 1
                continue
            arc = int(arcs[coming[values[coming].argmax()]])
            source = int(np.searchsorted(self._first, arc, "right")) - 1
            while step > 1 and history[step - 1].on(arc) >= history[step - 1].at(source):
                step -= 1
            found.append(PHONES[self._phone[arc] - 1])
            node, step = source, step - 1
        return tuple(reversed(found))


def leaving(first: Places, nodes: Places) -> tuple[Places, Places]:
    """Return the arcs that leave `nodes`, those of a node together, and how many leave each.

    `first`: the first arc of each node, in the order of the nodes they leave.
    """
    counts = first[nodes + 1] - first[nodes]
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(first[nodes], counts) + offsets, counts


class _Step(NamedTuple):
    """What still fits after a step: nodes and arcs, each with its likelihood ratio."""

    nodes: Places
    totals: Fits
    arcs: Places
    values: Fits

    def at(self, node: int) -> float:
        return float(self.totals[self.nodes == node].sum())

    def on(self, arc: int) -> float:
        return float(self.values[self.arcs == arc].sum())


class _Builder:
    """Makes the nodes from their ends on; equal ones are one."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self.edges: list[Edges] = []
        self.finals: dict[int, Labels | None] = {}
        """What a final node means; None for a filler."""
        self._alike: dict[tuple[Labels | str, Edges], int] = {}

    def add(self, words: Graph, ways: Words, fillers: Iterable[Phones]) -> None:
        """Add everything; the last node is the one that it all begins at."""
        nodes = [0] * len(words)
        for node in range(len(words) - 1, -1, -1):
            spelled = [
                (way, nodes[to], self._is_around(words, node, word, to))
                for word, to in words.onwards(node)
                for way in ways.get(word, ())
            ]
            if not node:
                filler = self._node("filler", frozenset())
                self.finals[filler] = None
                spelled += [(way, filler, False) for way in fillers]
            labels = words.labels_at(node)
            nodes[node] = self._node(labels or "", self._tree(spelled, 0))
            if labels:
                self.finals[nodes[node]] = labels

    def _is_around(self, words: Graph, node: int, word: str, to: int) -> bool:
        """Tell whether `word` stands before a phrase, or after one that was complete."""
        if not node:
            return word in self._around.before and not words.labels_at(to)
        return bool(words.labels_at(node)) and word in self._around.after

    def _node(self, meaning: Labels | str, edges: Edges) -> int:
        key = meaning, edges
        if key not in self._alike:
            self._alike[key] = len(self.edges)
            self.edges.append(edges)
        return self._alike[key]

    def _tree(self, spelled: list[tuple[Phones, int, bool]], depth: int) -> Edges:
        """Return the arcs that begin `spelled` at `depth`; each leads to the node beside it."""
        first: dict[str, list[tuple[Phones, int, bool]]] = {}
        for each in spelled:
            first.setdefault(each[0][depth], []).append(each)
        edges: set[tuple[int, int, bool]] = set()
        for phone, begun in first.items():
            number = OUTPUTS[phone]
            edges |= {(number, to, added) for way, to, added in begun if len(way) == depth + 1}
            longer = [each for each in begun if len(each[0]) > depth + 1]
            if longer:
                edges.add((number, self._node("", self._tree(longer, depth + 1)), False))
        return frozenset(edges)
