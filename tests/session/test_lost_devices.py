"""Conversations in which the microphone or the speaker is lost."""

import pytest

from legsup_voice.content import content
from legsup_voice.protocol.commands import Command, Symptom
from legsup_voice.protocol.events import Failed
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from tests.session.conversation import (
    Conversation,
    from_leaving_to_done,
    in_hold,
    in_setup,
)


def test_a_lost_microphone_is_said_and_the_hold_ends_on_time() -> None:
    talk = in_hold(5)
    began = talk.session.desk.visit.plan.started
    talk.wait(30).tell(Failed(Fault.MICROPHONE_LOST))
    assert talk.lines()[-1] == "fault.microphone"
    assert talk.wait_for(State.LEAVING).now == pytest.approx(began + 300)


def test_nobody_waits_in_the_pose_for_a_next_that_cannot_be_heard() -> None:
    talk = in_setup().answer(*[Command.NEXT] * content().setup.raising_step)
    assert talk.tell(Failed(Fault.MICROPHONE_LOST)).session.state is State.LEAVING


def test_a_lost_speaker_ends_the_screening_and_nothing_begins_without_one() -> None:
    talk = Conversation().answer(Command.START).tell(Failed(Fault.SPEAKER_LOST))
    assert talk.session.state is State.IDLE
    assert talk.hear(Command.START).session.state is State.IDLE
    talk.tell(Failed(Fault.SPEAKER_BACK))
    assert talk.hear(Command.START).session.state is State.SCREENING


@pytest.mark.parametrize(("steps", "state"), [(1, State.IDLE), (5, State.LEAVING)])
def test_a_speaker_lost_in_setup_ends_it(steps: int, state: State) -> None:
    talk = in_setup().answer(*[Command.NEXT] * steps).tell(Failed(Fault.SPEAKER_LOST))
    assert talk.session.state is state


def test_a_way_down_that_nobody_heard_begins_again_until_the_voice_is_back() -> None:
    talk = in_hold(0.5).tell(Failed(Fault.SPEAKER_LOST)).wait_for(State.LEAVING).wait(300)
    assert talk.session.state is State.LEAVING
    assert talk.lines().count("exit.warning") > 2
    assert talk.tell(Failed(Fault.SPEAKER_BACK)).lines()[-1] == "exit.warning"
    assert from_leaving_to_done(talk).session.state is State.DONE


def test_questions_are_not_asked_of_someone_who_cannot_be_heard() -> None:
    for answers in ([], [Command.YES], [Command.NO] * len(content().screening.questions)):
        talk = Conversation().answer(Command.START, *answers)
        lost = talk.listen().tell(Failed(Fault.MICROPHONE_LOST))
        assert lost.session.state is State.IDLE
        assert "I can't hear you now." in lost.texts()[-2:]
        assert lost.tell(Failed(Fault.MICROPHONE_BACK)).lines()[-1] == "fault.microphone_back"
    asked = Conversation().answer(Command.START).hear(Command.SYMPTOM, symptom=Symptom.HELP)
    assert asked.tell(Failed(Fault.MICROPHONE_LOST)).session.state is State.SCREENING
