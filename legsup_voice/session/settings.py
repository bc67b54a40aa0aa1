"""What can be set before a session."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from legsup_voice.protocol.choices import Choices

MIN_HOLD = 30.0
MAX_HOLD = 1200.0
DEFAULT_HOLD = 300.0
"""Seconds. Safety rule 7: no input, setting or command leads outside 30 s to 20 min."""


class Settings(BaseModel):
    """A session's settings. `minutes` and `breathing`, when given, are said and not asked.

    `last` is what was chosen in the last whole session here, None if there was none or its record
    is too old to be read; `returning` whether one was finished here in the last 30 days.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    breathing: Literal["belly", "four_six", "box", "four_seven_eight", "none"] | None = None
    talk: Literal["less", "normal", "more"] = "normal"
    seed: int = Field(default=0, ge=0)
    last: Choices | None = None
    returning: bool = False


def clamp_hold(seconds: float) -> float:
    """Return `seconds` within the limits of a hold."""
    return min(MAX_HOLD, max(MIN_HOLD, seconds))
