"""The likeliest words of an utterance, whatever was said.

The graph of phrases (`phone_graph.py`) knows only what templates write out; people say more than
that. Here any word of theirs may follow any other, the likelier the more often templates say so
(`language_model.py`). What was decoded is then read as text is.

Viterbi's algorithm goes over the phones of the words that may follow each word, in a beam: of one
utterance it holds some hundred places at a time, and with each the few likeliest words that led
there, so that in the end others are told that sound nearly alike. All figures are natural
logarithms.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from legsup_voice.hearing.language_model import FREE, LanguageModel, Logs
from legsup_voice.hearing.phone_graph import Places, leaving
from legsup_voice.hearing.phones import OUTPUTS, Floats, Phones, steps

Numbers: TypeAlias = npt.NDArray[np.int32]
Values: TypeAlias = npt.NDArray[np.float64]
Arc: TypeAlias = tuple[int, int, int, float]
"""The node it leaves, its phone, the node it leads to, and its weight."""

BEAM = 10.0
"""How much less likely than the likeliest a beginning may be and still be followed."""

MOST = 3000
"""Arcs, and nodes, that are followed at most: speech needs some hundred, but of a hum in which no
phone is likelier than another all 300,000 fit, and one utterance took five seconds."""


WAYS = 4
"""Of the words that led to the same place, so many are followed: of 210 phrasings in noise 77.0 %
were understood with one, 78.4 with two, 79.4 with four, 79.9 with twelve."""

NEARLY = 4.0
"""How much less likely than the likeliest words others may be and still be told."""


class Decoded(NamedTuple):
    """Words.

    `fit`: how well they fit the sounds against the likeliest phones, 0 at most. `likely`: how
    likely each is after the other, whatever sounds, in the mean.
    """

    text: str
    fit: float
    likely: float


class Decoder:
    """Every word after every other, by their phones. Made once, never changed.

    Its nodes are: each of `words`, where it was said; where any word may follow; the start; and
    places within words.
    """

    def __init__(
        self, words: tuple[str, ...], arcs: Numbers, weights: npt.NDArray[np.float32]
    ) -> None:
        """Keep what `made` makes.

        `arcs`: the node each arc leaves, its phone, and where it leads, in the order of the nodes
        they leave (3, number of arcs). `weights`: theirs, summing up to a word's probability.
        """
        self.words, self.weights = words, weights
        source, phone, to = arcs
        self.phone, self.to = phone.astype(np.uint8), to.astype(np.int32)
        self.anywhere, self.start = len(words), len(words) + 1
        nodes = max(int(to.max()), self.start) + 1
        self.first = np.searchsorted(source, np.arange(nodes + 1)).astype(np.int32)
        followed = np.diff(self.first[: len(words) + 1]) > 0
        self.freed = np.where(followed, np.log(FREE), 0.0)

    @classmethod
    def made(cls, model: LanguageModel, ways: Mapping[str, tuple[Phones, ...]]) -> "Decoder":
        """Return the decoder of `model`; words without a pronunciation in `ways` are left out."""
        words = tuple(word for word in model.free if ways.get(word))
        builder = _Builder({word: at for at, word in enumerate(words)}, ways)
        for at, word in enumerate(words):
            builder.add(at, model.after.get(word, {}))
        builder.add(len(words), model.free)
        builder.add(len(words) + 1, model.first)
        arcs = sorted(builder.arcs)
        table = np.array([arc[:3] for arc in arcs], np.int32).T
        return cls(words, np.ascontiguousarray(table), np.array([arc[3] for arc in arcs], "f4"))

    @property
    def arcs(self) -> Numbers:
        """The arcs, as they were given; they are kept in half of the memory."""
        source = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        return np.array([source, self.phone, self.to], np.int32)

    def decode(self, log_posteriors: Floats) -> list[Decoded]:
        """Return the likeliest words, and then others that are nearly as likely; none may fit."""
        search = _Search(self)
        for row in np.log(steps(log_posteriors)):
            search.step(row)
        return search.best()


class _Places(NamedTuple):
    """Arcs or nodes that are followed: how likely, by the sounds alone, and after which words."""

    at: Places
    total: Values
    fit: Values
    record: Places

    def part(self, chosen: Places) -> "_Places":
        return _Places(self.at[chosen], self.total[chosen], self.fit[chosen], self.record[chosen])

    def best(self) -> "_Places":
        """Return the `WAYS` likeliest of each that have different words behind them."""
        order = np.lexsort((-self.total, self.at))
        said = self.at[order].astype(np.int64) << 32 | self.record[order]
        order = order[np.sort(np.unique(said, return_index=True)[1])]
        begins = np.searchsorted(self.at[order], self.at[order])
        return self.part(order[np.arange(len(order)) - begins < WAYS])

    def likeliest(self) -> "_Places":
        """Return the `MOST` likeliest."""
        few = len(self.at) <= MOST
        return self if few else self.part(np.argpartition(-self.total, MOST)[:MOST])

    @classmethod
    def together(cls, *parts: "_Places") -> "_Places":
        return cls(*(np.concatenate(each) for each in zip(*parts, strict=True)))


class _Search:
    """One utterance on its way through a decoder.

    A record is a word and the record of those before it; the first one is none. The same words
    have the same record, whenever they were said.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._records = {(-1, -1): 0}
        begun = np.array([decoder.start, decoder.anywhere])
        self._nodes = _Places(begun, np.array([0.0, np.log(FREE)]), np.zeros(2), np.zeros(2, int))
        self._arcs = self._nodes.part(np.zeros(0, int))

    def step(self, row: Values) -> None:
        """Go on by one step, whose outputs have the log-probabilities `row`."""
        known, nodes = self._decoder, self._nodes
        arcs = _Places.together(self._arcs, self._leaving())
        sounds = row[known.phone[arcs.at]]
        arcs = arcs._replace(total=arcs.total + sounds, fit=arcs.fit + sounds)
        waiting = nodes._replace(total=nodes.total + row[0], fit=nodes.fit + row[0])
        least = max(arcs.total.max(initial=-np.inf), waiting.total.max(initial=-np.inf)) - BEAM
        arcs = arcs.part(np.flatnonzero(arcs.total > least)).best().likeliest()
        waiting = waiting.part(np.flatnonzero(waiting.total > least))
        arrived = arcs._replace(at=known.to[arcs.at])
        nodes = _Places.together(waiting, self._said(arrived)).best().likeliest()
        self._arcs, self._nodes = arcs, self._freed(nodes, least)

    def _leaving(self) -> _Places:
        """Return the arcs that leave the nodes."""
        known, nodes = self._decoder, self._nodes
        out, counts = leaving(known.first, nodes.at)
        whence = nodes.part(np.repeat(np.arange(len(counts)), counts))
        return whence._replace(at=out, total=whence.total + known.weights[out])

    def _said(self, arrived: _Places) -> _Places:
        """Return `arrived` with a record of the word that each place ends."""
        ending = np.flatnonzero(arrived.at < self._decoder.anywhere)
        records = arrived.record.copy()
        said = zip(records[ending].tolist(), arrived.at[ending].tolist(), strict=True)
        records[ending] = [self._records.setdefault(each, len(self._records)) for each in said]
        return arrived._replace(record=records)

    def _freed(self, nodes: _Places, least: float) -> _Places:
        """Return `nodes` and the likeliest ones after which any word may follow."""
        known = self._decoder
        ended = nodes.part(np.flatnonzero(nodes.at < known.anywhere))
        if not len(ended.at):
            return nodes
        free = ended._replace(
            at=np.full(len(ended.at), known.anywhere), total=ended.total + known.freed[ended.at]
        )
        free = free.part(np.argsort(-free.total)[:WAYS])
        free = free.part(np.flatnonzero(free.total > least))
        return _Places.together(nodes, free).best()

    def best(self) -> list[Decoded]:
        """Return the likeliest words so far, and others `NEARLY` as likely."""
        nodes = self._nodes
        ended = nodes.part(np.flatnonzero(nodes.at < self._decoder.anywhere))
        ended = ended.part(np.argsort(-ended.total, kind="stable"))
        near = ended.part(np.flatnonzero(ended.total >= ended.total.max(initial=-np.inf) - NEARLY))
        before = list(self._records)
        told: dict[str, Decoded] = {}
        for _, total, fit, record in zip(*(each.tolist() for each in near), strict=True):
            words = self._words(record, before)
            text = " ".join(words)
            told.setdefault(text, Decoded(text, fit, (total - fit) / len(words)))
        return list(told.values())

    def _words(self, record: int, before: list[tuple[int, int]]) -> list[str]:
        """Return the words of a `record`, each of which has one `before` it."""
        words: list[str] = []
        while record:
            record, word = before[record]
            words.append(self._decoder.words[word])
        return words[::-1]


