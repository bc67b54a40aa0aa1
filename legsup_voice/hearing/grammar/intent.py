"""What somebody means, whatever their words."""

from dataclasses import dataclass

from legsup_voice.protocol.commands import Bed, Command, Condition, Pattern, Symptom

MAY_CARRY: dict[str, frozenset[Command]] = {
    "seconds": frozenset({Command.DURATION, Command.START, Command.LONGER, Command.SHORTER}),
    "pattern": frozenset({Command.BREATHING, Command.START, Command.WHAT_IS_THIS}),
    "symptom": frozenset({Command.SYMPTOM}),
    "condition": frozenset({Command.CONDITION, Command.NO}),
    "bed": frozenset({Command.BED}),
    "on": frozenset({Command.BELL}),
}
"""Which commands a detail goes with. A no may name the condition it is about: "no, I'm not
pregnant" answers one question and no other."""


@dataclass(frozen=True)
class Intent:
    """A command with what it carries."""

    command: Command
    pattern: Pattern | None = None
    symptom: Symptom | None = None
    condition: Condition | None = None
    seconds: float | None = None
    bed: Bed | None = None
    on: bool | None = None

    def __post_init__(self) -> None:
        for name, commands in MAY_CARRY.items():
            if getattr(self, name) is not None and self.command not in commands:
                raise ValueError(f'the command {self.command} carries no "{name}"')

    def details(self) -> dict[str, str | float | bool]:
        """Return what it carries, by name."""
        given = {name: getattr(self, name) for name in MAY_CARRY}
        return {
            name: value if isinstance(value, float | bool) else str(value)
            for name, value in given.items()
            if value is not None
        }

    def __str__(self) -> str:
        known = [str(value) for value in self.details().values() if isinstance(value, str)]
        return f"{self.command} ({', '.join(known)})" if known else str(self.command)
