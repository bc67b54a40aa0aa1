"""Whole conversations with the pure session, read from top to bottom."""

import pytest

from legsup_voice.content import content
from legsup_voice.protocol.actions import Breathe, Enter, Hush, Say, StopBreathing
from legsup_voice.protocol.commands import Command, Condition
from legsup_voice.protocol.events import Rejected, VoiceStarted
from legsup_voice.protocol.states import State
from tests.session.conversation import (
    Conversation,
    from_leaving_to_done,
    in_hold,
    in_setup,
)

QUESTIONS = content().screening.questions


def test_a_whole_session() -> None:
    talk = from_leaving_to_done(in_hold(0.5))
    assert talk.states() == [
        State.IDLE,
        State.SCREENING,
        State.SETUP,
        State.HOLD,
        State.LEAVING,
        State.SIDE,
        State.SITTING,
        State.DONE,
    ]
    (record,) = talk.records
    assert record.hold_seconds == pytest.approx(30)
    assert record.ended_by == "time"
    assert talk.wait(30).quit


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
@pytest.mark.parametrize("answer", [Command.YES, Command.UNSURE])
def test_any_answer_but_no_refuses(number: int, answer: Command) -> None:
    talk = Conversation().answer(Command.START, *[Command.NO] * number, answer)
    assert talk.session.state is State.REFUSED
    reason = QUESTIONS[number].refusal if answer is Command.YES else "refused.unsure"
    assert talk.lines()[-3:] == [reason, "refused.doctor", "refused.offer"]


def test_silence_three_times_refuses() -> None:
    talk = Conversation().answer(Command.START).wait_for(State.REFUSED)
    asked = [line for line in talk.lines() if line.startswith("screening.")]
    assert asked == ["screening.blood_pressure"] * 3
    assert talk.wait_for(State.IDLE).lines().count("refused.offer") == 3


def test_speech_that_is_no_answer_three_times_refuses() -> None:
    talk = Conversation().answer(Command.START)
    for _ in range(3):
        talk.listen().tell(Rejected("purple"))
    assert talk.session.state is State.REFUSED


def test_an_answer_during_the_question_is_not_taken() -> None:
    talk = Conversation().answer(Command.START).wait(1).hear(Command.NO).listen()
    assert talk.session.handler.place == 0


def test_back_in_the_screening_asks_the_question_before_again() -> None:
    talk = Conversation().answer(Command.START, Command.NO, Command.BACK)
    assert talk.lines()[-1] == QUESTIONS[0].line


def test_refused_and_breathing_seated() -> None:
    talk = Conversation(minutes=2).answer(Command.START, Command.YES, Command.YES)
    assert talk.session.state is State.SEATED
    breathing = [a for _, a in talk.listen().actions if isinstance(a, Breathe)]
    assert breathing[0].breathing.pattern == "belly"
    talk.wait_for(State.DONE)
    assert "stand.support" not in talk.lines()


def test_setup_can_go_back_repeat_and_skip() -> None:
    talk = in_setup().answer(Command.NEXT, Command.BACK, Command.REPEAT, Command.SKIP)
    assert talk.lines()[-5:] == [
        "setup.wall",
        "setup.mat",
        "setup.wall",
        "setup.wall",
        "choose.breathing",
    ]
    assert talk.session.in_pose


def test_the_choices_are_said_back() -> None:
    talk = in_setup().answer(Command.SKIP)
    talk.listen().hear(Command.BREATHING, pattern="box")
    talk.listen().hear(Command.DURATION, seconds=420.0).listen()
    said = [a.text for _, a in talk.actions if isinstance(a, Say)]
    assert "Box breathing." in said
    assert "We will hold for seven minutes. Say stop whenever you want." in said
    talk.answer(Command.NEXT)
    assert talk.wait_for(State.HOLD).session.desk.visit.plan.seconds == 420


@pytest.mark.parametrize(("asked", "line"), [(5.0, "choose.shortest"), (7200.0, "choose.longest")])
def test_a_length_outside_the_limits_is_clamped_and_said(asked: float, line: str) -> None:
    talk = in_setup().answer(Command.SKIP, Command.NEXT).listen()
    assert line in talk.hear(Command.DURATION, seconds=asked).lines()


