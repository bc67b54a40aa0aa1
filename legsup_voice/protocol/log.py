"""What the event log holds, typed: a record for each kind, and its wire form, one JSON object.

Times are seconds on the audio clock. `t` is when it happened; `start` and `end` are when sound
starts or ends at the speaker.
"""

from dataclasses import dataclass, fields, replace
from typing import ClassVar, TypeAlias

from legsup_voice.protocol.commands import Command, Details
from legsup_voice.protocol.states import State

TIMES = ("t", "start", "end", "speech_end")
"""The fields of a record that are times on the audio clock."""


@dataclass(frozen=True)
class StateEntered:
    """The session is now in `state`."""

    kind: ClassVar = "state"
    t: float
    state: State


@dataclass(frozen=True)
class CommandHeard(Details):
    """A command was taken; `confidence` is 0 to 1."""

    kind: ClassVar = "heard"
    t: float
    command: Command
    text: str
    confidence: float
    speech_end: float
    outside: bool | None = None


@dataclass(frozen=True)
class SpeechRejected:
    """Somebody spoke, but gave no command that counts now."""

    kind: ClassVar = "rejected"
    t: float
    text: str
    why: str


@dataclass(frozen=True)
class LineBegun:
    """A spoken line begins to sound."""

    kind: ClassVar = "say"
    t: float
    line: str
    text: str
    start: float


@dataclass(frozen=True)
class LineOver:
    """A spoken line's sound is over; `cut` when it was stopped, `lost` seconds never sounded."""

    kind: ClassVar = "said"
    t: float
    line: str
    end: float
    cut: bool
    lost: float


@dataclass(frozen=True)
class CueBegun:
    """A breathing cue begins to sound."""

    kind: ClassVar = "cue"
    t: float
    cue: str
    start: float


@dataclass(frozen=True)
class Trouble:
    """Something around the session failed, or works again."""

    kind: ClassVar = "error"
    t: float
    what: str


LogRecord: TypeAlias = (
    StateEntered | CommandHeard | SpeechRejected | LineBegun | LineOver | CueBegun | Trouble
)


def wire(record: LogRecord) -> dict[str, object]:
    """Return `record` as a JSON object; details it doesn't carry are left out."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    carried = {name: value for name, value in values.items() if value is not None}
    return {"t": record.t, "kind": record.kind} | carried


def moved(record: LogRecord, seconds: float) -> LogRecord:
    """Return `record` with all its times `seconds` later."""
    times = {name: getattr(record, name) + seconds for name in TIMES if hasattr(record, name)}
    return replace(record, **times)
