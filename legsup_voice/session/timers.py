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
