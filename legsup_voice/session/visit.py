"""What is known of one person's session, from "start" until the next "start"."""

from dataclasses import dataclass

from legsup_voice.protocol.choices import NO_FACT, Choices, Talk
from legsup_voice.protocol.commands import EMERGENCIES, Bed, Condition, Pattern, Symptom
from legsup_voice.protocol.limits import MIN_HOLD
from legsup_voice.session.settings import DEFAULT_HOLD, Settings, clamp_hold

FOREVER = float("inf")

LEAST_LEFT = 15.0
"""Seconds that "shorter" leaves at least, so that the end doesn't come as a surprise."""


@dataclass
class Plan:
    """The hold that is planned or under way; seconds, and times on the audio clock.

    `remaining` is set while it is paused; `cap` is when the legs have been up long enough; `cut`
    is what it took off the wanted length because they were up before the hold.
    """

    seconds: float = DEFAULT_HOLD
    started: float = 0.0
    ends: float = 0.0
    cap: float = FOREVER
    remaining: float | None = None
    cut: float = 0.0

    def left(self, now: float) -> float:
        """Return the seconds left of the hold."""
        return self.ends - now if self.remaining is None else min(self.remaining, self.cap - now)

    def resize(self, change: float, now: float) -> float:
        """Move the end by `change` seconds as far as the limits allow; return how far."""
        rest = self.ends - now if self.remaining is None else self.remaining
        elapsed = self.seconds - rest
        shortest = min(rest, max(MIN_HOLD - elapsed, LEAST_LEFT))
        longest = max(rest, self.cap - now)
        wanted = min(longest, max(shortest, rest + change))
        self.seconds = elapsed + wanted
        if self.remaining is None:
            self.ends = now + wanted
        else:
            self.remaining = wanted
        return wanted - rest


@dataclass
class Guidance:
    """The chosen breathing; `slowness` is the factor on the length of every phase.

    `waiting`: the cues are to begin; `guiding`: they sound, since `began`, `cycle` seconds each.
    """

    pattern: Pattern = Pattern.BELLY
    slowness: float = 1.0
    waiting: bool = True
    guiding: bool = False
    began: float = 0.0
    cycle: float = 0.0
    cycles_spent: int = 0


@dataclass
class Wishes:
    """How the person likes to be guided; it outlasts a session."""

    talk: Talk = Talk.NORMAL
    guided: bool = False
    bell: bool = False
    bed: Bed | None = None
    volume: float = 0.0
    slow: bool = False


@dataclass
class Visit:
    """One person's session."""

    plan: Plan
    guidance: Guidance
    known: frozenset[str]
    """The choices ("breathing", "minutes") that aren't asked for."""

    same: bool = False
    """The choices of last time were asked for with the start."""

    cleared: frozenset[Condition] = frozenset()
    """The conditions that the person said they don't have. Set-up needs all of them."""

    refusal: str = "refused.other"
    reason: str = ""
    """The line that says why the pose is left, when a condition was named in it."""

    barred: bool = False
    """No breath is held: after a refusal or a symptom."""

    help_coming: bool = False
    """In an emergency somebody said that help is coming."""

    unwell: Symptom | None = None
    ailed: bool = False
    """Something was felt that was told as a symptom, even if it is over."""

    raised: bool = False
    watchful: bool = False
    unanswered: int = 0
    asleep: bool = False
    """Nobody has answered since before the end of the hold."""

    calls: int = 0
    """How often they have been called since they answered last."""

    may_go_on: bool = False
    """A "stop" has just been said in the hold; nothing else forbids to go on."""

    held: float = 0.0
    fact: int = NO_FACT
    """The number of the fact that was told last."""

    night: bool = False
    """Somebody said good night: nobody is told to stand at the end."""

    ended_by: str = ""

    def feels(self, symptom: Symptom) -> None:
        """Note what somebody feels; an emergency stays one, whatever is felt besides."""
        self.ailed = True
        if self.unwell not in EMERGENCIES or symptom in EMERGENCIES:
            self.unwell = symptom


def new_visit(
    settings: Settings,
    default: Pattern,
    *,
    seconds: float | None = None,
    pattern: Pattern | None = None,
    same: bool = False,
) -> Visit:
    """Return a visit that nothing of the one before is left in.

    What is said with the start comes before the settings, those before the choices of last time.
    """
    last = settings.last
    if same and last is not None:
        seconds, pattern = last.seconds, last.pattern
    asked = seconds if seconds is not None else settings.minutes and settings.minutes * 60
    breathing = pattern or settings.breathing
    known = {"minutes"} if asked is not None else set()
    if breathing is not None:
        known.add("breathing")
    length = asked if asked is not None else (last.seconds if last else DEFAULT_HOLD)
    usual = breathing or (last.pattern if last else default)
    return Visit(
        Plan(clamp_hold(length)),
        Guidance(usual),
        frozenset(known),
        same=same and last is not None,
        fact=last.fact if last else NO_FACT,
    )


def wishes_of(settings: Settings) -> Wishes:
    """Return how the person liked to be guided last time; a setting other than usual wins."""
    last = settings.last
    if last is None:
        return Wishes(settings.talk, bell=settings.bell, slow=settings.slow)
    talk = settings.talk if settings.talk is not Talk.NORMAL else last.talk
    bell, slow = settings.bell or last.bell, settings.slow or last.slow
    return Wishes(talk, last.guided, bell, last.bed, last.volume, slow)


def choices_of(visit: Visit, wishes: Wishes) -> Choices:
    """Return what is remembered for the next session."""
    return Choices(
        clamp_hold(visit.plan.seconds + visit.plan.cut),
        visit.guidance.pattern,
        wishes.talk,
        wishes.guided,
        wishes.bell,
        wishes.bed,
        wishes.volume,
        wishes.slow,
        visit.fact,
    )
