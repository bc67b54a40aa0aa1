"""SCREENING: the safety questions before any floor instruction.

Only a clear "no" to every question passes. A "no" that comes while its question still sounds counts
once the condition has been named; before that, the question is asked again.
"""

from legsup_voice.content import Question
from legsup_voice.protocol.commands import (
    EMERGENCIES,
    Command,
    Condition,
    Pattern,
    Symptom,
)
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
from legsup_voice.session.refused import refusal_for
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

WAIT = 60.0
"""Seconds that "wait" gives before a question is asked again."""

SECONDS_PER_WORD = 60 / 110
"""Of our slowest speech: a word has been said for certain after so long."""


class Screening(Handler):
    """Asks one question after another."""

    state = State.SCREENING
    asking = ANYTHING
    help_line = "help.screening"
    upright = True
    own = ANSWERS | {Command.BACK, Command.PAUSE}

    def __init__(self, desk: Desk, came_from: State) -> None:
        super().__init__(desk, came_from)
        self.everything = not desk.returning
        self.question = 0
        self.asked = False
        """The question has been heard to its end."""

        self.waits = False
        """Somebody asked for a moment; silence is no answer before it is over."""

    @property
    def takes(self) -> frozenset[Command]:
        """Take answers; "back" not while a question sounds."""
        return ALWAYS | ANSWERS if self.desk.queue else ALWAYS | self.own

    @property
    def place(self) -> int:
        """The number of the question; the one that names it all is one of its own."""
        return self.question if self.everything else -1

    @property
    def asks(self) -> bool:
        """A question is always open."""
        return True

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked: six questions, or the one that names it all."""
        screening = self.desk.content.screening
        return screening.questions if self.everything else (screening.combined,)

    def entered(self) -> None:
        """Ask the first question."""
        self.ask(0)

    def line_done(self, line: str) -> None:
        """Note that the question has been heard."""
        self.asked |= line == self._open.line

    def prompts_done(self) -> None:
        """Wait for the answer; a question that was broken off is asked again."""
        if self.waits and not self.doubtful:
            self.desk.start(Timer.REST, WAIT, keep=True)
        elif self.asked or self.doubtful:
            self.desk.start(Timer.ANSWER, ANSWER_SECONDS)
        else:
            self.prompt()

    def prompt(self) -> None:
        """Ask again."""
        self._say(1)

    def heard(self, heard: Heard) -> None:
        """Go on after a clear no, refuse after anything else; wait when asked to."""
        self.desk.cancel(Timer.REST)
        self.waits = heard.command is Command.PAUSE
        if self.waits:
            self.desk.say("setup.soft")
        elif heard.command is Command.BACK:
            self.ask(max(0, self.question - 1))
        elif not self._named(heard):
            waiting = [say.line for say in self.desk.queue].count(self._open.line)
            answered_lead = self._open.lead is not None and waiting  # the rest comes at once
            if not answered_lead and waiting < 2:  # it is not to be heard a third time
                self.prompt()
        elif heard.command is Command.NO and not self._answers(heard):
            self.desk.cancel(Timer.ANSWER)
            self.no_input()
        elif heard.command is Command.NO:
            self._clear()
        else:
            yes = heard.command is Command.YES
            self._refuse(self._open.refusal if yes else "refused.unsure")

    def no_input(self) -> None:
        """Ask again twice, then refuse."""
        self.misses += 1
        if self.misses >= MAX_MISSES:
            self._refuse("refused.no_answer")
        else:
            self.prompt()

    def doubt(self) -> None:
        """Whether they are unwell comes first."""
        self.waits = False
        self.desk.cancel(Timer.REST)
        super().doubt()

    def timer(self, timer: Timer) -> None:
        """The moment is over: ask again."""
        self.waits = False
        self.prompt()

    def stop(self) -> None:
        """Go back to waiting."""
        self.desk.hush()
        self.desk.go(Trigger.GIVE_UP, "idle.back")

    def symptom(self, symptom: Symptom) -> None:
        """Whoever feels unwell doesn't do the pose today; in an emergency nothing is offered."""
        self.visit.feels(symptom)
        if symptom in EMERGENCIES:
            self.desk.go(Trigger.GIVE_UP, "help.rest_now")
        else:
            self._refuse("refused.symptom")

    def condition(self, condition: Condition) -> None:
        """Refuse for the condition named."""
        self._refuse(refusal_for(self.desk, condition))

    def microphone_lost(self) -> None:
        """Questions whose answers can't be heard aren't asked; one in an emergency is."""
        if not self.doubtful:
            self.desk.interrupt()
            self.desk.go(Trigger.GIVE_UP)
        super().microphone_lost()

    def speaker_lost(self) -> None:
        """Questions that nobody hears can't be passed."""
        self.desk.hush()
        self.desk.go(Trigger.GIVE_UP)

    def how_long(self) -> None:
        """Say how long the hold is planned."""
        self.desk.say("time.planned")

    def what_is_this(self, pattern: Pattern | None) -> None:
        """Say how one breathes; else the question, asked again, says what it is about."""
        if pattern is not None:
            super().what_is_this(pattern)

    def why(self) -> None:
        """Say why the questions are asked."""
        self.desk.say("benefit.screening")

    def more(self) -> None:
        """Ask one question after the other, as "ask me everything" wants it."""
        if self.everything:
            self.why()
        else:
            self.everything = True
            self.ask(0)

    @property
    def _open(self) -> Question:
        return self.questions[self.question]

    def _named(self, heard: Heard) -> bool:
        """Whether the condition that is asked for had been said when the answer came."""
        if self.asked:
            return True
        if not self.desk.queue or self.desk.wishes.slow:  # pauses are longer then than words tell
            return False
        sounding, since = self.desk.queue[0], self.desk.sounding_since
        if sounding.line != self._open.line or since is None:
            return False
        before, named, _ = sounding.text.lower().partition(self._open.named)
        words = len((before + named).split())
        return (heard.speech_end or self.desk.now) - since >= words * SECONDS_PER_WORD

    def _answers(self, heard: Heard) -> bool:
        """Whether a no is about all that is asked: "no, I'm not pregnant" answers one question.

        "I'd rather not" answers none.
        """
        return not heard.declines and heard.condition in (
            None,
            self._open.condition if self.everything else None,
        )

    def _clear(self) -> None:
        """Note the clear no; go on when nothing is left to be asked."""
        everything = self.desk.content.screening.conditions
        cleared = frozenset({self._open.condition}) if self.everything else everything
        self.visit.cleared |= cleared
        if self.visit.cleared >= everything:
            self.desk.go(Trigger.CLEAR)
        else:
            self.ask(self.question + 1)

    def ask(self, question: int) -> None:
        """Ask question number `question`; what was said to it and those after it is forgotten."""
        self.misses = 0
        self.question = question
        self.asked = False
        self.visit.cleared -= {later.condition for later in self.questions[question:]}
        self._say(0)

    def _say(self, variant: int) -> None:
        if self._open.lead is not None:
            self.desk.say(self._open.lead, variant)
        self.desk.say(self._open.line, variant)

    def _refuse(self, refusal: str) -> None:
        self.visit.refusal = refusal
        self.desk.go(Trigger.REFUSE)
