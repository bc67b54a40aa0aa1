"""The checks are checked: every mutant is caught, and the real code isn't."""

import pytest

from legsup_voice.content import Content, content
from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.session.settings import Settings
from tests.session.broken import Mutant
from tests.session.exploration import beginning, explore, leave_in_silence
from tests.session.mutants import MUTANTS
from tests.session.turn import ViolationError, check_texts
from tests.session.ways import INTO_HOLD, WAYS, along
from tests.session.world import Node

STATES = 300
"""A mutant is caught within so many states around the usual ways through a session."""


def judge(judged: Content) -> None:
    """Look for a broken rule: in the texts, along the usual ways, in silence, and around them."""
    check_texts(judged)
    begin: list[Node] = []
    for interrupted in (False, True):
        first = beginning(Settings(), judged, interrupted=interrupted)
        for way in WAYS:
            begin += along(first, way)
    short = beginning(Settings(minutes=0.5), judged)
    begin += along(short, (*INTO_HOLD, Command.PAUSE, Command.RESUME))
    boxed = beginning(Settings(breathing=Pattern.BOX), judged)
    begin += along(boxed, (Command.START, Command.YES, Command.YES))
    leave_in_silence(begin)
    explore(begin, limit=len(begin) + STATES)


def test_the_real_code_passes() -> None:
    judge(content())


def test_there_are_many_mutants_and_each_has_a_name_of_its_own() -> None:
    names = {mutant.name for mutant in MUTANTS}
    assert len(names) == len(MUTANTS) >= 30


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = mutant.apply(monkeypatch)
    with pytest.raises(ViolationError):
        judge(judged)
