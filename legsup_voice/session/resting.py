"""LYING, SIDE, SITTING and DONE: the rests after the pose, and the end of the session.

The least rests are constants: no setting and no command shortens them.
"""

from typing import TYPE_CHECKING

from legsup_voice.protocol.actions import Quit, Record
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session.conduct import ALWAYS, ANSWER_SECONDS, MAX_MISSES, Conduct
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

if TYPE_CHECKING:
    from legsup_voice.session.session import Session

SIDE_SECONDS = 30.0
SITTING_SECONDS = 30.0
"""The least rests of product.md section 1."""

LYING_CHECK_SECONDS = 30.0
LYING_LATER_SECONDS = 60.0


class _Rest(Conduct):
    """What the rests share: "stop" only silences, a condition changes nothing any more."""

    def stop(self, session: "Session") -> None:
        """Be silent; the rest goes on."""
        session.hush()

    def condition(self, session: "Session", condition: str) -> None:
        """The legs are down already: say whom to ask."""
        session.say("refused.doctor")

    def symptom(self, session: "Session") -> None:
        """Lie down again."""
        session.go(Trigger.UNWELL)


class Lying(_Rest):
    """Stays until the person says that it has passed."""

    help_line = "help.lying"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take "better" (next), yes and no."""
        return ALWAYS | {Command.NEXT, Command.YES, Command.NO, Command.UNSURE}

    def entered(self, session: "Session") -> None:
        """Say to lie, and when to call for help."""
        session.unwell = False
        if session.came_from is State.LEAVING:
            session.say("lying.down")
        elif session.came_from is State.SEATED:
            session.say("help.rest_now")
        else:
            session.say("lying.again")
        session.say("help.symptom")

    def quiet(self, session: "Session") -> None:
        """Wait, then ask."""
        later = session.misses >= MAX_MISSES
        wait = LYING_LATER_SECONDS if later else LYING_CHECK_SECONDS
        session.start(Timer.REST, wait, keep=True)

    def timer(self, session: "Session", timer: Timer) -> None:
        """Ask how it is; every third time say again when to call for help."""
        session.misses += 1
        if session.misses % MAX_MISSES == 0:
            session.say("help.symptom")
        session.say("lying.checkin")

    def heard(self, session: "Session", heard: Heard) -> None:
        """Go on when it is better."""
        if heard.command in (Command.NEXT, Command.YES):
            session.go(Trigger.BETTER)
        else:
            session.say("lying.stay")

    def symptom(self, session: "Session") -> None:
        """Say when to call for help."""
        session.say("help.symptom")


class Side(_Rest):
    """Rests on one side."""

    help_line = "help.side"

    def entered(self, session: "Session") -> None:
        """Say how to rest."""
        session.say("side.roll" if session.came_from is State.LYING else "side.rest")

    def quiet(self, session: "Session") -> None:
        """The rest counts from the end of its first line."""
        session.start(Timer.REST, SIDE_SECONDS, keep=True)

    def timer(self, session: "Session", timer: Timer) -> None:
        """Go on to sitting."""
        session.interrupt(safety_too=False)
        session.go(Trigger.RESTED)


class Sitting(_Rest):
    """Rests sitting, then asks about dizziness."""

    help_line = "help.sitting"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take an answer once the question has been heard."""
        if not session.awaiting or session.queue:
            return ALWAYS
        return ALWAYS | {Command.YES, Command.NO, Command.UNSURE, Command.NEXT}

    def entered(self, session: "Session") -> None:
        """Say how to sit."""
        session.say("sitting.rest")

    def quiet(self, session: "Session") -> None:
        """Rest first; once asked, wait for the answer."""
        if session.awaiting:
            session.start(Timer.ANSWER, ANSWER_SECONDS)
        else:
            session.start(Timer.REST, SITTING_SECONDS, keep=True)

    def timer(self, session: "Session", timer: Timer) -> None:
        """Ask about dizziness."""
        session.awaiting = True
        session.say("sitting.dizzy", variant=0)

    def heard(self, session: "Session", heard: Heard) -> None:
        """Only a clear "no" or "fine" leads on."""
        if heard.command in (Command.NO, Command.NEXT):
            session.go(Trigger.FINE)
        else:
            session.go(Trigger.UNWELL)

    def missed(self, session: "Session") -> None:
        """Ask twice more; then end without telling anyone to stand."""
        session.misses += 1
        if session.misses < MAX_MISSES:
            session.say("sitting.dizzy", variant=1)
        else:
            session.steady = False
            session.go(Trigger.FINE)


class Done(_Rest):
    """Records the session and says goodbye."""

    help_line = "help.done"

    def entered(self, session: "Session") -> None:
        """Only someone who said so is steady enough to stand."""
        session.act(Record(session.held, session.guidance.pattern, session.ended_by))
        if session.came_from is State.SEATED:
            session.say("seated.end")
        else:
            session.say("stand.support" if session.steady else "done.stay")
        session.say("done.close")

    def quiet(self, session: "Session") -> None:
        """Over, after a moment in which dizziness can still be said."""
        session.start(Timer.REST, 5.0, keep=True)

    def journal_lost(self, session: "Session") -> None:
        """Say that the session could not be stored."""
        session.say("done.journal")

    def timer(self, session: "Session", timer: Timer) -> None:
        """Back to waiting; the program may end."""
        session.go(Trigger.OVER)
        session.act(Quit())
