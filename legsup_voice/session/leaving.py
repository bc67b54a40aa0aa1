"""LEAVING: the slow-exit warning first, always, then the way down.

Nothing but "stop" and symptoms interrupts the warning; "stop" makes it one sentence, never none.
"""

from legsup_voice.protocol.actions import EndsAt
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.caller import Caller
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import ALWAYS, ANSWERS
from legsup_voice.session.refused import refusal_for
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

WARNINGS = ("exit.warning", "exit.short")
CUE_FADE = 1.0

TAKE_BACK_WITHIN = 10.0
"""Seconds after a "stop" in which "continue" takes it back."""

WAIT_SECONDS = 30.0
"""What "wait" gives for one step."""

LEAST_STEP = 3.0
"""Seconds after a step was said before the next: an "okay" may only mean that it was heard."""


class Leaving(Caller):
    """Brings someone down."""

    state = State.LEAVING
    help_line = "help.leaving"
    stays_unwell = True
    asking = frozenset({Command.NEXT})
    own = frozenset(
        {
            *(Command.NEXT, Command.YES, Command.BACK),
            *(Command.PAUSE, Command.TINGLING, Command.SKIP),
        }
    )

    def __init__(self, desk: Desk, came_from: State) -> None:
        super().__init__(desk, came_from)
        self.step = 0
        self.waits = False
        """Somebody asked for a moment before the next step."""

        self.hurries = False
        """Somebody said "next" while the step was still being said."""

        self.asked = False
        """Somebody was asked if they are down; an answer to that waits for nothing."""

    @property
    def takes(self) -> frozenset[Command]:
        """Take "next" of those who are quicker, and "continue" for a moment after a "stop"."""
        taken = ALWAYS | self.own
        if self.awaits:
            taken |= ANSWERS
        return taken | {Command.RESUME} if Timer.TAKE_BACK in self.desk.timers else taken

    @property
    def awaits(self) -> bool:
        """Whether somebody was asked if they are down."""
        return self.visit.calls > 0

    def entered(self) -> None:
        """Silence everything else and warn."""
        visit, desk = self.visit, self.desk
        called = [say.line for say in desk.queue] == ["emergency.call"]
        emergency = called and Timer.EMERGENCY in desk.timers
        if not emergency:
            desk.hush()
        cues = visit.guidance.guiding or visit.guidance.waiting
        guidance.stop(desk, CUE_FADE)
        visit.guidance.waiting = cues
        if self.came_from in (State.HOLD, State.PAUSED):
            desk.act(EndsAt(None))
            visit.held = desk.now - visit.plan.started
            if visit.plan.remaining is None:
                visit.plan.remaining = max(0.0, visit.plan.ends - desk.now)
        if visit.may_go_on:
            visit.may_go_on = False
            desk.start(Timer.TAKE_BACK, TAKE_BACK_WITHIN)
        self._warn("exit.warning", gap=0.3 if emergency else 0.0)

    def prompts_done(self) -> None:
        """Leave time to do what was said."""
        self.desk.start(Timer.REST, self._seconds)

    def prompt(self) -> None:
        """Say this step of the way down again."""
        steps = self.desk.content.setup.exit
        self.desk.say(steps[self.step - 1].line if self.step else "exit.short")

    def timer(self, timer: Timer) -> None:
        """Say the next step, or go on when down."""
        if timer is Timer.REST:
            self._step()
        elif timer is Timer.CALL:
            self.call()

    def heard(self, heard: Heard) -> None:
        """Go to the next step, or give more time for this one; the warning is heard to its end."""
        match heard.command:
            case Command.RESUME:
                self.desk.hush()  # what was said of coming down isn't true any more
                self.desk.go(Trigger.TAKE_BACK)
            case Command.PAUSE:
                self._wait()
            case Command.BACK:
                self.step = max(0, self.step - 1)
                self._wait()
            case Command.NO | Command.UNSURE:  # not down yet: once more from the beginning
                self.step, self.asked = 0, False
                self._wait()
            case Command.NEXT | Command.YES | Command.SKIP if not self._warning:
                self._hurry()

    def stop(self) -> None:
        """Shorten the warning to one sentence; a step that was broken off is said again."""
        if Timer.TAKE_BACK in self.desk.timers:
            self.desk.start(Timer.TAKE_BACK, TAKE_BACK_WITHIN)
        if [say.line for say in self.desk.queue] == ["exit.short"]:
            return
        warning = self._warning
        self.desk.hush()
        self.desk.cancel(Timer.REST)
        if warning:
            self.desk.say("exit.short", gap=0.0)
        else:
            self.prompt()

    def no_match(self) -> None:
        """Say again what is to be done, to someone who speaks and isn't understood."""
        if self.awaits:
            self.call_again()
        elif not self.desk.queue and self.speaks_again():
            self.desk.cancel(Timer.REST)
            self.prompt()

    def symptom(self, symptom: Symptom) -> None:
        """Come down to lying; say the warning again, short, if it was broken off."""
        self.desk.cancel(Timer.TAKE_BACK)
        self.visit.feels(symptom)
        self._warn("exit.short", symptom=symptom)

    def condition(self, condition: Condition) -> None:
        """The way down goes on; say why."""
        self.desk.cancel(Timer.TAKE_BACK)
        self.visit.cleared = frozenset()
        self.desk.say(refusal_for(self.desk, condition))

    def how_long(self) -> None:
        """Say what is to be done now: it takes as long as it takes."""
        self.prompt()

    def speaker_back(self) -> None:
        """What was said into the silence is said again."""
        self.desk.hush()
        self.step = 0
        self._warn("exit.warning")

    @property
    def _warning(self) -> bool:
        """Whether a warning has not been said to its end."""
        return any(say.line in WARNINGS for say in self.desk.queue)

    def _warn(self, line: str, gap: float = 0.0, symptom: Symptom | None = None) -> None:
        felt = symptom or self.visit.unwell
        self.desk.cancel(Timer.REST)
        self.desk.say(line, gap=gap)
        if self.visit.reason:
            self.desk.say(self.visit.reason)
        if felt is Symptom.STUCK:
            self.desk.say("help.stuck")
        elif felt:
            self.desk.say("help.symptom")

    @property
    def _seconds(self) -> float:
        """The time that is left to do what was said."""
        if self.waits:
            return WAIT_SECONDS
        if self.step == 0:
            return 0.5
        return LEAST_STEP if self.hurries else self.desk.content.setup.exit[self.step - 1].seconds

    def _hurry(self) -> None:
        """Go on, but not before what was said can have been done."""
        rests_until = self.desk.timers.get(Timer.REST)
        if self.asked:
            self._step()
            return
        if rests_until is None:
            self.hurries = True
            return
        rested = self._seconds - (rests_until - self.desk.now)
        if self.step == 0 or rested >= LEAST_STEP:
            self._step()
        else:
            self.desk.start(Timer.REST, LEAST_STEP - rested)

    def _wait(self) -> None:
        """Say again what is to be done, and give time for it."""
        self.waits, self.hurries = True, False
        self.desk.cancel(Timer.REST)
        if not self.desk.queue:
            self.prompt()

    def _step(self) -> None:
        steps = self.desk.content.setup.exit
        self.waits = self.hurries = False
        self.desk.cancel(Timer.REST)
        last = len(steps) - 1 if self.visit.unwell else len(steps)
        if self.step < last:
            self.step += 1
            self.desk.say(steps[self.step - 1].line)
        elif self.desk.mute:  # nobody has heard a word: keep trying
            self.step = 0
            self._warn("exit.warning")
        elif self.visit.asleep and self.visit.calls == 0:
            self.asked = True
            self.call()
        else:
            self.desk.go(Trigger.UNWELL if self.visit.unwell else Trigger.LEGS_DOWN)
