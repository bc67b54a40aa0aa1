"""One turn of a session as the checks see it, and the rules that what can be said keeps."""

import re
from typing import TypeVar

from legsup_voice.content import Content
from legsup_voice.protocol.actions import Action, Enter, Say
from legsup_voice.protocol.commands import Command, Pattern, Symptom
from legsup_voice.protocol.events import Event, Failed, Heard, LineEnded, Rejected
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.timers import Timer

WARNINGS = ("exit.warning", "exit.short")
HELD = (State.HOLD, State.PAUSED)
CONDITIONS = "blood_pressure pregnancy glaucoma pots orthostatic_hypotension other".split()
SAFETY_LINES = re.compile(
    r"exit\..*|lying\..*|side\..*|sitting\..*|stand\..*|done\.(stay|unanswered|night)|screening\..*"
    r"|help\.(symptom|rest_now|unwell)|fault\.ending|emergency\..*"
)
EMERGENCIES = {Symptom.CHEST, Symptom.BREATH, Symptom.FAINT, Symptom.EMERGENCY}
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
        declines = isinstance(cause, Heard) and cause.declines is True
        self.clear_no = self.command is Command.NO and not declines
        """It is a no about their health, and more than "I'd rather not"."""

        self.symptom = self.command is Command.SYMPTOM
        """Somebody is unwell; "help" before the pose is asked about first."""

        if isinstance(cause, Heard) and self.symptom and cause.symptom is Symptom.HELP:
            certain = before.handler.doubtful > 0 or Timer.EMERGENCY in before.desk.timers
            self.symptom = not before.handler.upright or certain
        doubt = before.handler.doubtful and before.state is not State.LEAVING
        missed = cause is Timer.ANSWER or (
            isinstance(cause, Rejected)
            and cause.why != "own voice"
            and Timer.ANSWER in before.desk.timers
        )
        missed |= self.command is Command.NO and declines
        given_up = missed and before.handler.doubtful >= 2
        if doubt and (given_up or self.command in (Command.YES, Command.UNSURE)):
            self.symptom = True
        told = cause.symptom if isinstance(cause, Heard) and self.symptom else None
        self.emergency = told in EMERGENCIES
        self.lost: float | None = None
        """Seconds of the line at the head of the queue that were lost; None if nothing was."""

        if isinstance(cause, LineEnded) and cause.lost and before.desk.queue:
            self.lost = cause.lost if before.desk.queue[0].line == cause.line else None
        self.fault = cause.fault if isinstance(cause, Failed) else None
        self.states = [action.state for action in actions if isinstance(action, Enter)]
        self.said = [action for action in actions if isinstance(action, Say)]


def in_pose(session: Session) -> bool:
    """Return whether the legs are up and nobody is on the way down yet."""
    raising = session.state is State.SETUP and session.desk.visit.raised
    return session.state in HELD or raising


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
    require(len(content.lines["emergency.call"].say) == 1, "rule 17: the script has variants")
    asked = [question.condition for question in content.screening.questions]
    require(asked == CONDITIONS, "rule 1: not every question is asked")
    limit = content.breathing.patterns[Pattern.FOUR_SEVEN_EIGHT].at_most_cycles
    require(limit is not None and limit <= 4, "4-7-8 is at most four cycles")
    for text in content.lines["screening.all"].say:
        for condition in (
            "blood pressure",
            "pregnan",
            "glaucoma",
            "pots",
            "stand",
            "anything else",
        ):
            require(condition in text.lower(), f"rule 1: one question without {condition}")
    reminders = {text.lower() for text in content.lines["hold.reminder"].say}
    require(len(reminders) >= 20, "fewer than twenty reminders")
    default = content.breathing.patterns[content.breathing.default]
    require(all(cue != "hold" for cue, _ in default.phases), "rule 13: the default holds breath")


def _check_text(name: str, text: str, *, hold: bool) -> None:
    if re.search(r"(?<!you )(?<!belly )\b(stand|get up|rise)\b", text):
        allowed = name.startswith("stand.") or name in {"setup.rise", "refused.pots"}
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
