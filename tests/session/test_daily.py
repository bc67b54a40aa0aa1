"""What makes it pleasant to come back to: nothing said twice for nothing, nothing that isn't so."""

import pytest

from legsup_voice.content import content
from legsup_voice.protocol.choices import Choices, Talk
from legsup_voice.protocol.commands import Bed, Command, Pattern, Symptom
from legsup_voice.protocol.states import State
from legsup_voice.session.settings import VARIES
from tests.session.conversation import Conversation, in_hold, in_setup
from tests.session.spoken import Spoken

LAST = Choices(300.0, Pattern.BELLY)
SEEDS = range(24)


def back_again(**settings: object) -> Spoken:
    """Return a talk with somebody who comes back, to whom the choices of last time are offered."""
    return Spoken(**{"returning": True, "last": LAST, **settings}).say("start", "no").listen()


def first_words(talk: Conversation, line: str) -> str:
    """Return what was said first as `line`."""
    return next(say.text for _, say in talk.says() if say.line == line)


def test_nobody_is_welcomed_who_has_just_been_wished_a_good_night() -> None:
    talk = Spoken(welcomes=False, returning=True, last=LAST).wait(60)
    assert talk.lines() == []
    assert talk.say("start").session.state is State.SCREENING


@pytest.mark.parametrize("seed", SEEDS)
def test_a_choice_is_first_asked_for_in_the_words_that_ask(seed: int) -> None:
    talk = Spoken(seed=seed, returning=True).say("start", "no", "skip").listen()
    assert first_words(talk, "choose.breathing") == content().lines["choose.breathing"].say[0]
    assert talk.say("belly").listen().texts()[-1] == content().lines["choose.minutes"].say[0]


