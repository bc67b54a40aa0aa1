"""SETUP: into the pose one step at a time, then the choices of breathing and length."""

from typing import TYPE_CHECKING

from legsup_voice.content import Step, duration
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.session.conduct import ALWAYS, ANSWER_SECONDS, MAX_MISSES, Conduct
from legsup_voice.session.ladder import climb
from legsup_voice.session.screening import refusal_for
from legsup_voice.session.settings import DEFAULT_HOLD, MAX_HOLD, MIN_HOLD, clamp_hold
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

if TYPE_CHECKING:
    from legsup_voice.session.session import Session

PATIENCE = (ANSWER_SECONDS, 20.0, 20.0)
"""Seconds of silence before each reminder while someone is moving, then before the end."""

LENGTH_STEP = 60.0
POSE_LIMIT = 600.0
"""Seconds in the pose before the hold: nobody stays there repeating steps for ever."""


class Setup(Conduct):
    """Leads through the steps."""

    help_line = "help.setup"

    def takes(self, session: "Session") -> frozenset[Command]:
        """Take everything that moves through the steps or changes the plan."""
        return ALWAYS | {
            Command.NEXT,
            Command.BACK,
            Command.YES,
            Command.NO,
            Command.UNSURE,
            Command.EASIER,
            Command.HARDER,
            Command.SKIP,
            Command.DURATION,
            Command.LONGER,
            Command.SHORTER,
            Command.BREATHING,
            Command.TINGLING,
        }

    def entered(self, session: "Session") -> None:
        """Begin with the first step."""
        self._show(session, 0)

    def quiet(self, session: "Session") -> None:
        """Wait for "next", or begin the hold when all is chosen."""
        if session.step == len(session.content.setup.steps):
            session.go(Trigger.READY)
        elif self._step(session).asks:
            session.start(Timer.ANSWER, ANSWER_SECONDS)
        else:
            session.start(Timer.ANSWER, PATIENCE[session.misses])

    def heard(self, session: "Session", heard: Heard) -> None:
        """Obey what moves through the steps or changes the plan."""
        match heard.command:
            case Command.NEXT | Command.YES:
                self._next(session)
            case Command.BACK:
                self._back(session)
            case Command.SKIP:
                self._show(session, max(session.step, session.content.setup.choices))
            case Command.EASIER | Command.HARDER as command:
                self._vary(session, command)
            case Command.BREATHING:
                self._breathe(session, heard.pattern or "belly")
            case Command.DURATION | Command.LONGER | Command.SHORTER:
                self._plan(session, heard)
            case Command.TINGLING if session.in_pose:
                session.say("hold.tingling")
                session.say("hold.slide")
            case Command.NO | Command.UNSURE | Command.TINGLING:
                self._again(session)

    def unclear(self, session: "Session") -> None:
        """At a choice, ask again; while someone is moving, other talk is no answer."""
        if self._step(session).asks:
            super().unclear(session)

    def missed(self, session: "Session") -> None:
        """Remind twice, then choose what is safe."""
        asks = self._step(session).asks
        session.misses += 1
        if session.misses < MAX_MISSES:
            self._again(session)
        elif asks:
            self._next(session)
        else:
            self._give_up(session, "silence", "setup.ended")

    def timer(self, session: "Session", timer: Timer) -> None:
        """Too long in the pose without beginning the hold."""
        if timer is Timer.CAP:
            self._leave(session, "time")

    def stop(self, session: "Session") -> None:
        """Leave the pose, or just end."""
        self._give_up(session, "stop", "setup.stopped")

    def symptom(self, session: "Session") -> None:
        """Leave the pose, or rest where one is."""
        session.unwell = True
        if session.in_pose:
            self._leave(session, "stop")
        else:
            session.go(Trigger.GIVE_UP)
            session.say("help.rest_now")
            session.say("help.symptom")

    def condition(self, session: "Session", condition: str) -> None:
        """The screening no longer holds."""
        session.passed = False
        if session.in_pose:
            self._leave(session, "stop")
        else:
            session.hush()
            session.refusal = refusal_for(session, condition)
            session.go(Trigger.CONDITION)

    def microphone_lost(self, session: "Session") -> None:
        """Nobody waits in the pose for a "next" that can't be heard."""
        if session.in_pose:
            self._leave(session, "fault")
        session.say("fault.microphone")

    def speaker_lost(self, session: "Session") -> None:
        """Without a voice no hold begins."""
        if session.in_pose:
            self._leave(session, "fault")
        else:
            session.hush()
            session.go(Trigger.GIVE_UP)

    def help(self, session: "Session") -> None:
        """At a choice, say what can be chosen."""
        session.say("help.choose" if self._step(session).asks else self.help_line)

    def how_long(self, session: "Session") -> None:
        """Say how long the hold is planned."""
        session.say("time.planned", duration=duration(session.plan.seconds))

    def why(self, session: "Session") -> None:
        """Say what this step is good for."""
        session.say(self._step(session).why)

    def _step(self, session: "Session") -> Step:
        steps = session.content.setup.steps
        return steps[min(session.step, len(steps) - 1)]

    def _show(self, session: "Session", index: int) -> None:
        """Go to step `index`; choices made in the settings are said and not asked."""
        steps = session.content.setup.steps
        session.step = index
        session.misses = 0
        if index >= session.content.setup.raising_step:
            session.raised = True
            session.start(Timer.CAP, POSE_LIMIT, keep=True)
        if index == len(steps):
            return
        settings = {"breathing": session.settings.breathing, "minutes": session.settings.minutes}
        if settings.get(steps[index].asks or ""):
            self._next(session)
        else:
            session.say(steps[index].line)

    def _next(self, session: "Session") -> None:
        """Go on; at a choice that means the one that is planned."""
        asks = self._step(session).asks
        if asks == "breathing":
            self._say_breathing(session)
        elif asks == "minutes":
            self._say_minutes(session, session.plan.seconds)
        self._show(session, min(session.step + 1, len(session.content.setup.steps)))

    def _back(self, session: "Session") -> None:
        if session.step == 0:
            session.say("setup.first")
        self._show(session, max(0, session.step - 1))

    def _again(self, session: "Session") -> None:
        if self._step(session).asks:
            session.say(self._step(session).line, variant=1)
        else:
            session.say("setup.waiting")

    def _vary(self, session: "Session", command: Command) -> None:
        line = climb(session, command)
        if line.endswith((".shorter", ".longer")):
            change = -LENGTH_STEP if command is Command.EASIER else LENGTH_STEP
            session.plan.seconds = clamp_hold(session.plan.seconds + change)
        session.say(line, duration=duration(session.plan.seconds))

    def _breathe(self, session: "Session", pattern: str) -> None:
        session.guidance.pattern = pattern
        if self._step(session).asks == "breathing":
            self._next(session)
        else:
            self._say_breathing(session)

    def _plan(self, session: "Session", heard: Heard) -> None:
        wanted = session.plan.seconds
        if heard.command is Command.DURATION:
            wanted = heard.seconds or DEFAULT_HOLD
        else:
            wanted += LENGTH_STEP if heard.command is Command.LONGER else -LENGTH_STEP
        session.plan.seconds = clamp_hold(wanted)
        chosen = heard.command is Command.DURATION and self._step(session).asks == "minutes"
        self._say_minutes(session, wanted)
        if chosen:
            self._show(session, min(session.step + 1, len(session.content.setup.steps)))

    def _say_breathing(self, session: "Session") -> None:
        spoken = session.content.breathing.patterns[session.guidance.pattern].spoken
        session.say("choose.breathing_set", breathing=spoken)

    def _say_minutes(self, session: "Session", wanted: float) -> None:
        if wanted > MAX_HOLD:
            session.say("choose.longest")
        elif wanted < MIN_HOLD:
            session.say("choose.shortest")
        else:
            session.say("choose.minutes_set", duration=duration(session.plan.seconds))

    def _give_up(self, session: "Session", why: str, line: str) -> None:
        if session.in_pose:
            self._leave(session, why)
        else:
            session.hush()
            session.go(Trigger.GIVE_UP)
            session.say(line)

    def _leave(self, session: "Session", why: str) -> None:
        session.ended_by = why
        session.go(Trigger.LEAVE)
