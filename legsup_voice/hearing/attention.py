"""What the ears are told with every block: what counts now."""

from dataclasses import dataclass
from enum import StrEnum

from legsup_voice.protocol.commands import Command


class Situation(StrEnum):
    """What a command means for the session now, and so how sure it must be."""

    IDLE = "idle"
    """No session is under way; hours of other talk may go by."""
    SESSION = "session"
    QUESTION = "question"
    """A yes or no is awaited, most often on the person's health."""
    SPEAKING = "speaking"
    """A line of ours sounds; what is left of its echo may be like a command."""


@dataclass(frozen=True)
class Attention:
    """`accepts`: commands the session takes now. `asks`: those it has asked for.

    `speaking`: the text of the line that sounds now or did within the last 0.3 s; None in silence.
    `idle`: no session is under way.
    """

    accepts: frozenset[Command]
    speaking: str | None = None
    idle: bool = False
    asks: frozenset[Command] = frozenset()

    def situation(self, *, line_sounds: bool) -> Situation:
        """Return the situation of an utterance over which a line sounded, or didn't."""
        if self.idle:
            return Situation.IDLE
        if line_sounds:
            return Situation.SPEAKING
        return Situation.QUESTION if Command.NO in self.asks else Situation.SESSION
