"""HOLD and PAUSED: breathing guidance, then mostly silence, and the end on time.

The hold's end, its cap and its announcements are deadlines on the audio clock; pausing takes the
end away but never the cap.
"""

from math import ceil

from legsup_voice.content import Rung
from legsup_voice.protocol.actions import EndsAt, Ring
from legsup_voice.protocol.choices import Talk
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import ALWAYS, ANSWERS, Handler
from legsup_voice.session.ladder import Ladder
from legsup_voice.session.screening import refusal_for
from legsup_voice.session.settings import LENGTH_STEP, MIN_HOLD, clamp_hold
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

CHECK_IN_EVERY = 400.0
"""Seconds. Two check-ins and the one at the end: a silent hold of 20 min ends with the third."""

WATCHFUL_EVERY = 60.0
"""Seconds between check-ins after someone reported tingling, until they say all is well."""

PAUSED_EVERY = 120.0
REMIND_EVERY = {Talk.NORMAL: 90.0, Talk.MORE: 45.0}
SCAN_EVERY = 15.0
"""Seconds between the parts of the body in a scan."""

CLOSING_BEFORE = 20.0
SHORT_CLOSING_BEFORE = 12.0
CHECK_IN_SECONDS = 10.0
MAX_UNANSWERED = 3
LEAST_LEFT = 15.0
"""Seconds that "shorter" leaves at least, so that the end doesn't come as a surprise."""

CLOSING_ASKS = 30.0
"""Seconds before the end in which only the closing asks whether somebody is comfortable."""

ANNOUNCED = frozenset({Timer.HALFWAY, Timer.MINUTE_LEFT, Timer.CHECK_IN})
CLEAR_OF = 15.0
"""Seconds before one of these in which nobody is reminded of anything."""

SPOKEN_WITHIN = 20.0
"""Seconds between two things said that are no command: the second may be meant for us."""

HINT_EVERY = 60.0
TAKE_BACK_WITHIN = 10.0
"""Seconds after a "stop" in which "continue" takes it back."""


class _InPose(Handler):
    """What HOLD and PAUSED share."""

    what_line = "benefit.what_hold"

    def __init__(self, desk: Desk, came_from: State) -> None:
        super().__init__(desk, came_from)
        self.awaiting = False
        """A check-in awaits its answer."""

        self.ladder = Ladder()

    @property
    def takes(self) -> frozenset[Command]:
        """Take what changes the hold, and answers to a check-in, however late."""
        taken = ALWAYS | self.own
        asked = self.awaiting or self.visit.unanswered > 0
        return taken | ANSWERS | {Command.NEXT} if asked else taken

    def prompts_done(self) -> None:
        """Wait for the answer to a check-in."""
        if self.awaiting:
            self.desk.start(Timer.ANSWER, CHECK_IN_SECONDS, keep=True)

    def prompt(self) -> None:
        """Say how much time is left."""
        self.how_long()

    def stop(self) -> None:
        """Come down; it can be taken back for a moment."""
        self._leave("stop")
        self.visit.may_go_on = True

    def symptom(self, symptom: Symptom) -> None:
        """Come down at once, and lie until it passes."""
        self.visit.feels(symptom)
        self.visit.barred = True
        self._leave("stop")

    def condition(self, condition: Condition) -> None:
        """Come down: the pose isn't for someone with this condition."""
        self.visit.cleared = frozenset()
        self.visit.reason = refusal_for(self.desk, condition)
        self._leave("stop")

    def no_match(self) -> None:
        """Say what can be said, to someone who speaks a second time and isn't understood."""
        timers = self.desk.timers
        if Timer.SPOKEN not in timers:
            self.desk.start(Timer.SPOKEN, SPOKEN_WITHIN)
        elif Timer.HINTED not in timers:
            self.desk.start(Timer.HINTED, HINT_EVERY)
            self.desk.say("hold.hint")

    def no_input(self) -> None:
        """Count a check-in that nobody answered."""
        self.awaiting = False
        self.visit.unanswered += 1
        closing = self.desk.timers.get(Timer.END, float("inf")) - self.desk.now < CLOSING_BEFORE
        if self.visit.unanswered >= MAX_UNANSWERED and not closing:
            self._leave("silence")

    def how_long(self) -> None:
        """Say the time left."""
        nearly = self.visit.plan.left(self.desk.now) < 8
        self.desk.say("time.nearly" if nearly else "time.left")

    def _rung(self, command: Command) -> Rung:
        return self.ladder.climb(self.desk.content.setup, command, "pose")

    def _check_in(self, every: float) -> None:
        self.awaiting = True
        self.desk.say("hold.checkin")
        self.desk.start(Timer.CHECK_IN, every)

    def _tell(self, heard: Heard) -> bool:
        """Obey what means the same in HOLD and PAUSED."""
        match heard.command:
            case Command.YES | Command.NEXT:
                self.awaiting = self.visit.watchful = False
                self.desk.say("hold.good")
            case Command.NO | Command.UNSURE:
                self.awaiting = False
                self.desk.say("hold.offer")
            case Command.TINGLING:
                self.visit.watchful = True
                self.desk.say("hold.tingling")
                self.desk.say("hold.slide")
            case _:
                return False
        return True

    def _leave(self, why: str) -> None:
        """Come down; who didn't answer is asked until they do."""
        unheard = self.awaiting or self.visit.unanswered > 0
        self.visit.asleep = why == "silence" or (why == "time" and unheard)
        self.visit.ended_by = why
        self.desk.go(Trigger.LEAVE)


