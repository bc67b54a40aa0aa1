"""IDLE: one line on how to begin, then silence."""

from typing import TYPE_CHECKING

from legsup_voice.content import duration
from legsup_voice.protocol.actions import Quit
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.session.conduct import ALWAYS, Conduct
from legsup_voice.session.screening import refusal_for
from legsup_voice.session.table import Trigger

if TYPE_CHECKING:
    from legsup_voice.session.session import Session


class Idle(Conduct):
    """Waits for "start"."""

    help_line = "help.idle"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take "start" unless mute; "stop" means something only while a line sounds."""
        taken = ALWAYS - {Command.LESS_TALK, Command.MORE_TALK}
        if not session.mute:
            taken |= {Command.START}
        return taken if session.queue else taken - {Command.STOP}

    def heard(self, session: "Session", heard: Heard) -> None:
        """Begin a session of its own: nothing is kept of the one before."""
        if heard.command is Command.START:
            session.renew()
            session.go(Trigger.START)

    def stop(self, session: "Session") -> None:
        """Be silent."""
        session.hush()

    def quit(self, session: "Session") -> None:
        """Say goodbye; the program ends after it."""
        session.hush()
        session.say("idle.goodbye")
        session.act(Quit())

    def symptom(self, session: "Session") -> None:
        """Give help advice; there is no pose to leave."""
        session.say("help.rest_now")
        session.say("help.symptom")

    def condition(self, session: "Session", condition: str) -> None:
        """Refuse before anything has begun; what may follow is a session of its own."""
        session.renew()
        session.refusal = refusal_for(session, condition)
        session.go(Trigger.CONDITION)

    def how_long(self, session: "Session") -> None:
        """Say how long the hold is planned."""
        session.say("time.planned", duration=duration(session.plan.seconds))
