"""PAUSED: the time of the hold stands still; the cap on the time with raised legs does not."""

from legsup_voice.protocol.actions import EndsAt
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.in_pose import CHANGES, InPose
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

PAUSED_EVERY = 120.0
"""Seconds between two times that somebody is told that it waits."""


class Paused(InPose):
    """Waits in the pose; the cap keeps running."""

    state = State.PAUSED
    help_line = "help.paused"
    waiting_line = "hold.paused"
    asking = frozenset({Command.NEXT})
    own = CHANGES | {
        Command.RESUME,
        Command.NEXT,
        Command.YES,
        Command.TINGLING,
        Command.PAUSE,
    }

    @property
    def may_go_on(self) -> bool:
        """Whether nothing else is asked than to say when to go on."""
        return not self.awaiting

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
        """Go on when asked to; what changes the hold counts from then on."""
        ready = heard.command in (Command.NEXT, Command.YES) and not self.awaiting
        if ready or heard.command is Command.RESUME:
            self.desk.go(Trigger.RESUME)
        elif heard.command is Command.PAUSE:
            self.desk.say("hold.paused")
        elif not self._tell(heard):
            self._change(heard)

    def timer(self, timer: Timer) -> None:
        """Leave at the cap; check in."""
        if timer is Timer.CAP:
            self._leave("time")
        elif timer is Timer.CHECK_IN:
            self._check_in(PAUSED_EVERY)
