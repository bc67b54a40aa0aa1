"""HOLD: breathing guidance, then mostly silence, and the end on time.

The hold's end, its cap and its announcements are deadlines on the audio clock.
"""

from math import ceil

from legsup_voice.protocol.actions import EndsAt, Ring
from legsup_voice.protocol.choices import Talk
from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.desk import Desk
from legsup_voice.session.in_pose import CHANGES, CLOSING_BEFORE, InPose
from legsup_voice.session.settings import clamp_hold
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

CHECK_IN_EVERY = 400.0
"""Seconds. Two check-ins and the one at the end: a silent hold of 20 min ends with the third."""

WATCHFUL_EVERY = 60.0
"""Seconds between check-ins after someone reported tingling, until they say all is well."""

REMIND_EVERY = {Talk.NORMAL: 90.0, Talk.MORE: 45.0}

FIRST_REMINDER = guidance.GUIDED_SECONDS + REMIND_EVERY[Talk.NORMAL]
"""Seconds from the beginning: not before the breath has been one's own for a while."""

SCAN_EVERY = 15.0
"""Seconds between the parts of the body in a scan."""

ANNOUNCEMENTS = 2
"""Parts of a scan that may have to wait: half way, and a minute left."""

SHORT_CLOSING_BEFORE = 12.0
"""As `CLOSING_BEFORE`, of a hold under a minute."""

CLOSING_ASKS, CLOSING_ASKS_WATCHFUL = 75.0, 30.0
"""Seconds before the end in which only the closing asks whether somebody is comfortable: and
whether somebody is who felt tingling."""

ANNOUNCED = frozenset({Timer.HALFWAY, Timer.MINUTE_LEFT, Timer.CHECK_IN})

CLEAR_OF = 15.0
"""Seconds before one of these in which nobody is reminded of anything."""

HALFWAY_SOON = 45.0
"""Seconds before half of the time is over in which the end of the cues is not worth a word."""


class Hold(InPose):
    """Keeps the time, the breath and mostly the silence."""

    state = State.HOLD
    help_line = "help.hold"
    breathes = True
    own = CHANGES | {Command.PAUSE, Command.TINGLING, Command.RESUME}

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
        first = SCAN_EVERY if self.desk.wishes.guided else FIRST_REMINDER
        self.desk.start(Timer.REMINDER, first)
        self._announce()
        self._check_in_or_not()

    def _begin(self) -> None:
        desk, plan = self.desk, self.visit.plan
        plan.started = desk.now
        wanted = plan.seconds
        plan.seconds = clamp_hold(min(wanted, plan.cap - desk.now))
        plan.cut = wanted - plan.seconds
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
            case command if command in CHANGES:
                self._change(heard)
                self._check_in_or_not()
            case Command.SLOWER | Command.FASTER as command:
                guidance.change_speed(self.desk, command)
            case Command.PAUSE:
                self.desk.go(Trigger.PAUSE)
            case Command.RESUME:  # "keep going": nothing is to be changed
                self.desk.say("hold.good")

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
            case Timer.CHECK_IN if self.visit.plan.left(self.desk.now) > self._closing_asks:
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
            halfway = self.desk.timers.get(Timer.HALFWAY)
            if halfway is None or halfway - self.desk.now > HALFWAY_SOON:
                self.desk.say("breath.over")

    def _not_comfortable(self) -> None:
        """Say what can be done about it; at the end, end."""
        if self.visit.plan.left(self.desk.now) <= CLOSING_BEFORE:
            self._leave("time")
        else:
            super()._not_comfortable()

    def talk_changed(self) -> None:
        """Guide throughout when that is wished."""
        if self.desk.wishes.guided:
            guidance.stop(self.desk, fade=0.5)
            self.visit.guidance.waiting = True
            self.desk.start(Timer.REMINDER, SCAN_EVERY)
        self._check_in_or_not()

    def length_changed(self) -> None:
        """Announce the end anew."""
        self._announce()

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
    def _closing_asks(self) -> float:
        return CLOSING_ASKS_WATCHFUL if self.visit.watchful else CLOSING_ASKS

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

    def _time_to_scan(self, parts: int) -> bool:
        """Tell whether the whole body can be gone through before the end."""
        needed = (parts + ANNOUNCEMENTS) * SCAN_EVERY + 2 * CLOSING_BEFORE
        return self.scanned > 0 or self.visit.plan.left(self.desk.now) > needed

    def _remind(self) -> None:
        talk = self.desk.wishes.talk
        every = REMIND_EVERY.get(talk, REMIND_EVERY[Talk.NORMAL])
        scan = self.desk.content.setup.scan
        scans = talk is Talk.MORE and self.scanned < len(scan) and self._time_to_scan(len(scan))
        self.desk.start(Timer.REMINDER, SCAN_EVERY if scans else every)
        guides = self.visit.guidance.guiding and talk is not Talk.MORE
        busy = self.desk.queue or self.awaiting or guides
        late = self.visit.plan.ends - self.desk.now <= 2 * CLOSING_BEFORE
        if talk is Talk.LESS or busy or late or self._about_to_speak:
            return
        if scans:
            self.desk.say(scan[self.scanned])
            self.scanned += 1
        else:
            self.desk.say("hold.reminder")
