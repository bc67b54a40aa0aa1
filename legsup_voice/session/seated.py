"""SEATED: breathing guidance sitting upright, for those the pose isn't for; no breath is held."""

from legsup_voice.protocol.choices import Talk
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.handler import ANSWER_SECONDS, Handler
from legsup_voice.session.settings import length_asked_for
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

MIN_SEATED, MAX_SEATED = 60.0, 600.0
"""Seconds of breathing; a longer wish is one for the pose."""

LEAST_SEATED_LEFT = 10.0
"""Seconds that "shorter" leaves at least: a breath."""

REMIND_EVERY = 60.0
"""Seconds between reminders."""

HALFWAY_FROM = 120.0
"""Seconds of breathing from which it is said that half of them are over."""

LONGEST_PAUSE = 300.0
"""Seconds after which a pause ends by itself."""


def _clamped(seconds: float) -> float:
    return min(MAX_SEATED, max(MIN_SEATED, seconds))


class Seated(Handler):
    """Guides the breath until the time is over."""

    state = State.SEATED
    help_line = "help.seated"
    waiting_line = "seated.paused"
    what_line = "seated.what"
    breathes = True
    asking = frozenset({Command.NEXT})
    upright = True
    own = frozenset(
        {
            Command.LONGER,
            Command.SHORTER,
            Command.DURATION,
            Command.BREATHING,
            Command.PAUSE,
        }
    )

    @property
    def takes(self) -> frozenset[Command]:
        """Take what goes on only in a pause."""
        paused = self.visit.plan.remaining is not None
        return (
            super().takes | {Command.RESUME, Command.NEXT, Command.YES} if paused else super().takes
        )

    @property
    def may_go_on(self) -> bool:
        """Whether it is paused."""
        return self.visit.plan.remaining is not None

    def entered(self) -> None:
        """Say how to sit; the time starts when the breathing does."""
        plan = self.visit.plan
        plan.started = self.desk.now
        plan.seconds = _clamped(plan.seconds)
        pattern = self.visit.guidance.pattern
        if pattern is Pattern.NONE or guidance.holds_breath(self.desk, pattern):
            self.visit.guidance.pattern = self.desk.content.breathing.default
        self.desk.say("seated.begin")
        self.desk.say(guidance.line(self.desk))
        self._set_end(self.desk.now + plan.seconds)

    def prompts_done(self) -> None:
        """Breathe for the rest of the time."""
        if self.visit.plan.remaining is None:
            guidance.begin(self.desk, self.visit.plan.ends - self.desk.now)
        if self.doubtful:
            self.desk.start(Timer.ANSWER, ANSWER_SECONDS)

    def prompt(self) -> None:
        """Say how much time is left."""
        self.how_long()

    def heard(self, heard: Heard) -> None:
        """Obey what changes length and breathing."""
        plan = self.visit.plan
        match heard.command:
            case Command.BREATHING:
                guidance.choose(self.desk, heard.pattern or Pattern.BELLY)
            case Command.SLOWER | Command.FASTER as command:
                guidance.change_speed(self.desk, command)
            case Command.LONGER | Command.SHORTER | Command.DURATION:
                self._resize(length_asked_for(heard, plan.seconds))
            case Command.PAUSE if plan.remaining is None:
                self._pause()
            case Command.RESUME | Command.NEXT | Command.YES if plan.remaining is not None:
                self._resume()

    def timer(self, timer: Timer) -> None:
        """End on time, say when half of it is over, remind now and then."""
        match timer:
            case Timer.END:
                self.visit.ended_by = "time"
                self.desk.interrupt()
                self._end()
            case Timer.REST:
                self._resume()
            case Timer.HALFWAY:
                self.desk.say("seated.halfway")
            case Timer.REMINDER:
                self.desk.start(Timer.REMINDER, REMIND_EVERY)
                if self.desk.wishes.talk is not Talk.LESS and not self.desk.queue:
                    self.desk.say("seated.reminder")
            case Timer.GUIDED:
                guidance.over(self.desk)

    def stop(self) -> None:
        """End now."""
        self.visit.ended_by = "stop"
        self.desk.hush()
        self._end()

    def symptom(self, symptom: Symptom) -> None:
        """Stop the breathing; lie down until it passes."""
        self.visit.feels(symptom)
        self.visit.ended_by = "stop"
        guidance.stop(self.desk, fade=0.0)
        self.desk.go(Trigger.UNWELL)

    def condition(self, condition: Condition) -> None:
        """Breathing upright goes on; say whom to ask."""
        self.desk.say("refused.doctor")

    def how_long(self) -> None:
        """Say the time left."""
        nearly = self.visit.plan.left(self.desk.now) < 8
        self.desk.say("time.nearly" if nearly else "time.left")

    def _pause(self) -> None:
        plan = self.visit.plan
        plan.remaining = plan.ends - self.desk.now
        self.desk.cancel(Timer.END, Timer.HALFWAY, Timer.REMINDER)
        guidance.stop(self.desk, fade=0.5)
        self.visit.guidance.waiting = True
        self.desk.start(Timer.REST, LONGEST_PAUSE)
        self.desk.say("seated.paused")

    def _resume(self) -> None:
        plan = self.visit.plan
        left, plan.remaining = plan.remaining or LEAST_SEATED_LEFT, None
        self.desk.cancel(Timer.REST)
        self.desk.say("seated.resumed")
        self._set_end(self.desk.now + left)

    def _set_end(self, ends: float) -> None:
        """Set the deadlines that count from the end."""
        plan, desk = self.visit.plan, self.desk
        plan.ends = ends
        left = ends - desk.now
        desk.start(Timer.END, left)
        desk.start(Timer.REMINDER, REMIND_EVERY)
        desk.cancel(Timer.HALFWAY)
        if plan.seconds >= HALFWAY_FROM and left > plan.seconds / 2:
            desk.start(Timer.HALFWAY, left - plan.seconds / 2)

    def _resize(self, seconds: float) -> None:
        plan, now = self.visit.plan, self.desk.now
        wanted = _clamped(seconds)
        if wanted == plan.seconds:
            limit = "time.longest" if seconds > wanted else "time.shortest"
            self.desk.say("time.left" if seconds == wanted else limit)
            return
        left = max(LEAST_SEATED_LEFT, plan.left(now) + wanted - plan.seconds)
        plan.seconds = wanted
        if plan.remaining is not None:
            plan.remaining = left
        else:
            self._set_end(now + left)
            if self.visit.guidance.guiding:
                guidance.stop(self.desk, fade=0.5)
                self.visit.guidance.waiting = True
        self.desk.say("time.left")

    def _end(self) -> None:
        self.visit.plan.remaining = None
        guidance.stop(self.desk, fade=1.0)
        self.desk.go(Trigger.END)
