"""Hand-made mutants: each breaks one thing in the table, the rules or the content on purpose.

A mutant is a name and a function that patches the real code (through pytest's monkeypatch, which
undoes it) or returns other content. The checks must catch every one of them.
"""

from dataclasses import replace
from typing import Any

from legsup_voice.content import Content, content
from legsup_voice.protocol.commands import Pattern
from legsup_voice.protocol.states import State
from legsup_voice.session import (
    caller,
    choosing,
    desk,
    hold,
    in_pose,
    leaving,
    resting,
    screening,
    setup,
    visit,
)
from legsup_voice.session import session as machine
from legsup_voice.session.table import TRANSITIONS, Trigger
from tests.session.broken import HANDLERS, Mutant, Patch

# --- the table -------------------------------------------------------------------------------


def _edge(state: State, trigger: Trigger, target: State) -> Mutant:
    def apply(patch: Patch) -> Content:
        patch.setitem(TRANSITIONS[state], trigger, target)
        return content()

    return Mutant(f"{state}: {trigger} -> {target}", apply)


def _no_edge(state: State, trigger: Trigger) -> Mutant:
    def apply(patch: Patch) -> Content:
        patch.delitem(TRANSITIONS[state], trigger)
        return content()

    return Mutant(f"{state}: no way for {trigger}", apply)


TABLE = (
    _edge(State.HOLD, Trigger.LEAVE, State.SIDE),
    _edge(State.HOLD, Trigger.LEAVE, State.IDLE),
    _edge(State.PAUSED, Trigger.LEAVE, State.SITTING),
    _edge(State.PAUSED, Trigger.LEAVE, State.HOLD),
    _edge(State.SETUP, Trigger.LEAVE, State.IDLE),
    _edge(State.SETUP, Trigger.CONDITION, State.IDLE),
    _edge(State.SCREENING, Trigger.REFUSE, State.SETUP),
    _edge(State.SCREENING, Trigger.GIVE_UP, State.SETUP),
    _edge(State.REFUSED, Trigger.ACCEPT, State.SETUP),
    _edge(State.IDLE, Trigger.START, State.SETUP),
    _edge(State.IDLE, Trigger.INTERRUPTED, State.LYING),
    _edge(State.LEAVING, Trigger.UNWELL, State.SIDE),
    _edge(State.LEAVING, Trigger.LEGS_DOWN, State.SITTING),
    _edge(State.IDLE, Trigger.AGAIN, State.HOLD),
    _edge(State.LYING, Trigger.BETTER, State.HOLD),
    _edge(State.SIDE, Trigger.RESTED, State.DONE),
    _edge(State.SITTING, Trigger.UNWELL, State.DONE),
    _edge(State.DONE, Trigger.UNWELL, State.IDLE),
    _no_edge(State.SIDE, Trigger.UNWELL),
    _no_edge(State.PAUSED, Trigger.LEAVE),
)


# --- constants -------------------------------------------------------------------------------


def _constant(module: Any, name: str, value: object) -> Mutant:
    def apply(patch: Patch) -> Content:
        patch.setattr(module, name, value)
        return content()

    return Mutant(f"{name} = {value}", apply)


CONSTANTS = (
    _constant(resting, "SIDE_SECONDS", 5.0),
    _constant(resting, "SITTING_SECONDS", 15.0),
    _constant(screening, "MAX_MISSES", 4),
    _constant(visit, "MIN_HOLD", 5.0),
    _constant(hold, "CHECK_IN_EVERY", 2000.0),
    _constant(hold, "WATCHFUL_EVERY", 300.0),
    _constant(in_pose, "MAX_UNANSWERED", 9),
    _constant(choosing, "clamp_hold", float),
    _constant(setup, "POSE_LIMIT", 6000.0),
    _constant(setup, "MAX_HOLD", 1800.0),
    _constant(setup, "PASS_KEPT", 6000.0),
    _constant(screening, "SECONDS_PER_WORD", 0.0),
    _constant(leaving, "TAKE_BACK_WITHIN", 60.0),
    _constant(machine, "EMERGENCY_EVERY", 600.0),
    _constant(machine, "EMERGENCY_DB", 0.0),
    _constant(caller, "LOUDER_STEP", 0.0),
    _constant(caller, "MOST_CALLS", 3),
    _constant(desk, "LOST_SECONDS", 60.0),
)


# --- content ---------------------------------------------------------------------------------


def _line(name: str, **changes: object) -> Mutant:
    def apply(_: Patch) -> Content:
        changed = content().lines[name].model_copy(update=changes)
        return replace(content(), lines=content().lines | {name: changed})

    return Mutant(f"{name}: {changes}", apply)


def _default_box(_: Patch) -> Content:
    return replace(content(), breathing=content().breathing.model_copy(update={"default": "box"}))


def _endless_four_seven_eight(_: Patch) -> Content:
    patterns = dict(content().breathing.patterns)
    limited = patterns[Pattern.FOUR_SEVEN_EIGHT].model_copy(update={"at_most_cycles": None})
    update = {"patterns": patterns | {Pattern.FOUR_SEVEN_EIGHT: limited}}
    return replace(content(), breathing=content().breathing.model_copy(update=update))


def _a_question_less(_: Patch) -> Content:
    kept = content().screening.questions[:-1]
    return replace(content(), screening=content().screening.model_copy(update={"questions": kept}))


def _raised_late(_: Patch) -> Content:
    late = [
        step.model_copy(update={"raises_legs": step.line == "setup.heels"})
        for step in content().setup.steps
    ]
    return replace(content(), setup=content().setup.model_copy(update={"steps": tuple(late)}))


CONTENT = (
    _line("exit.warning", safety=False),
    _line("exit.warning", say=("Come down now, onto your side.",)),
    _line("exit.short", say=("Come down.",)),
    _line("help.symptom", safety=False),
    _line("emergency.call", safety=False),
    _line("emergency.call", say=("Call for help.", "Get help.")),
    _line("screening.all", say=("Is anything wrong with you?",) * 2),
    _line("hold.reminder", say=("Let your jaw be soft.",)),
    _line("benefit.stretch", say=("It will improve your circulation.",)),
    _line("hold.reminder", say=("Look at your feet.",)),
    _line("sitting.rest", say=("Now stand up.",)),
    _line("refused.doctor", states=frozenset({State.REFUSED})),
    Mutant("box is the default", _default_box),
    Mutant("4-7-8 without end", _endless_four_seven_eight),
    Mutant("a question less", _a_question_less),
    Mutant("the legs count as up a step later", _raised_late),
)

MUTANTS = (*TABLE, *CONSTANTS, *HANDLERS, *CONTENT)
