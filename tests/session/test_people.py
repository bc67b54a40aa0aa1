"""Ten people's sessions with the pure session, each read from top to bottom."""

from itertools import pairwise

import pytest

from legsup_voice.content import content
from legsup_voice.protocol.actions import Breathe, EndsAt, Record, Ring, SetBed
from legsup_voice.protocol.choices import Choices, Talk
from legsup_voice.protocol.commands import Bed, Command, Pattern, Symptom
from legsup_voice.protocol.states import State
from tests.session.conversation import Conversation, from_leaving_to_done, in_hold, in_setup
from tests.session.spoken import Spoken

YESTERDAY = Choices(600.0, Pattern.FOUR_SIX, Talk.LESS, bell=True, bed=Bed.RAIN, volume=3.0)
NO_TO_ALL = [Command.NO] * len(content().screening.questions)


def test_the_newcomer_hears_everything_and_is_let_go_well() -> None:
    talk = Conversation().answer(Command.START, *NO_TO_ALL, *[Command.NEXT] * 8)
    talk.listen().hear(Command.BREATHING, pattern=Pattern.BELLY)
    talk.listen().hear(Command.DURATION, seconds=300.0).wait_for(State.HOLD)
    talk.wait(270).answer(Command.YES)
    from_leaving_to_done(talk).listen()
    assert [line for line in talk.lines() if line.startswith("setup.")] == [
        step.line for step in content().setup.steps if not step.asks
    ]
    assert talk.lines()[-2:] == ["stand.support", "done.close"]
    assert talk.remembered == Choices(300.0, Pattern.BELLY)


def test_the_expert_skips_and_says_when_the_legs_are_up() -> None:
    talk = in_setup().answer(Command.SKIP)
    talk.listen().hear(Command.BREATHING, pattern=Pattern.NONE)
    talk.listen().hear(Command.DURATION, seconds=1200.0).listen()
    assert talk.lines()[-1] == "setup.ready"
    assert talk.wait(55).session.state is State.SETUP
    assert talk.answer(Command.NEXT).session.state is State.HOLD


def test_who_comes_every_day_is_in_the_hold_after_half_a_minute_of_talk() -> None:
    talk = Conversation(returning=True, last=YESTERDAY)
    talk.answer(Command.START, Command.NO, Command.SAME, Command.NEXT)
    assert talk.session.state is State.HOLD
    assert talk.talk_between(State.SCREENING, State.HOLD) <= 30
    assert talk.session.desk.visit.plan.seconds == 600
    assert talk.session.volume == 3.0
    assert SetBed(Bed.RAIN) in [action for _, action in talk.actions]
    assert any(isinstance(action, Ring) for _, action in talk.actions)
    talk.wait(575).answer(Command.YES)
    assert from_leaving_to_done(talk).remembered == YESTERDAY


def test_silence_takes_the_choices_of_last_time() -> None:
    talk = Conversation(returning=True, last=YESTERDAY).answer(Command.START, Command.NO)
    for _ in range(2):
        talk.listen().wait(10).listen()
        assert talk.lines()[-1] == "choose.same", "two more times first"
    talk.wait(10).listen()
    assert talk.lines()[-1] == "setup.ready"
    assert talk.answer(Command.NEXT).session.desk.visit.guidance.pattern is Pattern.FOUR_SIX


@pytest.mark.parametrize("chosen", [{"minutes": 0.5}, {"breathing": "box"}])
def test_who_comes_back_and_chose_half_of_it_has_the_rest_as_last_time(chosen: object) -> None:
    settings = {"returning": True, "last": YESTERDAY} | dict(chosen)  # type: ignore[call-overload]
    talk = Conversation(**settings).answer(Command.START, Command.NO).listen()
    assert talk.lines()[-3:] == ["choose.breathing_set", "choose.minutes_set", "setup.ready"]
    plan, guidance = talk.session.desk.visit.plan, talk.session.desk.visit.guidance
    assert (plan.seconds == 30) == ("minutes" in settings)
    assert (guidance.pattern is Pattern.BOX) == ("breathing" in settings)


def test_a_whole_request_is_not_asked_about_again() -> None:
    talk = Conversation(returning=True).listen()
    talk.hear(Command.START, seconds=300.0, pattern=Pattern.BOX).answer(Command.NO, Command.NEXT)
    assert talk.session.state is State.HOLD
    assert talk.session.desk.visit.plan.seconds == 300
    assert talk.session.desk.visit.guidance.pattern is Pattern.BOX
    assert "choose.minutes" not in talk.lines()


