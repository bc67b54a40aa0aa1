"""Who asks for time gets it, on the way down too; and what changes the hold counts in a pause."""

import pytest

from legsup_voice.protocol.commands import Command, Pattern, Symptom
from legsup_voice.protocol.states import State
from tests.session.conversation import Conversation, in_hold
from tests.session.spoken import Spoken

MORE_TIME = [Command.PAUSE, Command.TINGLING]


def _coming_down() -> Conversation:
    talk = in_hold(5).listen().hear(Command.STOP).listen()
    while talk.lines()[-1] != "exit.knees":
        talk.wait(0.5)
    return talk.listen()


def _called() -> Conversation:
    """A hold is over that nobody answered at the end of, and they are asked for the first time."""
    talk = in_hold(0.5).wait_for(State.LEAVING)
    while "exit.are_you_down" not in talk.lines():
        talk.wait(1)
    return talk.listen()


def test_wait_on_the_way_down_says_the_step_again_and_waits() -> None:
    talk = _coming_down().hear(Command.PAUSE)
    assert talk.lines()[-2:] == ["exit.knees", "exit.knees"]
    assert talk.listen().wait(29).lines()[-1] == "exit.knees"
    assert talk.wait(2).lines()[-1] == "exit.feet"


def test_wait_leaves_the_warning_whole() -> None:
    talk = in_hold(5).listen().hear(Command.STOP).wait(1).hear(Command.PAUSE).listen()
    assert talk.lines()[-1] == "exit.warning"
    assert talk.wait(29).lines()[-1] == "exit.warning"


def test_okay_after_every_word_hurries_nobody_down() -> None:
    talk = in_hold(5).listen().hear(Command.STOP).listen()
    for _ in range(30):
        talk.wait(0.5).hear(Command.NEXT)
        assert len(talk.session.desk.queue) <= 1
    talk.wait_for(State.SIDE)
    steps = [(at, say) for at, say in talk.says() if say.line in ("exit.knees", "exit.feet")]
    after = [at for at, say in talk.says() if say.line in ("exit.feet", "exit.roll")]
    for (at, say), following in zip(steps, after, strict=True):
        assert following - at >= talk.seconds(say) + 3


def test_next_goes_on_after_a_moment() -> None:
    talk = _coming_down().wait(3.5).hear(Command.NEXT)
    assert talk.lines()[-1] == "exit.feet"


def test_who_is_down_when_called_rests_at_once() -> None:
    assert _called().wait(1).hear(Command.YES).session.state is State.SIDE


@pytest.mark.parametrize("command", [Command.NO, Command.UNSURE])
def test_who_isnt_down_yet_when_called_is_brought_down_from_the_beginning(command: Command) -> None:
    talk = _called().hear(command)
    assert talk.lines()[-1] == "exit.short"
    assert talk.wait_for(State.SIDE).lines().count("exit.knees") == 2


@pytest.mark.parametrize("command", MORE_TIME)
def test_a_rest_on_the_side_is_as_long_once_more(command: Command) -> None:
    talk = in_hold(5).listen().hear(Command.STOP).wait_for(State.SIDE).listen().wait(25)
    talk.hear(command)
    assert talk.lines()[-1] == "side.rest"
    assert talk.wait(29).session.state is State.SIDE
    assert talk.wait(2).session.state is State.SITTING


@pytest.mark.parametrize("command", MORE_TIME)
def test_nobody_stands_who_needs_a_moment_or_has_numb_legs(command: Command) -> None:
    talk = in_hold(5).listen().hear(Command.STOP).wait_for(State.SITTING).wait(45).listen()
    assert talk.lines()[-1] == "sitting.dizzy"
    talk.hear(command)
    assert talk.lines()[-1] == "sitting.not_yet"
    assert talk.listen().wait(20).lines()[-1] == "sitting.not_yet"
    assert talk.wait(15).lines()[-1] == "sitting.dizzy"
    assert talk.answer(Command.NO).session.state is State.DONE


def test_numb_legs_at_the_end_lie_down_again() -> None:
    talk = in_hold(5).listen().hear(Command.STOP).wait_for(State.SITTING).wait(45)
    talk.answer(Command.NO).listen().hear(Command.TINGLING)
    assert talk.session.state is State.LYING


