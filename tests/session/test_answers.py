"""What means something only as an answer: it counts where something was asked, and nowhere else."""

import pytest

from legsup_voice.protocol.commands import Command, Pattern, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from tests.session.spoken import Spoken

LESS_THAN_A_SENTENCE = ["I do", "a little", "sometimes"]


def _in_hold(minutes: float = 10.0) -> Spoken:
    talk = Spoken(minutes=minutes, breathing="belly")
    talk.answer(Command.START, *[Command.NO] * 6, *[Command.NEXT] * 8)
    return talk.listen().wait_for(State.HOLD).listen()


@pytest.mark.parametrize("text", LESS_THAN_A_SENTENCE)
def test_talk_with_somebody_else_in_a_pause_resumes_nothing(text: str) -> None:
    talk = _in_hold().say("pause").say(text)
    assert talk.session.state is State.PAUSED


@pytest.mark.parametrize("text", LESS_THAN_A_SENTENCE)
def test_nobody_is_hurried_on_the_way_down_by_talk(text: str) -> None:
    talk = _in_hold().say("stop").wait(1).listen()
    said = talk.lines()
    assert talk.say(text, after=0.1).lines() == said


@pytest.mark.parametrize(("text", "line"), [("I am", "hold.good"), ("I'm not", "hold.offer")])
def test_a_check_in_takes_them(text: str, line: str) -> None:
    talk = _in_hold().wait(400).listen()
    assert talk.lines()[-1] == "hold.checkin"
    assert talk.say(text).lines()[-1] == line


def test_help_that_comes_is_an_answer_wherever_it_is_asked_for() -> None:
    talk = Spoken().listen().hear(Command.SYMPTOM, symptom=Symptom.CHEST)
    assert talk.session.state is State.IDLE
    said = talk.listen().lines()
    assert talk.say("what a day it has been").lines() == said  # and no hint how to begin
    assert talk.say("yes, they're on their way").lines()[-1] == "emergency.wait"


@pytest.mark.parametrize("text", ["yes", "the ambulance is on its way"])
def test_who_calls_for_help_stays_as_they_lie(text: str) -> None:
    talk = _in_hold().say("my chest hurts").wait_for(State.LYING).listen().say(text)
    assert (talk.session.state, talk.lines()[-1]) == (State.LYING, "emergency.wait")
    assert talk.wait(5).say("I feel better now").session.state is State.SIDE


@pytest.mark.parametrize("command", [Command.NO, Command.YES, Command.NEXT, Command.RESUME])
def test_breathing_upright_takes_answers_only_when_asked(command: Command) -> None:
    talk = Spoken().answer(Command.START, Command.YES, Command.YES).listen()
    assert command not in talk.session.accepts
    talk.say("help")
    assert talk.lines()[-1] == "help.unwell"
    assert {Command.NO, Command.YES} <= talk.session.accepts


def test_who_would_rather_not_say_whether_they_are_unwell_is_asked_again() -> None:
    talk = Spoken().say("start").listen().say("help", "I'd rather not").listen()
    assert talk.lines()[-1] == "help.unwell"
    assert talk.say("I'd rather not").session.state is State.REFUSED


def test_who_wants_to_be_asked_everything_is_asked_once() -> None:
    talk = Spoken(returning=True).say("start", "ask me everything").listen()
    assert talk.lines().count("screening.blood_pressure") == 1


@pytest.mark.parametrize("text", ["ten minutes of box breathing", "box breathing for ten minutes"])
@pytest.mark.parametrize(("steps", "then"), [(0, State.SETUP), (8, State.HOLD)])
def test_a_whole_request_is_taken_in_set_up_too(text: str, steps: int, then: State) -> None:
    talk = Spoken().answer(Command.START, *[Command.NO] * 6, *[Command.NEXT] * steps).say(text)
    visit, said = talk.session.desk.visit, talk.lines()
    assert (visit.plan.seconds, visit.guidance.pattern) == (600.0, Pattern.BOX)
    assert said[said.index("choose.breathing_set") :][:2] == [
        "choose.breathing_set",
        "choose.minutes_set",
    ]
    assert talk.listen().wait(1).session.state is then


def test_lets_begin_says_that_the_legs_are_up() -> None:
    talk = Spoken(minutes=5, breathing="belly").answer(Command.START, *[Command.NO] * 6)
    talk.say("skip", "okay, let's start")
    assert talk.listen().session.state is State.HOLD


def test_a_yes_that_is_taken_back_is_asked_about_again() -> None:
    talk = Spoken().answer(Command.START, Command.YES).say("yes, I mean no")
    assert (talk.session.state, talk.lines()[-1]) == (State.REFUSED, "refused.offer")


