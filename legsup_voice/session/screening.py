"""SCREENING and REFUSED: the safety questions before any floor instruction, and the kind no.

Only a clear "no" to every question passes. A question is always heard to its end: an answer given
while it still sounds is not taken.
"""

from typing import TYPE_CHECKING

from legsup_voice.content import duration
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.session.conduct import ALWAYS, ANSWER_SECONDS, MAX_MISSES, Conduct
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

if TYPE_CHECKING:
    from legsup_voice.session.session import Session

ANSWERS = frozenset({Command.YES, Command.NO, Command.UNSURE})


def refusal_for(session: "Session", condition: str) -> str:
    """Return the line that refuses someone who has `condition`."""
    for question in session.content.screening.questions:
        if question.condition == condition:
            return question.refusal
    return "refused.other"


class Screening(Conduct):
    """Asks one question after another."""

    help_line = "help.screening"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take answers once the question has been heard."""
        return ALWAYS if session.queue else ALWAYS | ANSWERS | {Command.BACK}

    def entered(self, session: "Session") -> None:
        """Ask the first question."""
        session.passed = False
        self._ask(session, 0)

    def quiet(self, session: "Session") -> None:
        """Wait for the answer."""
        session.start(Timer.ANSWER, ANSWER_SECONDS)

    def heard(self, session: "Session", heard: Heard) -> None:
        """Go on after a clear no, refuse after anything else."""
        if heard.command is Command.NO:
            self._ask(session, session.question + 1)
        elif heard.command is Command.YES:
            self._refuse(session, session.content.screening.questions[session.question].refusal)
        elif heard.command is Command.UNSURE:
            self._refuse(session, "refused.unsure")
        elif heard.command is Command.BACK:
            self._ask(session, max(0, session.question - 1))

    def missed(self, session: "Session") -> None:
        """Ask again twice, then refuse."""
        session.misses += 1
        if session.misses >= MAX_MISSES:
            self._refuse(session, "refused.no_answer")
        else:
            session.say(self._line(session), variant=1)

    def stop(self, session: "Session") -> None:
        """Go back to waiting."""
        session.hush()
        session.go(Trigger.GIVE_UP)
        session.say("idle.back")

    def symptom(self, session: "Session") -> None:
        """Whoever feels unwell doesn't do the pose today."""
        session.say("help.symptom")
        self._refuse(session, "refused.symptom")

    def condition(self, session: "Session", condition: str) -> None:
        """Refuse for the condition named."""
        self._refuse(session, refusal_for(session, condition))

    def speaker_lost(self, session: "Session") -> None:
        """Questions that nobody hears can't be passed."""
        session.hush()
        session.go(Trigger.GIVE_UP)

    def how_long(self, session: "Session") -> None:
        """Say how long the hold is planned."""
        session.say("time.planned", duration=duration(session.plan.seconds))

    def why(self, session: "Session") -> None:
        """Say why the questions are asked, and ask again."""
        session.say("benefit.screening")
        session.say(self._line(session), variant=1)

    def _line(self, session: "Session") -> str:
        return session.content.screening.questions[session.question].line

    def _ask(self, session: "Session", question: int) -> None:
        session.misses = 0
        if question == len(session.content.screening.questions):
            session.passed = True
            session.go(Trigger.CLEAR)
        else:
            session.question = question
            session.say(self._line(session), variant=0)

    def _refuse(self, session: "Session", refusal: str) -> None:
        session.refusal = refusal
        session.go(Trigger.REFUSE)


class Refused(Conduct):
    """Says no kindly and offers breathing sitting upright."""

    help_line = "help.refused"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take an answer to the offer, but none that would cut a safety line short."""
        waiting = any(say.safety for say in session.queue)
        return ALWAYS if waiting else ALWAYS | ANSWERS

    def entered(self, session: "Session") -> None:
        """Say why not, whom to ask, and what to do instead."""
        session.say(session.refusal)
        session.say("refused.doctor")
        session.say("refused.offer")

    def quiet(self, session: "Session") -> None:
        """Wait for the answer."""
        session.start(Timer.ANSWER, ANSWER_SECONDS)

    def heard(self, session: "Session", heard: Heard) -> None:
        """Breathe after a yes; else back to waiting."""
        if heard.command is Command.YES:
            session.go(Trigger.ACCEPT)
        elif heard.command in ANSWERS:
            self._let_be(session)

    def missed(self, session: "Session") -> None:
        """Offer twice more, then let it be."""
        session.misses += 1
        if session.misses >= MAX_MISSES:
            self._let_be(session)
        else:
            session.say("refused.offer", variant=1)

    def stop(self, session: "Session") -> None:
        """Go back to waiting."""
        session.hush()
        self._let_be(session)

    def symptom(self, session: "Session") -> None:
        """Give help advice, and offer nothing more."""
        session.go(Trigger.DECLINE)
        session.say("help.rest_now")
        session.say("help.symptom")

    def condition(self, session: "Session", condition: str) -> None:
        """It stays a no: say whom to ask."""
        session.say("refused.doctor")
        session.say("refused.offer")

    def why(self, session: "Session") -> None:
        """Say why the pose isn't for everyone."""
        session.say("benefit.screening")
        session.say("refused.offer", variant=1)

    def how_long(self, session: "Session") -> None:
        """Answer with the offer."""
        session.say("refused.offer", variant=1)

    def _let_be(self, session: "Session") -> None:
        session.go(Trigger.DECLINE)
        session.say("idle.back")
