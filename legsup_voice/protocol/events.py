"""What the session is told. Times are seconds on the audio clock."""

from dataclasses import dataclass
from typing import TypeAlias

from legsup_voice.protocol.commands import Command, Details
from legsup_voice.protocol.faults import Fault


@dataclass(frozen=True)
class Began:
    """Switched on. `interrupted`: the last session broke off in the pose (power cut, crash)."""

    interrupted: bool = False


@dataclass(frozen=True)
class Heard(Details):
    """A command the session takes now.

    `outside`: it was not spoken but came over the control socket, so it is no sign of the person
    on the floor.
    """

    command: Command
    text: str = ""
    confidence: float = 1.0
    speech_end: float = 0.0
    outside: bool | None = None


@dataclass(frozen=True)
class Rejected:
    """Speech that is no command now; `why` is `unknown`, `unsure`, `not now` or `own voice`."""

    text: str = ""
    why: str = "unknown"
    speech_end: float = 0.0


@dataclass(frozen=True)
class VoiceStarted:
    """Somebody begins to speak; what they say is not known yet."""


@dataclass(frozen=True)
class LineStarted:
    """A spoken line begins to sound."""

    line: str
    text: str
    start: float


@dataclass(frozen=True)
class LineEnded:
    """A spoken line's sound is over; `cut` when it was stopped.

    `lost`: seconds of it that never left the speaker (dropped, late, muted or cut by the card).
    """

    line: str
    end: float
    cut: bool = False
    lost: float = 0.0


@dataclass(frozen=True)
class CueStarted:
    """A breathing cue (`in`, `out`, `hold`) begins to sound."""

    cue: str
    start: float


@dataclass(frozen=True)
class Failed:
    """A device or the program around the session is in trouble, or out of it."""

    fault: Fault


Event: TypeAlias = Began | Heard | Rejected | VoiceStarted | LineStarted | LineEnded | Failed
