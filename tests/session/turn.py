"""One turn of a session as the checks see it, and the rules that what can be said keeps."""

import re
from typing import TypeVar

from legsup_voice.content import Content
from legsup_voice.protocol.actions import Action, Enter, Say
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Event, Failed, Heard
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.timers import Timer

WARNINGS = ("exit.warning", "exit.short")
HELD = (State.HOLD, State.PAUSED)
CONDITIONS = "blood_pressure pregnancy glaucoma pots orthostatic_hypotension other".split()
SAFETY_LINES = re.compile(
    r"exit\..*|lying\..*|side\..*|sitting\..*|stand\..*|done\.stay|help\.(symptom|rest_now)"
    r"|screening\..*|fault\.ending"
)
Kept = TypeVar("Kept")


def copy_of(thing: Kept) -> Kept:
    """Return a shallow copy, quicker than `copy.copy`."""
    twin = object.__new__(type(thing))
    twin.__dict__.update(thing.__dict__)
    return twin


class ViolationError(AssertionError):
    """A safety rule was broken."""


def require(condition: object, rule: str) -> None:
    """Raise unless `condition` holds.

    Raises:
        ViolationError: the rule is broken.
    """
    if not condition:
        raise ViolationError(rule)


class Turn:
    """One turn: `cause` is an event or the deadline that fired; times are on the audio clock."""

    def __init__(
        self, before: Session, cause: Event | Timer, actions: list[Action], after: Session
    ) -> None:
        self.before, self.cause, self.actions, self.after = before, cause, actions, after
        self.accepts = after.accepts
        self.command: Command | None = None
        """The command given, if it was taken."""
        if isinstance(cause, Heard) and cause.command in before.accepts:
            self.command = cause.command
        self.fault = cause.fault if isinstance(cause, Failed) else None
        self.states = [action.state for action in actions if isinstance(action, Enter)]
        self.said = [action for action in actions if isinstance(action, Say)]


def in_pose(session: Session) -> bool:
    """Return whether the legs are up and nobody is on the way down yet."""
    return session.state in HELD or (session.state is State.SETUP and session.raised)


def check_texts(content: Content) -> None:
    """Judge what can be said, whoever says it: rules 3, 5, 13, 14 and 15.

    Raises:
        ViolationError: a text breaks a rule.
    """
    for name in WARNINGS:
        for text in content.lines[name].say:
            for word in ("slowly", "side", "sit", "blood pressure"):
                require(word in text.lower(), f"rule 3: {name} without {word!r}")
    for name, line in content.lines.items():
        if SAFETY_LINES.fullmatch(name):
            require(line.safety, f"rule 14: {name} is no safety line")
        for text in map(str.lower, line.say):
            _check_text(name, text, hold=State.HOLD in line.states)
    asked = [question.condition for question in content.screening.questions]
    require(asked == CONDITIONS, "rule 1: not every question is asked")
    limit = content.breathing.patterns["four_seven_eight"].at_most_cycles
    require(limit is not None and limit <= 4, "4-7-8 is at most four cycles")
    default = content.breathing.patterns[content.breathing.default]
    require(all(cue != "hold" for cue, _ in default.phases), "rule 13: the default holds breath")


def _check_text(name: str, text: str, *, hold: bool) -> None:
    if re.search(r"(?<!you )\b(stand|get up|rise)\b", text):
        allowed = name.startswith("stand.") or name in {"setup.stopped", "refused.pots"}
        require(allowed, f"rule 5: {name} tells to stand")
    claims = re.search(r"\b(cures?|treats?|heals?|will (help|lower|improve))\b", text)
    require(not claims, f"rule 13: {name} claims")
    promises = re.search(r"\b(stretch|ease|calm|help|lower|flow|benefit)(s|es)?\b", text)
    if name.startswith("benefit.") and promises:
        hedged = re.search(r"\b(may|can|gentle|stronger)\b", text)
        require(hedged, f"rule 13: {name} is not hedged")
    if hold:
        asks = re.search(r"\b(look|see|watch|reach|take|press the|screen)\b", text)
        require(not asks, f"rule 15: {name} asks to look or reach")
