"""When an utterance is over: how long a pause must be before what was said can count.

An utterance is decided more than once, as its pause grows: what is urgent at once, a whole command
soon, what may be the beginning of a longer one later. The first decision that names a command ends
it; else the last pause does.
"""

from enum import IntEnum

from legsup_voice.audio import HEAR_RATE


class Stage(IntEnum):
    """How far a pause has come."""

    NONE = 0
    """Too short to tell from one between two words."""
    URGENT = 1
    """Long enough for what is urgent, while a line of ours sounds."""
    WHOLE = 2
    """Long enough for a text that is a whole command."""
    PREFIX = 3
    """Long enough for one that a longer phrase begins with: "how long" may go on with "left"."""
    LAST = 4
    """Nothing more belongs to the utterance."""


PAUSES = {Stage.URGENT: 0.06, Stage.WHOLE: 0.16, Stage.PREFIX: 0.32, Stage.LAST: 0.4}
"""Seconds of silence at which each stage begins."""

PRE_ROLL = 0.5
"""Seconds kept from before the voice was noticed, so that no first sound is lost."""

POST_ROLL = 0.1
"""Seconds kept from after the voice's end."""

LONGEST = 5.0
"""Seconds; a longer utterance is no command, and is not decoded. Twelve words take so long."""

AFTERTHOUGHT = 0.8
"""Seconds after a command within which unknown words belong to it: "stop. Please." """


def stage(silence: float, *, line_sounds: bool) -> Stage:
    """Return how far a pause of `silence` seconds has come."""
    reached = max((each for each, least in PAUSES.items() if silence >= least), default=Stage.NONE)
    return Stage.NONE if reached is Stage.URGENT and not line_sounds else reached


class Endpointing:
    """Follows where utterances lie; all places are samples since the start."""

    def __init__(self) -> None:
        self._last_end = self._last_command = -HEAR_RATE

    def bounds(self, voice_start: int, voice_end: int) -> tuple[int, int]:
        """Return where the utterance with that voice begins and ends: none of the one before."""
        start = max(voice_start - round(PRE_ROLL * HEAR_RATE), self._last_end)
        return start, voice_end + round(POST_ROLL * HEAR_RATE)

    def too_long(self, voice_start: int, voice_end: int) -> bool:
        """Tell whether that voice is too long for a command."""
        return voice_end - voice_start > LONGEST * HEAR_RATE

    def over(self, voice_end: int, *, command: bool) -> None:
        """Note that an utterance is over, and whether it was a command."""
        self._last_end = voice_end
        if command:
            self._last_command = voice_end

    def trails(self, voice_start: int) -> bool:
        """Tell whether a voice that began there trails a command just heard."""
        return voice_start - self._last_command < AFTERTHOUGHT * HEAR_RATE
