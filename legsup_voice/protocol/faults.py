"""What can go wrong around the session."""

from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong around the session."""

    MICROPHONE_LOST = "microphone lost"
    MICROPHONE_BACK = "microphone back"
    SPEAKER_LOST = "speaker lost"
    SPEAKER_BACK = "speaker back"
    RECOGNISER_STALLED = "recogniser stalled"
    JOURNAL = "session could not be stored"
    TERMINATE = "asked to end"
