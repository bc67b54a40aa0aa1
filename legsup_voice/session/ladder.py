"""The ladders of variations: each "easier" or "harder" gives the next one that fits the place."""

from legsup_voice.content import Rung
from legsup_voice.content.schema import Place, Setup
from legsup_voice.protocol.commands import Command


class Ladder:
    """How far each ladder has been climbed; the last rung stays."""

    def __init__(self) -> None:
        self.climbed: frozenset[str] = frozenset()

    def climb(self, setup: Setup, command: Command, place: Place) -> Rung:
        """Return the next variation for `place` that hasn't been given yet; the last one stays."""
        ladder = setup.easier if command is Command.EASIER else setup.harder
        rungs = ladder.rungs(place)
        rung = next((rung for rung in rungs if rung.line not in self.climbed), rungs[-1])
        self.climbed |= {rung.line}
        return rung
