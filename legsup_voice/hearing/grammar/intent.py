"""What somebody means, whatever their words."""

from dataclasses import dataclass

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
}
"""Which commands a detail goes with. A no may name the condition it is about: "no, I'm not
pregnant" answers one question and no other."""


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
