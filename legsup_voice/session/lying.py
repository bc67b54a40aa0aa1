"""LYING: after a symptom, until the person says that it has passed."""

from legsup_voice.protocol.commands import Command, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import ANYTHING, MAX_MISSES
from legsup_voice.session.resting import Rest
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

LYING_CHECK_SECONDS, LYING_LATER_SECONDS = 30.0, 60.0
"""How long nobody is asked whether they are better: at first, and after that."""

HALF_SITTING = frozenset({Symptom.CHEST, Symptom.BREATH})
"""Who feels these rests half sitting, supported: see the sources in the content's facts."""

ADVICE = {
    Symptom.CRAMP: "help.cramp",
    Symptom.SICK: "help.sick",
    Symptom.STUCK: "help.stuck",
}
"""What is said besides, lying down."""


class Lying(Rest):
    """Stays until the person says that it has passed."""

    state = State.LYING
    help_line = "help.lying"
    stays_unwell = True
    own = frozenset({Command.NO, Command.UNSURE, Command.NEXT, Command.PAUSE, Command.TINGLING})

    def __init__(self, desk: Desk, came_from: State) -> None:
        super().__init__(desk, came_from)
        self.asked = False
        """Somebody was asked if they are better: before that a "yes" means that they heard."""

    @property
    def asking(self) -> frozenset[Command]:  # type: ignore[override]
        """Take "it's gone" for a yes once that was asked; "okay" is never more than that."""
        never = {Command.NEXT} if self.asked else {Command.NEXT, Command.YES}
        return ANYTHING - never

    @property
    def takes(self) -> frozenset[Command]:
        """Take a "yes" to the question."""
        emergency = self.visit.help_coming or Timer.EMERGENCY in self.desk.timers
        asked = self.asked or self.awaits or emergency
        return super().takes | {Command.YES} if asked else super().takes

    def entered(self) -> None:
        """Say how to lie, and when to call for help."""
        self.prompt()
        advice = self._advice(self.visit.unwell)
        if advice:
            self.desk.say(advice)
        self.desk.say("help.symptom")

    def prompts_done(self) -> None:
        """Wait, then ask."""
        later = self.misses >= MAX_MISSES
        wait = LYING_LATER_SECONDS if later else LYING_CHECK_SECONDS
        self.desk.start(Timer.REST, wait, keep=True)

    def prompt(self) -> None:
        """Say how to lie."""
        if self.visit.unwell in HALF_SITTING:
            self.desk.say("emergency.half_sitting")
        elif self.came_from is State.SEATED:
            self.desk.say("help.rest_now")
        elif self.came_from is State.LEAVING:
            self.desk.say("lying.down")
        else:
            self.desk.say("lying.again")

    def timer(self, timer: Timer) -> None:
        """Ask how it is; every third time say again when to call for help."""
        self.misses += 1
        if self.misses % MAX_MISSES == 0:
            self.desk.say("help.symptom")
        self._check_in()

    def heard(self, heard: Heard) -> None:
        """Go on when it is better."""
        if heard.command is Command.YES and self.visit.help_coming:
            self.help_comes()
        elif heard.command in (Command.NEXT, Command.YES):
            self._better()
        else:
            self.desk.say("lying.stay")

    def it_passed(self) -> None:
        """Go on if that was asked; else it is still one for a doctor."""
        if self.asked:
            self._better()
        else:
            super().it_passed()

    def no_match(self) -> None:
        """Ask again who answers the question with something else."""
        if self.asked:
            self.ask_again(self._question)

    def symptom(self, symptom: Symptom) -> None:
        """Say how to lie with this, and when to call for help."""
        self.visit.feels(symptom)
        advice = self._advice(symptom)
        if advice:
            self.desk.say(advice)
        else:
            self.prompt()
        self.desk.say("help.symptom")

    def _advice(self, symptom: Symptom | None) -> str | None:
        """Return what helps besides; the feet slide down the wall only if they may be up there."""
        if symptom is Symptom.STUCK and self.came_from is not State.LEAVING:
            return None
        return ADVICE.get(symptom) if symptom else None

    def stop(self) -> None:
        """Be silent, and say how to go on to someone who has to get up."""
        self.desk.hush()
        self._check_in()

    def how_long(self) -> None:
        """It takes until they feel better."""
        self._check_in()

    def _better(self) -> None:
        self.visit.unwell = None
        self.desk.go(Trigger.BETTER)

    def _check_in(self) -> None:
        self.asked = True
        self.desk.say(self._question)

    @property
    def _question(self) -> str:
        """The question; nobody who waits for help is asked to go on."""
        return "emergency.with_you" if self.visit.help_coming else "lying.checkin"
