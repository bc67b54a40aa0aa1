"""What a person can mean, and the details that a command can carry."""

from enum import StrEnum


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
