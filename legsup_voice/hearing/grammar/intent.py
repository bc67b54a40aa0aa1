"""What somebody means, whatever their words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args, get_type_hints

from legsup_voice.protocol.commands import Command, Details

MAY_CARRY: dict[str, frozenset[Command]] = {
    "seconds": frozenset({Command.DURATION, Command.START, Command.LONGER, Command.SHORTER}),
    "pattern": frozenset({Command.BREATHING, Command.START, Command.WHAT_IS_THIS}),
    "symptom": frozenset({Command.SYMPTOM}),
    "condition": frozenset({Command.CONDITION, Command.NO}),
    "bed": frozenset({Command.BED}),
    "on": frozenset({Command.BELL}),
    "night": frozenset({Command.QUIT}),
    "speech": frozenset({Command.SLOWER, Command.FASTER}),
    "declines": frozenset({Command.NO}),
    "first": frozenset({Command.BACK}),
}
"""Which commands a detail goes with. A no may name the condition it is about: "no, I'm not
pregnant" answers one question and no other."""

KINDS: dict[str, Callable[[str], Any]] = {
    name: get_args(kind)[0] for name, kind in get_type_hints(Details).items()
}
"""What the values of a detail are, beside None for "not carried"."""


@dataclass(frozen=True)
class Intent(Details):
    """A command with what it carries."""

    command: Command

    def __post_init__(self) -> None:
        for name in self.carried():
            if self.command not in MAY_CARRY[name]:
                raise ValueError(f'the command {self.command} carries no "{name}"')

    def details(self) -> dict[str, str | float | bool]:
        """Return what it carries, by name, as JSON has it."""
        return {
            name: value if isinstance(value, float | bool) else str(value)
            for name, value in self.carried().items()
        }

    def __str__(self) -> str:
        known = [str(value) for value in self.details().values() if isinstance(value, str)]
        return f"{self.command} ({', '.join(known)})" if known else str(self.command)


@dataclass(frozen=True)
class Sense:
    """One thing a phrase means; `asked`: only as the answer to a question."""

    intent: Intent
    asked: bool = False


@dataclass(frozen=True)
class Meaning:
    """What templates mean: `first`, and where that isn't taken one of `otherwise`."""

    first: Sense
    otherwise: tuple[Command, ...] = ()

    def senses(self, given: Mapping[str, str]) -> tuple[Sense, ...]:
        """Return what is meant with the details `given`, by name; the foremost first.

        Raises:
            ValueError: the command doesn't carry one of them.
        """
        named = {name: KINDS[name](value) for name, value in given.items()}
        first = replace(self.first.intent, **named)
        intents = first, *map(Intent, self.otherwise), *carried_alone(first)
        return tuple(Sense(intent, self.first.asked) for intent in intents)


def carried_alone(intent: Intent) -> Iterator[Intent]:
    """Yield what is left of a start where a session is under way: how to breathe, or how long."""
    if intent.command is Command.START and intent.pattern is not None:
        yield Intent(Command.BREATHING, pattern=intent.pattern)
    elif intent.command is Command.START and intent.seconds is not None:
        yield Intent(Command.DURATION, seconds=intent.seconds)
