"""SEATED: the same breathing guidance, sitting upright, for those the pose isn't for."""

from typing import TYPE_CHECKING

from legsup_voice.content import duration
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.session import guidance
from legsup_voice.session.conduct import ALWAYS, Conduct
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

if TYPE_CHECKING:
    from legsup_voice.session.session import Session

MIN_SEATED = 60.0
MAX_SEATED = 600.0
LENGTH_STEP = 60.0


class Seated(Conduct):
    """Guides the breath until the time is over."""

    help_line = "help.seated"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take what changes length and breathing."""
        return ALWAYS | {
            Command.LONGER,
            Command.SHORTER,
            Command.DURATION,
            Command.BREATHING,
            Command.SLOWER,
            Command.FASTER,
        }

    def entered(self, session: "Session") -> None:
        """Say how to sit; the time starts when the breathing does."""
        plan = session.plan
        plan.started = session.now
        plan.seconds = min(MAX_SEATED, max(MIN_SEATED, plan.seconds))
        plan.ends = session.now + plan.seconds
        session.start(Timer.END, plan.seconds)
        session.say("seated.begin", duration=duration(plan.seconds))
        session.say(f"breath.{session.guidance.pattern}")

    def quiet(self, session: "Session") -> None:
        """Breathe for the rest of the time."""
        guidance.begin(session, session.plan.ends - session.now)

    def heard(self, session: "Session", heard: Heard) -> None:
        """Obey what changes length and breathing."""
        match heard.command:
            case Command.BREATHING:
                guidance.choose(session, heard.pattern or "belly")
            case Command.SLOWER | Command.FASTER as command:
                guidance.change_speed(session, command)
            case Command.LONGER:
                self._lengthen(session, session.plan.seconds + LENGTH_STEP)
            case Command.SHORTER:
                self._lengthen(session, session.plan.seconds - LENGTH_STEP)
            case Command.DURATION:
                self._lengthen(session, heard.seconds or session.plan.seconds)

    def timer(self, session: "Session", timer: Timer) -> None:
        """End on time."""
        if timer is Timer.END:
            session.ended_by = "time"
            session.interrupt(safety_too=False)
            self._end(session)
        elif timer is Timer.GUIDED:
            session.guidance.guiding = False

    def stop(self, session: "Session") -> None:
        """End now."""
        session.ended_by = "stop"
        session.hush()
        self._end(session)

    def symptom(self, session: "Session") -> None:
        """Stop the breathing; lie down until it passes."""
        session.ended_by = "stop"
        guidance.stop(session, fade=0.0)
        session.go(Trigger.UNWELL)

    def condition(self, session: "Session", condition: str) -> None:
        """Breathing upright goes on; say whom to ask."""
        session.say("refused.doctor")

    def how_long(self, session: "Session") -> None:
        """Say the time left."""
        session.say_time_left(session.plan.ends - session.now)

    def _lengthen(self, session: "Session", seconds: float) -> None:
        plan = session.plan
        wanted = min(MAX_SEATED, max(MIN_SEATED, seconds))
        if wanted == plan.seconds:
            session.say("time.longest" if seconds > wanted else "time.shortest")
            return
        plan.seconds = wanted
        plan.ends = max(session.now + 10, plan.started + wanted)
        session.start(Timer.END, plan.ends - session.now)
        if session.guidance.guiding:
            guidance.stop(session, fade=0.5)
            session.guidance.waiting = True
        session.say_time_left(plan.ends - session.now)

    def _end(self, session: "Session") -> None:
        guidance.stop(session, fade=1.0)
        session.go(Trigger.END)
