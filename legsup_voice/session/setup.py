"""SETUP: into the pose one step at a time; among the steps are the choices (`choosing`).

Whoever knows the pose goes to the choices. The hold begins only after the person said that they are
in place.
"""

from legsup_voice.content import Step
from legsup_voice.content.schema import Place
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.limits import MAX_HOLD
from legsup_voice.protocol.states import State
from legsup_voice.session.choosing import CHOICES, Choosing
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import (
    ANSWER_SECONDS,
    ANSWERS,
    ANYTHING,
    MAX_MISSES,
    TOLD_SECONDS,
)
from legsup_voice.session.ladder import Ladder
from legsup_voice.session.refused import refusal_for
from legsup_voice.session.settings import clamp_hold
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

PATIENCE = (ANSWER_SECONDS, 60.0, 60.0)
"""Seconds of silence before each reminder while someone finds a wall or a mat, then before the end:
the first says early that "next" is waited for."""

FLOOR_PATIENCE = (60.0, 30.0, 30.0)
"""The same while someone gets down to the floor or settles there: a minute is nothing."""

FETCHING_PATIENCE = (60.0, 90.0, 90.0)
"""The same for whoever knows the pose and was told no step: there may be a mat to fetch yet."""

WAITS = (30.0, 90.0, 90.0, 90.0)
"""Seconds that "wait" gives, the last first: a soft word between, 5 min in all."""

POSE_LIMIT = 600.0
"""Seconds in the pose before the hold: nobody stays there repeating steps for ever."""

PASS_KEPT = 600.0
"""Seconds that a passed screening counts after breaking off before the pose."""


