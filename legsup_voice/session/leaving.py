"""LEAVING: the slow-exit warning first, always, then the way down.

Nothing but "stop" and symptoms interrupts the warning; "stop" makes it one sentence, never none.
"""

from typing import TYPE_CHECKING

from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.conduct import ALWAYS, Conduct
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

if TYPE_CHECKING:
    from legsup_voice.session.session import Session

WARNINGS = ("exit.warning", "exit.short")
CUE_FADE = 1.0


class Leaving(Conduct):
    """Brings someone down."""

    help_line = "help.leaving"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take "next", for those who are quicker."""
        return ALWAYS | {Command.NEXT, Command.YES, Command.TINGLING}

    def entered(self, session: "Session") -> None:
        """Silence everything else and warn."""
        session.hush()
        guidance.stop(session, CUE_FADE)
        if session.came_from in (State.HOLD, State.PAUSED):
            session.held = session.now - session.plan.started
        session.exit_step = 0
        self._warn(session, "exit.warning")

    def quiet(self, session: "Session") -> None:
        """Leave time to do what was said."""
        done = session.exit_step - 1
        seconds = session.content.setup.exit[done].seconds if done >= 0 else 0.5
        session.start(Timer.REST, seconds)

    def timer(self, session: "Session", timer: Timer) -> None:
        """Say the next step, or go on when down."""
        if timer is Timer.REST:
            self._step(session)

    def heard(self, session: "Session", heard: Heard) -> None:
        """Go to the next step; the warning is heard to its end."""
        if heard.command in (Command.NEXT, Command.YES) and not self._warning(session):
            self._step(session)

    def stop(self, session: "Session") -> None:
        """Shorten the warning to one sentence; after it, only be silent."""
        warning = self._warning(session)
        if warning == "exit.short":
            return
        session.hush()
        if warning:
            self._warn(session, "exit.short")

    def symptom(self, session: "Session") -> None:
        """Come down to lying; say the warning again, short, if it was broken off."""
        session.unwell = True
        self._warn(session, "exit.short")

    def speaker_back(self, session: "Session") -> None:
        """What was said into the silence is said again."""
        session.hush()
        session.exit_step = 0
        self._warn(session, "exit.warning")

    def _warning(self, session: "Session") -> str:
        """Return the warning that has not been said to its end, if any."""
        return next((say.line for say in session.queue if say.line in WARNINGS), "")

    def _warn(self, session: "Session", line: str) -> None:
        session.cancel(Timer.REST)
        session.say(line, gap=0.0)
        if session.unwell:
            session.say("help.symptom")

    def _step(self, session: "Session") -> None:
        steps = session.content.setup.exit
        session.cancel(Timer.REST)
        last = len(steps) - 1 if session.unwell else len(steps)
        if session.exit_step < last:
            session.exit_step += 1
            session.say(steps[session.exit_step - 1].line)
        elif session.mute:  # nobody has heard a word: keep trying
            session.exit_step = 0
            self._warn(session, "exit.warning")
        else:
            session.go(Trigger.UNWELL if session.unwell else Trigger.LEGS_DOWN)
