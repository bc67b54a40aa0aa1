"""What a person can mean, and the details that a command can carry."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class Command(StrEnum):
    """What a person can mean; how they can say it is in `content/<language>/commands`."""

    START = "start"
    NEXT = "next"
    BACK = "back"
    REPEAT = "repeat"
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    EASIER = "easier"
    HARDER = "harder"
    HOW_LONG = "how_long"
    LONGER = "longer"
    SHORTER = "shorter"
    DURATION = "duration"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    LOUDER = "louder"
    QUIETER = "quieter"
    SLOWER = "slower"
    FASTER = "faster"
    BREATHING = "breathing"
    LESS_TALK = "less_talk"
    MORE_TALK = "more_talk"
    WHY = "why"
    MORE = "more"
    WHAT_IS_THIS = "what_is_this"
    HISTORY = "history"
    HELP = "help"
    SKIP = "skip"
    SAME = "same"
    BELL = "bell"
    BED = "bed"
    QUIT = "quit"
    SYMPTOM = "symptom"
    TINGLING = "tingling"
    CONDITION = "condition"


class Pattern(StrEnum):
    """A way to breathe; `breathing` carries one, `start` may. Its phases are data."""

    BELLY = "belly"
    BOX = "box"
    FOUR_SIX = "four_six"
    FOUR_SEVEN_EIGHT = "four_seven_eight"
    NONE = "none"


class Symptom(StrEnum):
    """What `symptom` carries."""

    DIZZY = "dizzy"
    FAINT = "faint"
    PAIN = "pain"
    HEAD = "head"
    EYES = "eyes"
    SICK = "sick"
    BREATH = "breath"
    CHEST = "chest"
    CRAMP = "cramp"
    STUCK = "stuck"
    HELP = "help"
    EMERGENCY = "emergency"


EMERGENCIES = (Symptom.EMERGENCY, Symptom.CHEST, Symptom.BREATH, Symptom.FAINT)
"""Safety rule 17: these get the emergency script first, in every state; the gravest first."""


class Condition(StrEnum):
    """What `condition` carries: what the pose is not for."""

    BLOOD_PRESSURE = "blood_pressure"
    PREGNANCY = "pregnancy"
    GLAUCOMA = "glaucoma"
    POTS = "pots"
    ORTHOSTATIC_HYPOTENSION = "orthostatic_hypotension"
    OTHER = "other"


class Bed(StrEnum):
    """What `bed` carries: the sound under the hold."""

    NONE = "none"
    NOISE = "noise"
    WAVES = "waves"
    DRONE = "drone"
    RAIN = "rain"


@dataclass(frozen=True, kw_only=True)
class Details:
    """What a command carries besides itself.

    `seconds` comes with `duration` and may with `start`, `longer`, `shorter`; `pattern` with
    `breathing`, may with `start`, and with `what_is_this` when it asks how one breathes (`none`:
    in the pattern that is chosen); `symptom`, `condition` and `bed` with their commands; `on` with
    `bell` ("bell off" is False); `night` with `quit` ("good night" is True); `speech` with `slower`
    and `faster`, when the voice is meant and not the breathing; `declines` with a `no` to what is
    offered or asked for ("I'd rather not"), which says nothing of somebody's health; `first` with
    a `back` to the first step.
    """

    seconds: float | None = None
    pattern: Pattern | None = None
    symptom: Symptom | None = None
    condition: Condition | None = None
    bed: Bed | None = None
    on: bool | None = None
    night: bool | None = None
    speech: bool | None = None
    declines: bool | None = None
    first: bool | None = None

    def carried(self) -> dict[str, Any]:
        """Return what is carried, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(Details)}
        return {name: value for name, value in values.items() if value is not None}
