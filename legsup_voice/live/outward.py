"""What the outside may know of a session, and what it may ask for.

Nobody outside learns anything about health (safety rule 15): not what was answered, named or felt,
not whether someone was refused or lies down unwell. A refusal, and the seated session after it,
look like IDLE; lying down, and sitting, from which some lie down again, look like the rest on the
side that follows every pose. Words that were said or
heard go only to who asks for captions, on this computer.

Nobody outside answers for the person on the floor (safety rule 20): no request makes a command that
could answer a question of safety, skip one, take the exit back or silence it.
"""

from dataclasses import asdict, dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.limits import MAX_HOLD, MAX_VOLUME, MIN_VOLUME
from legsup_voice.protocol.log import (
    CommandHeard,
    CueBegun,
    LineBegun,
    LineOver,
    LogRecord,
    SpeechRejected,
    StateEntered,
    Trouble,
    wire,
)
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session

SEEN_AS = {
    State.REFUSED: State.IDLE,
    State.SEATED: State.IDLE,
    State.LYING: State.SIDE,
    State.SITTING: State.SIDE,
}
"""What the outside sees of states that would tell of somebody's health."""

TELLING = frozenset(
    {
        Command.YES,
        Command.NO,
        Command.UNSURE,
        Command.HELP,
        Command.SYMPTOM,
        Command.TINGLING,
        Command.CONDITION,
    }
)
"""Commands that answer, or are, something about health: nobody outside learns that they came."""

HOLDING = frozenset({State.HOLD, State.PAUSED})
SESSION = frozenset({State.SCREENING, State.REFUSED, State.SEATED, State.SETUP}) | HOLDING
LENGTHS = frozenset({State.SEATED, State.SETUP}) | HOLDING
WHERE = {
    Command.START: frozenset({State.IDLE}),
    Command.STOP: SESSION,
    Command.PAUSE: frozenset({State.SEATED, State.SETUP, State.HOLD}),
    Command.RESUME: frozenset({State.SEATED, State.PAUSED}),
    Command.LONGER: LENGTHS,
    Command.SHORTER: LENGTHS,
    Command.DURATION: LENGTHS,
    Command.LOUDER: frozenset(State),
    Command.QUIETER: frozenset(State),
    Command.REPEAT: frozenset(State),
}
"""The commands that may come from outside, and in which states. "Stop" is none on the way down: it
could only silence it; "resume" is none there, where it would take the exit back, nor in SETUP,
where it could say that somebody is in place."""


@dataclass(frozen=True)
class Snapshot:
    """What the guide does now; `t` and `hold_ends` are seconds on the audio clock.

    `hold_ends` is None when no hold runs; `last_hold` is the length of the last one, in seconds.
    `needs_someone` is None unless the user wants it told.
    """

    t: float = field(compare=False)
    state: State
    in_pose: bool
    hold_ends: float | None
    last_hold: float | None
    volume: float
    needs_someone: bool | None

    def message(self, kind: Literal["hello", "status"]) -> dict[str, object]:
        """Return it as a message."""
        return {"kind": kind} | asdict(self)


@dataclass
class Need:
    """Whether somebody should come and look: unwell, an emergency, or no answer after the hold.

    The only thing about health that the outside can be told, and only where the user wants it.
    """

    there: bool = False

    def note(self, record: LogRecord) -> None:
        """Take a record of the event log."""
        match record:
            case StateEntered(state=State.LYING):
                self.there = True
            case LineBegun(line=line) if line == CALL or line.startswith(EMERGENCY_FAMILY):
                self.there = True
            case StateEntered(state=State.DONE | State.IDLE):
                self.there = False
            case CommandHeard(command=command, outside=None) if command not in ALARMING:
                self.there = False


CALL = "exit.are_you_down"
"""The line that asks, again and again, who doesn't answer after a hold."""

EMERGENCY_FAMILY = "emergency."
"""How the lines of the emergency script begin."""

ALARMING = frozenset({Command.SYMPTOM, Command.CONDITION, Command.HELP, Command.TINGLING})
"""Commands that are no sign that all is well."""


def seen(record: LogRecord) -> dict[str, object] | None:
    """Return what the outside may know of `record`; None: nothing."""
    match record:
        case StateEntered(t, state):
            return wire(StateEntered(t, SEEN_AS.get(state, state)))
        case CommandHeard(command=command) if command in TELLING:
            return None
        case CommandHeard(t, command, seconds=seconds, pattern=pattern):
            told: dict[str, object] = {"t": t, "kind": record.kind, "command": command}
            details = {"seconds": seconds, "pattern": pattern}
            return told | {name: value for name, value in details.items() if value is not None}
        case LineBegun(t, start=start):
            return {"t": t, "kind": record.kind, "start": start}
        case LineOver(t, end=end, cut=cut, lost=lost):
            return {"t": t, "kind": record.kind, "end": end, "cut": cut, "lost": lost}
        case CueBegun() | Trouble():
            return wire(record)
        case SpeechRejected():
            return None


def caption(record: LogRecord) -> dict[str, object] | None:
    """Return the words of `record`, for who asked for captions."""
    match record:
        case LineBegun(t, text=text):
            who = "guide"
        case CommandHeard(t, text=text) if text:
            who = "person"
        case SpeechRejected(t, text=text, why=why) if text and why != "own voice":
            who = "not understood"
        case _:
            return None
    return {"t": t, "kind": "caption", "who": who, "text": text}


class Request(BaseModel):
    """What a client may send: a command with its details, or the wish for captions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    command: str | None = Field(default=None, max_length=40)
    """One of `WHERE`, or `volume`."""
    seconds: float | None = Field(default=None, gt=0, le=MAX_HOLD, allow_inf_nan=False)
    """With `duration`; may come with `start`, `longer`, `shorter`."""
    pattern: Pattern | None = None
    """May come with `start`."""
    gain_db: float | None = Field(default=None, ge=MIN_VOLUME, le=MAX_VOLUME, allow_inf_nan=False)
    """With `volume`: decibels above the normal loudness."""
    captions: bool | None = None


DETAILS: dict[str, frozenset[str]] = {
    "start": frozenset({"seconds", "pattern"}),
    "longer": frozenset({"seconds"}),
    "shorter": frozenset({"seconds"}),
    "duration": frozenset({"seconds"}),
    "volume": frozenset({"gain_db"}),
}
NEEDED = {"duration": "seconds", "volume": "gain_db"}


def refusal(request: Request, session: Session) -> str | None:
    """Return why `request` can't be granted now, as one sentence; None when it can."""
    name = request.command
    details = ("seconds", "pattern", "gain_db")
    given = {detail for detail in details if getattr(request, detail) is not None}
    if name is None:
        return "There is no command in it."
    if stray := given - DETAILS.get(name, frozenset()):
        return f"{name!r} takes no {min(stray)}."
    if (needed := NEEDED.get(name)) and needed not in given:
        return f"{name!r} needs {needed}."
    if name == "volume":
        return None
    if name in TELLING or name in (Command.NEXT, Command.SKIP, Command.SAME):
        return "Only the person on the floor can answer."
    if name not in WHERE:
        known = ", ".join([*WHERE, "volume"])
        return f"That is no command for the outside, which are {known}."
    command = Command(name)
    if session.state in WHERE[command] and command in session.accepts:
        return None
    return "That means nothing now."


def heard(request: Request, now: float) -> Heard:
    """Return the command of a request that was not refused."""
    return Heard(
        Command(request.command or ""),
        speech_end=now,
        seconds=request.seconds,
        pattern=request.pattern,
        outside=True,
    )
