"""Everything that can be said, as a graph of words, and what each way of saying it means.

A phrase may mean different commands in different situations ("go on" is the next step, or the hold
resumed): the first that the session takes counts. What a template says itself goes before what it
says with something polite around ("okay i'm done" is an answer, though "i'm done" is a way out); of
two that say the same, what must not be missed goes first, and a no last.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from legsup_voice import content
from legsup_voice.errors import UserError
from legsup_voice.hearing.grammar.graph import LONGER, PLAIN, Network
from legsup_voice.hearing.grammar.guessing import FIRM
from legsup_voice.hearing.grammar.intent import Intent, Sense
from legsup_voice.hearing.grammar.meaning import (
    Language,
    Template,
    languages,
    templates,
    urgency,
)
from legsup_voice.hearing.grammar.reading import Reader
from legsup_voice.hearing.grammar.spoken import Spoken
from legsup_voice.hearing.grammar.templates import in_turn, phrases, ways
from legsup_voice.hearing.grammar.written import Written, written
from legsup_voice.protocol.commands import Command

MOST_OWN = 400
"""Phrases that one template of a person's own may stand for."""

MOST_HEARD = 5000
"""Ways that a further template may stand for to be listened for; what leaves more open is for text
alone: together they would make a graph of gigabytes."""

POLITE = LONGER + 1
"""The rank of a phrase with something polite before or after it."""


@dataclass(frozen=True)
class Grammar:
    """The templates, the foremost first, and what is made of them when it is first needed."""

    templates: tuple[Template, ...]
    heard: Language
    written: Language

    @cached_property
    def spoken(self) -> Spoken:
        """What the ears listen for."""
        return _compiled([each for each in self.templates if self._is_heard(each)], self.heard)

    def _is_heard(self, template: Template) -> bool:
        if template.plain or template.only_read:
            return template.plain
        return ways(template.expression, self.heard.rules, self.heard.lists) <= MOST_HEARD

    def added(self, *rules: str) -> frozenset[str]:
        """Return the single words that each of `rules` may add to a phrase."""
        known = self.heard.rules
        added = (words for rule in rules for words in phrases(known[rule], known, {}))
        return frozenset(words[0] for words in added if len(words) == 1)

    @cached_property
    def reader(self) -> Reader:
        """Who understands text."""
        return Reader(self.text)

    @cached_property
    def text(self) -> Written:
        """What text is read by."""
        return written(self.templates, self.written)

    def phrases(self, limit: int) -> dict[str, Intent]:
        """Return `limit` phrases or all, the plainest of every template first, and their meaning.

        Nothing polite is around them, and each means what it means foremost.
        """
        said = in_turn(self._said(template) for template in self.templates if template.plain)
        found: dict[str, Intent] = {}
        for words in said:
            phrase = " ".join(words)
            intent = self.spoken.meaning(phrase)
            if intent is not None:
                found[phrase] = intent
            if len(found) == limit:
                break
        return found

    def _said(self, template: Template) -> Iterator[tuple[str, ...]]:
        """Yield the phrases of `template`, every value of its slots in turn."""
        return in_turn(
            phrases(said, self.heard.rules, self.heard.filled(values))
            for values, said in self.heard.fillings(template.expression)
        )


def grammar(
    own_phrases: Path | None = None,
    language: str = content.LANGUAGE,
    reader: Reader | None = None,
) -> Grammar:
    """Return what is built in for `language`, with a person's own phrases from `own_phrases`.

    `reader`: who reads what is built in, where there is one: making one takes seconds.

    Raises:
        UserError: a file is malformed, or a phrase of the person's own means something else.
    """
    built_in = _built_in(language)
    if own_phrases is None or not own_phrases.exists():
        return built_in
    own = templates(own_phrases, built_in.written)
    _check_own(own, built_in.written, reader or built_in.reader)
    return _sorted((*built_in.templates, *own), built_in.heard, built_in.written)


@cache
def _built_in(language: str) -> Grammar:
    heard, written = languages(language)
    files = sorted(content.path("commands", language).glob("*.yaml"))
    known = [template for path in files for template in templates(path, written)]
    unsaid = set(Command) - {template.entry.command for template in known}
    if unsaid:
        where = content.path("commands", language)
        raise UserError(f"{where}: there is no way to say {', '.join(sorted(unsaid))}.")
    return _sorted(known, heard, written)


def _sorted(known: Collection[Template], heard: Language, written: Language) -> Grammar:
    ordered = sorted(known, key=lambda template: urgency(template.meaning.first.intent))
    return Grammar(tuple(ordered), heard, written)


def _compiled(known: Collection[Template], language: Language) -> Spoken:
    network, rules = Network(), language.rules
    polite = network.add(rules["before"], rules, {}, 0)
    hedged = network.add(rules["leading"], rules, {}, 0)
    network.free[polite].append(hedged)
    ends: dict[tuple[Sense, ...], tuple[int, int, int]] = {}
    for template in known:
        for values, said in language.fillings(template.expression):
            senses = template.senses(values)
            if senses not in ends:
                after = "after_no" if senses[0].intent.command is Command.NO else "after"
                ends[senses] = _endings(network, language, after, len(ends))
            filled = language.filled(values)
            plain, longer, wrapped = ends[senses]
            if not template.plain:
                plain = longer
            firm = senses[0].intent.command in FIRM
            for start, end in ((0, plain), (polite if firm else hedged, wrapped)):
                last = network.add(said, language.rules, filled, start)
                network.free[last].append(end)
    return Spoken(network.minimal(), tuple(ends))


def _endings(network: Network, language: Language, after: str, label: int) -> tuple[int, int, int]:
    """Add where phrases of the meaning `label` end: plain ones, further ones, and wrapped ones.

    `after`: the rule of what may follow them.
    """
    before_thanks = network.node()
    ends = []
    for rank in (PLAIN, LONGER, POLITE):
        end = network.node()
        network.finals[end] = rank, label
        network.free[end].append(before_thanks)
        ends.append(end)
    thanked = network.add(language.rules[after], language.rules, {}, before_thanks)
    network.finals[thanked] = POLITE, label
    plain, longer, wrapped = ends
    return plain, longer, wrapped


def _check_own(own: list[Template], language: Language, built_in: Reader) -> None:
    """See that no phrase of a person's own means something else already.

    Raises:
        UserError: one does, or a template stands for too many phrases to be checked.
    """
    for template in own:
        if ways(template.expression, language.rules, language.lists) > MOST_OWN:
            raise template.wrong(f"this stands for more than {MOST_OWN} phrases")
        for values, said in language.fillings(template.expression):
            filled = language.filled(values)
            for words in phrases(said, language.rules, filled):
                _refuse_taken(template, template.senses(values), " ".join(words), built_in)


def _refuse_taken(
    template: Template, senses: tuple[Sense, ...], phrase: str, built_in: Reader
) -> None:
    if not phrase:
        raise template.wrong("this can be empty")
    known = built_in.read(phrase, whole=True)
    if known is not None and known != senses[0].intent:
        meant = f'"{phrase}" can\'t mean {senses[0].intent}, because it already means {known}'
        raise template.wrong(meant)