def test_start_with_a_breathing_changes_it_in_the_hold() -> None:
    assert _in_hold().say("start box breathing").lines()[-1] == "breath.box"


def _lying() -> Spoken:
    return _in_hold().say("I feel dizzy").wait_for(State.LYING).listen()


@pytest.mark.parametrize(
    "text",
    ["okay", "all right", "yes", "got it", "I'm lying down", "fine", "I've put my legs down"],
)
def test_who_only_says_that_they_lie_down_is_not_better(text: str) -> None:
    talk = _lying().say(text)
    assert talk.session.state is State.LYING
    talk.wait(40).listen()
    assert talk.lines()[-1] == "lying.checkin"
    assert talk.say("yes").session.state is State.SIDE


@pytest.mark.parametrize(
    "text", ["better", "it has passed", "I feel fine now", "I'm okay", "ready"]
)
def test_who_is_better_goes_on_at_once(text: str) -> None:
    assert _lying().say(text).session.state is State.SIDE


def test_who_is_only_getting_better_stays() -> None:
    talk = _lying().say("it's slowly getting better")
    assert (talk.session.state, talk.lines()[-1]) == (State.LYING, "lying.stay")


@pytest.mark.parametrize("text", ["what now", "what do I do now"])
def test_who_lies_unwell_and_asks_what_to_do_hears_it_again(text: str) -> None:
    talk = _lying()
    said = talk.lines()
    talk.say(text)
    assert talk.session.state is State.LYING
    assert talk.lines()[len(said) :] == ["lying.down", "help.symptom"]


@pytest.mark.parametrize(
    "text", ["no but I take tablets for it", "no not any more", "no it's controlled"]
)
def test_a_no_with_a_doubt_in_it_is_no_clear_no(text: str) -> None:
    talk = Spoken().answer(Command.START).listen().say(text)
    assert talk.session.state is State.REFUSED


@pytest.mark.parametrize(
    "text",
    [
        "I'd rather not",
        "no, not today",
        "no, leave it",
        "not for me",
        "no, no, I'd rather not",
        "no, thank you, let's not",
    ],
)
def test_who_would_rather_not_has_answered_nothing_about_their_health(text: str) -> None:
    talk = Spoken().answer(Command.START).listen().say(text).listen()
    assert talk.session.state is State.SCREENING
    assert talk.lines()[-1] == "screening.blood_pressure"


def test_who_would_rather_not_get_up_rests_longer() -> None:
    talk = _in_hold().say("stop").wait_for(State.LEAVING).listen().say("yes")
    talk.wait_for(State.SITTING).listen().wait(40).listen()
    assert talk.lines()[-1] == "sitting.dizzy"
    talk.say("I'd rather not")
    assert (talk.session.state, talk.lines()[-1]) == (State.SITTING, "sitting.not_yet")


@pytest.mark.parametrize(
    ("text", "clears"), [("not at the moment", "pregnancy"), ("no, nothing serious", "other")]
)
def test_a_no_that_fits_one_question_clears_no_other(text: str, clears: str) -> None:
    talk = Spoken().answer(Command.START).listen()
    for question in talk.session.desk.content.screening.questions:
        asked = len(talk.lines())
        talk.say(text).listen()
        if question.condition == clears:
            assert question.line not in talk.lines()[asked:]
            break
        assert talk.lines()[-1] == question.line
        talk.say("no").listen()
    else:
        pytest.fail(f"no question is about {clears}")


@pytest.mark.parametrize("between", ["say that again", "louder", "wait a moment", "how long"])
def test_whether_somebody_is_unwell_stays_open_until_it_is_answered(between: str) -> None:
    talk = Spoken(returning=True).say("start").listen().say("help", between).listen()
    assert talk.lines()[-1] == "help.unwell"
    assert talk.say("no").session.state is State.SCREENING
    talk = Spoken(returning=True).say("start").listen().say("help", between, "yes")
    assert talk.session.state is State.REFUSED


def test_what_comes_from_outside_answers_no_doubt() -> None:
    talk = Spoken(returning=True).say("start").listen().say("help").listen()
    talk.tell(Heard(Command.REPEAT, "repeat", outside=True)).listen()
    assert talk.say("no").session.state is State.SCREENING


def test_who_has_been_here_long_ago_is_asked_everything_though_nothing_was_restarted() -> None:
    talk = Spoken(returning=True, returning_for=86400.0).wait(86399).say("start", after=0.1)
    assert "screening.all" in talk.listen().lines()
    talk = Spoken(returning=True, returning_for=86400.0).wait(86401).say("start")
    assert "screening.blood_pressure" in talk.listen().lines()


