"""Every fact is told to whoever asks for it, and what concerns health is never promised."""

import re
from functools import cache
from typing import Any

import pytest

from legsup_voice.content import content
from legsup_voice.content.schema import Asked, Fact
from legsup_voice.protocol.commands import Command
from tests.content.talks import in_state
from tests.session.conversation import in_setup

FACTS = content().facts.facts
ASKED_OFTEN = 25
"""More than there are facts or variations: whoever goes on asking hears them all."""


@cache
def said_to(asked: Asked) -> frozenset[str]:
    """Return the lines that are said to someone who asks, and goes on asking."""
    if asked.command is Command.NEXT:
        steps = [Command.NEXT] * (len(content().setup.steps) + 1)
        return frozenset(in_setup().answer(*steps).wait(400).lines())
    lines: set[str] = set()
    details: dict[str, Any] = asked.model_dump(include={"pattern", "symptom", "condition"})
    if asked.command is Command.DURATION:
        details = {"seconds": 600.0}
    for talk in (talk for state in asked.states for talk in in_state(state)):
        before = len(talk.lines())
        for _ in range(ASKED_OFTEN):
            talk.listen().wait(0.5).hear(asked.command, **details)
            if talk.session.state not in asked.states:
                break
        for _ in range(4):
            talk.listen().wait(35).answer(Command.NO)
        lines.update(talk.lines()[before:])
    return frozenset(lines)


@pytest.mark.parametrize(("name", "fact"), FACTS.items())
def test_every_fact_is_said_to_who_asks_for_it(name: str, fact: Fact) -> None:
    assert set(fact.lines) <= said_to(fact.asked), name


HEDGED = re.compile(r"\b(may|could|mixed|doctor)\b")
PROMISES = re.compile(
    r"\b(cures?|treats?|heals?|prevents?|therapy|detox\w*|guarantees?|always (works|helps)|"
    r"will (help|lower|improve|ease|calm|reduce|stretch)|"
    r"(helps|lowers|improves|eases|calms|reduces|relieves|strengthens|stretches|boosts|fixes))\b"
)
TEACHES = frozenset("setup hold breath exit lying side sitting stand emergency help".split())
"""Families that say what to do; the others say what it may do for somebody."""


@pytest.mark.parametrize(("name", "fact"), FACTS.items())
def test_what_concerns_health_is_hedged_sentence_by_sentence(name: str, fact: Fact) -> None:
    if fact.source is None:
        return
    for line in fact.lines:
        if line.split(".")[0] not in TEACHES:
            for text in content().lines[line].say:
                assert HEDGED.search(text.lower()), (name, text)


@pytest.mark.parametrize("name", sorted(content().lines))
def test_no_line_promises_anything(name: str) -> None:
    for text in content().lines[name].say:
        assert not PROMISES.search(text.lower()), text
        assert "blood pressure" not in text.lower() or not name.startswith("benefit."), text


def test_what_it_may_do_has_a_source() -> None:
    told = [fact for fact in FACTS.values() if fact.asked.command is Command.MORE]
    bare = [fact.fact for fact in told if fact.source is None]
    anatomy = {FACTS["three_muscles"].fact, FACTS["what_they_do"].fact}
    assert set(bare) == anatomy


def test_whatever_first_aid_teaches_names_who_teaches_it() -> None:
    sourced = {line for fact in FACTS.values() if fact.source for line in fact.lines}
    taught = {
        "emergency.call",
        "emergency.half_sitting",
        "lying.down",
        "help.symptom",
        "exit.warning",
    }
    assert taught <= sourced