def test_no_choice_made_takes_the_defaults() -> None:
    talk = in_setup().answer(Command.SKIP).wait(120).answer(Command.NEXT).wait_for(State.HOLD)
    assert talk.session.desk.visit.guidance.pattern == "belly"
    assert talk.session.desk.visit.plan.seconds == 300


def test_silence_in_setup_ends_before_the_pose_and_leaves_in_it() -> None:
    before = in_setup().wait_for(State.IDLE)
    assert before.lines().count("setup.waiting") == 2
    in_pose = in_setup().answer(*[Command.NEXT] * content().setup.raising_step)
    assert in_pose.wait_for(State.LEAVING).session.desk.visit.ended_by == "silence"


def test_once_the_legs_are_up_going_back_does_not_count_as_down() -> None:
    talk = in_setup().answer(*[Command.NEXT] * content().setup.raising_step, Command.BACK)
    assert talk.hear(Command.STOP).session.state is State.LEAVING


@pytest.mark.parametrize("command", [Command.EASIER, Command.HARDER])
def test_each_easier_or_harder_gives_the_next_one(command: Command) -> None:
    talk = in_setup().answer(*[command] * 8)
    setup = content().setup
    ladder = setup.easier if command is Command.EASIER else setup.harder
    sayable = [rung.line for rung in ladder.standing]
    given = [line for line in talk.lines() if line.split(".")[0] == command.value]
    assert given == [*sayable, *[sayable[-1]] * (8 - len(sayable))]


def test_how_long_in_setup_and_hold() -> None:
    assert in_setup().answer(Command.HOW_LONG).lines()[-1] == "time.planned"
    talk = in_hold(5).wait(30).hear(Command.HOW_LONG)
    said = [a.text for _, a in talk.actions if isinstance(a, Say)]
    assert said[-1] == "Four and a half minutes left."


def test_a_question_broken_off_by_a_request_is_asked_again_after_the_reply() -> None:
    talk = in_setup().wait(1).hear(Command.HOW_LONG)
    assert talk.lines()[-2:] == ["time.planned", "setup.wall"]


def test_the_breathing_is_guided_for_whole_breaths_and_then_silent() -> None:
    talk = in_hold(5).wait(20)
    (breathe,) = [a for _, a in talk.actions if isinstance(a, Breathe)]
    assert 60 <= breathe.breathing.seconds <= 180
    assert breathe.breathing.fade_cycles > 0


def test_four_seven_eight_is_at_most_four_cycles_in_a_session() -> None:
    talk = in_hold(10)
    for _ in range(3):
        talk.hear(Command.BREATHING, pattern="four_seven_eight").wait(90)
    breaths = [a.breathing for _, a in talk.actions if isinstance(a, Breathe)]
    assert sum(b.cycles for b in breaths if b.pattern == "four_seven_eight") == 4
    assert "breath.enough" in talk.lines()


def test_slower_and_faster_stay_within_limits() -> None:
    talk = in_hold(10).wait(10)
    for _ in range(10):
        talk.hear(Command.SLOWER).listen()
    for _ in range(20):
        talk.hear(Command.FASTER).listen()
    lengths = [
        phase.milliseconds / 1000
        for _, a in talk.actions
        if isinstance(a, Breathe)
        for phase in a.breathing.phases
    ]
    assert 3.5 <= min(lengths) < 5 < max(lengths) <= 7
    assert talk.lines().count("breath.limit") > 5


def test_longer_and_shorter_move_the_end() -> None:
    talk = in_hold(5)
    began = talk.session.desk.visit.plan.started
    talk.hear(Command.LONGER).listen().hear(Command.LONGER).listen().hear(Command.SHORTER)
    assert talk.wait_for(State.LEAVING).now == pytest.approx(began + 360)


def test_the_length_that_is_planned_already_is_no_limit() -> None:
    talk = in_hold(5).hear(Command.DURATION, seconds=300.0).listen()
    assert talk.lines()[-1] == "time.left"
    seated = Conversation(minutes=3).answer(Command.START, Command.YES, Command.YES).listen()
    seated.hear(Command.DURATION, seconds=180.0).listen()
    assert seated.lines()[-1] == "time.left"


def test_longer_by_so_much_is_longer_by_so_much_everywhere() -> None:
    talk = in_setup().answer(*[Command.SKIP]).listen().hear(Command.LONGER, seconds=300.0)
    assert talk.session.desk.visit.plan.seconds == 600
    seated = Conversation(minutes=3).answer(Command.START, Command.YES, Command.YES).listen()
    seated.hear(Command.LONGER, seconds=120.0)
    assert seated.session.desk.visit.plan.seconds == 300


