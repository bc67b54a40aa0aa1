"""How the session conducts itself in one state: the parts every state shares.

A conduct holds no data of its own; everything that changes is in the `Session` it is given.
"""

from typing import TYPE_CHECKING

from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.session.timers import Timer

if TYPE_CHECKING:
    from legsup_voice.session.session import Session

ALWAYS = frozenset(
    {
        Command.STOP,
        Command.SYMPTOM,
        Command.CONDITION,
        Command.REPEAT,
        Command.HELP,
        Command.HOW_LONG,
        Command.LOUDER,
        Command.QUIETER,
        Command.LESS_TALK,
        Command.MORE_TALK,
        Command.WHY,
        Command.WHAT_IS_THIS,
        Command.QUIT,
    }
)
"""Commands taken in every state of a session."""

ANSWER_SECONDS = 9.0
"""Product numbers: no answer after 8 to 10 s."""

MAX_MISSES = 3
"""Two reprompts; the third silent or unparsed answer makes the safe choice."""


class Conduct:
    """What one state does. The defaults suit a state that waits for nothing."""

    help_line = "help.idle"
    what_line = "benefit.what"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Return the commands this state takes now."""
        return ALWAYS

    def entered(self, session: "Session") -> None:
        """Begin: speak, set timers."""

    def quiet(self, session: "Session") -> None:
        """Everything asked for has been said."""

    def heard(self, session: "Session", heard: Heard) -> None:
        """Obey a command that isn't common to all states."""

    def stop(self, session: "Session") -> None:
        """Obey "stop"."""

    def quit(self, session: "Session") -> None:
        """Obey "quit", which during a session is "stop"."""
        self.stop(session)

    def symptom(self, session: "Session") -> None:
        """Answer a symptom; the sound is already off."""

    def condition(self, session: "Session", condition: str) -> None:
        """Answer a condition named."""

    def unclear(self, session: "Session") -> None:
        """Go on after speech that was no answer; by default like after silence."""
        session.cancel(Timer.ANSWER)
        self.missed(session)

    def missed(self, session: "Session") -> None:
        """Go on after no answer."""

    def timer(self, session: "Session", timer: Timer) -> None:
        """Go on after a deadline other than the answer's."""

    def help(self, session: "Session") -> None:
        """Say what can be said now, three at a time."""
        session.say(self.help_line)

    def how_long(self, session: "Session") -> None:
        """Answer "how long"."""
        session.say("time.rest")

    def why(self, session: "Session") -> None:
        """Answer "why"."""
        session.say("benefit.rest")

    def microphone_lost(self, session: "Session") -> None:
        """Say that nothing can be heard."""
        session.say("fault.microphone")

    def microphone_back(self, session: "Session") -> None:
        """Say that hearing is back."""
        session.say("fault.microphone_back")

    def journal_lost(self, session: "Session") -> None:
        """The session could not be stored: nothing to say before it is over."""

    def speaker_lost(self, session: "Session") -> None:
        """Nothing said is heard any more; before the pose, end here."""

    def speaker_back(self, session: "Session") -> None:
        """Say that the voice is back after it was lost."""
        session.say("fault.speaker_back")
