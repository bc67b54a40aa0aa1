"""Breathing guidance: which pattern, how fast, how long; the same in HOLD and SEATED."""

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from legsup_voice.protocol.actions import Breathe, StopBreathing
from legsup_voice.protocol.breathing import Breathing, Phase
from legsup_voice.protocol.commands import Command
from legsup_voice.session.timers import Timer

if TYPE_CHECKING:
    from legsup_voice.content import Pattern
    from legsup_voice.session.session import Session

GUIDED_SECONDS = 120.0
"""Breath pacing lasts 1 to 3 min, then silence."""

SPEED_STEP = 1.1
FADE_CYCLES = 2


@dataclass
class Guidance:
    """The chosen pattern; `slowness` is the factor on the length of every phase."""

    pattern: str = "belly"
    slowness: float = 1.0
    waiting: bool = True
    guiding: bool = False
    cycles_spent: int = 0


def choose(session: "Session", pattern: str) -> None:
    """Change to `pattern` and say what is heard; the cues start when that has been said."""
    guidance = session.guidance
    stop(session, fade=0.5)
    limit = session.content.breathing.patterns[pattern].at_most_cycles
    if limit is not None and guidance.cycles_spent >= limit:
        session.say("breath.enough")
        return
    session.guidance = Guidance(pattern, cycles_spent=guidance.cycles_spent)
    session.say(f"breath.{pattern}")


def change_speed(session: "Session", command: Command) -> None:
    """Make the breaths slower or faster within the pattern's limits."""
    guidance = session.guidance
    pattern = session.content.breathing.patterns[guidance.pattern]
    slower = command is Command.SLOWER
    slowness = guidance.slowness * (SPEED_STEP if slower else 1 / SPEED_STEP)
    if not pattern.phases:
        session.say("breath.none")
    elif not pattern.fastest - 1e-9 <= slowness <= pattern.slowest + 1e-9:
        session.say("breath.limit")
    else:
        stop(session, fade=0.5)
        guidance.slowness = slowness
        guidance.waiting = True
        session.say("breath.slower" if slower else "breath.faster")


def stop(session: "Session", fade: float) -> None:
    """Let the cues fade out over `fade` seconds; they come back only when asked for."""
    session.guidance.waiting = False
    session.cancel(Timer.GUIDED)
    if session.guidance.guiding:
        session.guidance.guiding = False
        session.act(StopBreathing(fade))


def begin(session: "Session", seconds: float) -> None:
    """Start the waiting cues now, for whole breaths within `seconds`."""
    guidance = session.guidance
    if not guidance.waiting:
        return
    guidance.waiting = False
    pattern = session.content.breathing.patterns[guidance.pattern]
    breathing = _breathing(guidance, pattern, seconds)
    if breathing.cycles <= 0:
        return
    guidance.guiding = True
    if pattern.at_most_cycles is not None:
        guidance.cycles_spent += breathing.cycles
    session.act(Breathe(breathing))
    session.start(Timer.GUIDED, breathing.seconds)


def _breathing(guidance: Guidance, pattern: "Pattern", seconds: float) -> Breathing:
    phases = tuple(
        Phase(cue, round(length * guidance.slowness * 1000)) for cue, length in pattern.phases
    )
    cycle = sum(phase.milliseconds for phase in phases) / 1000
    cycles = floor(seconds / cycle) if cycle else 0
    if pattern.at_most_cycles is not None:
        cycles = min(cycles, pattern.at_most_cycles - guidance.cycles_spent)
    return Breathing(guidance.pattern, phases, cycles, min(FADE_CYCLES, max(0, cycles - 1)))
