"""The names of the deadlines a session can wait for."""

from enum import StrEnum


class Timer(StrEnum):
    """What a deadline is for; at most one of each is running."""

    ANSWER = "answer"
    REST = "rest"
    REMINDER = "reminder"
    HALFWAY = "half way"
    MINUTE_LEFT = "minute left"
    CHECK_IN = "check-in"
    CLOSING = "closing"
    GUIDED = "guided breathing over"
    END = "end"
    CAP = "cap"
    TAKE_BACK = "stop can be taken back"
    SPOKEN = "spoken lately"
    HINTED = "hinted lately"
    EMERGENCY = "emergency again"
    CALL = "call again"
    TOLD = "told what to do a moment ago"


LASTING = frozenset({Timer.EMERGENCY, Timer.CALL})
"""Deadlines that outlast a state: who needs help, or doesn't answer, is spoken to in all."""

MARKS = frozenset({Timer.TAKE_BACK, Timer.SPOKEN, Timer.HINTED, Timer.TOLD})
"""Deadlines that only have to be pending or not; nothing happens when they are over."""
