"""The names of the states, and the commands a person can give."""

from enum import StrEnum


class State(StrEnum):
    """Where the session is; the transition table is in `table.py`."""

    IDLE = "IDLE"
    SCREENING = "SCREENING"
    REFUSED = "REFUSED"
    SEATED = "SEATED"
    SETUP = "SETUP"
    HOLD = "HOLD"
    PAUSED = "PAUSED"
    LEAVING = "LEAVING"
    LYING = "LYING"
    SIDE = "SIDE"
    SITTING = "SITTING"
    DONE = "DONE"


class Command(StrEnum):
    """What a person can mean; how they can say it is in `content/en/intents.yaml`."""

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
    WHAT_IS_THIS = "what_is_this"
    HELP = "help"
    SKIP = "skip"
    QUIT = "quit"
    SYMPTOM = "symptom"
    TINGLING = "tingling"
    CONDITION = "condition"


class Fault(StrEnum):
    """What can go wrong around the session."""

    MICROPHONE_LOST = "microphone lost"
    MICROPHONE_BACK = "microphone back"
    SPEAKER_LOST = "speaker lost"
    SPEAKER_BACK = "speaker back"
    RECOGNISER_STALLED = "recogniser stalled"
    TERMINATE = "asked to end"
