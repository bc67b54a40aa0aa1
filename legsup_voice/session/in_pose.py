"""What HOLD and PAUSED share: check-ins, symptoms, talk that is no command, and the ways down."""

from legsup_voice.content import Rung
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import ALWAYS, ANSWERS, Handler
from legsup_voice.session.ladder import Ladder
from legsup_voice.session.refused import refusal_for
from legsup_voice.session.settings import length_asked_for
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

CLOSING_BEFORE = 20.0
"""Seconds before the end of a hold in which its end is foretold."""

CHECK_IN_SECONDS = 10.0
"""Seconds to answer a check-in in."""

MAX_UNANSWERED = 3
"""Check-ins; after so many without an answer somebody sleeps."""

CHANGES = frozenset(
    {
        Command.EASIER,
        Command.HARDER,
        Command.LONGER,
        Command.SHORTER,
        Command.DURATION,
        Command.BREATHING,
    }
)
"""What changes the hold, paused or not."""


class InPose(Handler):
    """Somebody lies in the pose."""

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
        return taken | ANSWERS | {Command.NEXT} if self.awaits else taken

    @property
    def awaits(self) -> bool:
        """Whether a check-in is to be answered, however late, or somebody wasn't comfortable."""
        return self.awaiting or self.visit.unanswered > 0 or self.visit.watchful

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
        self._leave("stop")

    def condition(self, condition: Condition) -> None:
        """Come down: the pose isn't for someone with this condition."""
        self.visit.cleared = frozenset()
        self.visit.reason = refusal_for(self.desk, condition)
        self._leave("stop")

    def no_match(self) -> None:
        """Say what can be said, to someone who speaks a second time and isn't understood."""
        if self.speaks_again():
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

    def length_changed(self) -> None:
        """The hold ends at another time from now on."""

    def _change(self, heard: Heard) -> None:
        """Obey one of `CHANGES`."""
        match heard.command:
            case Command.EASIER | Command.HARDER as command:
                rung = self._rung(command)
                if rung.seconds:
                    self._resize(rung.seconds, rung.line)
                else:
                    self.desk.say(rung.line)
            case Command.BREATHING:
                guidance.choose(self.desk, heard.pattern or Pattern.BELLY)
            case _:
                planned = self.visit.plan.seconds
                self._resize(length_asked_for(heard, planned) - planned)

    def _rung(self, command: Command) -> Rung:
        return self.ladder.climb(self.desk.content.setup, command, "pose")

    def _resize(self, change: float, line: str = "time.left") -> None:
        """Move the end by `change` seconds as far as the limits allow, and say what it is now."""
        moved = self.visit.plan.resize(change, self.desk.now)
        self.length_changed()
        if abs(moved) < 1 <= abs(change):
            line = "time.longest" if change > 0 else "time.shortest"
        self.desk.say(line)

    def _check_in(self, every: float) -> None:
        self.awaiting = True
        self.desk.say("hold.better" if self.visit.watchful else "hold.checkin")
        self.desk.start(Timer.CHECK_IN, every)

    def _tell(self, heard: Heard) -> bool:
        """Obey what means the same in HOLD and PAUSED."""
        match heard.command:
            case Command.YES | Command.NEXT:
                self.awaiting = self.visit.watchful = False
                self.desk.say("hold.good")
            case Command.NO | Command.UNSURE:
                self.awaiting, self.visit.watchful = False, True
                self._not_comfortable()
            case Command.TINGLING:
                self.visit.watchful = True
                self.desk.say("hold.tingling")
                self.desk.say("hold.slide")
            case _:
                return False
        return True

    def _not_comfortable(self) -> None:
        """Say what can be done about it."""
        self.desk.say("hold.offer")

    def _leave(self, why: str) -> None:
        """Come down; who didn't answer is asked until they do."""
        unheard = self.awaiting or self.visit.unanswered > 0
        self.visit.asleep = why == "silence" or (why == "time" and unheard)
        self.visit.ended_by = why
        self.desk.go(Trigger.LEAVE)
