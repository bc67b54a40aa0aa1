"""SIDE and SITTING: the rests on the way up, which no setting and no command shortens."""

from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session.caller import Caller
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import (
    ALWAYS,
    ANSWER_SECONDS,
    ANSWERS,
    ANYTHING,
    MAX_MISSES,
    Handler,
)
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

SIDE_SECONDS = 30.0
SITTING_SECONDS = 30.0
"""The least rests of product.md section 1."""


NOT_DOWN = frozenset({Command.NO, Command.UNSURE})
"""What tells who was asked whether they are down that they aren't."""

MORE_REST = frozenset({Command.PAUSE, Command.TINGLING, Command.NO})
"""What asks for more time: nobody gets up who isn't ready, or on legs that are numb."""


class Rest(Handler):
    """With the legs down "stop" only silences, and a condition changes nothing any more."""

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


class _Waking(Rest, Caller):
    """SIDE and SITTING: those who get up early are held back kindly, sleepers are called."""

    own = frozenset(
        {
            *(Command.NEXT, Command.YES, Command.PAUSE),
            *(Command.SKIP, Command.TINGLING, Command.BACK),
        }
    )
    stay_line = "side.not_yet"
    asking = ANYTHING

    def stop(self) -> None:
        """Be silent, and say how to go on to someone who has to get up."""
        self.desk.hush()
        self.desk.say(self.stay_line)

    def heard(self, heard: Heard) -> None:
        """Ask for a little more rest, and say why, of who is ready or up already.

        Whose legs are still up is led down once more.
        """
        if heard.command is Command.BACK:
            self.desk.go(Trigger.NOT_DOWN)
        elif heard.command in MORE_REST:
            self.rest_again()
        else:
            self.desk.say(self.stay_line)

    def no_match(self) -> None:
        """Ask a sleeper again, who says something; say again how to rest who goes on talking."""
        if self.visit.calls:
            self.call_again()
        elif self.speaks_again():
            self.prompt()

    def rest_again(self) -> None:
        """Rest as long once more."""


class Side(_Waking):
    """Rests on one side."""

    state = State.SIDE
    help_line = "help.side"

    @property
    def takes(self) -> frozenset[Command]:
        """Take a "no" of somebody who is asked whether they are down."""
        return ALWAYS | self.own | ANSWERS if self.visit.calls else ALWAYS | self.own

    def entered(self) -> None:
        """Say how to rest."""
        self.prompt()

    def heard(self, heard: Heard) -> None:
        """Lead down once more who isn't down; only who was asked that says no."""
        if heard.command in NOT_DOWN:
            self.desk.go(Trigger.NOT_DOWN)
        else:
            super().heard(heard)

    def rest_again(self) -> None:
        """Rest on the side for half a minute more."""
        self.desk.start(Timer.REST, SIDE_SECONDS)
        self.desk.say("side.rest", variant=0)

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
            return ALWAYS | ANSWERS | self.own
        if not self.asked:
            return ALWAYS | self.own
        return ALWAYS if self.desk.queue else ALWAYS | ANSWERS | self.own

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
        """Only a clear "no" or "fine" leads on; who has woken up is asked again.

        Who would rather not get up rests longer.
        """
        if heard.command is Command.BACK or (self.woken and heard.command in NOT_DOWN):
            self.desk.go(Trigger.NOT_DOWN)
        elif self.woken or (self.asked and heard.command is Command.SKIP):
            self.prompt()  # being up already is no answer to the question
        elif not self.asked or heard.declines or heard.command in (Command.PAUSE, Command.TINGLING):
            super().heard(heard)
        elif heard.command in (Command.NO, Command.NEXT):
            self.desk.go(Trigger.FINE)
        else:
            self.desk.go(Trigger.UNWELL)

    def rest_again(self) -> None:
        """Sit for half a minute more before the question."""
        self.asked = False
        self.desk.start(Timer.REST, SITTING_SECONDS)
        self.desk.say("sitting.not_yet", variant=0)

    def how_long(self) -> None:
        """Say that it isn't long; once the question is open, it only is asked again."""
        if not self.asked:
            super().how_long()

    def no_match(self) -> None:
        """While the question is open, ask it again."""
        if self.asked and not self.calling:
            Handler.no_match(self)
        else:
            super().no_match()

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
