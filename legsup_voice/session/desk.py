"""The desk that every state works at: lines to be said, deadlines, actions, the person's visit.

It decides nothing. The states ask it to say, to wait and to go on; the session takes the actions
and follows the way that was chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from legsup_voice.content import Content, capitalised
from legsup_voice.protocol.actions import Action, Hush, Say
from legsup_voice.protocol.commands import EMERGENCIES
from legsup_voice.protocol.events import LineEnded
from legsup_voice.protocol.limits import A_DAY, LATELY
from legsup_voice.session.settings import Settings
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import LASTING, Timer
from legsup_voice.session.visit import Visit, Wishes, new_visit, wishes_of

LOST_SECONDS = 0.12
"""So much of a safety line lost makes it be said again; less is not a syllable."""

MOST_REPEATS = 5
"""A safety line that is lost again and again is given up after so many."""

SLOW_PAUSES = 1.8
"""With pauses so many times as long, our lines come at some 97 words a minute instead of 121, those
of the hold at 88 instead of 107 (over every ninth recorded line)."""

LEFT_OF_THE_HOLD = frozenset({"time.left", "easier.shorter", "harder.longer"})
"""Lines whose {duration} is what is left, once the time runs."""

BARRED_SECONDS = 12 * 3600.0
"""No breath is held for so long after a refusal or a symptom, whoever starts again."""

FOREVER_AGO = float("-inf")


class Way(NamedTuple):
    """Where to go next, and what is said after the next state has begun."""

    trigger: Trigger
    lines: tuple[str, ...] = ()


class Again(NamedTuple):
    """A line that was said, for "repeat": the words are filled in anew."""

    line: str
    variant: int


@dataclass
class Desk:
    """What is said, waited for and asked for; times are on the audio clock."""

    settings: Settings
    content: Content
    visit: Visit = field(init=False)
    wishes: Wishes = field(init=False)
    now: float = 0.0
    timers: dict[Timer, float] = field(default_factory=dict)
    queue: list[Say] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    way: Way | None = None
    last: tuple[Again, ...] = ()
    passed_until: float = FOREVER_AGO
    barred_until: float = field(init=False)
    """Until then no breath is held: somebody was refused, or had a symptom."""

    mute: bool = False
    parting: bool = False
    """Goodbye has been said and the program ends: nothing begins any more."""

    losses: int = 0
    sounding_since: float | None = None
    times_said: dict[str, int] = field(default_factory=dict)
    variants: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.visit = new_visit(self.settings, self.content.breathing.default)
        self.wishes = wishes_of(self.settings)
        self.barred_until = self.settings.barred_for

    # --- asking for things -------------------------------------------------------------------

    def bar(self) -> None:
        """Let no breath be held, in this session and whatever begins soon after it."""
        self.visit.barred = True
        self.barred_until = self.now + BARRED_SECONDS

    def note_unwell(self) -> None:
        """Somebody feels unwell: all questions of health come again, and no breath is held."""
        self.passed_until = self.now
        self.bar()

    def act(self, action: Action) -> None:
        """Ask for `action`."""
        self.actions.append(action)

    def go(self, trigger: Trigger, *lines: str) -> None:
        """Leave this state by `trigger` when the turn is over; `lines` are said after that."""
        assert self.way is None, f"{self.way} and {trigger} at once"
        self.way = Way(trigger, lines)

    def start(self, timer: Timer, seconds: float, *, keep: bool = False) -> None:
        """Set `timer` to fire in `seconds`; a running one stays when `keep`."""
        if not (keep and timer in self.timers):
            self.timers[timer] = self.now + seconds

    def cancel(self, *timers: Timer) -> None:
        """Forget `timers`."""
        for timer in timers:
            self.timers.pop(timer, None)

    def clear_timers(self) -> None:
        """Forget what was waited for in a state that is left."""
        self.timers = {timer: at for timer, at in self.timers.items() if timer in LASTING}

    # --- lines -------------------------------------------------------------------------------

    def say(
        self, name: str, variant: int | None = None, gap: float = 0.3, gain_db: float = 0.0
    ) -> None:
        """Ask for the line `name`, its next variant unless one is named.

        "Call if it does not pass" would weaken an emergency script that says to call now.
        """
        emergency = Timer.EMERGENCY in self.timers or self.visit.unwell in EMERGENCIES
        if name == "help.symptom" and emergency:
            return
        line = self.content.lines[name]
        said = self.times_said.get(name, self.settings.seed)
        variant = (said if variant is None else variant) % len(line.say)
        self.times_said[name] = said + 1
        self.variants[name] = variant
        text = capitalised(line.say[variant].format(**self._values(name)))
        pauses = SLOW_PAUSES if self.wishes.slow else 1.0
        say = Say(name, text, line.pace, line.safety, gap, gain_db, pauses)
        self.queue.append(say)
        self.act(say)

    def say_again(self, name: str) -> None:
        """Ask for the line `name` in the words of the last time, filled in anew."""
        self.say(name, self.variants.get(name))

    def hush(self) -> list[Say]:
        """Silence the voice and return what was not said to its end."""
        unsaid, self.queue = self.queue, []
        self.sounding_since = None
        if unsaid:
            self.act(Hush())
        return unsaid

    def interrupt(self) -> list[Say]:
        """Hush for a reply; safety lines yield only to "stop" and symptoms."""
        return [] if any(say.safety for say in self.queue) else self.hush()

    def ended(self, event: LineEnded, fits: Callable[[Say], bool]) -> bool:
        """Take a line off the queue; return whether nothing is left to be said.

        A safety line that was lost is said again before all that waits behind it, if it `fits`.
        """
        if event.cut or not self.queue or self.queue[0].line != event.line:
            return False
        self.sounding_since = None
        first, *rest = self.queue
        lost = first.safety and event.lost >= LOST_SECONDS and fits(first)
        if lost and self.losses < MOST_REPEATS:
            self.losses += 1
            self.queue = rest
            self.hush()
            for say in filter(fits, (first, *rest)):
                self.queue.append(say)
                self.act(say)
            return False
        self.losses = 0
        self.queue = rest
        return not rest

    def _values(self, name: str) -> dict[str, str]:
        """Return what fills the gaps of line `name`: what is true now."""
        plan = self.visit.plan
        runs = name in LEFT_OF_THE_HOLD and plan.ends > 0
        seconds = plan.left(self.now) if runs else plan.seconds
        pattern = self.content.breathing.patterns[self.visit.guidance.pattern]
        times = self.content.durations.say_times(max(1, self.practised), self._days_practised)
        length = self.content.duration(seconds)
        return {"duration": length, "breathing": pattern.spoken, "times": times}

    @property
    def returning(self) -> bool:
        """Whether somebody finished a session here in the last thirty days, up to now."""
        return self.settings.returning and self.now < self.settings.returning_for

    @property
    def practised(self) -> int:
        """How often the pose was held in the last thirty days, this session's hold included."""
        return len(self._practised_ago) + (self.visit.held > 0)

    @property
    def _days_practised(self) -> int:
        """On how many days of the last thirty it was held, today aside."""
        return len({ago // A_DAY for ago in self._practised_ago})

    @property
    def _practised_ago(self) -> list[float]:
        """How many seconds ago the pose was held, each time in the last thirty days."""
        since = (ago + self.now for ago in self.settings.practised)
        return [ago for ago in since if ago < LATELY]