def test_the_nervous_may_be_asked_everything_and_answered_at_once() -> None:
    talk = Conversation(returning=True).answer(Command.START, Command.MORE)
    assert talk.lines()[-1] == "screening.blood_pressure"
    talk.answer(Command.HOW_LONG).listen()
    assert talk.lines()[-2:] == ["time.planned", "screening.blood_pressure"]
    talk.answer(Command.LOUDER).listen()
    assert talk.lines()[-2:] == ["settings.louder", "screening.blood_pressure"]
    talk.answer(*NO_TO_ALL)
    assert talk.session.state is State.SETUP


def test_the_slow_are_waited_for() -> None:
    talk = in_setup().answer(Command.NEXT, Command.PAUSE).listen()
    assert talk.wait(280).session.state is State.SETUP
    assert talk.lines().count("setup.soft") == 3
    talk.answer(Command.RESUME)
    assert talk.lines()[-1] == "setup.mat"
    talk.answer(Command.NEXT).listen().wait(59)
    assert talk.lines()[-1] == "setup.sit"
    assert talk.wait_for(State.IDLE).wait(500).session.state is State.IDLE
    talk.hear(Command.START)
    assert talk.session.state is State.SETUP, "the screening still counts"


def test_a_screening_is_forgotten_after_ten_minutes_or_with_a_symptom() -> None:
    talk = in_setup().answer(Command.STOP).wait(601).hear(Command.START)
    assert talk.session.state is State.SCREENING
    talk = in_setup().answer(Command.STOP, Command.SYMPTOM).listen().hear(Command.START)
    assert talk.session.state is State.SCREENING


def test_the_sleeper_is_called_louder_and_louder_for_half_an_hour() -> None:
    talk = in_hold(0.5).wait_for(State.LEAVING)
    began = talk.now
    talk.wait_for(State.DONE)
    calls = [(at, say.gain_db) for at, say in talk.says() if say.line == "exit.are_you_down"]
    assert [gain for _, gain in calls[:6]] == [0, 3, 6, 9, 12, 12]
    gaps = [later - at for (at, _), (later, _) in pairwise(calls[1:])]
    assert all(55 <= gap <= 75 for gap in gaps[:8])
    assert gaps[-1] == 300
    assert 1700 <= talk.now - began <= 2400
    assert [a.ended_by for _, a in talk.actions if isinstance(a, Record)] == ["unanswered"]
    assert talk.listen().lines()[-1] == "done.unanswered"


def test_the_sleeper_who_wakes_up_is_asked_again_and_let_go() -> None:
    talk = in_hold(0.5).wait_for(State.SITTING).wait(200).hear(Command.YES).listen()
    assert talk.lines()[-1] == "sitting.dizzy"
    calls = talk.lines().count("exit.are_you_down")
    talk.answer(Command.NO)
    assert "stand.support" in talk.lines()
    assert talk.lines().count("exit.are_you_down") == calls
    assert talk.records[0].ended_by == "time"


def test_who_answers_and_falls_silent_again_is_called_anew() -> None:
    talk = in_hold(0.5).wait_for(State.SITTING).wait(200).hear(Command.REPEAT)
    before = talk.says()
    assert max(say.gain_db for _, say in before if say.line == "exit.are_you_down") > 0
    answered = talk.now
    talk.wait_for(State.DONE)
    anew = [say for _, say in talk.says()[len(before) :] if say.line == "exit.are_you_down"]
    assert [say.gain_db for say in anew[:6]] == [0, 3, 6, 9, 12, 12]
    assert talk.now - answered > 1700
    assert talk.records[0].ended_by == "unanswered"


def test_who_was_refused_breathes_without_holding() -> None:
    talk = Conversation(minutes=3, breathing="box").answer(Command.START, Command.YES, Command.YES)
    talk.listen().wait(5).hear(Command.BREATHING, pattern=Pattern.BOX).listen()
    assert talk.lines()[-1] == "breath.no_holding"
    talk.hear(Command.WHY).listen().hear(Command.PAUSE).listen().wait(100)
    assert any(line.startswith("benefit.") for line in talk.lines())
    talk.hear(Command.RESUME).wait_for(State.DONE)
    assert {"seated.halfway", "seated.reminder"} <= set(talk.lines())
    breaths = [a.breathing for _, a in talk.actions if isinstance(a, Breathe)]
    assert {breathing.pattern for breathing in breaths} == {Pattern.BELLY}
    assert talk.remembered is None


