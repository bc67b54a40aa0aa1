"""HOLD and PAUSED: breathing guidance, then mostly silence, and the end on time.

The hold's end, its cap and its announcements are deadlines on the audio clock; pausing takes the
end away but never the cap.
"""

from typing import TYPE_CHECKING

from legsup_voice.content import duration
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.conduct import ALWAYS, Conduct
from legsup_voice.session.ladder import climb
from legsup_voice.session.settings import MAX_HOLD, MIN_HOLD, clamp_hold
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

if TYPE_CHECKING:
    from legsup_voice.session.session import Session

CHECK_IN_EVERY = 400.0
"""Seconds. Two check-ins and the one at the end: a silent hold of 20 min ends with the third."""

WATCHFUL_EVERY = 60.0
"""Seconds between check-ins after someone reported tingling, until they say all is well."""

PAUSED_EVERY = 120.0
REMIND_EVERY = {"normal": 90.0, "more": 45.0}
CLOSING_BEFORE = 20.0
SHORT_CLOSING_BEFORE = 12.0
CHECK_IN_SECONDS = 10.0
MAX_UNANSWERED = 3
LENGTH_STEP = 60.0
LEAST_LEFT = 15.0
"""Seconds that "shorter" leaves at least, so that the end doesn't come as a surprise."""

ANNOUNCEMENTS = frozenset(
    {Timer.HALFWAY, Timer.MINUTE_LEFT, Timer.CHECK_IN, Timer.CLOSING, Timer.REMINDER, Timer.END}
)


class _InPose(Conduct):
    """What HOLD and PAUSED share."""

    what_line = "benefit.what_hold"

    def symptom(self, session: "Session") -> None:
        """Come down at once, and lie until it passes."""
        session.unwell = True
        _leave(session, "stop")

    def stop(self, session: "Session") -> None:
        """Come down."""
        _leave(session, "stop")

    def condition(self, session: "Session", condition: str) -> None:
        """Come down: the pose isn't for someone with this condition."""
        session.passed = False
        _leave(session, "stop")

    def unclear(self, session: "Session") -> None:
        """Other talk is no answer and no alarm."""

    def missed(self, session: "Session") -> None:
        """Count a check-in that nobody answered."""
        session.awaiting = False
        session.unanswered += 1
        closing = session.timers.get(Timer.END, float("inf")) - session.now < CLOSING_BEFORE
        if session.unanswered >= MAX_UNANSWERED and not closing:
            _leave(session, "silence")

    def why(self, session: "Session") -> None:
        """Say a benefit, hedged."""
        session.say("benefit.hold")

    def quiet(self, session: "Session") -> None:
        """Wait for the answer to a check-in."""
        if session.awaiting:
            session.start(Timer.ANSWER, CHECK_IN_SECONDS, keep=True)

    def _check_in(self, session: "Session", line: str, every: float) -> None:
        session.awaiting = True
        session.say(line)
        session.start(Timer.CHECK_IN, every)

    def _tell(self, session: "Session", heard: Heard) -> bool:
        """Obey what means the same in HOLD and PAUSED."""
        match heard.command:
            case Command.YES | Command.NEXT:
                session.awaiting = session.watchful = False
                session.say("hold.good")
            case Command.NO | Command.UNSURE:
                session.awaiting = False
                session.say("hold.offer")
            case Command.TINGLING:
                session.watchful = True
                session.say("hold.tingling")
                session.say("hold.slide")
            case _:
                return False
        return True