@pytest.mark.parametrize("seed", range(2))
def test_the_offer_says_how_long(seed: int) -> None:
    assert "five minutes" in back_again(seed=seed).texts()[-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_help_begins_with_what_matters_most_wherever_it_is_asked_for(seed: int) -> None:
    talk = back_again(seed=seed).say("yes", "ready").wait_for(State.HOLD).listen()
    for said in content().lines["help.hold"].say[:2]:
        assert talk.say("what can I say").listen().texts()[-1] == said


def test_an_evening_has_other_words_than_the_two_before() -> None:
    """Where there are three ways to say it; the seed is made of the sessions before."""
    varied = ("hold.begin", "hold.halfway", "hold.minute_left", "hold.closing", "done.close")
    for line in varied:
        said = set()
        for day in (1, 2, 3):
            talk = back_again(seed=VARIES * day).say("yes", "ready").wait_for(State.SITTING)
            said.add(first_words(talk.wait(45).say("no").wait_for(State.DONE).listen(), line))
        assert len(said) == 3, line


def test_the_offer_is_repeated_to_someone_who_is_not_understood() -> None:
    talk = back_again().say("banana").listen()
    assert talk.lines()[-2:] == ["fault.pardon", "choose.same"]
    assert "help.offer" in talk.say("what can I say").listen().lines()[-3:]
    assert talk.say("yes").listen().lines()[-1] == "setup.ready"


@pytest.mark.parametrize("before", [(), ("yes",)])
def test_who_forgot_how_is_shown_the_steps(before: tuple[str, ...]) -> None:
    talk = back_again().say(*before, "I forgot how to get into it").listen()
    assert talk.lines()[-1] == content().setup.steps[0].line


def test_who_is_asked_to_be_ready_is_told_of_the_steps() -> None:
    talk = back_again().say("yes", "what can I say").listen()
    assert "help.ready" in talk.lines()
    assert talk.say("the steps").listen().lines()[-1] == content().setup.steps[0].line


def test_normal_talk_comes_back_after_little_and_after_much() -> None:
    talk = back_again().say("yes", "ready").wait_for(State.HOLD).listen()
    wishes = talk.session.desk.wishes
    talk.say("more talking")
    assert (wishes.talk, wishes.guided) == (Talk.MORE, True)
    talk.say("quiet please")
    assert (wishes.talk, wishes.guided) == (Talk.LESS, False)
    talk.say("more talking")
    assert (wishes.talk, wishes.guided) == (Talk.NORMAL, False)
    assert talk.lines()[-1] == "settings.usual_talk"


@pytest.mark.parametrize("minutes", [2, 3, 5, 8])
def test_the_body_is_gone_through_whole_or_not_at_all(minutes: int) -> None:
    much = Choices(60.0 * minutes, Pattern.BELLY, Talk.MORE, guided=True)
    talk = back_again(last=much).say("yes", "ready").wait_for(State.LEAVING)
    scan = content().setup.scan
    gone_through = [line for line in talk.lines() if line in scan]
    assert gone_through == (list(scan) if minutes > 4 else [])


def test_the_length_is_remembered_that_was_wished_for() -> None:
    longest = Choices(1200.0, Pattern.NONE)
    talk = back_again(last=longest).say("yes").wait(20).say("ready").wait_for(State.HOLD)
    assert talk.session.desk.visit.plan.seconds < 1190
    talk.wait_for(State.SITTING).wait(45).say("no").wait_for(State.DONE)
    assert talk.remembered is not None
    assert talk.remembered.seconds == 1200


def test_tell_me_more_goes_on_another_day() -> None:
    talk = back_again().say("yes", "ready").wait_for(State.HOLD).listen()
    told = talk.say("tell me more").listen().lines()[-1]
    talk.wait_for(State.SITTING).wait(45).say("no").wait_for(State.DONE)
    assert talk.remembered is not None
    tomorrow = back_again(last=talk.remembered).say("yes", "ready").wait_for(State.HOLD).listen()
    assert tomorrow.say("tell me more").listen().lines()[-1] not in (told, "hold.begin")
    assert talk.remembered.fact == 0


def test_who_felt_tingling_is_asked_whether_it_is_better() -> None:
    talk = in_hold(5).wait(130).hear(Command.TINGLING).listen().wait(61)
    assert talk.lines()[-1] == "hold.better"
    assert talk.answer(Command.YES).lines()[-1] == "hold.good"


def test_who_is_not_comfortable_at_the_end_is_led_down() -> None:
    talk = in_hold(2)
    while talk.lines()[-1] != "hold.closing":
        talk.wait(1)
    talk.answer(Command.NO)
    assert talk.session.state is State.LEAVING
    assert talk.lines()[-1] == "exit.warning"


def test_nobody_is_told_that_a_short_rest_was_a_long_one() -> None:
    talk = back_again().say("yes", "ready").wait_for(State.HOLD).wait(40).say("stop")
    talk.wait_for(State.SITTING).wait(45).say("no").wait_for(State.DONE).listen()
    assert talk.lines()[-1] == "done.early"


def test_thanks_get_no_hint() -> None:
    talk = Spoken().say("tell me more").listen()
    assert talk.say("thank you").listen().lines()[-1] != "idle.hint"


def test_who_is_unwell_when_asked_holds_no_breath_today() -> None:
    talk = Conversation(breathing="box").listen()
    talk.hear(Command.SYMPTOM, symptom=Symptom.HELP).answer(Command.YES).listen()
    talk.hear(Command.START)
    assert talk.session.desk.visit.guidance.pattern is Pattern.BELLY


def test_who_ended_early_a_while_ago_holds_no_breath_yet() -> None:
    """The program has been started anew since, and nobody wrote down why."""
    talk = Conversation(breathing="box", barred_for=600.0).listen().hear(Command.START)
    assert talk.session.desk.visit.guidance.pattern is Pattern.BELLY
    talk = Conversation(breathing="box", barred_for=600.0).wait(601).hear(Command.START)
    assert talk.session.desk.visit.guidance.pattern is Pattern.BOX


def test_who_feels_unwell_after_a_refusal_is_not_told_how_to_begin() -> None:
    talk = Spoken().say("start", "yes").listen().say("I feel dizzy").listen()
    assert talk.session.state is State.IDLE
    assert "idle.hint" not in talk.say("banana").listen().lines()


def test_a_sound_is_kept_with_what_else_was_chosen() -> None:
    talk = back_again().say("waves", "yes", "ready").wait_for(State.SITTING).wait(45)
    talk.say("no").wait_for(State.DONE)
    assert talk.remembered is not None
    assert talk.remembered.bed is Bed.WAVES


def test_who_was_told_no_step_has_time_to_fetch_a_mat() -> None:
    talk = back_again().say("yes").listen().wait(170)
    assert talk.session.state is State.SETUP
    led = in_setup().answer(*[Command.NEXT] * 4).listen()
    assert led.lines()[-1] == "setup.legs"
    assert led.wait(170).session.state is State.LEAVING


@pytest.mark.parametrize("number", [10**12, -7])
def test_a_fact_that_no_list_has_is_followed_by_one_that_it_has(number: int) -> None:
    """As a damaged file may name it."""
    damaged = Choices(300.0, Pattern.BELLY, fact=number)
    talk = back_again(last=damaged).say("yes", "ready").wait_for(State.HOLD).listen()
    assert talk.say("tell me more").lines()[-1].startswith("benefit.")