def test_who_is_in_pain_hears_help_first_and_half_sits() -> None:
    talk = in_hold(5).wait(30).hear(Command.SYMPTOM, symptom=Symptom.CHEST)
    first = next(say for _, say in talk.says() if say.line == "emergency.call")
    after = talk.lines()[talk.lines().index("emergency.call") :]
    assert after[:2] == ["emergency.call", "exit.warning"]
    assert first.gain_db > 0
    talk.wait_for(State.LYING).listen()
    assert "emergency.half_sitting" in talk.lines()
    assert "help.symptom" not in talk.lines()  # "if it does not pass" would weaken the call
    said = talk.lines().count("emergency.call")
    talk.wait(125)
    assert talk.lines().count("emergency.call") == said + 2
    talk.hear(Command.NO)
    assert talk.lines().count("emergency.call") == said + 3
    talk.listen().hear(Command.YES).wait(125)
    assert talk.lines().count("emergency.call") == said + 3


def test_a_false_stop_is_taken_back_and_the_time_kept() -> None:
    talk = in_hold(5).wait(60)
    ends = talk.session.desk.visit.plan.ends
    talk.hear(Command.STOP).wait(8).hear(Command.RESUME)
    assert talk.states()[-1] is State.HOLD
    assert talk.session.desk.visit.plan.ends == ends + 8
    talk.hear(Command.STOP).wait(11).hear(Command.RESUME)
    assert talk.states()[-1] is State.LEAVING
    ill = in_hold(5).wait(60).hear(Command.SYMPTOM, symptom=Symptom.DIZZY).hear(Command.RESUME)
    assert ill.states()[-1] is State.LEAVING


def test_help_from_someone_who_is_well_is_no_emergency() -> None:
    talk = in_setup().answer(Command.NEXT).listen()
    talk.hear(Command.SYMPTOM, symptom=Symptom.HELP).answer(Command.NO).listen()
    assert talk.states()[-1] is State.SETUP
    assert talk.lines()[-3:] == ["help.unwell", "help.setup", "setup.mat"]
    talk.hear(Command.SYMPTOM, symptom=Symptom.HELP).answer(Command.YES)
    assert talk.states()[-1] is State.IDLE
    assert talk.lines()[-2:] == ["help.rest_now", "help.symptom"]
    held = in_hold(5).hear(Command.SYMPTOM, symptom=Symptom.HELP)
    assert held.lines()[-2:] == ["exit.warning", "help.symptom"]


def test_who_speaks_and_is_not_understood_is_not_left_without_a_word() -> None:
    idle = Conversation().listen().wait(5).reject()
    assert idle.lines()[-1] == "idle.hint"
    assert idle.listen().reject().lines().count("idle.hint") == 1
    talk = in_hold(5).wait(60).reject()
    assert "hold.hint" not in talk.lines()
    assert talk.wait(10).reject().lines()[-1] == "hold.hint"
    assert talk.wait(10).reject().wait(5).reject().lines().count("hold.hint") == 1


def test_an_early_no_counts_once_the_condition_is_named_and_else_is_asked_for_at_once() -> None:
    talk = Conversation().listen().hear(Command.START).listen().answer(Command.NO)
    named = talk.wait(4.5).hear(Command.NO).session.desk.visit.cleared
    assert named == {"blood_pressure", "pregnancy"}
    talk.wait(1).hear(Command.NO).listen()
    assert talk.lines()[-2:] == ["screening.glaucoma", "screening.glaucoma"]
    assert talk.session.state is State.SCREENING


def test_a_safety_line_that_was_lost_is_said_again() -> None:
    talk = in_hold(0.5).wait_for(State.LEAVING).lose(4.0)
    assert talk.lines()[-2:] == ["exit.warning", "exit.warning"]
    talk.lose(0.1)
    assert talk.lines()[-1] == "exit.warning"
    assert "exit.knees" in talk.wait_for(State.SIDE).lines()


