"""The files that people's words are written in: commands with their templates, rules and lists.

A person's own phrases are a file of the same kind as those of `content/<language>/commands`.
"""

from collections.abc import Iterator
from enum import EnumType
from typing import Annotated

import pydantic.dataclasses
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from legsup_voice.hearing.grammar.intent import KINDS, Intent, Meaning, Sense
from legsup_voice.hearing.grammar.templates import parse
from legsup_voice.hearing.grammar.words import normalised
from legsup_voice.protocol.commands import Command, Details
from legsup_voice.protocol.limits import MAX_HOLD

NEEDED = {
    Command.BREATHING: "pattern",
    Command.SYMPTOM: "symptom",
    Command.CONDITION: "condition",
    Command.BED: "bed",
    Command.BELL: "on",
    Command.DURATION: "seconds",
}
"""The detail that a command always carries, beside its phrases or out of a list in them."""


def _parses(template: str) -> str:
    parse(template)
    return template


Template = Annotated[str, BeforeValidator(normalised), AfterValidator(_parses)]


AROUND = "before after after_no leading".split()
"""The rules of what ears hear around everything; every language has them."""

BEYOND = """
around hedges asides corrections goes_on reasons reasons_of finite unfinished saying
mine me others kin later not_now over passed again unrelieved pleasant reports undone turned then
stays cries idioms denials misheard
""".split()
"""The rules that text takes note of beyond templates; every language has them."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rules(_Strict):
    """What templates are made of.

    `spoken`: other ways to say a word. `alike`: words, and others that text takes for them;
    hesitations for nothing. `short`: ends of words that are short for a word of their own.
    `small`: words that text may do without, or may have. `left_out`: words of a template that need
    not be said; `left_out_first`: those only at its beginning. `rules`: templates with a name.
    `heard`: shorter ones that take their place where sounds are compared. `lists`: templates by the
    value they stand for. `fills`: the detail that a list's value is, where the list isn't named
    like it.
    """

    spoken: dict[str, Template]
    alike: dict[str, tuple[str, ...]]
    short: dict[str, tuple[str, ...]]
    small: tuple[str, ...]
    left_out: tuple[str, ...]
    left_out_first: tuple[str, ...]
    rules: dict[str, Template]
    heard: dict[str, Template]
    lists: dict[str, dict[str, Template]]
    fills: dict[str, str]

    @model_validator(mode="after")
    def _has_what_every_language_needs(self) -> "Rules":
        for name in (*AROUND, *BEYOND):
            if name not in self.rules:
                raise ValueError(f"there is no rule {name!r} among `rules`")
        return self


@pydantic.dataclasses.dataclass(
    frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False)
)
class Entry(Details):
    """One meaning, with the details that it always carries, and the ways to say it.

    `otherwise`: what it means where `command` isn't taken, the first that is taken. `asked`: it
    means something only as the answer to a question. `phrases`: the plain ways. `written`: further
    ones; ears listen for those of two words or more that don't leave too much open. `read`: rarer
    ones, which ears only find by reading the words they hear. `begins`: what text may begin with,
    whatever follows.
    """

    command: Command
    otherwise: tuple[Command, ...] = ()
    asked: bool = False
    phrases: tuple[Template, ...] = ()
    written: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()

    def templates(self) -> Iterator[tuple[str, int, str]]:
        """Yield the key, the place below it and the text of every template."""
        for key in ("phrases", "written", "read", "begins"):
            for place, text in enumerate(getattr(self, key)):
                yield key, place, text

    @model_validator(mode="after")
    def _carries_what_it_needs(self) -> "Entry":
        self.meaning()
        needed = NEEDED.get(self.command, "command")
        given = getattr(self, needed, None) is not None
        if not given and not all("{" in text for _, _, text in self.templates()):
            raise ValueError(f"the command {self.command} needs {_how_to_give(needed)}")
        if self.seconds is not None and not 0 < self.seconds <= MAX_HOLD:
            raise ValueError(f"`seconds` are more than 0, and {MAX_HOLD:g} at most")
        return self

    def meaning(self) -> Meaning:
        """Return what its phrases mean.

        Raises:
            ValueError: the command doesn't carry one of its details.
        """
        return Meaning(Sense(Intent(self.command, **self.carried()), self.asked), self.otherwise)


def _how_to_give(detail: str) -> str:
    if detail == "seconds":
        return "{duration}, a length of time, in each of its phrases"
    values = KINDS[detail]
    names = ", ".join(values) if isinstance(values, EnumType) else "true or false"
    return f'a line "{detail}:" beside it, with one of: {names}'


class File(_Strict):
    """A file of commands; an empty one says nothing, and may."""

    intents: tuple[Entry, ...] = ()
