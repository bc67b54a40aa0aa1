"""REFUSED: the kind no, whom to ask, and breathing sitting upright instead."""

from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import (
    ALWAYS,
    ANSWER_SECONDS,
    ANSWERS,
    ANYTHING,
    MAX_MISSES,
    Handler,
)
from legsup_voice.session.settings import clamp_hold, length_asked_for
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer


def refusal_for(desk: Desk, condition: Condition) -> str:
    """Return the line that refuses someone who has `condition`."""
    for question in desk.content.screening.questions:
        if question.condition == condition:
            return question.refusal
    return "refused.other"


class Refused(Handler):
    """Says no kindly and offers breathing sitting upright."""

    state = State.REFUSED
    asking = ANYTHING
    help_line = "help.refused"
    what_line = "seated.what"
    upright = True
    own = ANSWERS | {Command.NEXT, Command.BREATHING, Command.DURATION}

    @property
    def takes(self) -> frozenset[Command]:
        """Take an answer to the offer, but none that would cut a safety line short."""
        return ALWAYS if self._explains else ALWAYS | self.own

    @property
    def _explains(self) -> bool:
        """Whether it is still being said why not."""
        return any(say.safety for say in self.desk.queue) and not self.doubtful

    @property
    def asks(self) -> bool:
        """The offer is always open."""
        return True

    def entered(self) -> None:
        """Say why not, whom to ask, and what to do instead."""
        self.desk.bar()
        self.visit.cleared = frozenset()
        if self.visit.unwell:
            self.desk.say("help.rest_now")
            self.desk.say("help.symptom")
        self.desk.say(self.visit.refusal)
        self.desk.say("refused.doctor")
        self.desk.say("refused.offer", variant=0)

    def prompts_done(self) -> None:
        """Wait for the answer."""
        self.desk.start(Timer.ANSWER, ANSWER_SECONDS)

    def prompt(self) -> None:
        """Offer again."""
        self.desk.say("refused.offer", variant=1)

    def heard(self, heard: Heard) -> None:
        """Breathe after a yes or "belly breathing"; else back to waiting."""
        if heard.command is Command.BREATHING:
            self.visit.guidance.pattern = heard.pattern or self.visit.guidance.pattern
        if heard.command in (Command.YES, Command.NEXT, Command.BREATHING):
            self.desk.go(Trigger.ACCEPT)
        elif heard.command is Command.DURATION:  # may come from outside: it is no answer
            self.visit.plan.seconds = clamp_hold(length_asked_for(heard, self.visit.plan.seconds))
            self.prompt()
        elif heard.command in ANSWERS:
            self.desk.go(Trigger.DECLINE, "idle.back")

    def no_input(self) -> None:
        """Offer twice more, then let it be."""
        self.misses += 1
        if self.misses >= MAX_MISSES:
            self.desk.go(Trigger.DECLINE, "idle.back")
        else:
            self.prompt()

    def stop(self) -> None:
        """Go back to waiting."""
        self.desk.hush()
        self.desk.go(Trigger.DECLINE, "idle.back")

    def microphone_lost(self) -> None:
        """Once it is said why not, nothing is offered to someone who can't be heard."""
        if not self._explains and not self.doubtful:
            self.desk.interrupt()
            self.desk.go(Trigger.DECLINE)
        super().microphone_lost()

    def symptom(self, symptom: Symptom) -> None:
        """Give help advice, and offer nothing more."""
        self.visit.feels(symptom)
        self.desk.go(Trigger.DECLINE, "help.rest_now", "help.symptom")

    def condition(self, condition: Condition) -> None:
        """It stays a no: say whom to ask."""
        self.desk.say("refused.doctor")
        self.desk.say("refused.offer")

    def why(self) -> None:
        """Say why the pose isn't for everyone."""
        self.desk.say("benefit.screening")

    def how_long(self) -> None:
        """The offer, made again, is the answer."""