def test_time_with_raised_legs_counts_toward_twenty_minutes() -> None:
    talk = in_setup().answer(*[Command.NEXT] * content().setup.raising_step)
    raised = talk.now
    talk.answer(Command.PAUSE).wait(250).answer(Command.RESUME, *[Command.NEXT] * 4)
    talk.listen().hear(Command.BREATHING, pattern=Pattern.NONE)
    talk.listen().hear(Command.DURATION, seconds=1200.0).wait_for(State.HOLD)
    while talk.session.state is State.HOLD:
        talk.wait(60).hear(Command.HOW_LONG)
    assert talk.now - raised <= 1200 + 70


def test_repeat_says_what_is_true_now() -> None:
    talk = in_hold(5).wait(30).hear(Command.HOW_LONG).listen().wait(85).hear(Command.REPEAT)
    assert talk.texts()[-1] == "Three minutes left."


def test_wrong_answers_at_a_choice_end_it_with_what_is_usual() -> None:
    talk = in_setup().answer(Command.SKIP, *[Command.UNSURE] * 3).listen()
    assert talk.lines()[-2:] == ["choose.breathing_set", "choose.minutes"]


def test_no_reminder_comes_back_within_ten_minutes() -> None:
    talk = in_hold(20).hear(Command.BREATHING, pattern=Pattern.NONE).hear(Command.MORE_TALK)
    while talk.session.state is State.HOLD:
        talk.wait(97).hear(Command.HOW_LONG)
    said: dict[str, float] = {}
    for at, say in talk.says():
        if say.line == "hold.reminder":
            assert at - said.get(say.text, -1e9) >= 600
            said[say.text] = at
    assert len(said) >= 10


def test_easier_fits_where_the_person_is() -> None:
    standing = in_setup().answer(Command.EASIER)
    floor = in_setup().answer(Command.NEXT, Command.NEXT, Command.EASIER)
    pose = in_hold(5).hear(Command.EASIER)
    given = [talk.lines()[-1] for talk in (standing, floor, pose)]
    assert given == ["easier.doorway", "easier.away", "easier.lean"]


def test_four_seven_eight_charges_only_the_breaths_that_were_begun() -> None:
    talk = in_hold(10).hear(Command.BREATHING, pattern=Pattern.FOUR_SEVEN_EIGHT).listen()
    talk.wait(25).hear(Command.BREATHING, pattern=Pattern.BELLY).listen()
    assert talk.session.desk.visit.guidance.cycles_spent == 2


def test_a_condition_named_in_the_hold_is_answered_with_why() -> None:
    talk = in_hold(5).hear(Command.CONDITION, condition="glaucoma")
    assert talk.lines()[-2:] == ["exit.warning", "refused.glaucoma"]


def test_the_toilet_gets_a_real_answer() -> None:
    before = in_setup().listen().hear(Command.STOP)
    assert before.lines()[-1] == "setup.stopped"
    talk = in_hold(5).wait(60).hear(Command.STOP).wait_for(State.SIDE).listen()
    talk.hear(Command.STOP).listen()
    assert talk.lines()[-1] == "side.not_yet"
    talk.wait_for(State.SITTING).listen().hear(Command.NEXT).listen()
    assert talk.lines()[-1] == "sitting.not_yet"


def test_for_the_night_nobody_is_told_to_stand() -> None:
    talk = in_hold(20).hear(Command.QUIT, night=True)
    assert talk.lines()[-1] == "exit.warning"
    from_leaving_to_done(talk).listen()
    assert talk.lines()[-2:] == ["done.night", "done.good_night"]
    assert "stand.support" not in talk.lines()


def test_silence_as_a_wish_is_twenty_minutes_with_bells_and_without_a_word() -> None:
    silent = Choices(1200.0, Pattern.NONE, Talk.LESS, bell=True)
    talk = Conversation(returning=True, last=silent)
    talk.answer(Command.START, Command.NO, Command.SAME, Command.NEXT).wait_for(State.LEAVING)
    held = talk.told[talk.told.index("HOLD") : talk.told.index("LEAVING")]
    assert held == ["HOLD", "breath.none", "hold.closing"]
    assert sum(isinstance(action, Ring) for _, action in talk.actions) == 3


