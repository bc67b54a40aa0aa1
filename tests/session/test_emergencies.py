"""What somebody in trouble hears, word for word theirs: rules 6 and 17."""

import pytest

from legsup_voice.protocol.commands import Command, Symptom
from legsup_voice.protocol.states import State
from tests.session.conversation import in_hold
from tests.session.spoken import Spoken

NO_TO_ALL = ["no"] * 6


def in_the_pose() -> Spoken:
    return Spoken(minutes=5, breathing="belly").say("start", *NO_TO_ALL, "skip", "ready")


def test_another_symptom_or_a_question_is_no_answer_to_the_emergency_script() -> None:
    talk = in_the_pose().speak("my chest hurts").wait_for(State.LYING).listen()
    talk.hear(Command.SYMPTOM, symptom=Symptom.STUCK).listen().hear(Command.REPEAT)
    talk.wait(5).hear(Command.HOW_LONG)
    calls = talk.lines().count("emergency.call")
    assert talk.wait(61).lines().count("emergency.call") == calls + 1
    assert "help.symptom" not in talk.lines()
    assert talk.session.desk.visit.unwell is Symptom.CHEST


@pytest.mark.parametrize("answer", ["yes", "help is coming", "the ambulance is on its way"])
def test_who_says_that_help_is_coming_is_not_taken_for_well(answer: str) -> None:
    talk = in_the_pose().speak("I can't breathe").wait_for(State.LYING).wait(60).listen()
    talk.say(answer)
    assert talk.lines()[-1] == "emergency.wait"
    assert talk.wait(20).session.state is State.LYING
    calls = talk.lines().count("emergency.call")
    assert talk.wait(300).lines().count("emergency.call") == calls


def test_on_the_way_down_no_word_ends_the_emergency_script() -> None:
    talk = in_hold(5).hear(Command.SYMPTOM, symptom=Symptom.CHEST).answer(Command.NEXT)
    assert talk.wait(61).lines().count("emergency.call") == 2


def test_in_an_emergency_nobody_is_offered_breathing() -> None:
    talk = Spoken().say("start", "no", "my chest hurts").listen()
    assert talk.session.state is State.IDLE
    assert "refused.offer" not in talk.lines()
    talk.say("yes")
    assert talk.lines()[-1] == "emergency.wait"


def test_help_in_an_emergency_is_not_doubted() -> None:
    talk = Spoken().listen().say("my chest hurts").listen().say("help").listen()
    assert "help.unwell" not in talk.lines()


def test_who_is_stuck_lying_hears_how_to_get_the_legs_down() -> None:
    talk = in_the_pose().speak("I'm stuck").wait_for(State.LYING).listen().say("I can't move")
    assert talk.lines()[-2:] == ["help.stuck", "help.symptom"]


def test_who_was_unwell_is_not_told_that_it_was_good_rest() -> None:
    talk = in_the_pose().speak("I feel dizzy").wait_for(State.LYING).say("better")
    talk.wait_for(State.SITTING).wait(40).say("no").listen()
    assert talk.lines()[-2:] == ["stand.support", "done.unwell"]


def test_being_up_already_does_not_answer_whether_somebody_is_dizzy() -> None:
    talk = in_the_pose().speak("stop").wait_for(State.SITTING).wait(40)
    talk.say("I'm up already", "skip")
    assert talk.lines()[-2:] == ["sitting.dizzy"] * 2
    assert talk.say("no").session.state is State.DONE


def test_who_must_get_up_while_lying_is_told_how_to_go_on() -> None:
    talk = in_the_pose().speak("I feel sick").wait_for(State.LYING).listen()
    assert talk.say("I need the toilet").lines()[-1] == "lying.checkin"
    assert talk.say("how long").lines()[-1] == "lying.checkin"


def test_nothing_begins_after_goodbye() -> None:
    talk = Spoken().listen().speak("goodbye").speak("I have glaucoma").listen().say("no")
    assert talk.say("start").session.state is State.IDLE


def _in_an_emergency() -> Spoken:
    return in_the_pose().speak("my chest hurts").wait_for(State.LYING).listen()


@pytest.mark.parametrize("answer", ["no", "I'm not sure", "no, I'm alone"])
def test_who_has_no_help_coming_hears_at_once_that_they_should_call(answer: str) -> None:
    talk = _in_an_emergency()
    calls = talk.lines().count("emergency.call")
    assert talk.say(answer).lines().count("emergency.call") == calls + 1
    assert talk.wait(125).lines().count("emergency.call") >= calls + 3


def test_okay_is_no_help_on_its_way() -> None:
    talk = _in_an_emergency().say("okay")
    assert talk.lines()[-1] != "emergency.wait"
    calls = talk.lines().count("emergency.call")
    assert talk.wait(61).lines().count("emergency.call") == calls + 1


def test_who_waits_for_help_is_not_asked_to_get_up() -> None:
    talk = _in_an_emergency().say("yes, help is coming").wait(40).listen()
    assert talk.lines()[-1] == "emergency.with_you"
    assert talk.say("yes").lines()[-1] == "emergency.wait"
    assert talk.session.state is State.LYING
    assert talk.say("I feel better").session.state is State.SIDE


def test_who_is_better_at_once_is_still_sent_to_a_doctor() -> None:
    talk = _in_an_emergency().say("it's gone now")
    assert talk.lines()[-1] == "emergency.passed"
    assert talk.session.state is State.LYING
    assert talk.wait(40).listen().lines()[-1] == "lying.checkin"


def test_better_is_taken_where_it_has_just_been_offered() -> None:
    talk = _in_an_emergency().wait(40).listen()
    assert "lying.checkin" in talk.lines()
    assert talk.say("better").session.state is State.SIDE


def test_no_breath_is_held_after_a_symptom_or_a_refusal_by_who_starts_again() -> None:
    for trouble in ("I feel dizzy", "my chest hurts"):
        talk = Spoken().say(trouble, "stop").listen()
        talk.say("start ten minutes of box breathing", *NO_TO_ALL, "skip", "ready")
        assert talk.session.state is State.HOLD
        assert talk.say("box breathing").lines()[-1] == "breath.no_holding"
    talk = Spoken().say("start", "yes", "no", "start", *NO_TO_ALL, "skip", "box breathing")
    assert "breath.no_holding" in talk.lines()
    assert talk.session.desk.visit.guidance.pattern == "belly"


def test_nobody_unwell_is_told_how_to_begin() -> None:
    talk = Spoken().say("I feel dizzy").listen().say("purple elephants")
    assert talk.lines()[-1] == "help.symptom"