class Setup(Choosing):
    """Leads through the steps."""

    state = State.SETUP
    asking = ANYTHING
    own = ANSWERS | {
        Command.NEXT,
        Command.BACK,
        Command.EASIER,
        Command.HARDER,
        Command.SKIP,
        Command.START,
        Command.SAME,
        Command.PAUSE,
        Command.RESUME,
        Command.DURATION,
        Command.LONGER,
        Command.SHORTER,
        Command.BREATHING,
        Command.TINGLING,
    }

    def __init__(self, desk: Desk, came_from: State) -> None:
        super().__init__(desk, came_from)
        self.step = 0
        self.in_place = False
        """The person said that they are where a step in the pose leads."""

        self.led = False
        """A step on the floor has been told."""

        self.waits = 0
        """How many times more "wait" lets us wait."""

        self.ladder = Ladder()

    @property
    def upright(self) -> bool:  # type: ignore[override]
        """Whether the legs are still down."""
        return not self.visit.raised

    @property
    def may_go_on(self) -> bool:
        """Whether "ready" is waited for."""
        return self.step == self._ready and not self.asks

    @property
    def place(self) -> int:
        """The number of the step; the offer is one of its own."""
        return -1 if self.offering else self.step

    @property
    def choice(self) -> str | None:
        """Which choice this step asks for, if it does."""
        return self._step.asks

    def entered(self) -> None:
        """Begin with the first step; whoever comes back is offered the choices of last time."""
        if self.visit.same:
            self.take_planned()
        elif self.desk.returning and self.may_offer:
            self.offer()
        elif self.desk.returning and self._all_known:
            self.take_planned()
        else:
            self.show(0)

    def line_done(self, line: str) -> None:
        """An "okay" right after the last step may only mean that it was heard."""
        if self.step == self._ready:
            self.desk.start(Timer.TOLD, TOLD_SECONDS)

    def prompts_done(self) -> None:
        """Wait for "next", or begin the hold when all is chosen and the legs are up."""
        if self.doubtful:
            self.desk.start(Timer.ANSWER, ANSWER_SECONDS)
        elif self.waits:
            self.desk.start(Timer.ANSWER, WAITS[self.waits - 1])
        elif self.asks:
            self.desk.start(Timer.ANSWER, ANSWER_SECONDS)
        elif self._all_done:
            self.desk.go(Trigger.READY)
        else:
            self.desk.start(Timer.ANSWER, self._patience[self.misses])

    @property
    def _patience(self) -> tuple[float, float, float]:
        """Seconds of silence before each reminder, and before the end."""
        if self.step == self._ready and not self.led:
            return FETCHING_PATIENCE
        return FLOOR_PATIENCE if self._step.floor else PATIENCE

    def prompt(self) -> None:
        """Say what this step is, or ask for the choice again."""
        if self.offering:
            self.prompt_offer()
        elif self._all_done:
            self.desk.say("choose.minutes_set")
        else:
            self.desk.say(self._step.line, variant=0 if self.asks else None)

    def heard(self, heard: Heard) -> None:
        """Obey what moves through the steps or changes the plan."""
        waited, self.waits = self.waits > 0, 0
        match heard.command:
            case Command.NO if self.offering:
                self.decline_offer()
            case Command.NO | Command.UNSURE | Command.TINGLING if self.asks:
                self.no_input()  # an answer that is none is a miss, so that choices end
            case Command.PAUSE | Command.NO | Command.UNSURE:
                self.waits, self.misses = len(WAITS), 0
                self.desk.say("setup.soft" if self.asks else "setup.wait")
            case Command.RESUME if waited:
                self.prompt()
            case Command.START if heard.pattern is not None or heard.seconds is not None:
                self.take_request(heard)
            case Command.NEXT | Command.YES | Command.RESUME | Command.START:
                self._next()
            case Command.SAME:
                self.same()
            case Command.BACK if heard.first:
                self._back_to_the_first()
            case Command.BACK:
                self._back()
            case Command.SKIP:
                self._skip()
            case Command.EASIER | Command.HARDER as command:
                self._vary(command)
            case Command.BREATHING:
                self.choose_breathing(heard.pattern or Pattern.BELLY)
            case Command.DURATION | Command.LONGER | Command.SHORTER:
                self.choose_length(heard)
            case Command.TINGLING if self.visit.raised:
                self.desk.say("hold.tingling")
                self.desk.say("hold.slide")
            case Command.TINGLING:
                self.desk.say("setup.waiting")

    def no_match(self) -> None:
        """At a choice, ask again; while someone is moving, other talk is no answer.

        Whoever has the legs up and goes on talking is told how to come down.
        """
        if self.asks and not self.waits:
            super().no_match()
        elif self.visit.raised and self.speaks_again():
            self.desk.say("setup.hint")

    def no_input(self) -> None:
        """Remind twice, then choose what is safe."""
        if self.waits:
            self.waits -= 1
            self.misses = 1 if self.waits == 0 else 0
            if self.waits == 0 and self.asks:
                self.prompt()
            else:
                self.desk.say("setup.soft" if self.waits else "setup.waiting")
            return
        self.misses += 1
        if self.misses < MAX_MISSES:
            asked = self.asks or self.step == self._ready
            question = "choose.same" if self.offering else self._step.line
            self.desk.say(question if asked else "setup.waiting", variant=1)
        elif self.asks:
            self._next()
        else:
            self._give_up("silence", "setup.ended")

    def timer(self, timer: Timer) -> None:
        """Too long in the pose without beginning the hold."""
        if timer is Timer.CAP:
            self._leave("time")

    def stop(self) -> None:
        """Leave the pose, or just end; whoever is on the floor gets up slowly."""
        self._give_up("stop", "setup.rise" if self._step.floor else "setup.stopped")

    def symptom(self, symptom: Symptom) -> None:
        """Leave the pose, or rest where one is."""
        self.visit.feels(symptom)
        if self.visit.raised:
            self._leave("stop")
        else:
            self.desk.go(Trigger.GIVE_UP, "help.rest_now", "help.symptom")

    def condition(self, condition: Condition) -> None:
        """The screening no longer holds."""
        self.visit.cleared = frozenset()
        self.visit.refusal = refusal_for(self.desk, condition)
        if self.visit.raised:
            self.visit.reason = self.visit.refusal
            self._leave("stop")
        else:
            self.desk.go(Trigger.CONDITION)

    def microphone_lost(self) -> None:
        """Nobody waits for a "next" that can't be heard, least of all in the pose."""
        if self.visit.raised:
            self._leave("fault", "fault.microphone")
        elif self.doubtful:
            super().microphone_lost()
        else:
            self._give_up("fault", "setup.rise" if self._step.floor else "setup.stopped")
            super().microphone_lost()

    def speaker_lost(self) -> None:
        """Without a voice no hold begins."""
        if self.visit.raised:
            self._leave("fault")
        else:
            self.desk.hush()
            self.desk.go(Trigger.GIVE_UP)

    @property
    def help_line(self) -> str:  # type: ignore[override]
        """What can be said: at a choice that is what can be chosen."""
        if self.asks:
            return "help.offer" if self.offering else "help.choose"
        return "help.ready" if self.may_go_on else "help.setup"

    def how_long(self) -> None:
        """Say how long the hold is planned."""
        self.desk.say("time.planned")

    def why(self) -> None:
        """Say what this step is good for."""
        if self.offering:
            self.tell_a_fact()
        else:
            self.desk.say(self._step.why)

    # --- the steps ---------------------------------------------------------------------------

    @property
    def _steps(self) -> tuple[Step, ...]:
        setup = self.desk.content.setup
        return (*setup.steps, setup.ready)

    @property
    def _ready(self) -> int:
        """The number of the last step, which asks whether the legs are up."""
        return len(self.desk.content.setup.steps)

    @property
    def _all_known(self) -> bool:
        """What wasn't chosen for today is as last time."""
        last = self.desk.settings.last
        return self.visit.known == CHOICES or (last is not None and bool(self.visit.known))

    @property
    def _all_done(self) -> bool:
        """Everything is chosen, and the legs are up."""
        return self.step == self._ready and self.in_place

    @property
    def _step(self) -> Step:
        return self._steps[self.step]

    def show(self, index: int) -> None:
        """Go to step `index`; choices that are known are said and not asked."""
        self.step = index
        self.misses = 0
        self.in_place &= index >= self.desk.content.setup.raising_step
        step = self._step
        self.led |= step.floor and index < self._ready
        if index >= self.desk.content.setup.raising_step and not self.visit.raised:
            self.visit.raised = True
            self.visit.plan.cap = self.desk.now + MAX_HOLD
            self.desk.start(Timer.CAP, POSE_LIMIT)
        if step.asks and self.may_offer:
            self.offer()
        elif step.asks in self.visit.known:
            self.settle(step.asks)
        elif not self._all_done:
            self.prompt()

    def choice_made(self) -> None:
        """Go on to the step after the choice."""
        self.show(self.step + 1)

    def all_chosen(self) -> None:
        """Ask for the legs."""
        self.show(self._ready)

    def ask_for_choices(self) -> None:
        """Go to the first choice."""
        self.show(self.desk.content.setup.choices)

    def _next(self) -> None:
        """Go on; at a choice that means the one that is planned."""
        if self.offering:
            self.take_planned()
        elif self.choice is not None:
            self.settle(self.choice)
        else:
            self.in_place |= self.step >= self.desk.content.setup.raising_step
            if self.step < self._ready:
                self.show(self.step + 1)

    def _back_to_the_first(self) -> None:
        self.offering = False
        self.show(0)

    def _back(self) -> None:
        if self.offering:
            self._back_to_the_first()
            return
        if self.step == 0:
            self.desk.say("setup.first")
        before = max(0, self.step - 1)
        self.visit.known -= {self._steps[before].asks or ""}
        self.show(before)

    def _skip(self) -> None:
        """Whoever knows the pose goes to the choices; after those, it means "go on"."""
        if not self.offering and self.step < self.desk.content.setup.choices:
            self.ask_for_choices()
        else:
            self._next()

    def _vary(self, command: Command) -> None:
        place: Place = "standing"
        if self.visit.raised:
            place = "pose"
        elif self._step.floor:
            place = "floor"
        rung = self.ladder.climb(self.desk.content.setup, command, place)
        planned = self.visit.plan.seconds
        wanted = planned + rung.seconds
        self.visit.plan.seconds = clamp_hold(wanted)
        if rung.seconds and self.visit.plan.seconds == planned:
            self.desk.say("choose.longest" if wanted > planned else "choose.shortest")
        else:
            self.desk.say(rung.line)

    # --- the ends ----------------------------------------------------------------------------

    def _give_up(self, why: str, line: str) -> None:
        if self.visit.raised:
            self._leave(why)
        else:
            if why == "stop":
                self.desk.hush()
            else:
                self.desk.interrupt()
            if self.came_from is State.SCREENING:
                self.desk.passed_until = self.desk.now + PASS_KEPT
            self.desk.go(Trigger.GIVE_UP, line)

    def _leave(self, why: str, *lines: str) -> None:
        self.visit.ended_by = why
        self.desk.go(Trigger.LEAVE, *lines)
