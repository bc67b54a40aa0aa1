"""Everything that can be said, as a graph of words, and what each way of saying it means.

A phrase may mean different commands in different situations ("go on" is the next step, or the hold
resumed): the data lists them, and the first that the session takes counts. What a template says
itself goes before what it says with something polite around: "okay i'm done" is an answer, though
"i'm done" is a way out.
"""

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from legsup_voice import content, yamlfile
from legsup_voice.errors import UserError
from legsup_voice.hearing.grammar.entries import Entry, File, Rules
from legsup_voice.hearing.grammar.graph import PLAIN, AmbiguityError, Graph, Labels, Network
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.grammar.numbers import Numbers
from legsup_voice.hearing.grammar.templates import (
    Expression,
    fits,
    parse,
    phrases,
    slots,
    ways,
)
from legsup_voice.protocol.commands import Command

MOST_OWN = 400
"""Phrases that one template of a person's own may stand for."""

POLITE = PLAIN + 1
"""The rank of a phrase with something before or after it."""


@dataclass(frozen=True)
class Sense:
    """One thing a phrase means; `asked`: only as the answer to a question."""

    intent: Intent
    asked: bool = False


@dataclass(frozen=True)
class Template:
    """A template with all it needs to be written out, and where it stands."""

    entry: Entry
    expression: Expression
    source: str

    def senses(self, values: dict[str, str]) -> tuple[Sense, ...]:
        """Return what it means with `values` in its slots, the foremost first."""
        first = self.entry.intent(values)
        others = (Intent(command) for command in self.entry.otherwise)
        return tuple(Sense(intent, self.entry.asked) for intent in (first, *others))


@dataclass(frozen=True)
class Language:
    """The rules and lists that templates are made of."""

    before: Expression
    after: Expression
    rules: Mapping[str, Expression]
    lists: Mapping[str, Mapping[str, Expression]]

    def fillings(self, expression: Expression) -> Iterator[dict[str, str]]:
        """Yield every choice of values for the slots of `expression`."""
        names = slots(expression, self.rules)
        unknown = set(names) - set(self.lists)
        if unknown:
            raise ValueError(f"there is no list {{{sorted(unknown)[0]}}}")
        for values in itertools.product(*(self.lists[name] for name in names)):
            yield dict(zip(names, values, strict=True))

    def filled(self, values: dict[str, str]) -> dict[str, Expression]:
        """Return the expressions of `values`."""
        return {name: self.lists[name][value] for name, value in values.items()}


