"""Property tests: the safety rules of the product hold for any sequence of events."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legsup_voice.content import content
from legsup_voice.protocol.actions import Enter, Say
from legsup_voice.protocol.commands import Command, Symptom
from legsup_voice.protocol.events import Failed, Heard, Rejected, VoiceStarted
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.limits import MAX_HOLD, MIN_HOLD
from legsup_voice.protocol.states import State
from tests.session.conversation import Conversation, in_hold, into_hold

POSE = {State.HOLD, State.PAUSED}
PAST_THE_SECOND = {step.line for step in content().setup.steps[2:]}
WARNINGS = {"exit.warning", "exit.short"}
SAID_BEFORE_RISING = 30.0

commands = st.sampled_from(list(Command))
heard = st.builds(
    Heard,
    commands,
    text=st.just("x"),
    seconds=st.sampled_from([None, 0.0, 5.0, 30.0, 300.0, 1200.0, 9e9, -4.0]),
    pattern=st.sampled_from(["belly", "box", "four_six", "four_seven_eight", "none"]),
    condition=st.sampled_from(["glaucoma", "other", "pots"]),
    symptom=st.sampled_from(list(Symptom)),
)
steps = st.lists(
    st.one_of(
        heard,
        heard,
        st.builds(Heard, st.sampled_from([Command.NO, Command.NEXT, Command.YES, Command.START])),
        st.builds(Rejected, why=st.sampled_from(["unknown", "not now", "own voice"])),
        st.builds(VoiceStarted),
        st.builds(Failed, st.sampled_from([f for f in Fault if f is not Fault.TERMINATE])),
        st.sampled_from([0.1, 1.0, 5.0, 12.0, 31.0, 150.0, 500.0]),
        st.just("listen"),
        st.just("listen"),
    ),
    min_size=10,
    max_size=50,
)
beginnings = st.sampled_from(["idle", "hold", "short hold", "interrupted"])


@dataclass
class Witness:
    """Watches every action in order and knows what each rule forbids."""

    talk: Conversation
    seen: int = 0
    state: State = State.IDLE
    cleared: bool = False
    unwell: bool = False
    entered: dict[State, float] = field(default_factory=dict)
    rested_on_side: bool = False
    hold_began: float = 0.0
    expect_warning: bool = False

    def look(self) -> None:
        """Check everything that has happened since the last look."""
        for at, action in self.talk.actions[self.seen :]:
            if isinstance(action, Enter):
                self._entered(at, action.state)
            elif isinstance(action, Say):
                self._said(at, action)
        self.seen = len(self.talk.actions)
        plan = self.talk.session.desk.visit.plan
        assert plan.seconds == pytest.approx(min(MAX_HOLD, max(MIN_HOLD, plan.seconds)))

    def _entered(self, at: float, state: State) -> None:
        before, self.state = self.state, state
        if before in POSE:
            assert state in POSE | {State.LEAVING}, "rule 3: another way out of the pose"
        if state is State.SCREENING:
            self.cleared = self.unwell = False
        elif state is State.SETUP:
            self.cleared = True
        elif state is State.HOLD:
            assert not self.unwell, "rule 6: back to HOLD after a symptom"
            assert self.cleared, "rule 1: HOLD without a passed screening"
            if before is not State.PAUSED:
                self.hold_began = at
        elif state is State.LEAVING:
            if before in POSE:
                assert at - self.hold_began <= MAX_HOLD + 0.001, "rule 7: longer than the cap"
            self.expect_warning = True
        elif state is State.SITTING:
            self.rested_on_side = at - self.entered[State.SIDE] >= SAID_BEFORE_RISING
        self.entered[state] = at

    def _said(self, at: float, say: Say) -> None:
        line = content().lines[say.line]
        if self.expect_warning and say.line != "emergency.call":
            assert say.line == "exit.warning", "rule 3: the warning is not the first thing said"
            self.expect_warning = False
        if say.line in PAST_THE_SECOND:
            assert self.cleared, "rule 1: a step past the second without screening"
        if say.line.startswith("stand."):
            assert self.rested_on_side, "rule 5: no rest on the side"
            assert at - self.entered[State.SITTING] >= SAID_BEFORE_RISING, "rule 5: stood up early"
        if self.state in POSE:
            assert len(say.text.split()) <= 8, "a long line in HOLD"
        assert not line.states or self.state in line.states, f"{say.line} in {self.state}"


def begin(beginning: str) -> Conversation:
    if beginning == "hold":
        return in_hold(5)
    if beginning == "short hold":
        return in_hold(0.5)
    return Conversation(interrupted=beginning == "interrupted")


def play(talk: Conversation, sequence: list[object]) -> None:
    """Play a random sequence; everything forbidden raises."""
    witness = Witness(talk)
    witness.look()
    for step in sequence:
        if isinstance(step, float):
            talk.wait(step)
        elif step == "listen":
            talk.listen()
        else:
            assert isinstance(step, Heard | Rejected | VoiceStarted | Failed)
            if isinstance(step, Heard) and step.command in talk.session.accepts:
                asked = step.symptom is Symptom.HELP and talk.session.handler.upright
                witness.unwell |= step.command is Command.SYMPTOM and not asked
            talk.tell(step)
        witness.look()
    talk.tell(Failed(Fault.SPEAKER_BACK)).wait(MAX_HOLD + 700 + 1900)
    witness.look()
    assert not talk.session.in_pose, "rule 9: left in the pose"


@settings(
    max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(beginnings, steps)
def test_rules_hold_for_any_sequence(beginning: str, sequence: list[object]) -> None:
    """About 15,000 events in all."""
    play(begin(beginning), sequence)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(beginnings, steps, st.sampled_from(list(Fault)))
def test_a_session_asked_to_end_says_the_warning_and_ends(
    beginning: str, sequence: list[object], fault: Fault
) -> None:
    talk = begin(beginning)
    for step in sequence:
        if isinstance(step, float):
            talk.wait(step)
        elif isinstance(step, Heard | Rejected | VoiceStarted | Failed):
            talk.tell(step)
    in_pose = talk.session.in_pose and talk.session.state not in (State.SIDE, State.SITTING)
    talk.tell(Failed(fault)).tell(Failed(Fault.TERMINATE)).wait(60)
    assert talk.quit
    if in_pose:
        actions = [action for _, action in talk.actions]
        left = max(i for i, action in enumerate(actions) if action == Enter(State.LEAVING))
        said = [action.line for action in actions[left:] if isinstance(action, Say)]
        assert said[0] in WARNINGS
        assert said[-1] == "exit.alone"


@pytest.mark.parametrize("seconds", [0.0, -5.0, 29.9, 30.0, 1200.0, 1e9, float("inf")])
def test_rule_7_any_length_is_clamped(seconds: float) -> None:
    talk = in_hold(5).hear(Command.DURATION, seconds=seconds)
    assert MIN_HOLD <= talk.session.desk.visit.plan.seconds <= MAX_HOLD


def test_rule_7_longer_cannot_pass_the_cap() -> None:
    talk = in_hold(19)
    for _ in range(5):
        talk.hear(Command.LONGER).listen()
    assert "time.longest" in talk.lines()
    cap = talk.session.desk.visit.plan.cap
    assert talk.wait_for(State.LEAVING).now == pytest.approx(cap)


def test_rule_7_pausing_does_not_stop_the_cap() -> None:
    talk = in_hold(20)
    cap = talk.session.desk.visit.plan.cap
    talk.wait(600).hear(Command.PAUSE)
    while talk.session.state is State.PAUSED:
        talk.wait(30).hear(Command.HOW_LONG).listen()
    assert talk.session.state is State.LEAVING
    assert cap <= talk.now <= cap + 40


@pytest.mark.parametrize("command", list(Command))
def test_rule_14_repeat_works_in_every_state(command: Command) -> None:
    for talk in (Conversation(), in_hold(5), Conversation(interrupted=True)):
        talk.listen().hear(command).listen()
        before = talk.lines()
        talk.hear(Command.REPEAT).listen()
        assert len(talk.lines()) > len(before)


def test_rule_10_the_first_thing_said_after_a_break_is_the_warning() -> None:
    talk = Conversation(interrupted=True)
    assert talk.lines()[0] == "exit.warning"
    assert talk.states()[0] is State.LEAVING


def test_a_session_leaves_nothing_for_the_next_person() -> None:
    talk = in_hold(5).hear(Command.SYMPTOM).wait_for(State.LYING).answer(Command.NEXT)
    talk.wait_for(State.SITTING).wait(60).answer(Command.NO).wait_for(State.IDLE)
    assert into_hold(talk).session.state is State.HOLD