def test_slow_speech_has_named_nothing_before_its_end() -> None:
    talk = Spoken(returning=True, slow=True).say("start").wait(12.5).speak("no")
    assert talk.lines()[-1] == "screening.all"
    assert talk.session.state is State.SCREENING


@pytest.mark.parametrize("text", ["okay", "okay, will do", "all right", "okay thank you"])
def test_okay_to_what_was_just_asked_is_not_ready(text: str) -> None:
    talk = Spoken(minutes=5, breathing="belly", returning=True).say("start", "no").listen()
    assert talk.lines()[-1] == "setup.ready"
    assert talk.wait(1).speak(text).session.state is State.SETUP
    early = Spoken(minutes=5, breathing="belly", returning=True).say("start", "no").wait(0.3)
    assert early.speak(text).listen().lines()[-1] == "setup.ready"
    assert talk.wait(15).speak("okay").session.state is State.HOLD


def test_who_thanks_for_waiting_is_waited_for() -> None:
    talk = Spoken(minutes=5, breathing="belly", returning=True).say("start", "no", "wait")
    assert talk.listen().wait(1).speak("okay thank you").session.state is State.SETUP
    talk = _in_hold().say("pause").listen().wait(1).speak("okay thanks")
    assert talk.session.state is State.PAUSED
    assert talk.wait(10).speak("okay").session.state is State.HOLD


def test_going_back_to_the_mat_takes_back_that_the_legs_are_up() -> None:
    talk = Spoken(minutes=5, breathing="belly").answer(Command.START, *[Command.NO] * 6)
    talk.say(*["next"] * 5).listen()
    assert talk.session.desk.visit.raised
    talk.say(*["back"] * 5, "skip").listen()
    assert (talk.session.state, talk.lines()[-1]) == (State.SETUP, "setup.ready")


def test_wait_at_a_choice_waits() -> None:
    talk = Spoken().answer(Command.START, *[Command.NO] * 6).say("skip", "hold on").listen()
    assert talk.wait(85).lines().count("choose.breathing") == 1
    talk.wait(300)
    assert talk.lines().count("choose.breathing") > 1


def test_who_talks_with_the_legs_up_is_not_left_without_a_word() -> None:
    talk = Spoken(minutes=5).answer(Command.START, *[Command.NO] * 6).say(*["next"] * 5).listen()
    talk.speak("purple elephants").wait(6).speak("green elephants").listen()
    assert talk.lines()[-1] == "setup.hint"


def test_thanks_are_nothing_to_be_told_how_to_stop_for() -> None:
    talk = _in_hold().say("how long").listen().say("okay thanks").wait(4).speak("great")
    assert talk.listen().lines()[-1] == "time.left"


def test_keep_going_in_the_hold_changes_nothing() -> None:
    talk = _in_hold().wait(30).say("I want to go on")
    assert (talk.session.state, talk.lines()[-1]) == (State.HOLD, "hold.good")


def test_who_is_not_comfortable_is_asked_again_soon() -> None:
    talk = _in_hold().wait_for(State.HOLD)
    while "hold.checkin" not in talk.lines():
        talk.wait(1)
    talk.listen().say("no").listen()
    assert talk.lines()[-1] == "hold.offer"
    assert talk.say("I'm fine now").lines()[-1] == "hold.good"


def test_what_was_better_is_asked_again_of_who_answers_something_else() -> None:
    talk = _lying().wait(40).listen()
    assert talk.lines()[-1] == "lying.checkin"
    assert talk.say("purple elephants").lines().count("lying.checkin") == 2


def test_after_a_condition_why_tells_the_reason_and_the_end_names_the_doctor() -> None:
    talk = _in_hold().say("I have glaucoma").listen().say("why")
    assert talk.lines()[-1] == "refused.glaucoma"
    talk.wait_for(State.SITTING).say("why")
    assert talk.lines()[-1] == "refused.doctor"
    talk.wait(40).say("no").listen()
    assert talk.lines()[-1] == "refused.doctor"


def test_repeat_says_no_old_time() -> None:
    talk = _in_hold()
    while "hold.minute_left" not in talk.lines():
        talk.wait(1)
    assert talk.listen().wait(20).say("say that again").lines()[-1] == "time.left"


def test_what_cannot_be_longer_is_not_said_to_be() -> None:
    talk = Spoken(minutes=20, breathing="belly").answer(Command.START, *[Command.NO] * 6)
    talk.say(*["next"] * 5, *["harder"] * 4)
    assert "choose.longest" in talk.lines()
    assert "harder.longer" not in talk.lines()