@pytest.mark.parametrize("command", MORE_TIME)
def test_who_lies_unwell_and_needs_time_stays(command: Command) -> None:
    talk = in_hold(5).listen().hear(Command.SYMPTOM, symptom=Symptom.DIZZY)
    talk.wait_for(State.LYING).listen().hear(command)
    assert (talk.session.state, talk.lines()[-1]) == (State.LYING, "lying.stay")


def test_length_and_breathing_change_in_a_pause() -> None:
    talk = in_hold(5).listen().wait(10).hear(Command.PAUSE).listen()
    left = talk.session.desk.visit.plan.remaining
    talk.hear(Command.LONGER, seconds=300.0)
    assert talk.lines()[-1] == "time.left"
    assert talk.session.desk.visit.plan.remaining == pytest.approx((left or 0.0) + 300)
    talk.listen().hear(Command.BREATHING, pattern=Pattern.BOX)
    assert talk.lines()[-1] == "breath.box"
    assert talk.listen().hear(Command.RESUME).session.state is State.HOLD


def test_a_length_said_to_the_offer_is_kept_but_accepts_nothing() -> None:
    talk = Conversation().answer(Command.START, Command.YES).listen()
    talk.hear(Command.DURATION, seconds=120.0)
    assert (talk.session.state, talk.lines()[-1]) == (State.REFUSED, "refused.offer")
    talk.answer(Command.YES)
    assert "We breathe for two minutes." in talk.texts()[-2]


def test_the_offer_is_made_once_when_somebody_asks_how_long() -> None:
    talk = Conversation().answer(Command.START, Command.YES).listen()
    before = talk.lines().count("refused.offer")
    assert talk.hear(Command.HOW_LONG).listen().lines().count("refused.offer") == before + 1


def test_chest_pain_while_breathing_upright_is_rested_half_sitting() -> None:
    talk = Conversation().answer(Command.START, Command.YES, Command.YES).listen()
    talk.hear(Command.SYMPTOM, symptom=Symptom.CHEST)
    assert talk.lines()[-3:] == ["emergency.call", "emergency.answer", "emergency.half_sitting"]


def test_feet_that_are_down_are_not_slid_down_the_wall() -> None:
    talk = in_hold(5).listen().hear(Command.STOP).wait_for(State.SITTING).listen()
    talk.hear(Command.SYMPTOM, symptom=Symptom.STUCK).listen()
    talk.hear(Command.SYMPTOM, symptom=Symptom.STUCK).listen()
    assert "help.stuck" not in talk.lines()


def test_stop_on_the_way_down_takes_no_step_away() -> None:
    talk = _coming_down().wait(1).hear(Command.STOP)
    assert talk.lines()[-2:] == ["exit.knees", "exit.knees"]
    while "exit.feet" not in talk.lines():
        talk.wait(0.5)
    assert talk.hear(Command.STOP).lines()[-2:] == ["exit.feet", "exit.feet"]


def test_two_stops_can_be_taken_back_as_one() -> None:
    talk = in_hold(5).listen().hear(Command.STOP).wait(4).hear(Command.STOP).wait(4)
    assert talk.hear(Command.RESUME).session.state is State.HOLD


@pytest.mark.parametrize("state", [State.SIDE, State.SITTING])
def test_whose_legs_are_still_up_is_led_down_once_more(state: State) -> None:
    talk = Spoken(minutes=5, breathing="belly", returning=True).say("start", "no", "ready")
    talk.say("stop").wait_for(state).listen().say("my legs are still up the wall")
    assert (talk.session.state, talk.lines()[-1]) == (State.LEAVING, "exit.warning")
    assert talk.session.in_pose


def test_a_sleeper_who_is_not_down_is_led_down_once_more() -> None:
    talk = _called().wait_for(State.SIDE).hear(Command.NO)
    assert (talk.session.state, talk.lines()[-1]) == (State.LEAVING, "exit.warning")


def test_a_sleeper_who_mumbles_is_asked_again() -> None:
    talk = in_hold(0.5).wait_for(State.SITTING)
    while talk.lines().count("exit.are_you_down") < 2:
        talk.wait(1)
    said = talk.listen().lines().count("exit.are_you_down")
    assert talk.wait(10).reject().lines().count("exit.are_you_down") == said + 1


def test_who_talks_on_the_way_down_hears_the_step_again() -> None:
    talk = _coming_down().reject().wait(2).reject()
    assert talk.lines()[-1] == "exit.knees"