class Hold(_InPose):
    """Keeps the time, the breath and mostly the silence."""

    state = State.HOLD
    help_line = "help.hold"
    breathes = True
    own = frozenset(
        {
            Command.EASIER,
            Command.HARDER,
            Command.LONGER,
            Command.SHORTER,
            Command.DURATION,
            Command.PAUSE,
            Command.BREATHING,
            Command.TINGLING,
        }
    )

    def __init__(self, desk: Desk, came_from: State) -> None:
        super().__init__(desk, came_from)
        self.scanned = 0
        """How many parts of the body a scan has come through."""

    def entered(self) -> None:
        """Begin the time; or go on after a pause or a "stop" that was taken back."""
        plan = self.visit.plan
        if self.came_from is State.SETUP:
            self._begin()
        else:
            plan.ends = min(self.desk.now + (plan.remaining or 0.0), plan.cap)
            plan.remaining = None
            self.visit.ended_by, self.visit.night = "", False
            self.desk.say("hold.resumed")
        self.desk.timers[Timer.CAP] = plan.cap
        self.desk.start(Timer.REMINDER, guidance.GUIDED_SECONDS + REMIND_EVERY[Talk.NORMAL])
        self._announce()
        self._check_in_or_not()

    def _begin(self) -> None:
        desk, plan = self.desk, self.visit.plan
        plan.started = desk.now
        plan.seconds = clamp_hold(min(plan.seconds, plan.cap - desk.now))
        plan.ends = desk.now + plan.seconds
        self._ring()
        if not self._silent:
            desk.say("hold.begin")
        desk.say(guidance.line(desk))

    def prompts_done(self) -> None:
        """Start the breathing cues once they have been explained."""
        left = self.visit.plan.ends - self.desk.now
        most = left if self.desk.wishes.guided else guidance.GUIDED_SECONDS
        guidance.begin(self.desk, min(most, left))
        super().prompts_done()

    def heard(self, heard: Heard) -> None:
        """Obey what changes the hold."""
        if self._tell(heard):
            self.desk.cancel(Timer.CHECK_IN)  # it counts from here anew
            self._check_in_or_not()
            return
        match heard.command:
            case Command.EASIER | Command.HARDER as command:
                rung = self._rung(command)
                if rung.seconds:
                    self._resize(rung.seconds, rung.line)
                else:
                    self.desk.say(rung.line)
            case Command.LONGER:
                self._resize(heard.seconds or LENGTH_STEP)
            case Command.SHORTER:
                self._resize(-(heard.seconds or LENGTH_STEP))
            case Command.DURATION if heard.seconds is not None:
                self._resize(clamp_hold(heard.seconds) - self.visit.plan.seconds)
            case Command.SLOWER | Command.FASTER as command:
                guidance.change_speed(self.desk, command)
            case Command.BREATHING:
                guidance.choose(self.desk, heard.pattern or Pattern.BELLY)
                self._check_in_or_not()
            case Command.PAUSE:
                self.desk.go(Trigger.PAUSE)

    def timer(self, timer: Timer) -> None:
        """End, announce, check in, remind."""
        match timer:
            case Timer.END | Timer.CAP:
                self._ring()
                self._leave("time")
            case Timer.HALFWAY:
                if self.desk.settings.bell_minutes is None:
                    self._ring()
                if not (self._silent or self.awaiting):
                    self.desk.say("hold.halfway")
            case Timer.MINUTE_LEFT:
                self.desk.say("hold.minute_left")
            case Timer.CLOSING if self.desk.settings.listens:
                self.desk.cancel(Timer.CHECK_IN)
                self.awaiting = True
                self.desk.say("hold.closing")
            case Timer.CHECK_IN if self.visit.plan.left(self.desk.now) > CLOSING_ASKS:
                self._check_in(self._check_in_every)
            case Timer.REMINDER:
                self._remind()
            case Timer.GUIDED:
                self._breathe_on()

    def _breathe_on(self) -> None:
        """Hand the breath over when the cues are over, or go on with them when that is wished."""
        guidance.over(self.desk)
        left = self.visit.plan.left(self.desk.now)
        if self.desk.wishes.guided:
            self.visit.guidance.waiting = True
            guidance.begin(self.desk, left)
        elif self.desk.wishes.talk is not Talk.LESS and left > 2 * CLOSING_BEFORE:
            self.desk.say("breath.over")

    def talk_changed(self) -> None:
        """Guide throughout when that is wished."""
        if self.desk.wishes.guided:
            guidance.stop(self.desk, fade=0.5)
            self.visit.guidance.waiting = True
        self._check_in_or_not()

    def bell_changed(self) -> None:
        """Foretell the strokes anew."""
        self._foretell()

    def _check_in_or_not(self) -> None:
        """Check in, unless silence is wished or nobody can answer."""
        desk = self.desk
        if not desk.settings.listens:
            desk.cancel(Timer.CHECK_IN)
        elif self._silent and not self.visit.watchful:
            desk.cancel(Timer.CHECK_IN, Timer.MINUTE_LEFT)
        else:
            desk.start(Timer.CHECK_IN, self._check_in_every, keep=True)

    @property
    def _silent(self) -> bool:
        """Whether nothing but safety is to be said: little talk, and no counting."""
        quiet = self.desk.wishes.talk is Talk.LESS
        return quiet and self.visit.guidance.pattern is Pattern.NONE

    @property
    def _about_to_speak(self) -> bool:
        """Whether something else is said in a moment: a reminder would be one too many."""
        timers, now = self.desk.timers, self.desk.now
        return any(timers[timer] - now < CLEAR_OF for timer in ANNOUNCED & timers.keys())

    @property
    def _check_in_every(self) -> float:
        return WATCHFUL_EVERY if self.visit.watchful else CHECK_IN_EVERY

    def _ring(self) -> None:
        if self.desk.wishes.bell:
            self.desk.act(Ring())

    def _announce(self) -> None:
        """Set the deadlines that count from the end."""
        plan, desk = self.visit.plan, self.desk
        left = plan.ends - desk.now
        closing = CLOSING_BEFORE if plan.seconds >= 60 else SHORT_CLOSING_BEFORE
        desk.timers[Timer.END] = plan.ends
        for timer, before, least in (
            (Timer.HALFWAY, plan.seconds / 2, 120.0),
            (Timer.MINUTE_LEFT, 60.0, 150.0),
            (Timer.CLOSING, closing, 0.0),
        ):
            desk.cancel(timer)
            if plan.seconds >= least and left > before:
                desk.timers[timer] = plan.ends - before
        self._foretell()

    def _foretell(self) -> None:
        """Tell when the hold ends, so that its end startles nobody, and when the bell strikes."""
        plan, desk = self.visit.plan, self.desk
        every = (desk.settings.bell_minutes or 0.0) * 60
        strokes: tuple[float, ...] = ()
        if desk.wishes.bell and every:
            began = plan.ends - plan.seconds  # without the time of pauses
            all_of_them = (began + every * n for n in range(1, ceil(plan.seconds / every)))
            strokes = tuple(at for at in all_of_them if at > desk.now)
        desk.act(EndsAt(plan.ends, strokes))

    def _remind(self) -> None:
        talk = self.desk.wishes.talk
        every = REMIND_EVERY.get(talk, REMIND_EVERY[Talk.NORMAL])
        scan = self.desk.content.setup.scan
        scans = talk is Talk.MORE and self.scanned < len(scan)
        self.desk.start(Timer.REMINDER, SCAN_EVERY if scans else every)
        busy = self.desk.queue or self.awaiting or self.visit.guidance.guiding
        late = self.visit.plan.ends - self.desk.now <= 2 * CLOSING_BEFORE
        if talk is Talk.LESS or busy or late or self._about_to_speak:
            return
        if scans:
            self.desk.say(scan[self.scanned])
            self.scanned += 1
        else:
            self.desk.say("hold.reminder")

    def _resize(self, change: float, line: str = "time.left") -> None:
        """Move the end by `change` seconds as far as the limits allow, and say what it is now."""
        plan, now = self.visit.plan, self.desk.now
        left = plan.ends - now
        elapsed = plan.seconds - left
        longest = plan.cap - now
        shortest = min(left, max(MIN_HOLD - elapsed, LEAST_LEFT))
        wanted = min(longest, max(shortest, left + change))
        if abs(wanted - left) < 1:
            self.desk.say("time.longest" if change > 0 else "time.shortest")
            return
        plan.ends = now + wanted
        plan.seconds = elapsed + wanted
        self._announce()
        self._check_in_or_not()
        self.desk.say(line)


