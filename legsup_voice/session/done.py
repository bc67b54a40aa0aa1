"""DONE: the session is recorded, and one closing line said."""

from legsup_voice.protocol.actions import Quit, Record, Remember
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session.resting import Rest
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer
from legsup_voice.session.visit import choices_of

LINGERS = 5.0
"""Seconds after the last line in which dizziness can still be said."""


class Done(Rest):
    """Records the session and says goodbye."""

    state = State.DONE
    help_line = "help.done"
    own = frozenset({Command.TINGLING})

    def entered(self) -> None:
        """Only someone who said so is steady enough to stand."""
        visit, desk = self.visit, self.desk
        desk.cancel(Timer.CALL)
        visit.asleep = False
        desk.act(Record(visit.held, visit.guidance.pattern, visit.ended_by))
        if visit.held and not visit.barred:
            desk.act(Remember(choices_of(visit, desk.wishes)))
        self.prompt()
        if visit.ended_by == "unanswered":
            return
        closing = "done.early" if visit.ended_by == "stop" else "done.close"
        if visit.ailed:
            closing = "done.unwell"
        if visit.reason:
            closing = "refused.doctor"
        desk.say("done.good_night" if visit.night else closing)

    def prompts_done(self) -> None:
        """Over, after a moment in which dizziness can still be said."""
        self.desk.start(Timer.REST, LINGERS, keep=True)

    def prompt(self) -> None:
        """Say how to go on from here."""
        visit = self.visit
        if visit.ended_by == "unanswered":
            self.desk.say("done.unanswered")
        elif self.came_from is State.SEATED:
            self.desk.say("seated.end")
        elif visit.night:
            self.desk.say("done.night")
        else:
            self.desk.say("stand.support")

    def heard(self, heard: Heard) -> None:
        """Nobody stands on legs that are numb."""
        self.desk.go(Trigger.UNWELL)

    def how_long(self) -> None:
        """It is over."""
        self.prompt()

    def journal_lost(self) -> None:
        """Say that the session could not be stored."""
        self.desk.say("done.journal")

    def timer(self, timer: Timer) -> None:
        """Back to waiting, and the program may end; not while something is being said."""
        if self.desk.queue:
            self.desk.start(Timer.REST, LINGERS)
        else:
            self.desk.go(Trigger.OVER)
            self.desk.act(Quit())
