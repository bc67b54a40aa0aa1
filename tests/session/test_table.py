"""The transition table is the whole of what can follow what."""

import pytest

from legsup_voice.content import content
from legsup_voice.protocol.states import State
from legsup_voice.session.session import IllegalTransitionError, Session
from legsup_voice.session.settings import Settings
from legsup_voice.session.table import TRANSITIONS, Trigger


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("trigger", list(Trigger))
def test_a_trigger_outside_the_table_raises_and_changes_nothing(
    state: State, trigger: Trigger
) -> None:
    session = Session(Settings(), content(), state=state)
    if trigger in TRANSITIONS[state]:
        session.go(trigger)
        assert session.state is TRANSITIONS[state][trigger]
        return
    handler = session.handler
    with pytest.raises(IllegalTransitionError):
        session.go(trigger)
    assert session.state is state
    assert session.handler is handler
    assert session.desk == Session(Settings(), content(), state=state).desk


def test_the_pose_has_one_way_out() -> None:
    for state in (State.HOLD, State.PAUSED):
        ways = set(TRANSITIONS[state].values())
        assert ways <= {State.HOLD, State.PAUSED, State.LEAVING}


def test_standing_comes_only_after_sitting_or_breathing_seated() -> None:
    before = {state for state, ways in TRANSITIONS.items() if State.DONE in ways.values()}
    assert before == {State.SITTING, State.SEATED}
