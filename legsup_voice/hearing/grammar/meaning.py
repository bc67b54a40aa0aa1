"""The templates with what they are made of, and what each of them means."""

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from legsup_voice import content, yamlfile
from legsup_voice.errors import UserError
from legsup_voice.hearing.grammar.entries import Entry, File, Rules
from legsup_voice.hearing.grammar.intent import Intent, Meaning, Sense
from legsup_voice.hearing.grammar.numbers import Numbers
from legsup_voice.hearing.grammar.spelling import Spelling
from legsup_voice.hearing.grammar.templates import Expression, alike, parse, slots, spoken, using
from legsup_voice.protocol.commands import EMERGENCIES, Command

FOREMOST = (Command.SYMPTOM, Command.CONDITION, Command.STOP)
"""What counts whatever else is said in the same breath."""


@dataclass(frozen=True)
class Language:
    """What templates in the language `name` are made of, and other ways to say a word.

    `fills`: the detail that a list's value is, where the list isn't named like it.
    """

    name: str
    rules: Mapping[str, Expression]
    lists: Mapping[str, Mapping[str, Expression]]
    spoken: Mapping[str, Expression]
    fills: Mapping[str, str]
    spelling: Spelling

    def fillings(
        self, expression: Expression, most: int | None = None
    ) -> Iterator[tuple[dict[str, str], Expression]]:
        """Yield every choice of values for slots of `expression`, with the ways that take them.

        `most`: of each list only so many.
        """
        unknown = set(slots(expression, self.rules)) - set(self.lists)
        if unknown:
            raise ValueError(f"there is no list {{{sorted(unknown)[0]}}}")
        for taken, said in using(expression, self.rules).items():
            names = sorted(taken)
            for values in itertools.product(*([*self.lists[name]][:most] for name in names)):
                yield dict(zip(names, values, strict=True)), said

    def filled(self, values: dict[str, str]) -> dict[str, Expression]:
        """Return the expressions of `values`."""
        return {name: self.lists[name][value] for name, value in values.items()}


@dataclass(frozen=True)
class Template:
    """A template with all it needs to be written out, and where it stands."""

    entry: Entry
    text: str
    language: Language
    document: yamlfile.Document
    place: yamlfile.Keys

    @property
    def begins(self) -> bool:
        """Whether anything may follow it."""
        return "begins" in self.place

    @property
    def only_read(self) -> bool:
        """Whether no listener waits for it: only text is compared with it."""
        return self.begins or "read" in self.place

    @property
    def plain(self) -> bool:
        """Whether it says the plainest ways, which the recogniser listens for."""
        return "phrases" in self.place

    @cached_property
    def expression(self) -> Expression:
        """What it writes, said short or long."""
        return spoken(parse(self.text), self.language.spoken)

    def senses(self, values: dict[str, str]) -> tuple[Sense, ...]:
        """Return what it means with `values` in its slots, the foremost first."""
        fills = self.language.fills
        return self.meaning.senses({fills.get(name, name): values[name] for name in values})

    @cached_property
    def meaning(self) -> Meaning:
        """What it means without what is in its slots."""
        return self.entry.meaning()

    def check(self) -> None:
        """See that everything it is made of is there and that its command carries its details.

        Raises:
            UserError: something is wrong; names the line.
        """
        try:
            for values, _ in self.language.fillings(self.expression, None if self.plain else 1):
                self.senses(values)
        except ValueError as error:
            raise self.wrong(str(error)) from error

    def wrong(self, mistake: str) -> UserError:
        """Return the sentence that says where `mistake` is."""
        return self.document.wrong(self.place, mistake)


def meant(
    senses: tuple[Sense, ...],
    takes: Collection[Command] | None,
    asks: Collection[Command] | None,
) -> Intent | None:
    """Return the first of `senses` that counts where `takes` are taken and `asks` asked for.

    Where a yes is asked for, so is a no.
    """
    for sense in senses:
        command = sense.intent.command
        taken = takes is None or command in takes
        asked = asks is None or command in asks or (Command.YES in asks and command is Command.NO)
        if taken and (asked or not sense.asked):
            return sense.intent
    return None


def languages(language: str) -> tuple[Language, Language]:
    """Return what templates in `language` are made of for the ears, and for text."""
    rules = yamlfile.load(content.path("rules.yaml", language), Rules)
    numbers = yamlfile.load(content.path("numbers.yaml", language), Numbers)
    other = {word: parse(template) for word, template in rules.spoken.items()}
    named = {name: spoken(parse(template), other) for name, template in rules.rules.items()}
    short = {name: spoken(parse(template), other) for name, template in rules.heard.items()}
    lists = {
        name: {value: spoken(parse(template), other) for value, template in values.items()}
        for name, values in rules.lists.items()
    }
    counted = {number: words for number, words in numbers.numbers.items() if "(" not in words}
    fills = rules.fills | dict.fromkeys(numbers.lists, "seconds")
    taken = {word: what for what, words in rules.alike.items() for word in words}
    spoken_lengths = lists | numbers.said(written=False)
    heard = Language(language, named | short, spoken_lengths, other, fills, Spelling())
    named = {name: alike(each, taken) for name, each in named.items()}
    lists = {
        name: {value: alike(each, taken) for value, each in values.items()}
        for name, values in (lists | numbers.said(written=True)).items()
    }
    small = frozenset(rules.small)
    left_out = rules.left_out, (*rules.left_out_first, *rules.left_out)
    spelling = Spelling(counted, taken, rules.short, small, *left_out)
    return heard, Language(language, named, lists, other, fills, spelling)


def templates(path: Path, known: Language) -> list[Template]:
    """Return the templates of the file at `path`.

    Raises:
        UserError: one is wrong; names its line.
    """
    document = yamlfile.read(path)
    found = []
    for at, entry in enumerate(document.fit(File).intents):
        for key, place, text in entry.templates():
            found.append(Template(entry, text, known, document, ("intents", at, key, place)))
            found[-1].check()
    return found


def urgency(intent: Intent) -> int:
    """Return where `intent` stands among what must not be missed: the lower, the sooner."""
    if intent.symptom in EMERGENCIES:
        return EMERGENCIES.index(intent.symptom)
    if intent.command in FOREMOST:
        return len(EMERGENCIES) + FOREMOST.index(intent.command)
    return len(EMERGENCIES) + len(FOREMOST) + (intent.command is Command.NO)