class Paused(_InPose):
    """Waits in the pose; the cap keeps running."""

    state = State.PAUSED
    help_line = "help.paused"
    own = frozenset(
        {
            Command.RESUME,
            Command.NEXT,
            Command.YES,
            Command.EASIER,
            Command.HARDER,
            Command.TINGLING,
            Command.PAUSE,
        }
    )

    def entered(self) -> None:
        """Stop cues and time, but not the cap."""
        plan = self.visit.plan
        plan.remaining = max(0.0, plan.ends - self.desk.now)
        resume_cues = self.visit.guidance.guiding or self.visit.guidance.waiting
        guidance.stop(self.desk, fade=0.5)
        self.visit.guidance.waiting = resume_cues
        self.desk.act(EndsAt(None))
        self.desk.timers[Timer.CAP] = plan.cap
        self.desk.start(Timer.CHECK_IN, PAUSED_EVERY)
        self.desk.say("hold.paused")

    def heard(self, heard: Heard) -> None:
        """Go on when asked to."""
        ready = heard.command in (Command.NEXT, Command.YES) and not self.awaiting
        if ready or heard.command is Command.RESUME:
            self.desk.go(Trigger.RESUME)
        elif heard.command is Command.PAUSE:
            self.desk.say("hold.paused")
        elif not self._tell(heard):
            rung = self._rung(heard.command)
            if rung.seconds:
                self._resize(rung.seconds)
            self.desk.say(rung.line)

    def timer(self, timer: Timer) -> None:
        """Leave at the cap; check in."""
        if timer is Timer.CAP:
            self._leave("time")
        elif timer is Timer.CHECK_IN:
            self._check_in(PAUSED_EVERY)

    def _resize(self, change: float) -> None:
        plan = self.visit.plan
        remaining = plan.remaining or 0.0
        elapsed = plan.seconds - remaining
        longest = max(remaining, plan.cap - self.desk.now)
        shortest = min(remaining, max(MIN_HOLD - elapsed, LEAST_LEFT))
        wanted = min(longest, max(shortest, remaining + change))
        plan.seconds = elapsed + wanted
        plan.remaining = wanted
