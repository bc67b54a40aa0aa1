"""What the ears listen for: a graph of words, and what each way through it means."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from legsup_voice.hearing.grammar.graph import Graph, Labels
from legsup_voice.hearing.grammar.intent import Intent, Sense
from legsup_voice.hearing.grammar.meaning import meant
from legsup_voice.protocol.commands import Command


@dataclass(frozen=True)
class Spoken:
    """The labels of the finals of `graph` count `senses`: what each means, the foremost first."""

    graph: Graph
    senses: tuple[tuple[Sense, ...], ...]

    def meanings(self, node: int) -> tuple[Sense, ...]:
        """Return what the words that lead to `node` mean, the foremost first; often nothing."""
        return self.of(self.graph.labels_at(node))

    def of(self, labels: Labels) -> tuple[Sense, ...]:
        """Return what `labels` mean together, the foremost first."""
        return tuple(dict.fromkeys(sense for label in labels for sense in self.senses[label]))

    def meaning(
        self,
        text: str,
        takes: Collection[Command] | None = None,
        asks: Collection[Command] | None = None,
    ) -> Intent | None:
        """Return what `text` as a whole means where the session takes `takes` and asks for `asks`.

        None stands for any command: what it means foremost.
        """
        node = self.graph.follow(text.split())
        return None if node is None else meant(self.meanings(node), takes, asks)

    def may_go_on(self, text: str) -> bool:
        """Tell whether more words may make `text` mean something else: "left" after "how long"."""
        node = self.graph.follow(text.split())
        return node is not None and bool(self._onwards(node) - {self.graph.labels_at(node)})

    def _onwards(self, node: int) -> frozenset[Labels]:
        """Return what may be meant when words follow `node`."""
        if node not in self._reachable:
            found: set[Labels] = set()
            for _, to in self.graph.onwards(node):
                found |= self._onwards(to)
                found.add(self.graph.labels_at(to))
            self._reachable[node] = frozenset(found - {()})
        return self._reachable[node]

    @cached_property
    def _reachable(self) -> dict[int, frozenset[Labels]]:
        return {}

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word that can be heard."""
        return self.graph.words
