"""What the outside is told of a session."""

import pytest

from legsup_voice.content import content
from legsup_voice.live.outward import CALL, EMERGENCY_FAMILY, Need
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.log import CommandHeard, LineBegun, LogRecord, StateEntered
from legsup_voice.protocol.states import State

LYING = StateEntered(1.0, State.LYING)
CALLED = LineBegun(1.0, CALL, "Are you down?", 1.0)
EMERGENCY = LineBegun(1.0, "emergency.call", "Call for help.", 1.0)


def heard(command: Command, *, outside: bool | None = None) -> LogRecord:
    return CommandHeard(2.0, command, "", 1.0, 2.0, outside=outside)


@pytest.mark.parametrize("alarm", [LYING, CALLED, EMERGENCY])
def test_somebody_is_needed_until_the_person_says_that_all_is_well(alarm: LogRecord) -> None:
    need = Need()
    need.note(StateEntered(0.5, State.HOLD))
    assert not need.there
    need.note(alarm)
    need.note(heard(Command.SYMPTOM))
    need.note(heard(Command.LOUDER, outside=True))
    assert need.there
    need.note(heard(Command.YES))
    assert not need.there


@pytest.mark.parametrize("over", [State.DONE, State.IDLE])
def test_nobody_is_needed_when_the_session_is_over(over: State) -> None:
    need = Need()
    need.note(CALLED)
    need.note(StateEntered(3.0, over))
    assert not need.there


def test_the_lines_that_call_for_somebody_are_there() -> None:
    assert CALL in content().lines
    assert any(name.startswith(EMERGENCY_FAMILY) for name in content().lines)