class _Builder:
    """Makes the arcs: for each node, the tree of the words that may follow there."""

    def __init__(self, numbers: Mapping[str, int], ways: Mapping[str, tuple[Phones, ...]]) -> None:
        self._numbers, self._ways = numbers, ways
        self._nodes = len(numbers) + 2
        self.arcs: list[Arc] = []

    def add(self, node: int, following: Logs) -> None:
        """Add the words in `following`, which may follow at `node`."""
        spelled = [
            (way, self._numbers[word], weight)
            for word, weight in following.items()
            for way in self._ways.get(word, ())
            if way
        ]
        self._tree(node, spelled, 0, 0.0)

    def _tree(
        self, node: int, spelled: list[tuple[Phones, int, float]], depth: int, given: float
    ) -> None:
        """Add the arcs of `spelled` from `depth` on; their beginnings have weight `given`.

        A word weighs as soon as it is begun what the likeliest of those that begin so does: what
        is unlikely falls out of the beam at once.
        """
        begun: dict[str, list[tuple[Phones, int, float]]] = {}
        for way, word, weight in spelled:
            phone = OUTPUTS[way[depth]]
            if len(way) == depth + 1:
                self.arcs.append((node, phone, word, weight - given))
            else:
                begun.setdefault(way[depth], []).append((way, word, weight))
        for first, longer in begun.items():
            likeliest = max(weight for *_, weight in longer)
            self.arcs.append((node, OUTPUTS[first], self._nodes, likeliest - given))
            self._nodes += 1
            self._tree(self._nodes - 1, longer, depth + 1, likeliest)
