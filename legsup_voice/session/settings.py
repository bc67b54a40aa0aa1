"""What can be set before a session, and how commands change a length within its limits."""

from pydantic import BaseModel, ConfigDict, Field

from legsup_voice.protocol.choices import Choices, Talk
from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.limits import MAX_HOLD, MIN_HOLD

DEFAULT_HOLD = 300.0
"""Seconds."""

LENGTH_STEP = 60.0
"""Seconds that "longer" and "shorter" change a length by."""

VARIES = 7
"""What a seed moves on by with every session: no line has a multiple of so many variants."""

VOLUME_STEP = 3.0
"""Decibels."""


class Settings(BaseModel):
    """A session's settings. `minutes` and `breathing`, when given, are said and not asked.

    `last` is what was chosen in the last whole session here, None if there was none;
    `bell` strikes at the start and the end of a hold and half way, or every `bell_minutes` instead.
    `returning` whether one was finished here in the last 30 days, and `returning_for` so many
    seconds more that counts; `practised`: how many seconds ago the pose was held, each time in
    those. `slow`: lines are spoken slowly. `seed`: the variant of each line that comes first.
    `barred_for`: for so many seconds no breath is held. `welcomes` is False where somebody has just
    been wished a good night: it begins in silence. `listens` is False where nobody can answer, in a
    sound file: then nothing is asked in the hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    breathing: Pattern | None = None
    talk: Talk = Talk.NORMAL
    bell: bool = False
    bell_minutes: float | None = Field(default=None, ge=1, allow_inf_nan=False)
    slow: bool = False
    seed: int = Field(default=0, ge=0)
    last: Choices | None = None
    returning: bool = False
    returning_for: float = Field(default=float("inf"), ge=0)
    practised: tuple[float, ...] = ()
    barred_for: float = Field(default=0, ge=0)
    welcomes: bool = True
    listens: bool = True


def clamp_hold(seconds: float) -> float:
    """Return `seconds` within the limits of a hold."""
    return min(MAX_HOLD, max(MIN_HOLD, seconds))


def length_asked_for(heard: Heard, planned: float) -> float:
    """Return the seconds that "ten minutes", "longer" or "five minutes less" ask for.

    They may be more or less than is possible.
    """
    if heard.command is Command.DURATION:
        return planned if heard.seconds is None else heard.seconds
    step = heard.seconds or LENGTH_STEP
    return planned + (step if heard.command is Command.LONGER else -step)
