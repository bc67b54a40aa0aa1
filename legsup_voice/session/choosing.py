"""What is chosen before a hold, breathing and length: asked for, offered as last time, said early.

What is known already is said and not asked; whoever comes back is offered both at once.
"""

from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.limits import MAX_HOLD, MIN_HOLD
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import Handler
from legsup_voice.session.settings import clamp_hold, length_asked_for

CHOICES = frozenset({"breathing", "minutes"})


class Choosing(Handler):
    """Takes the choices; where they are asked for, and what comes after, is the steps' business."""

    def __init__(self, desk: Desk, came_from: State) -> None:
        super().__init__(desk, came_from)
        self.offering = False
        """The choices of last time are offered instead of a step."""

        self.declined = False
        """They were offered and not taken."""

    # --- where the steps are -----------------------------------------------------------------

    @property
    def choice(self) -> str | None:
        """Which of `CHOICES` this step asks for, if it does."""
        return None

    def choice_made(self) -> None:
        """Go on to the step after the choice."""

    def all_chosen(self) -> None:
        """Go on to the step after all choices."""

    def ask_for_choices(self) -> None:
        """Go to the first choice."""

    # --- the offer ---------------------------------------------------------------------------

    @property
    def asks(self) -> bool:
        """Whether a choice is open."""
        return self.offering or self.choice is not None

    @property
    def may_offer(self) -> bool:
        """Whether there are choices of last time, and nothing is chosen yet."""
        last = self.desk.settings.last
        return last is not None and not self.visit.known and not self.declined

    def offer(self) -> None:
        """Offer the choices of last time."""
        self.offering = True
        self.misses = 0
        self.prompt()

    def prompt_offer(self) -> None:
        """Say the offer."""
        self.desk.say("choose.last")
        self.desk.say("choose.same", variant=0)

    def decline_offer(self) -> None:
        """Ask for each choice after all."""
        self.offering = False
        self.declined = True
        self.ask_for_choices()

    def same(self) -> None:
        """Take the choices of last time, if there was one."""
        last = self.desk.settings.last
        if last is None:
            self.desk.say("choose.no_last")
            self.prompt()
        else:
            self.visit.plan.seconds = clamp_hold(last.seconds)
            guidance.choose_unheld(self.desk, last.pattern)
            self.take_planned()

    def take_planned(self) -> None:
        """Take what is planned, and say it unless it was just offered."""
        offered, self.offering = self.offering, False
        self.visit.known = CHOICES
        if not offered:
            self.desk.say("choose.breathing_set")
            self._say_length(self.visit.plan.seconds)
        self.all_chosen()

    # --- one choice --------------------------------------------------------------------------

    def take_request(self, heard: Heard) -> None:
        """Take "ten minutes of box breathing" as a whole; what it leaves open is as planned."""
        visit = self.visit
        guidance.choose_unheld(self.desk, heard.pattern or visit.guidance.pattern)
        if heard.seconds is not None:
            visit.plan.seconds = clamp_hold(heard.seconds)
        if self.asks:
            self.offering = False
            self.take_planned()
            return
        visit.known = CHOICES
        self.desk.say("choose.breathing_set")
        self._say_length(visit.plan.seconds if heard.seconds is None else heard.seconds)
        self.prompt()

    def choose_breathing(self, pattern: Pattern) -> None:
        """Breathe in `pattern`, unless the breath is held in it and must not be."""
        guidance.choose_unheld(self.desk, pattern)
        if self.visit.guidance.pattern is not pattern:
            self.desk.say("breath.no_holding")
        self.settle("breathing")

    def choose_length(self, heard: Heard) -> None:
        """Hold for so long; "longer" and "shorter" leave the question open."""
        wanted = length_asked_for(heard, self.visit.plan.seconds)
        self.visit.plan.seconds = clamp_hold(wanted)
        if heard.command is Command.DURATION:
            self.settle("minutes", wanted)
        else:
            self._say_length(wanted)

    def settle(self, choice: str, wanted: float | None = None) -> None:
        """Say the choice that was made; the offer is off, another question stands."""
        asked = choice == self.choice and not self.offering
        self.visit.known |= {choice}
        if choice == "breathing":
            self.desk.say("choose.breathing_set")
        else:
            self._say_length(self.visit.plan.seconds if wanted is None else wanted)
        if asked:
            self.choice_made()
        elif self.offering:
            self.take_planned()
        else:
            self.prompt()

    def _say_length(self, wanted: float) -> None:
        if wanted > MAX_HOLD:
            self.desk.say("choose.longest")
        elif wanted < MIN_HOLD:
            self.desk.say("choose.shortest")
        else:
            self.desk.say("choose.minutes_set")
