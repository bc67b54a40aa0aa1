"""From what was said to what is meant: phrases are data, a phrase means exactly one intent.

The recogniser's grammar is a bigram model over the phrases, so words chain across them; only a text
that is a whole phrase of the table counts as a command.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from legsup_voice import yamlfile
from legsup_voice.errors import UserError
from legsup_voice.hearing import numbers
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom

SLOT = "{duration}"
MAX_EXPANSIONS = 400
"""The most phrases one template may stand for; a slip of the brackets is found early."""
LONGEST_TEMPLATE = 300

_TOKEN = re.compile(r"\s*(\{duration\}|[()\[\]|]|[a-z]+(?:'[a-z]+)*'?)")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    command: Command
    pattern: Pattern | None = None
    symptom: Symptom | None = None
    condition: Condition | None = None
    phrases: list[str] = []

    @model_validator(mode="after")
    def _carries_what_it_needs(self) -> "_Entry":
        for name, command in (
            ("pattern", Command.BREATHING),
            ("symptom", Command.SYMPTOM),
            ("condition", Command.CONDITION),
        ):
            if (getattr(self, name) is not None) != (self.command is command):
                raise ValueError(f"{name} belongs to the command {command} and to no other")
        for phrase in self.phrases:
            expand(phrase)
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    intents: list[_Entry] = []


@dataclass(frozen=True)
class Intents:
    """Every phrase and its intent."""

    phrases: Mapping[str, Intent]

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """Every run of whole words that a longer phrase begins with; "please" is no going on."""
        split = [phrase.split() for phrase in self.phrases if not phrase.endswith(" please")]
        return frozenset(" ".join(words[:n]) for words in split for n in range(1, len(words)))

    def may_go_on(self, text: str) -> bool:
        """Tell whether more words may follow `text`: "left" after "how long"."""
        return text in self._beginnings

    def meaning(self, text: str) -> Intent | None:
        """Return what `text` as a whole means, or None."""
        return self.phrases.get(text)


def expand(template: str) -> tuple[str, ...]:
    """Return every phrase a template stands for, without doubles, in order.

    Raises:
        ValueError: the brackets don't match, it holds something else than words, or is too rich.
    """
    if len(template) > LONGEST_TEMPLATE:
        raise ValueError(f'"{template[:20]}..." is longer than {LONGEST_TEMPLATE} letters')
    tokens, position = [], 0
    while position < len(template.rstrip()):
        match = _TOKEN.match(template, position)
        if match is None:
            odd = template[position:].strip()[:10]
            raise ValueError(f'"{template}" has "{odd}" where a small-letter word should be')
        tokens.append(match[1])
        position = match.end()
    choices, used = _choices(tokens, 0, template)
    if used != len(tokens):
        raise ValueError(f'"{template}" has a closing bracket too many')
    phrases = tuple(dict.fromkeys(" ".join(words) for words in choices))
    if "" in phrases:
        raise ValueError(f'"{template}" can be empty')
    return phrases


def _choices(tokens: list[str], at: int, template: str) -> tuple[list[tuple[str, ...]], int]:
    """Expand alternatives from token `at` to their closing bracket or the end."""
    done: list[tuple[str, ...]] = []
    current: list[tuple[str, ...]] = [()]
    while at < len(tokens) and tokens[at] not in ")]":
        token = tokens[at]
        if token == "|":  # noqa: S105
            done, current, at = done + current, [()], at + 1
            continue
        options: list[tuple[str, ...]] = [(token,)]
        if token in ("(", "["):
            options, end = _choices(tokens, at + 1, template)
            if end >= len(tokens) or tokens[end] != {"(": ")", "[": "]"}[token]:
                raise ValueError(f'"{template}" has a bracket that isn\'t closed')
            if token == "[":  # noqa: S105
                options = [*options, ()]
            at = end
        current = [left + right for left, right in itertools.product(current, options)]
        if len(current) > MAX_EXPANSIONS:
            raise ValueError(f'"{template}" stands for more than {MAX_EXPANSIONS} phrases')
        at += 1
    return done + current, at


def _spoken(phrase: str) -> Iterator[tuple[str, float | None]]:
    """Fill the slot with every length that is listened for."""
    if SLOT not in phrase:
        yield phrase, None
        return
    for length in numbers.SPOKEN:
        yield phrase.replace(SLOT, length), numbers.seconds(length)


def _table(entries: list[_Entry], known: dict[str, Intent], source: Path) -> dict[str, Intent]:
    phrases = dict(known)
    for entry in entries:
        for template in entry.phrases:
            for phrase, seconds in itertools.chain.from_iterable(map(_spoken, expand(template))):
                intent = Intent(
                    entry.command, entry.pattern, entry.symptom, entry.condition, seconds
                )
                if phrases.setdefault(phrase, intent) != intent:
                    raise UserError(
                        f'{source}: "{phrase}" can\'t mean {_name(intent)}, because it already '
                        f"means {_name(phrases[phrase])}."
                    )
    return phrases


def _name(intent: Intent) -> str:
    detail = intent.pattern or intent.symptom or intent.condition
    return f"{intent.command} ({detail})" if detail else str(intent.command)


def _without_seconds(intent: Intent) -> Intent:
    return replace(intent, seconds=None)


def intents(own_phrases: Path | None = None) -> Intents:
    """Return the built-in phrases, with the person's own from the file `own_phrases` added.

    Raises:
        UserError: a file is malformed, or a phrase would mean two things.
    """
    with as_file(files("legsup_voice.content") / "en" / "intents.yaml") as built_in:
        phrases = _table(yamlfile.load(built_in, _File).intents, {}, built_in)
    if own_phrases is not None and own_phrases.exists():
        own = yamlfile.load(own_phrases, _File).intents
        known = {_without_seconds(intent) for intent in phrases.values()}
        for entry in own:
            intent = Intent(entry.command, entry.pattern, entry.symptom, entry.condition)
            if intent not in known:
                raise UserError(f"{own_phrases}: {_name(intent)} is nothing that can be meant.")
        phrases = _table(own, phrases, own_phrases)
    return Intents(phrases)


__all__ = ["Intent", "Intents", "expand", "intents"]
