"""Everything that can be said, as a graph of phones, and how well it fits what was heard.

The grammar's graph of words becomes one of phones, minimal again: ways of saying things share
their beginnings and their ends, so ten times as many of them cost little more. CTC's forward
algorithm (Graves et al., 2006) then runs over all arcs at once, a step of sound at a time.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from legsup_voice.hearing.grammar.graph import Graph, Labels, Network
from legsup_voice.hearing.phones import PHONES, Floats, Phones

Fits: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.intp]
Words: TypeAlias = Mapping[str, tuple[Phones, ...]]

FILLER = -1
"""The label of a word that is no command."""

LEAST = 1e-12
"""Share of the likeliest phone's probability under which none falls, so that a slip rules nothing
out."""

BLANK = 1e-3
"""Where no phone has more than this part of blank's probability nothing is said; such steps, two
thirds of all, are taken together."""


class PhoneGraph:
    """The phones of all phrases and fillers. Made once, never changed."""

    def __init__(self, words: Graph, ways: Words, fillers: Iterable[Phones]) -> None:
        """`ways`: how each word of the graph `words` is pronounced; words without any are left out.

        `fillers`: pronunciations of words that are no command.
        """
        graph = _phones(words, ways, fillers)
        known = set(words.finals.values())
        self.labels = tuple(sorted(known))
        """What the columns of `fits` mean: labels of the words' finals, the filler column last."""
        arcs = sorted(
            (to, source, PHONES.index(phone) + 1)
            for source, onwards in enumerate(graph.arcs)
            for phone, to in onwards.items()
        )
        self._to, self._source, self._phone = np.array(arcs, np.intp).T
        self._starts = np.flatnonzero(np.diff(self._to, prepend=0))
        self._nodes = len(graph.arcs)
        place = {labels: at for at, labels in enumerate(self.labels)}
        ends = [
            (node, place[words.finals[number]] if number != FILLER else len(self.labels))
            for node, numbers in graph.finals.items()
            for number in ([n for n in numbers if n != FILLER] or [FILLER])
        ]
        self._ends, self._columns = np.array(ends, np.intp).T

    @property
    def size(self) -> int:
        """How many arcs there are."""
        return len(self._phone)

    def fits(self, log_posteriors: Floats) -> Fits:
        """Return, for each of `labels` and for the fillers, the best log-likelihood ratio.

        It is that of the best way to say it to the likeliest phones: 0 at most, or a little more
        where several ways add up; -inf for what is longer than the sounds.
        """
        rows = _steps(log_posteriors)
        phone = np.zeros(self.size)
        total = np.zeros(self._nodes)
        blank = np.zeros(self._nodes)
        blank[0] = 1.0
        for row in rows:
            total[:] = blank
            total[1:] += np.add.reduceat(phone, self._starts)
            phone += total[self._source]
            phone *= row[self._phone]
            np.multiply(total, row[0], out=blank)
        total[:] = blank
        total[1:] += np.add.reduceat(phone, self._starts)
        found = np.zeros(len(self.labels) + 1)
        np.maximum.at(found, self._columns, total[self._ends])
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(found))

    def best(self, labels: Labels, log_posteriors: Floats) -> Phones:
        """Return the phones of the likeliest way to say what `labels` mean."""
        ends = self._ends[self._columns == self.labels.index(labels)]
        rows = _steps(log_posteriors)
        arcs = self._towards(ends)
        into = self._to[arcs]
        firsts = np.flatnonzero(np.diff(into, prepend=-1))
        nodes = into[firsts]
        phones, nows = [np.zeros(len(arcs))], [np.zeros(self._nodes)]
        nows[0][0] = 1.0
        for row in rows:
            phone = np.maximum(phones[-1], nows[-1][self._source[arcs]])
            phones.append(phone * row[self._phone[arcs]])
            now = nows[-1] * row[0]
            now[nodes] = np.maximum(now[nodes], np.maximum.reduceat(phones[-1], firsts))
            nows.append(now)
        return self._traced(arcs, phones, nows, int(ends[nows[-1][ends].argmax()]))

    def _traced(self, arcs: Places, phones: list[Fits], nows: list[Fits], node: int) -> Phones:
        """Return the phones on the likeliest way to `node`, from its end to its beginning."""
        found: list[str] = []
        step = len(phones) - 1
        into = self._to[arcs]
        while node and step:
            coming = np.flatnonzero(into == node)
            arc = int(coming[phones[step][coming].argmax()])
            if phones[step][arc] < nows[step][node]:  # a blank
                step -= 1
                continue
            source = int(self._source[arcs[arc]])
            while step > 1 and phones[step - 1][arc] >= nows[step - 1][source]:
                step -= 1
            found.append(PHONES[self._phone[arcs[arc]] - 1])
            node, step = source, step - 1
        return tuple(reversed(found))

    def _towards(self, ends: Places) -> Places:
        """Return the arcs on any way to one of the nodes `ends`, in order."""
        useful = np.zeros(self._nodes, bool)
        useful[ends] = True
        for source, to in zip(self._source[::-1].tolist(), self._to[::-1].tolist(), strict=True):
            if useful[to]:
                useful[source] = True
        return np.flatnonzero(useful[self._to])


def _phones(words: Graph, ways: Words, fillers: Iterable[Phones]) -> Graph:
    """Return the minimal graph of phones; the labels of its finals are nodes of `words`."""
    network = Network()
    nodes = [0, *(network.node() for _ in words.arcs[1:])]
    first: dict[tuple[int, ...], int] = {}
    for node, labels in words.finals.items():
        # Nodes that mean the same are one end.
        number = first.setdefault(labels, node)
        network.finals[nodes[node]] = 1 + number, number
    for node, onwards in enumerate(words.arcs):
        for word, to in onwards.items():
            for way in ways.get(word, ()):
                _chain(network, nodes[node], nodes[to], way)
    filler = network.node()
    network.finals[filler] = len(words.arcs) + 1, FILLER
    for way in fillers:
        _chain(network, 0, filler, way)
    return network.minimal()


def _chain(network: Network, start: int, end: int, way: Phones) -> None:
    between = [network.node() for _ in way[1:]]
    for phone, (source, to) in zip(way, pairwise([start, *between, end]), strict=True):
        network.arcs[source].append((phone, to))


def _steps(log_posteriors: Floats) -> npt.NDArray[np.float64]:
    """Return the steps' probabilities against their likeliest output, stretches of blank as one."""
    rows = np.exp(log_posteriors.astype(np.float64))
    rows /= rows.max(axis=1, keepdims=True)
    silent = rows[:, 1:].max(axis=1) < BLANK
    # Within such a stretch a phone may come at any of its steps.
    begins = np.flatnonzero(~(silent & np.r_[False, silent[:-1]]))
    rows[:, 1:] = np.maximum(rows[:, 1:], LEAST)
    together = np.add.reduceat(rows, begins)
    together[:, 0] = np.maximum(rows[begins, 0], LEAST)
    return together
