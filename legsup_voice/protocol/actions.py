"""What the session asks for. The engine carries the actions out in order."""

from dataclasses import dataclass
from typing import TypeAlias

from legsup_voice.protocol.breathing import Breathing
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.commands import Bed
from legsup_voice.protocol.states import State


@dataclass(frozen=True)
class Enter:
    """The session is now in `state`."""

    state: State


@dataclass(frozen=True)
class Say:
    """Speak `text` after what is already queued, `gap` seconds later.

    `safety` lines are never ducked, faded or cut short by anything but "stop" and symptoms.
    `pace` names the words-per-minute class of `content/en/lines/README.md`. `gain_db` is above the
    voice's normal level; what would pass the peak limit is limited. The pauses inside the line are
    `pauses` times as long as usual.
    """

    line: str
    text: str
    pace: str
    safety: bool = False
    gap: float = 0.3
    gain_db: float = 0.0
    pauses: float = 1.0


@dataclass(frozen=True)
class Hush:
    """Stop the line that sounds, within one block, and forget the queued ones."""


@dataclass(frozen=True)
class Breathe:
    """Start the breathing cues now; a running pattern is replaced."""

    breathing: Breathing


@dataclass(frozen=True)
class StopBreathing:
    """Fade the breathing cues out over `fade` seconds (0: stop within one block)."""

    fade: float = 0.0


@dataclass(frozen=True)
class SetVolume:
    """Play everything but safety lines `gain_db` decibels louder (negative: quieter)."""

    gain_db: float


@dataclass(frozen=True)
class Ring:
    """Strike the bell now, `gain_db` decibels above its normal level."""

    gain_db: float = 0.0


@dataclass(frozen=True)
class EndsAt:
    """The hold will end at `end`, seconds on the audio clock: a tone grows before it.

    The bell strikes at each of the times `bells`. What was foretold before is taken back; None:
    nothing is coming.
    """

    end: float | None
    bells: tuple[float, ...] = ()


@dataclass(frozen=True)
class SetBed:
    """Let `bed` sound where a bed sounds, from now on; the change is faded."""

    bed: Bed


@dataclass(frozen=True)
class Record:
    """A whole session is over: what the journal keeps of it. Nothing about health is in it.

    `ended_by` is "time", "stop", "silence", "fault", "asked to end", "interrupted", or
    "unanswered" when nobody answered after the hold.
    """

    hold_seconds: float
    breathing: str
    ended_by: str


@dataclass(frozen=True)
class Remember:
    """Keep `choices` for the next session: it offers them as "the same as last time"."""

    choices: Choices


@dataclass(frozen=True)
class Quit:
    """The program can end once everything queued has been said."""


Action: TypeAlias = (
    Enter
    | Say
    | Hush
    | Breathe
    | StopBreathing
    | SetVolume
    | Ring
    | EndsAt
    | SetBed
    | Record
    | Remember
    | Quit
)