class Hold(_InPose):
    """Keeps the time, the breath and mostly the silence."""

    help_line = "help.hold"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take what changes the hold, and answers while a check-in awaits one."""
        taken = ALWAYS | {
            Command.EASIER,
            Command.HARDER,
            Command.LONGER,
            Command.SHORTER,
            Command.DURATION,
            Command.PAUSE,
            Command.SLOWER,
            Command.FASTER,
            Command.BREATHING,
            Command.TINGLING,
        }
        return taken | _ANSWERS if session.awaiting else taken

    def entered(self, session: "Session") -> None:
        """Begin the time; or go on after a pause."""
        plan = session.plan
        if session.came_from is State.PAUSED:
            plan.ends = min(session.now + plan.remaining, plan.cap)
            session.say("hold.resumed")
        else:
            plan.seconds = clamp_hold(plan.seconds)
            plan.started = session.now
            plan.cap = session.now + MAX_HOLD
            plan.ends = session.now + plan.seconds
            session.say("hold.begin")
            session.say(f"breath.{session.guidance.pattern}")
        session.timers[Timer.CAP] = plan.cap
        session.start(Timer.CHECK_IN, _check_in_every(session))
        if session.talk != "less":
            session.start(Timer.REMINDER, guidance.GUIDED_SECONDS + REMIND_EVERY["normal"])
        _announce(session)

    def quiet(self, session: "Session") -> None:
        """Start the breathing cues once they have been explained."""
        left = session.plan.ends - session.now
        guidance.begin(session, min(guidance.GUIDED_SECONDS, left))
        super().quiet(session)

    def heard(self, session: "Session", heard: Heard) -> None:
        """Obey what changes the hold."""
        if self._tell(session, heard):
            if session.watchful:
                session.start(Timer.CHECK_IN, WATCHFUL_EVERY)
            return
        match heard.command:
            case Command.EASIER | Command.HARDER as command:
                self._vary(session, command)
            case Command.LONGER:
                self._resize(session, LENGTH_STEP)
            case Command.SHORTER:
                self._resize(session, -LENGTH_STEP)
            case Command.DURATION if heard.seconds is not None:
                self._resize(session, clamp_hold(heard.seconds) - session.plan.seconds)
            case Command.SLOWER | Command.FASTER as command:
                guidance.change_speed(session, command)
            case Command.BREATHING:
                guidance.choose(session, heard.pattern or "belly")
            case Command.PAUSE:
                session.go(Trigger.PAUSE)

    def timer(self, session: "Session", timer: Timer) -> None:
        """End, announce, check in, remind."""
        match timer:
            case Timer.END | Timer.CAP:
                _leave(session, "time")
            case Timer.HALFWAY:
                session.say("hold.halfway")
            case Timer.MINUTE_LEFT:
                session.say("hold.minute_left")
            case Timer.CLOSING:
                session.cancel(Timer.CHECK_IN)
                session.awaiting = True
                session.say("hold.closing")
            case Timer.CHECK_IN:
                self._check_in(session, "hold.checkin", _check_in_every(session))
            case Timer.REMINDER:
                self._remind(session)
            case Timer.GUIDED:
                session.guidance.guiding = False

    def how_long(self, session: "Session") -> None:
        """Say the time left."""
        session.say_time_left(session.plan.ends - session.now)

    def _remind(self, session: "Session") -> None:
        if session.talk == "less":
            return
        session.start(Timer.REMINDER, REMIND_EVERY[session.talk])
        busy = session.queue or session.awaiting or session.guidance.guiding
        if not busy and session.plan.ends - session.now > 2 * CLOSING_BEFORE:
            session.say("hold.reminder")

    def _vary(self, session: "Session", command: Command) -> None:
        line = climb(session, command)
        if line.endswith((".shorter", ".longer")):
            change = -LENGTH_STEP if command is Command.EASIER else LENGTH_STEP
            self._resize(session, change, line)
        else:
            session.say(line)

    def _resize(self, session: "Session", change: float, line: str = "") -> None:
        """Move the end by `change` seconds as far as the limits allow, and say what it is now."""
        plan = session.plan
        left = plan.ends - session.now
        elapsed = plan.seconds - left
        longest = min(plan.cap - session.now, MAX_HOLD - elapsed)
        shortest = min(left, max(MIN_HOLD - elapsed, LEAST_LEFT))
        wanted = min(longest, max(shortest, left + change))
        if abs(wanted - left) < 1:
            session.say("time.longest" if change > 0 else "time.shortest")
            return
        plan.ends = session.now + wanted
        plan.seconds = elapsed + wanted
        _announce(session)
        session.start(Timer.CHECK_IN, _check_in_every(session), keep=True)
        if line:
            session.say(line, duration=duration(wanted))
        else:
            session.say_time_left(wanted)


class Paused(_InPose):
    """Waits in the pose; the cap keeps running."""

    help_line = "help.paused"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take "resume", and answers while a check-in awaits one."""
        taken = ALWAYS | {Command.RESUME, Command.EASIER, Command.HARDER, Command.TINGLING}
        return taken | _ANSWERS if session.awaiting else taken

    def entered(self, session: "Session") -> None:
        """Stop cues and time, but not the cap."""
        plan = session.plan
        plan.remaining = max(0.0, plan.ends - session.now)
        resume_cues = session.guidance.guiding or session.guidance.waiting
        guidance.stop(session, fade=0.5)
        session.guidance.waiting = resume_cues
        session.timers[Timer.CAP] = plan.cap
        session.start(Timer.CHECK_IN, PAUSED_EVERY)
        session.say("hold.paused")

    def heard(self, session: "Session", heard: Heard) -> None:
        """Go on when asked to."""
        if self._tell(session, heard):
            return
        match heard.command:
            case Command.RESUME:
                session.go(Trigger.RESUME)
            case Command.EASIER | Command.HARDER as command:
                line = climb(session, command)
                change = LENGTH_STEP if command is Command.HARDER else -LENGTH_STEP
                if line.endswith((".shorter", ".longer")):
                    self._resize(session, change)
                session.say(line, duration=duration(session.plan.remaining))

    def timer(self, session: "Session", timer: Timer) -> None:
        """Leave at the cap; check in."""
        if timer is Timer.CAP:
            _leave(session, "time")
        elif timer is Timer.CHECK_IN:
            self._check_in(session, "hold.checkin", PAUSED_EVERY)

    def how_long(self, session: "Session") -> None:
        """Say what is left of the hold."""
        session.say_time_left(min(session.plan.remaining, session.plan.cap - session.now))

    def _resize(self, session: "Session", change: float) -> None:
        plan = session.plan
        elapsed = plan.seconds - plan.remaining
        longest = max(plan.remaining, min(MAX_HOLD - elapsed, plan.cap - session.now))
        shortest = min(plan.remaining, max(MIN_HOLD - elapsed, LEAST_LEFT))
        wanted = min(longest, max(shortest, plan.remaining + change))
        plan.seconds = elapsed + wanted
        plan.remaining = wanted


_ANSWERS = frozenset({Command.YES, Command.NO, Command.NEXT, Command.UNSURE})


def _check_in_every(session: "Session") -> float:
    return WATCHFUL_EVERY if session.watchful else CHECK_IN_EVERY


def _announce(session: "Session") -> None:
    """Set the deadlines that count from the end."""
    plan = session.plan
    left = plan.ends - session.now
    closing = CLOSING_BEFORE if plan.seconds >= 60 else SHORT_CLOSING_BEFORE
    session.timers[Timer.END] = plan.ends
    for timer, before, least in (
        (Timer.HALFWAY, plan.seconds / 2, 120.0),
        (Timer.MINUTE_LEFT, 60.0, 150.0),
        (Timer.CLOSING, closing, 0.0),
    ):
        session.cancel(timer)
        if plan.seconds >= least and left > before:
            session.timers[timer] = plan.ends - before


def _leave(session: "Session", why: str) -> None:
    session.ended_by = why
    session.go(Trigger.LEAVE)
