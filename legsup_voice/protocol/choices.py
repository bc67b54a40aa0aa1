"""What a person chose last: it is remembered for the next session. Nothing of health is in it."""

from dataclasses import dataclass
from enum import StrEnum

from legsup_voice.protocol.commands import Bed, Pattern

NO_FACT = -1
"""The number of the fact that was told last, where none was."""


class Talk(StrEnum):
    """How much is said in a hold."""

    LESS = "less"
    NORMAL = "normal"
    MORE = "more"


@dataclass(frozen=True)
class Choices:
    """What was chosen: `seconds` of hold (30 to 1200), `volume` in decibels above normal.

    `guided`: the breathing cues go on for the whole hold. `bed` is None where nobody chose one, so
    that the configuration's stays. `slow`: lines are spoken slowly. `fact` is the number of the
    fact that was told last: another time the next one is.
    """

    seconds: float
    pattern: Pattern
    talk: Talk = Talk.NORMAL
    guided: bool = False
    bell: bool = False
    bed: Bed | None = None
    volume: float = 0.0
    slow: bool = False
    fact: int = NO_FACT