@dataclass(frozen=True)
class Grammar:
    """Templates and the graph made of them; the labels of `graph.finals` count `senses`."""

    graph: Graph
    senses: tuple[tuple[Sense, ...], ...]
    templates: tuple[Template, ...]
    language: Language

    def meanings(self, node: int) -> tuple[Sense, ...]:
        """Return what the words that lead to `node` mean, the foremost first; often nothing."""
        labels = self.graph.finals.get(node, ())
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
        return node is not None and bool(self._onwards(node) - {self.graph.finals.get(node)})

    def _onwards(self, node: int) -> frozenset[Labels]:
        """Return what may be meant when words follow `node`."""
        if node not in self._reachable:
            found: set[Labels] = set()
            for to in self.graph.arcs[node].values():
                found |= self._onwards(to)
                if to in self.graph.finals:
                    found.add(self.graph.finals[to])
            self._reachable[node] = frozenset(found)
        return self._reachable[node]

    @cached_property
    def _reachable(self) -> dict[int, frozenset[Labels]]:
        return {}

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word that can be heard."""
        return tuple(sorted({word for arcs in self.graph.arcs for word in arcs}))

    def phrases(self, limit: int) -> dict[str, Intent]:
        """Return `limit` phrases or all, the plainest of every template first, and their meaning.

        Nothing polite is around them, and each means what it means foremost.
        """
        sources = [self._said(template) for template in self.templates]
        found: dict[str, Intent] = {}
        while sources and len(found) < limit:
            left = []
            for source in sources:
                phrase = next(source, None)
                if phrase is None:
                    continue
                left.append(source)
                intent = self.meaning(phrase)
                if intent is not None and len(found) < limit:
                    found.setdefault(phrase, intent)
            sources = left
        return found

    def _said(self, template: Template) -> Iterator[str]:
        for values in self.language.fillings(template.expression):
            filled = self.language.filled(values)
            for words in phrases(template.expression, self.language.rules, filled):
                yield " ".join(words)


def meant(
    senses: tuple[Sense, ...],
    takes: Collection[Command] | None,
    asks: Collection[Command] | None,
) -> Intent | None:
    """Return the first of `senses` that counts where `takes` are taken and `asks` asked for."""
    for sense in senses:
        command = sense.intent.command
        taken = takes is None or command in takes
        if taken and (not sense.asked or asks is None or command in asks):
            return sense.intent
    return None


def grammar(own_phrases: Path | None = None) -> Grammar:
    """Return the built-in grammar, with the person's own phrases from the file `own_phrases`.

    Raises:
        UserError: a file is malformed, or a phrase would mean two things.
    """
    built_in = _built_in()
    if own_phrases is None or not own_phrases.exists():
        return built_in
    own = _templates(own_phrases)
    _check_own(own, built_in)
    return _compiled((*built_in.templates, *own), built_in.language)


@cache
def _built_in() -> Grammar:
    rules = yamlfile.load(content.path("rules.yaml"), Rules)
    numbers = yamlfile.load(content.path("numbers.yaml"), Numbers)
    lists = {
        name: {value: parse(template) for value, template in values.items()}
        for name, values in rules.lists.items()
    }
    lists["duration"] = numbers.said(numbers.lengths)
    lists["bare"] = numbers.said(numbers.bare)
    named = {name: parse(template) for name, template in rules.rules.items()}
    language = Language(parse(rules.before), parse(rules.after), named, lists)
    files = sorted(content.path("commands").glob("*.yaml"))
    templates = tuple(template for path in files for template in _templates(path))
    return _compiled(templates, language)


def _templates(path: Path) -> list[Template]:
    return [
        Template(entry, expression, f'{path}: "{text}"')
        for entry in yamlfile.load(path, File).intents
        for text, expression in entry.expressions()
    ]


def _compiled(templates: tuple[Template, ...], language: Language) -> Grammar:
    """Return the grammar of `templates`.

    Raises:
        UserError: a template is wrong, or two give a phrase two meanings.
    """
    network = Network()
    polite = network.add(language.before, language.rules, {}, 0)
    ends: dict[tuple[Sense, ...], tuple[int, int]] = {}
    for template in templates:
        for values in _fillings(template, language):
            senses = template.senses(values)
            if senses not in ends:
                ends[senses] = _endings(network, language, len(ends))
            for start, end in zip((0, polite), ends[senses], strict=True):
                filled = language.filled(values)
                last = network.add(template.expression, language.rules, filled, start)
                network.free[last].append(end)
    try:
        return Grammar(network.minimal(), tuple(ends), templates, language)
    except AmbiguityError as error:
        raise UserError(_contradiction(error.words, templates, language)) from error


def _fillings(template: Template, language: Language) -> list[dict[str, str]]:
    try:
        return list(language.fillings(template.expression))
    except ValueError as error:
        raise UserError(f"{template.source}: {error}.") from error


def _endings(network: Network, language: Language, label: int) -> tuple[int, int]:
    """Add where phrases of the meaning `label` end, as they are and with something before them."""
    plain, wrapped = network.node(), network.node()
    network.finals[plain] = PLAIN, label
    network.finals[wrapped] = POLITE, label
    before_thanks = network.node()
    network.free[plain].append(before_thanks)
    network.free[wrapped].append(before_thanks)
    thanked = network.add(language.after, language.rules, {}, before_thanks)
    network.finals[thanked] = POLITE, label
    return plain, wrapped


def _contradiction(phrase: str, templates: Collection[Template], language: Language) -> str:
    """Return the sentence on a phrase of two meanings: it names the two templates."""
    found: dict[tuple[Sense, ...], str] = {}
    for template in templates:
        for values in language.fillings(template.expression):
            filled = language.filled(values)
            if fits(template.expression, language.rules, filled, phrase.split()):
                found.setdefault(template.senses(values), template.source)
    one, other = list(found.values())[:2]
    return f'"{phrase}" has two meanings, by {one} and by {other}.'


def _check_own(own: list[Template], built_in: Grammar) -> None:
    """See that no phrase of a person's own means something else already.

    Raises:
        UserError: one does, or a template stands for too many phrases to be checked.
    """
    language = built_in.language
    for template in own:
        fillings = _fillings(template, language)
        if ways(template.expression, language.rules, language.lists) > MOST_OWN:
            raise UserError(f"{template.source}: it stands for more than {MOST_OWN} phrases.")
        for values in fillings:
            filled = language.filled(values)
            for words in phrases(template.expression, language.rules, filled):
                _refuse_taken(template, template.senses(values), " ".join(words), built_in)


def _refuse_taken(
    template: Template, senses: tuple[Sense, ...], phrase: str, built_in: Grammar
) -> None:
    if not phrase:
        raise UserError(f"{template.source}: it can be empty.")
    known = built_in.meaning(phrase)
    if known is not None and known != senses[0].intent:
        raise UserError(
            f'{template.source}: "{phrase}" can\'t mean {senses[0].intent}, because it already '
            f"means {known}."
        )
