"""The files that people's words are written in: commands with their templates, rules and lists.

A person's own phrases are a file of the same kind as those of `content/<language>/commands`.
"""

from collections.abc import Callable, Iterator
from enum import EnumType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.grammar.templates import Expression, parse
from legsup_voice.hearing.grammar.words import normalised
from legsup_voice.protocol.commands import Bed, Command, Condition, Pattern, Symptom

FILLS = {"duration": "seconds", "bare": "seconds"}
"""The detail that a value of a list fills, where it isn't named like the list."""

NEEDED = {
    Command.BREATHING: "pattern",
    Command.SYMPTOM: "symptom",
    Command.CONDITION: "condition",
    Command.BED: "bed",
    Command.BELL: "on",
    Command.DURATION: "duration",
}
"""The detail that a command always carries, or the list that fills it."""


def _parses(template: str) -> str:
    parse(template)
    return template


Template = Annotated[str, BeforeValidator(normalised), AfterValidator(_parses)]


KINDS: dict[str, Callable[[str], Any]] = {
    "seconds": float,
    "pattern": Pattern,
    "symptom": Symptom,
    "condition": Condition,
    "bed": Bed,
    "on": bool,
}
"""What the values of a detail are."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rules(_Strict):
    """What templates are made of.

    `before`, `after`: what may come around every command. `rules`: templates with a name. `lists`:
    templates by the value they stand for, by the detail that the value fills.
    """

    before: Template
    after: Template
    rules: dict[str, Template]
    lists: dict[str, dict[str, Template]]


class Entry(_Strict):
    """One meaning and the ways to say it.

    `otherwise`: what it means where `command` isn't taken, the first that is taken. `asked`: it
    means something only as the answer to a question.
    """

    command: Command
    pattern: Pattern | None = None
    symptom: Symptom | None = None
    condition: Condition | None = None
    bed: Bed | None = None
    on: bool | None = None
    otherwise: tuple[Command, ...] = ()
    asked: bool = False
    phrases: Annotated[tuple[Template, ...], BeforeValidator(lambda given: given or ())]

    @model_validator(mode="after")
    def _carries_what_it_needs(self) -> "Entry":
        self.intent({})
        needed = NEEDED.get(self.command)
        if needed is not None and getattr(self, needed, None) is None:
            lists = [needed, *(name for name, field in FILLS.items() if FILLS.get(needed) == field)]
            if not all(any(f"{{{name}}}" in text for name in lists) for text in self.phrases):
                raise ValueError(f"the command {self.command} needs {_how_to_give(needed)}")
        return self

    def intent(self, values: dict[str, str]) -> Intent:
        """Return what is meant when the lists of a phrase have `values`.

        Raises:
            ValueError: the command doesn't carry one of the details.
        """
        details: dict[str, Any] = {
            name: getattr(self, name) for name in ("pattern", "symptom", "condition", "bed", "on")
        }
        for name, value in values.items():
            field = FILLS.get(name, name)
            details[field] = KINDS[field](value)
        return Intent(self.command, **details)

    def expressions(self) -> Iterator[tuple[str, Expression]]:
        """Yield each template with its expression."""
        for template in self.phrases:
            yield template, parse(template)


def _how_to_give(detail: str) -> str:
    if detail in FILLS:
        return f"{{{detail}}} in its phrases, a length of time"
    values = KINDS[detail]
    names = ", ".join(values) if isinstance(values, EnumType) else "true or false"
    return f'a line "{detail}:" beside it, with one of: {names}'


class File(_Strict):
    """A file of commands; an empty one says nothing, and may."""

    intents: Annotated[tuple[Entry, ...], BeforeValidator(lambda given: given or ())] = ()
