"""The transition table: from which state what leads where.

This is the whole of what can follow what; the state diagram in the README is drawn from it. A
trigger that a state doesn't list is an error and changes nothing.
"""

from enum import StrEnum

from legsup_voice.protocol.states import State


class Trigger(StrEnum):
    """Why a state is left."""

    START = "start"
    AGAIN = "start again soon"
    CLEAR = "every answer clear"
    REFUSE = "yes, unsure, no answer"
    CONDITION = "condition named"
    ACCEPT = "yes"
    DECLINE = "no"
    GIVE_UP = "stop, silence"
    READY = "ready"
    PAUSE = "pause"
    RESUME = "resume"
    TAKE_BACK = "stop taken back"
    LEAVE = "time up, stop, symptom, silence, fault"
    INTERRUPTED = "broke off in the pose"
    LEGS_DOWN = "legs down"
    NOT_DOWN = "legs still up"
    UNWELL = "symptom"
    BETTER = "better"
    RESTED = "rested"
    FINE = "fine"
    END = "end, stop"
    OVER = "closing line said"


TRANSITIONS: dict[State, dict[Trigger, State]] = {
    State.IDLE: {
        Trigger.START: State.SCREENING,
        Trigger.AGAIN: State.SETUP,
        Trigger.CONDITION: State.REFUSED,
        Trigger.INTERRUPTED: State.LEAVING,
    },
    State.SCREENING: {
        Trigger.CLEAR: State.SETUP,
        Trigger.REFUSE: State.REFUSED,
        Trigger.GIVE_UP: State.IDLE,
    },
    State.REFUSED: {Trigger.ACCEPT: State.SEATED, Trigger.DECLINE: State.IDLE},
    State.SEATED: {Trigger.END: State.DONE, Trigger.UNWELL: State.LYING},
    State.SETUP: {
        Trigger.READY: State.HOLD,
        Trigger.GIVE_UP: State.IDLE,
        Trigger.CONDITION: State.REFUSED,
        Trigger.LEAVE: State.LEAVING,
    },
    State.HOLD: {Trigger.PAUSE: State.PAUSED, Trigger.LEAVE: State.LEAVING},
    State.PAUSED: {Trigger.RESUME: State.HOLD, Trigger.LEAVE: State.LEAVING},
    State.LEAVING: {
        Trigger.LEGS_DOWN: State.SIDE,
        Trigger.UNWELL: State.LYING,
        Trigger.TAKE_BACK: State.HOLD,
    },
    State.LYING: {Trigger.BETTER: State.SIDE},
    State.SIDE: {
        Trigger.RESTED: State.SITTING,
        Trigger.NOT_DOWN: State.LEAVING,
        Trigger.UNWELL: State.LYING,
    },
    State.SITTING: {
        Trigger.FINE: State.DONE,
        Trigger.NOT_DOWN: State.LEAVING,
        Trigger.UNWELL: State.LYING,
    },
    State.DONE: {Trigger.OVER: State.IDLE, Trigger.UNWELL: State.LYING},
}
"""For every state, where each trigger leads."""
