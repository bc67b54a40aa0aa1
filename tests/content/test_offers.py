"""What a line tells people to say is understood where and when the line has been said."""

import copy
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from legsup_voice.content import content
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom
from legsup_voice.protocol.states import State
from tests.content.talks import LAST, in_state
from tests.session.conversation import Conversation, in_hold

OFFERING = {name: line.offers for name, line in content().lines.items() if line.offers}
DETAILS: dict[Command, dict[str, Any]] = {
    Command.BREATHING: {"pattern": Pattern.BOX},
    Command.DURATION: {"seconds": 300.0},
    Command.CONDITION: {"condition": Condition.OTHER},
}
OFTEN = 8
"""More than any state has lines of help, and more than any ladder has rungs."""

Moment = tuple[str, State, frozenset[Command]]
"""A line that has just been said, the state, and what is taken."""


def twin(talk: Conversation) -> Conversation:
    """Return a copy of a conversation that goes its own way."""
    return copy.deepcopy(talk, {id(content()): content()})


def silences(talk: Conversation, seconds: int, known: int = 0) -> Iterator[Moment]:
    """Yield what was said after the first `known` lines, whenever the voice falls silent."""
    for _ in range(seconds):
        talk.wait(1)
        if talk.silent:
            for line in talk.lines()[known:]:
                yield line, talk.session.state, talk.session.accepts
            known = len(talk.lines())


def told(
    talk: Conversation, command: Command, lasting: int = 25, times: int = 1, **details: Any
) -> Iterator[Moment]:
    """Yield what is said to someone who says `command` so many times."""
    talk = twin(talk)
    for _ in range(times):
        known = len(talk.lines())
        talk.wait(0.5).hear(command, **details)
        yield from silences(talk, lasting, known)


def moments() -> Iterator[Moment]:
    """Yield what is said to people who ask for everything in every state."""
    for talk in (talk for state in State for talk in in_state(state)):
        known = len(talk.lines()) - 1
        yield from silences(twin(talk), 330, known)
        yield from silences(twin(talk).reject().wait(2).reject(), 20, known)
        for command in sorted(talk.session.accepts - {Command.SYMPTOM}):
            times = OFTEN if command in (Command.HELP, Command.EASIER) else 2
            yield from told(talk, command, times=times, **DETAILS.get(command, {}))
        for symptom in (Symptom.HELP, Symptom.DIZZY, Symptom.EMERGENCY):
            yield from told(talk, Command.SYMPTOM, lasting=100, symptom=symptom)
    yield from silences(Conversation(returning=True, last=LAST), 10)
    asked = in_hold(20)
    while asked.lines()[-1] != "hold.checkin":
        asked.wait(1)
    yield from told(asked.listen(), Command.NO)
    tingles = in_hold(20)
    yield from silences(tingles.hear(Command.TINGLING), 100, len(tingles.lines()))


@cache
def heard() -> dict[str, set[tuple[State, frozenset[Command]]]]:
    """Return the states in which each offering line was said, and what was taken after it."""
    where: dict[str, set[tuple[State, frozenset[Command]]]] = {name: set() for name in OFFERING}
    for line, state, accepts in moments():
        if line in OFFERING:
            where[line].add((state, accepts))
    return where


@pytest.mark.parametrize("name", sorted(OFFERING))
def test_what_is_offered_is_understood(name: str) -> None:
    assert heard()[name], "nobody came to hear it"
    for state, accepts in heard()[name]:
        for offer in OFFERING[name]:
            taken = grammar().reader.read(offer, set(accepts))
            assert taken is not None, (state, offer, sorted(accepts))


@pytest.mark.parametrize("name", sorted(content().lines))
def test_what_a_line_says_to_say_is_an_offer(name: str) -> None:
    line = content().lines[name]
    for text in line.say:
        told = re.search(r"\bsay (?!it\b|less|more|a time)([^.?!]*)", text.lower())
        if told:
            assert any(offer in told[1] for offer in line.offers), text
