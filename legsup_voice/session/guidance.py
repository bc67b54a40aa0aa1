"""Breathing guidance: which pattern, how fast, how long; the same in HOLD and SEATED."""

from math import ceil, floor

from legsup_voice.content import Pattern as PatternData
from legsup_voice.protocol.actions import Breathe, StopBreathing
from legsup_voice.protocol.breathing import Breathing, Phase
from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.session.desk import Desk
from legsup_voice.session.timers import Timer
from legsup_voice.session.visit import Guidance

GUIDED_SECONDS = 120.0
"""Breath pacing lasts 1 to 3 min, then silence, unless it is wished for the whole hold."""

ABOUT_TO = 0.03
"""Seconds, more than a block: so much the session's clock and the cues' may differ."""

SPEED_STEP = 1.1
FADE_CYCLES = 2


def holds_breath(desk: Desk, pattern: Pattern) -> bool:
    """Return whether the breath is held in `pattern`."""
    return desk.content.breathing.patterns[pattern].holds_breath


def line(desk: Desk) -> str:
    """Return the line that says which sound is which."""
    return desk.content.breathing.patterns[desk.visit.guidance.pattern].line


def choose_unheld(desk: Desk, pattern: Pattern) -> None:
    """Plan to breathe in `pattern`; in the usual one, if no breath must be held."""
    if desk.visit.barred and holds_breath(desk, pattern):
        pattern = desk.content.breathing.default
    desk.visit.guidance.pattern = pattern


def choose(desk: Desk, pattern: Pattern) -> None:
    """Change to `pattern` and say what is heard; the cues start when that has been said."""
    stop(desk, fade=0.5)
    if desk.visit.barred and holds_breath(desk, pattern):
        desk.visit.guidance.waiting = True
        desk.say("breath.no_holding")
        return
    spent = desk.visit.guidance.cycles_spent
    limit = desk.content.breathing.patterns[pattern].at_most_cycles
    if limit is not None and spent >= limit:
        desk.say("breath.enough")
        return
    desk.visit.guidance = Guidance(pattern, cycles_spent=spent)
    desk.say(line(desk))


def change_speed(desk: Desk, command: Command) -> None:
    """Make the breaths slower or faster within the pattern's limits, breaking none off."""
    guidance = desk.visit.guidance
    pattern = desk.content.breathing.patterns[guidance.pattern]
    slower = command is Command.SLOWER
    slowness = guidance.slowness * (SPEED_STEP if slower else 1 / SPEED_STEP)
    if not pattern.phases:
        desk.say("breath.none")
    elif pattern.at_most_cycles is not None and guidance.cycles_spent >= pattern.at_most_cycles:
        desk.say("breath.enough")
    elif not pattern.fastest - 1e-9 <= slowness <= pattern.slowest + 1e-9:
        desk.say("breath.limit")
    else:
        guidance.slowness = slowness
        guidance.waiting = True
        desk.say("breath.slower" if slower else "breath.faster")


def stop(desk: Desk, fade: float) -> None:
    """Let the cues fade out over `fade` seconds; they come back only when asked for."""
    guidance = desk.visit.guidance
    guidance.waiting = False
    desk.cancel(Timer.GUIDED)
    if guidance.guiding:
        _charge(desk, _begun(guidance, desk.now))
        guidance.guiding = False
        desk.act(StopBreathing(fade))


def over(desk: Desk) -> None:
    """The guided breaths are over."""
    guidance = desk.visit.guidance
    guidance.guiding = False
    limit = desk.content.breathing.patterns[guidance.pattern].at_most_cycles
    if limit is not None:
        _charge(desk, limit)


def begin(desk: Desk, seconds: float) -> None:
    """Start the waiting cues now, for whole breaths within `seconds`."""
    guidance = desk.visit.guidance
    if not guidance.waiting:
        return
    guidance.waiting = False
    pattern = desk.content.breathing.patterns[guidance.pattern]
    begun, rest = 0, 0.0
    if guidance.guiding:  # a breath that is under way at another speed is breathed to its end
        begun = _begun(guidance, desk.now)
        rest = guidance.began + begun * guidance.cycle - desk.now
    breathing = _breathing(guidance, pattern, seconds - rest, begun)
    if breathing.cycles <= 0:
        return
    _charge(desk, begun)
    guidance.guiding, guidance.began = True, desk.now + rest
    guidance.cycle = breathing.cycle_milliseconds / 1000
    desk.act(Breathe(breathing))
    desk.start(Timer.GUIDED, rest + breathing.seconds)


def _begun(guidance: Guidance, now: float) -> int:
    """Return how many breaths have begun; one that is about to counts."""
    return max(0, ceil((now + ABOUT_TO - guidance.began) / guidance.cycle))


def _charge(desk: Desk, cycles: int) -> None:
    """Count breaths of a pattern that is only for a few; one that was begun counts whole."""
    guidance = desk.visit.guidance
    limit = desk.content.breathing.patterns[guidance.pattern].at_most_cycles
    if limit is not None:
        guidance.cycles_spent = min(limit, guidance.cycles_spent + cycles)


def _breathing(guidance: Guidance, pattern: PatternData, seconds: float, begun: int) -> Breathing:
    phases = tuple(
        Phase(cue, round(length * guidance.slowness * 1000)) for cue, length in pattern.phases
    )
    cycle = sum(phase.milliseconds for phase in phases) / 1000
    cycles = floor(seconds / cycle) if cycle else 0
    if pattern.at_most_cycles is not None:
        cycles = min(cycles, pattern.at_most_cycles - guidance.cycles_spent - begun)
    return Breathing(guidance.pattern, phases, cycles, min(FADE_CYCLES, max(0, cycles - 1)))
