"""LYING, SIDE, SITTING and DONE: the rests after the pose, and the end of the session.

The least rests are constants: no setting and no command shortens them.
"""

from legsup_voice.protocol.actions import Quit, Record, Remember
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session.caller import Caller
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import ALWAYS, ANSWER_SECONDS, ANSWERS, MAX_MISSES, Handler
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer
from legsup_voice.session.visit import choices_of

SIDE_SECONDS = 30.0
SITTING_SECONDS = 30.0
"""The least rests of product.md section 1."""

LINGERS = 5.0
"""Seconds after the last line in which dizziness can still be said."""

LYING_CHECK_SECONDS = 30.0
LYING_LATER_SECONDS = 60.0
HALF_SITTING = frozenset({Symptom.CHEST, Symptom.BREATH})
"""Who feels these rests half sitting, supported: see the sources in the content's facts."""

ADVICE = {
    Symptom.CRAMP: "help.cramp",
    Symptom.SICK: "help.sick",
    Symptom.STUCK: "help.stuck",
}
"""What is said besides, lying down."""


class _Rest(Handler):
    """What the rests share: "stop" only silences, a condition changes nothing any more."""

    def stop(self) -> None:
        """Be silent; the rest goes on."""
        self.desk.hush()

    def condition(self, condition: Condition) -> None:
        """The legs are down already: say whom to ask."""
        self.visit.cleared = frozenset()
        self.desk.say("refused.doctor")

    def symptom(self, symptom: Symptom) -> None:
        """Lie down again."""
        self.visit.feels(symptom)
        self.desk.go(Trigger.UNWELL)


class Lying(_Rest):
    """Stays until the person says that it has passed."""

    state = State.LYING
    help_line = "help.lying"
    stays_unwell = True
    own = ANSWERS | {Command.NEXT}

    def entered(self) -> None:
        """Say how to lie, and when to call for help."""
        self.visit.barred = True
        self.prompt()
        if self.visit.unwell in ADVICE:
            self.desk.say(ADVICE[self.visit.unwell])
        self.desk.say("help.symptom")

    def prompts_done(self) -> None:
        """Wait, then ask."""
        later = self.misses >= MAX_MISSES
        wait = LYING_LATER_SECONDS if later else LYING_CHECK_SECONDS
        self.desk.start(Timer.REST, wait, keep=True)

    def prompt(self) -> None:
        """Say how to lie."""
        if self.visit.unwell in HALF_SITTING:
            self.desk.say("emergency.half_sitting")
        elif self.came_from is State.SEATED:
            self.desk.say("help.rest_now")
        elif self.came_from is State.LEAVING:
            self.desk.say("lying.down")
        else:
            self.desk.say("lying.again")

    def timer(self, timer: Timer) -> None:
        """Ask how it is; every third time say again when to call for help."""
        self.misses += 1
        if self.misses % MAX_MISSES == 0:
            self.desk.say("help.symptom")
        self.desk.say("lying.checkin")

    def heard(self, heard: Heard) -> None:
        """Go on when it is better."""
        if heard.command in (Command.NEXT, Command.YES):
            self.visit.unwell = None
            self.desk.go(Trigger.BETTER)
        else:
            self.desk.say("lying.stay")

    def symptom(self, symptom: Symptom) -> None:
        """Say how to lie with this, and when to call for help."""
        self.visit.feels(symptom)
        if symptom in ADVICE:
            self.desk.say(ADVICE[symptom])
        else:
            self.prompt()
        self.desk.say("help.symptom")

    def stop(self) -> None:
        """Be silent, and say how to go on to someone who has to get up."""
        self.desk.hush()
        self.desk.say("lying.checkin")

    def how_long(self) -> None:
        """It takes until they feel better."""
        self.desk.say("lying.checkin")


class _Waking(_Rest, Caller):
    """SIDE and SITTING: those who get up early are held back kindly, sleepers are called."""

    own = frozenset({Command.NEXT, Command.YES, Command.SKIP})
    stay_line = "side.not_yet"

    def stop(self) -> None:
        """Be silent, and say how to go on to someone who has to get up."""
        self.desk.hush()
        self.desk.say(self.stay_line)

    def heard(self, heard: Heard) -> None:
        """Ask for a little more rest, and say why, of who is ready or up already."""
        self.desk.say(self.stay_line)