def test_the_bell_strikes_every_so_many_minutes_and_pauses_with_the_hold() -> None:
    talk = in_hold(10, bell=True, bell_minutes=4).wait(60)
    started = next(at for at, action in talk.actions if isinstance(action, Ring))
    assert strokes(talk) == pytest.approx((started + 240, started + 480), abs=0.1)
    talk.hear(Command.PAUSE)
    assert strokes(talk) == ()
    talk.wait(30).hear(Command.RESUME)
    assert strokes(talk) == pytest.approx((started + 270, started + 510), abs=0.1)
    talk.hear(Command.BELL, on=False)
    assert strokes(talk) == ()
    talk.hear(Command.BELL, on=True).wait_for(State.LEAVING)
    rung = [at for at, action in talk.actions if isinstance(action, Ring)]
    assert not [at for at in rung if started + 100 < at < started + 600]
    assert strokes(talk) == ()


def strokes(talk: Conversation) -> tuple[float, ...]:
    """Return when the bell will strike, as was foretold last."""
    return [action for _, action in talk.actions if isinstance(action, EndsAt)][-1].bells


def test_keep_guiding_breathes_through_the_whole_hold() -> None:
    talk = in_hold(10).wait(10).hear(Command.MORE_TALK).listen().wait(1)
    guided = [a.breathing for _, a in talk.actions if isinstance(a, Breathe)]
    assert guided[-1].seconds > 500


def test_a_body_scan_comes_with_more_talking_when_the_cues_are_over() -> None:
    talk = in_hold(15).hear(Command.BREATHING, pattern=Pattern.NONE).hear(Command.MORE_TALK)
    talk.wait_for(State.LEAVING)
    scan = [line for line in talk.lines() if line.startswith("hold.scan")]
    assert scan == list(content().setup.scan)


def days_ago(*days: int) -> tuple[float, ...]:
    """Return the seconds since holds that were so many days ago, and an hour."""
    return tuple(86400.0 * day + 3600 for day in days)


@pytest.mark.parametrize(
    ("practised", "words"),
    [
        (0, "Not yet in the last month."),
        (1, "Once in the last month."),
        (7, "Seven times in the last month."),
        (12, "More than ten times in the last month."),
        (29, "Nearly every day in the last month."),
    ],
)
def test_how_often_somebody_practised_is_answered_aloud(practised: int, words: str) -> None:
    talk = Spoken(practised=days_ago(*range(practised))).say("how often did I practise")
    assert talk.texts()[-1] == words


def test_two_holds_a_day_are_not_every_day() -> None:
    talk = Spoken(practised=days_ago(*range(14), *range(14))).say("how often did I practise")
    assert talk.texts()[-1] == "More than ten times in the last month."


def test_who_stayed_away_is_not_told_of_every_day() -> None:
    """The program has run since, as a service does."""
    talk = Spoken(practised=days_ago(*range(29)))
    talk.wait(20 * 86400).say("how often did I practise")
    assert talk.texts()[-1] == "Ten times in the last month."


def test_the_hold_that_is_over_counts() -> None:
    talk = Spoken(minutes=0.5, breathing="none", practised=days_ago(1, 2), returning=True)
    talk.say("start", "no", "ready").wait_for(State.SIDE).say("how many times have I done this")
    assert talk.texts()[-1] == "Three times in the last month."


def test_the_voice_speaks_slower_when_asked_and_remembers_it() -> None:
    talk = Spoken(minutes=1, breathing="belly", returning=True).say("speak slower please", "start")
    assert talk.says()[-1][1].pauses > 1.5
    talk.say("no", "ready").wait(5).say("slower")
    assert talk.lines()[-1] == "breath.slower", "in the hold it is the breathing that is meant"
    talk.say("you talk too slowly")
    assert talk.says()[-1][1].pauses == 1.0
    assert Spoken(slow=True).says()[-1][1].pauses > 1.5
    talk.say("talk slower").wait_for(State.SITTING).wait(40).say("no").wait_for(State.DONE)
    assert talk.remembered is not None
    assert talk.remembered.slow


def test_more_talking_is_more_than_as_usual_also_while_the_breath_is_guided() -> None:
    much, usual = in_hold(15).hear(Command.MORE_TALK), in_hold(15)
    words = [len(" ".join(talk.wait_for(State.LEAVING).texts()).split()) for talk in (much, usual)]
    assert words[0] > words[1] + 50
