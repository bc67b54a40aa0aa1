"""The names of the states."""

from enum import StrEnum


class State(StrEnum):
    """Where the session is; the transition table is in `session/table.py`."""

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
