"""What written words mean: as the templates say, with more said around them than ears can follow.

Ears compare sounds with a graph that has to stay small. Text is certain, so here every template
counts, whatever polite words surround it; two things may be said in one breath ("no, I feel sick");
and what hurts is found inside a longer sentence. Only templates that cover everything said make a
no: it passes a safety question.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from legsup_voice.hearing.grammar.graph import PLAIN, Network
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.grammar.meaning import (
    FOREMOST,
    Language,
    Sense,
    Template,
    meant,
    urgency,
)
from legsup_voice.hearing.grammar.templates import Choice, ends
from legsup_voice.hearing.grammar.words import in_words
from legsup_voice.protocol.commands import Command

Words: TypeAlias = tuple[str, ...]
Values: TypeAlias = tuple[tuple[str, str], ...]
Part: TypeAlias = tuple[Words, tuple[Sense, ...]]

ANSWERS = (Command.UNSURE, Command.YES, Command.NEXT, Command.NO)
"""What may be said along with something else; the first of them counts where that is all."""

FIRM = (Command.UNSURE, Command.YES, Command.NO)
"""What is something else with "I think" before it."""

MOST_PARTS = 3
"""Things that are said in one breath."""

BREATH = 14
"""Words; more are not taken apart: there would be too many ways to."""

NEAR = 3
"""Words before something within which a "don't" is about it."""

LONGEST = 40
"""Words; more is no command, and would take long."""


class Reader:
    """Understands text by the templates, all of which it holds as one network."""

    def __init__(self, templates: Collection[Template], language: Language) -> None:
        self._templates = tuple(templates)
        self._language = language
        self._network, self._beginnings = Network(), Network()
        slots = {name: f"{{{name}}}" for name in language.lists}
        for label, template in enumerate(self._templates):
            network = self._beginnings if template.begins else self._network
            end = network.add(template.expression, language.rules, slots, 0)
            network.finals[end] = PLAIN, label
        self._vocabulary = {word for arcs in self._network.arcs for word, _ in arcs}
        self._plain = lru_cache(maxsize=2048)(self._find)
        self._lists = {slots[name]: self._list(name) for name in language.lists}

    def _list(self, name: str) -> tuple[Network, Words]:
        network = Network()
        values = tuple(self._language.lists[name])
        for label, value in enumerate(values):
            said = self._language.lists[name][value]
            network.finals[network.add(said, self._language.rules, {}, 0)] = PLAIN, label
        return network, values

    def read(
        self,
        text: str,
        takes: Collection[Command] | None = None,
        asks: Collection[Command] | None = None,
    ) -> Intent | None:
        """Return what `text` means where the session takes `takes` and asks for `asks`.

        None stands for any command: what it means foremost.
        """
        words = tuple(
            part for word in in_words(text, self._language.numbers) for part in self._known(word)
        )
        if not words or len(words) > LONGEST:
            return None
        for parts in self._parts(words, MOST_PARTS if len(words) <= BREATH else 1):
            found = meant(self._together(parts), takes, asks)
            if found is not None:
                return found
        return meant(self._inside(words) + self._beginning(words), takes, asks)

    def _known(self, word: str) -> Words:
        """Return `word`, or what it is short for: "foot's" is "foot is"."""
        if word in self._vocabulary or not word.endswith("'s"):
            return (word,)
        return word.removesuffix("'s"), "is"

    def _parts(self, words: Words, most: int) -> Iterator[list[Part]]:
        """Yield the ways to cut `words` into parts with a meaning, the fewest parts first."""
        whole = self._whole(words)
        if whole:
            yield [(words, whole)]
        if most > 1:
            for cut in range(len(words) - 1, 0, -1):
                first = self._whole(words[:cut])
                if first:
                    for rest in self._parts(words[cut:], most - 1):
                        yield [(words[:cut], first), *rest]

    def _whole(self, words: Words) -> tuple[Sense, ...]:
        """Return what `words` mean without the polite ones around them."""
        for hedged in (False, True):
            starts, stops = self._around(words, hedged)
            for length in range(len(words), 0, -1):
                for start in sorted(starts):
                    if start + length in stops:
                        senses = self._plain(words[start : start + length])
                        if hedged:
                            senses = tuple(s for s in senses if s.intent.command not in FIRM)
                        if senses:
                            return senses
        return ()

    def _around(self, words: Words, hedged: bool) -> tuple[set[int], set[int]]:
        """Return where a phrase may start after polite words, and where it may stop before some."""
        rules, names = self._language.rules, ("around", "hedges") if hedged else ("around",)
        polite = Choice(tuple(rules[name] for name in names))
        hops = {at: ends(polite, rules, {}, list(words), {at}) for at in range(len(words))}
        starts = {0}
        for at in range(len(words)):
            if at in starts:
                starts |= hops[at]
        stops = {len(words)}
        for at in reversed(range(len(words))):
            if hops[at] & stops:
                stops.add(at)
        return starts, stops

    def _find(self, words: Words) -> tuple[Sense, ...]:
        """Return what templates say that `words` mean, what must not be missed first."""
        reached: list[set[tuple[int, Values]]] = [set() for _ in range(len(words) + 1)]
        reached[0].add((0, ()))
        for at, word in enumerate(words):
            for node, values in reached[at]:
                arcs, _ = self._network.out(node)
                reached[at + 1].update((to, values) for to in arcs.get(word, ()))
                for name in arcs.keys() & self._lists.keys():
                    for value, end in self._spans(name, words, at):
                        filled = (*values, (name[1:-1], value))
                        reached[end].update((to, filled) for to in arcs[name])
        found = {
            (label, values)
            for node, values in reached[len(words)]
            for _, label in self._network.out(node)[1]
        }
        each = [self._templates[label].senses(dict(values)) for label, values in sorted(found)]
        each.sort(key=lambda senses: urgency(senses[0].intent))
        return tuple(dict.fromkeys(sense for senses in each for sense in senses))

    def _spans(self, name: str, words: Words, at: int) -> Iterator[tuple[str, int]]:
        """Yield each value of the list `name` that is said from `at` on, and where it ends."""
        network, values = self._lists[name]
        nodes = {0}
        for end in range(at, len(words)):
            nodes = {to for node in nodes for to in network.out(node)[0].get(words[end], ())}
            for label in {label for node in nodes for _, label in network.out(node)[1]}:
                yield values[label], end + 1

    def _inside(self, words: Words) -> tuple[Sense, ...]:
        """Return what a part of `words` says is wrong with the speaker, if it is the speaker's."""
        if not self._has("mine", words) or self._has("others", words):
            return ()
        found: list[tuple[int, int, Sense]] = []
        for start in range(len(words)):
            for stop in range(start + 2, min(start + BREATH, len(words)) + 1):
                near = words[max(0, start - NEAR) : start] + words[stop : stop + 1]
                for sense in self._plain(words[start:stop])[:1]:
                    urgent = sense.intent.command in (Command.SYMPTOM, Command.CONDITION)
                    if urgent and not self._has("denials", near):
                        found.append((urgency(sense.intent), start - stop, sense))
        return tuple(sense for *_, sense in sorted(found, key=lambda each: each[:2])[:1])

    def _beginning(self, words: Words) -> tuple[Sense, ...]:
        """Return what the beginning of `words` says, whatever follows; nothing about others."""
        nodes, found = {0}, set[int]()
        for word in () if self._has("others", words) else words:
            nodes = {to for node in nodes for to in self._beginnings.out(node)[0].get(word, ())}
            found |= {label for node in nodes for _, label in self._beginnings.out(node)[1]}
        senses = [self._templates[label].senses({}) for label in sorted(found)]
        return tuple(sense for each in senses for sense in each)

    def _together(self, parts: list[Part]) -> tuple[Sense, ...]:
        """Return what things said in one breath mean together; contradictions mean nothing."""
        if len(parts) == 1:
            return parts[0][1]
        for (before, _), (words, senses) in pairwise(parts):
            wrong = senses[0].intent.command in (Command.SYMPTOM, Command.CONDITION)
            denied = self._has("denials", before[-2:])
            if wrong and denied and (len(before) > 1 or not self._has("mine", words)):
                return ()  # "I don't have" and "chest pain"; but "no" and "my chest hurts"
        first = [senses[0] for _, senses in parts]
        urgent = [sense for sense in first if sense.intent.command in FOREMOST]
        if urgent:
            return (min(urgent, key=lambda sense: urgency(sense.intent)),)
        others = [senses for _, senses in parts if senses[0].intent.command not in ANSWERS]
        if others:
            same = len({senses[0].intent for senses in others}) == 1
            return others[0] if same else ()
        said = {sense.intent.command for sense in first}
        if len(said) > 1 and Command.NO in said:
            return ()
        return (min(first, key=lambda sense: ANSWERS.index(sense.intent.command)),)

    def _has(self, rule: str, words: Words) -> bool:
        """Tell whether `words` hold what the rule stands for."""
        rules = self._language.rules
        return any(ends(rules[rule], rules, {}, list(words), {at}) for at in range(len(words)))