def test_a_pause_stops_the_time() -> None:
    talk = in_hold(2)
    began = talk.session.desk.visit.plan.started
    talk.wait(30).hear(Command.PAUSE)
    assert any(isinstance(a, StopBreathing) for _, a in talk.actions)
    talk.wait(60).hear(Command.RESUME)
    assert talk.wait_for(State.LEAVING).now == pytest.approx(began + 180)


def test_a_silent_twenty_minutes_end_on_time_after_a_soft_check_in() -> None:
    talk = in_hold(20)
    raised = talk.actions[talk.index("setup.legs")][0]
    assert talk.wait_for(State.LEAVING).now == pytest.approx(raised + 1200, abs=1)
    assert "hold.closing" in talk.lines()


def test_tingling_that_is_followed_by_silence_ends_the_hold() -> None:
    talk = in_hold(20).wait(30).hear(Command.TINGLING)
    assert "hold.slide" in talk.lines()
    assert talk.wait_for(State.LEAVING, within=300).session.desk.visit.ended_by == "silence"


def test_an_answered_check_in_lets_the_hold_go_on() -> None:
    talk = in_hold(20).wait(400).answer(Command.YES).wait(390).answer(Command.NEXT)
    assert talk.session.desk.visit.unanswered == 0


def test_stop_twice_shortens_the_warning_but_keeps_it() -> None:
    talk = in_hold(5).wait(10).hear(Command.STOP).wait(0.5).hear(Command.STOP)
    assert talk.lines()[-2:] == ["exit.warning", "exit.short"]
    hushed = sum(isinstance(a, Hush) for _, a in talk.actions)
    talk.wait(0.3).hear(Command.STOP)
    assert sum(isinstance(a, Hush) for _, a in talk.actions) == hushed
    assert "exit.knees" in talk.wait_for(State.SIDE).lines()


@pytest.mark.parametrize("minutes", [0.5, 5])
def test_dizzy_in_the_hold_leads_down_to_lying(minutes: float) -> None:
    talk = in_hold(minutes).wait(10).hear(Command.SYMPTOM, symptom="dizzy")
    talk.wait_for(State.LYING)
    assert talk.wait(200).session.state is State.LYING
    assert talk.lines().count("lying.checkin") >= 3
    talk.answer(Command.NEXT)
    assert from_leaving_to_done(talk).session.state is State.DONE


def test_dizzy_while_sitting_lies_down_again() -> None:
    talk = in_hold(0.5).wait_for(State.SITTING).wait(5).hear(Command.SYMPTOM)
    assert talk.session.state is State.LYING
    talk = in_hold(0.5).wait_for(State.SITTING).wait(40).answer(Command.YES)
    assert talk.session.state is State.LYING


def test_nobody_who_gives_no_answer_is_told_to_stand() -> None:
    talk = in_hold(0.5).wait_for(State.DONE).listen()
    assert "stand.support" not in talk.lines()
    assert "done.close" not in talk.lines()
    assert talk.records[0].ended_by == "unanswered"


def test_a_condition_is_recognised_at_any_time() -> None:
    early = Conversation().listen().hear(Command.CONDITION, condition="glaucoma")
    assert early.session.state is State.REFUSED
    assert "refused.glaucoma" in early.lines()
    setup = in_setup().listen().hear(Command.CONDITION, condition="pregnancy")
    assert setup.session.state is State.REFUSED
    held = in_hold(5).wait(30).hear(Command.CONDITION, condition="glaucoma")
    assert held.session.state is State.LEAVING


def test_quieter_has_an_end_and_is_said() -> None:
    talk = in_hold(5)
    for _ in range(6):
        talk.listen().hear(Command.QUIETER)
    assert talk.lines()[-1] == "settings.quietest"
    assert talk.session.volume == -12


def test_less_talk_silences_the_reminders() -> None:
    quiet = in_hold(10).hear(Command.LESS_TALK).wait_for(State.LEAVING)
    assert "hold.reminder" not in quiet.lines()
    assert "hold.reminder" in in_hold(10).wait_for(State.LEAVING).lines()


def test_whoever_begins_to_speak_is_not_taken_for_silent() -> None:
    talk = in_setup().listen().wait(8.5).tell(VoiceStarted()).wait(3)
    assert talk.lines()[-1] == "setup.wall"