class Side(_Waking):
    """Rests on one side."""

    state = State.SIDE
    help_line = "help.side"

    def entered(self) -> None:
        """Say how to rest."""
        self.prompt()

    def prompts_done(self) -> None:
        """The rest counts from the end of its first line."""
        self.desk.start(Timer.REST, SIDE_SECONDS, keep=True)

    def prompt(self) -> None:
        """Say how to rest."""
        self.desk.say("side.roll" if self.came_from is State.LYING else "side.rest")

    def timer(self, timer: Timer) -> None:
        """Go on to sitting."""
        if timer is Timer.CALL:
            self.call()
        else:
            self.desk.interrupt()
            self.desk.go(Trigger.RESTED)


class Sitting(_Waking):
    """Rests sitting, then asks about dizziness."""

    state = State.SITTING
    help_line = "help.sitting"
    stay_line = "sitting.not_yet"

    def __init__(self, desk: Desk, came_from: State) -> None:
        super().__init__(desk, came_from)
        self.asked = False
        """The rest is over and the question has been asked."""

        self.calling = False
        """Nobody answers it; they are called until they do."""

        self.woken = False
        """What is being heard has ended the calls: it is no answer to the question."""

    @property
    def takes(self) -> frozenset[Command]:
        """Take an answer once the question has been heard."""
        if self.calling:
            return ALWAYS | ANSWERS | {Command.NEXT, Command.SKIP}
        if not self.asked:
            return ALWAYS | self.own
        return ALWAYS if self.desk.queue else ALWAYS | ANSWERS | {Command.NEXT, Command.SKIP}

    @property
    def asks(self) -> bool:
        """Whether the question is open."""
        return self.asked

    def entered(self) -> None:
        """Say how to sit."""
        self.desk.say("sitting.rest")

    def prompts_done(self) -> None:
        """Rest first; once asked, wait for the answer."""
        if self.calling:
            self.desk.start(Timer.CALL, 0.0, keep=True)
        elif self.asked:
            self.desk.start(Timer.ANSWER, ANSWER_SECONDS)
        else:
            self.desk.start(Timer.REST, SITTING_SECONDS, keep=True)

    def prompt(self) -> None:
        """Say how to sit, or ask again."""
        if self.asked:
            self.desk.say("sitting.dizzy", variant=1)
        else:
            self.desk.say("sitting.rest")

    def timer(self, timer: Timer) -> None:
        """Ask about dizziness, or call again."""
        if timer is Timer.REST:
            self.asked = True
            self.desk.say("sitting.dizzy", variant=0)
        elif self.asked and not self.calling:
            self.desk.start(Timer.CALL, ANSWER_SECONDS)  # the question comes first
        elif self.calling and self.called_enough:
            self.visit.ended_by = "unanswered"
            self.desk.go(Trigger.FINE)
        else:
            self.call()

    def awake(self) -> None:
        """Somebody answers: the calls are over."""
        self.woken, self.calling = self.calling, False
        self.misses = 0

    def heard(self, heard: Heard) -> None:
        """Only a clear "no" or "fine" leads on; who has woken up is asked again."""
        if self.woken or (self.asked and heard.command is Command.SKIP):
            self.prompt()  # being up already is no answer to the question
        elif not self.asked:
            super().heard(heard)
        elif heard.command in (Command.NO, Command.NEXT):
            self.desk.go(Trigger.FINE)
        else:
            self.desk.go(Trigger.UNWELL)

    def no_input(self) -> None:
        """Ask twice more; then call until somebody answers. Nobody is told to stand."""
        self.misses += 1
        if self.misses < MAX_MISSES:
            self.prompt()
        else:
            self.calling = self.visit.asleep = True
            self.desk.start(Timer.CALL, 0.0, keep=True)

    def stop(self) -> None:
        """Be silent, and say how to go on; once the question is open, ask it again."""
        if self.asked:
            self.desk.hush()
            self.prompt()
        else:
            super().stop()


class Done(_Rest):
    """Records the session and says goodbye."""

    state = State.DONE
    help_line = "help.done"

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
        closing = "done.unwell" if visit.ailed else "done.close"
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