def test_what_can_i_say_gives_three_more_each_time() -> None:
    talk = in_hold(5)
    for _ in range(4):
        talk.listen().hear(Command.HELP)
    said = [a.text for _, a in talk.actions if isinstance(a, Say) and a.line == "help.hold"]
    assert len(set(said)) == 4


def test_a_length_given_while_the_last_choice_is_said_back_is_taken() -> None:
    talk = in_setup().answer(Command.SKIP, Command.NEXT).listen()
    talk.hear(Command.DURATION, seconds=300.0).wait(1).hear(Command.DURATION, seconds=600.0)
    talk.answer(Command.NEXT)
    assert talk.wait_for(State.HOLD).session.desk.visit.plan.seconds == 600


def test_a_condition_named_while_resting_is_answered_with_a_line_that_fits() -> None:
    for state in (State.SEATED, State.LYING, State.SIDE, State.SITTING, State.DONE):
        assert state in content().lines["refused.doctor"].states


def test_a_safety_line_is_not_cut_by_the_end_of_a_rest_or_by_an_answer() -> None:
    talk = in_hold(0.5).wait_for(State.SIDE).listen().wait(29.5).hear(Command.REPEAT)
    hushed = sum(isinstance(a, Hush) for _, a in talk.actions)
    talk.wait_for(State.SITTING)
    assert sum(isinstance(a, Hush) for _, a in talk.actions) == hushed
    talk = Conversation().answer(Command.START).wait(1).hear(Command.SYMPTOM).wait(1)
    hushed = sum(isinstance(a, Hush) for _, a in talk.actions)
    assert talk.hear(Command.NO).session.state is State.REFUSED
    assert sum(isinstance(a, Hush) for _, a in talk.actions) == hushed


def test_a_hold_made_longer_at_its_end_is_checked_on_again() -> None:
    talk = in_hold(5).wait(285).hear(Command.DURATION, seconds=1200.0).listen()
    assert "hold.checkin" not in talk.lines()
    assert "hold.checkin" in talk.wait(401).lines()


def test_after_tingling_a_pause_does_not_thin_out_the_check_ins() -> None:
    talk = in_hold(20).wait(30).hear(Command.TINGLING).listen()
    talk.hear(Command.PAUSE).listen().hear(Command.RESUME).listen()
    assert "hold.better" in talk.wait(61).lines()


def test_shorter_in_a_pause_keeps_to_the_shortest_hold() -> None:
    talk = in_hold(0.5).wait(5).hear(Command.PAUSE).listen()
    talk.answer(*[Command.EASIER] * 4)
    assert talk.lines()[-1] == "time.shortest"
    assert talk.session.desk.visit.plan.seconds >= 30


def test_a_condition_named_after_a_session_leads_to_breathing_with_cues() -> None:
    talk = from_leaving_to_done(in_hold(0.5)).wait_for(State.IDLE).listen()
    talk.hear(Command.CONDITION, condition="glaucoma").answer(Command.YES).listen()
    began = max(i for i, (_, a) in enumerate(talk.actions) if a == Enter(State.SEATED))
    assert any(isinstance(a, Breathe) for _, a in talk.actions[began:])


def test_a_broken_off_line_of_the_state_before_is_not_said_again() -> None:
    talk = Conversation().answer(Command.START).wait(1).hear(Command.HELP)
    talk.hear(Command.CONDITION, condition="glaucoma").wait(7).hear(Command.HELP)
    assert talk.session.state is State.REFUSED
    assert talk.lines().count("help.screening") == 1


def test_a_no_about_another_condition_answers_nothing() -> None:
    talk = Conversation().answer(Command.START).listen()
    first = talk.lines()[-1]
    talk.wait(0.5).hear(Command.NO, condition=Condition.PREGNANCY).listen()
    assert talk.lines()[-1] == first
    talk.wait(0.5).hear(Command.NO, condition=Condition.BLOOD_PRESSURE).listen()
    assert talk.lines()[-1] != first


def test_the_program_ends_in_silence_so_that_nothing_begins_while_it_ends() -> None:
    talk = from_leaving_to_done(in_hold(0.5)).listen().wait(4.9).hear(Command.HELP).wait(0.5)
    assert not talk.quit
    assert talk.wait(20).quit
    assert talk.silent
