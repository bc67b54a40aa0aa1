"""The safety rules as an oracle that is independent of the code: it watches a session's turns.

`Oracle.watch` is given each turn (the session before, the event or deadline, the actions, the
session after) and raises `ViolationError` naming the rule of the product's section 4 that was
broken. What the oracle remembers between turns is small and finite, so that it can be part of the
key under which the exploration merges states.
"""

import re
from dataclasses import dataclass, field

from legsup_voice.content import Content
from legsup_voice.protocol.actions import Breathe, Enter, Hush, Quit, Say, StopBreathing
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Began, Heard, LineEnded, Rejected
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.timers import Timer
from tests.session.turn import (
    HELD,
    SAFETY_LINES,
    WARNINGS,
    Turn,
    copy_of,
    in_pose,
    require,
)

LEAST_REST = 30.0
LONGEST_HOLD = 1200.0
SHORTEST_HOLD = 30.0
LONGEST_SETUP = 600.0
CHECK_IN_GAP = 400.0
CLOSING = 20.0
RAISING = "setup.legs"
SECONDS_TO_SAY = 0.001


MAY_FOLLOW = {
    State.IDLE: {State.SCREENING, State.REFUSED, State.LEAVING},
    State.SCREENING: {State.SETUP, State.REFUSED, State.IDLE},
    State.REFUSED: {State.SEATED, State.IDLE},
    State.SEATED: {State.DONE, State.LYING},
    State.SETUP: {State.HOLD, State.IDLE, State.REFUSED, State.LEAVING},
    State.HOLD: {State.PAUSED, State.LEAVING},
    State.PAUSED: {State.HOLD, State.LEAVING},
    State.LEAVING: {State.SIDE, State.LYING},
    State.LYING: {State.SIDE},
    State.SIDE: {State.SITTING, State.LYING},
    State.SITTING: {State.DONE, State.LYING},
    State.DONE: {State.IDLE, State.LYING},
}
"""The product's table of states, written down a second time."""

AFTER_SYMPTOM = {
    State.IDLE: State.IDLE,
    State.SCREENING: State.REFUSED,
    State.REFUSED: State.IDLE,
    State.SEATED: State.LYING,
    State.HOLD: State.LEAVING,
    State.PAUSED: State.LEAVING,
    State.LEAVING: State.LEAVING,
    State.LYING: State.LYING,
    State.SIDE: State.LYING,
    State.SITTING: State.LYING,
    State.DONE: State.LYING,
}
SYMPTOM_REPLIES = re.compile(r"exit\.(warning|short)|help\.(symptom|rest_now)|lying\..*")
MAY_CUT_SAFETY = {Command.STOP, Command.QUIT, Command.SYMPTOM}
FAULTS_THAT_MAY_CUT = {Fault.TERMINATE, Fault.SPEAKER_BACK, Fault.SPEAKER_LOST}


@dataclass
class Oracle:
    """What has to be remembered to judge the next turn."""

    content: Content
    answered: int = 0
    asked: int = 0
    unclear: int = 0
    cleared: bool = False
    unwell: bool = False
    barred: bool = False
    warned: bool = False
    mute: bool = False
    quitting: bool = False
    unanswered: int = 0
    rested: bool = False
    entered: dict[State, float] = field(default_factory=dict)
    hold_began: float = 0.0
    raised_at: float = 0.0

    def copy(self) -> "Oracle":
        """Return an independent copy."""
        twin = copy_of(self)
        twin.entered = dict(self.entered)
        return twin

    def key(self, state: State) -> tuple[object, ...]:
        """Return what the next judgements depend on in `state`; for times see `exploration`."""
        match state:
            case State.SCREENING:
                mine: tuple[object, ...] = (self.answered, self.asked, self.unclear)
            case State.SETUP | State.HOLD | State.PAUSED:
                mine = (self.cleared, self.unwell, self.barred, self.unanswered)
            case State.LEAVING:
                mine = (self.unwell, self.warned)
            case _:
                mine = ()
        return (self.mute and state not in HELD, self.quitting, *mine)

    @property
    def everything(self) -> int:
        """The answers of a passed screening, one bit a question."""
        return (1 << len(self.content.screening.questions)) - 1

    def watch(self, turn: Turn) -> None:
        """Judge `turn`.

        Raises:
            ViolationError: it broke a rule.
        """
        self._remember(turn)
        self._screening(turn)
        self._states(turn)
        self._lines(turn)
        self._warning(turn)
        self._stop(turn)
        self._symptom_and_condition(turn)
        self._faults(turn)
        self._always(turn)
        self._times(turn.after)

    # --- what is kept ----------------------------------------------------------------------

    def _remember(self, turn: Turn) -> None:
        if turn.command is Command.SYMPTOM:
            self.unwell = True
        if turn.command is Command.CONDITION:
            self.barred = True
        if turn.command is Command.START:
            self.unwell = self.barred = self.cleared = False
        if turn.command is not None or turn.before.state not in HELD:
            self.unanswered = 0
        elif turn.cause is Timer.ANSWER:
            self.unanswered = min(3, self.unanswered + 1)
        if turn.fault is Fault.SPEAKER_LOST:
            self.mute = True
        if turn.fault is Fault.SPEAKER_BACK:
            self.mute = False
        self.quitting |= any(isinstance(action, Quit) for action in turn.actions)

    # --- rules 1, 3, 5, 6, 7: what follows what --------------------------------------------

    def _states(self, turn: Turn) -> None:
        state, now = turn.before.state, turn.after.now
        for follows in turn.states:
            start = follows is State.IDLE and state is State.IDLE
            require(start or follows in MAY_FOLLOW[state], f"table: {state} -> {follows}")
            self._entered(state, follows, now)
            self.entered[follows] = now
            state = follows
        require(state is turn.after.state, "a state was entered unsaid")
        if turn.after.raised and not turn.before.raised:
            self.raised_at = now

    def _entered(self, before: State, state: State, now: float) -> None:
        match state:
            case State.SCREENING:
                self.answered = self.asked = self.unclear = 0
            case State.SETUP:
                require(self.answered == self.everything, "rule 1: set-up without every answer")
                self.cleared = True
            case State.HOLD:
                require(self.cleared, "rule 1: HOLD without a passed screening")
                require(not self.unwell, "rule 6: HOLD after a symptom")
                require(not self.barred, "rule 2: HOLD after a condition was named")
                if before is not State.PAUSED:
                    require(not self.mute, "rule 11: HOLD begins without a speaker")
                    self.hold_began = now
            case State.LEAVING:
                self.warned = self.rested = False
            case State.SITTING:
                self.rested = now - self.entered[State.SIDE] >= LEAST_REST - SECONDS_TO_SAY
                require(self.rested, "rule 5: sits before the rest on the side")
            case State.DONE if before is State.SITTING:
                waited = now - self.entered[State.SITTING]
                require(waited >= LEAST_REST - SECONDS_TO_SAY, "rule 5: done before the sitting")

    # --- rules 1, 5, 14, 15: what is said where ----------------------------------------------

    def _lines(self, turn: Turn) -> None:
        state = turn.before.state
        steps = [step.line for step in self.content.setup.steps]
        for action in turn.actions:
            if isinstance(action, Enter):
                state = action.state
            if isinstance(action, Say):
                self._line(action, state, turn)
                if action.line in steps[2:]:
                    require(self.cleared, "rule 1: a step past the second")
                if action.line in steps and steps.index(action.line) >= steps.index(RAISING):
                    require(turn.after.raised, "rule 3: legs up and not in the pose")
            if isinstance(action, Breathe):
                require(state in (State.HOLD, State.SEATED), f"breathing cues in {state}")

    def _line(self, say: Say, state: State, turn: Turn) -> None:
        line = self.content.lines[say.line]
        require(say.safety == line.safety, f"rule 14: {say.line} lost its safety")
        if SAFETY_LINES.fullmatch(say.line):
            require(say.safety, f"rule 14: {say.line} is no safety line")
        if state in HELD:
            require(len(say.text.split()) <= 8, f"long in {state}: {say.text}")
        if state is not State.IDLE:  # there "repeat" may bring back a closing line
            require(not line.states or state in line.states, f"{say.line} in {state}")
        if say.line.startswith("stand."):
            repeated = state is State.IDLE and turn.command is not None
            require(state is State.DONE or repeated, f"rule 5: stand in {state}")
            require(self.rested, "rule 5: stand without the rests")
            require(turn.command is not None, "rule 5: stand without an answer")

    # --- rule 1 ------------------------------------------------------------------------------

    def _screening(self, turn: Turn) -> None:
        before = turn.before
        if before.state is not State.SCREENING:
            return
        question = self.content.screening.questions[before.question]
        bit = 1 << before.question
        if isinstance(turn.cause, LineEnded) and turn.cause.line == question.line:
            self.asked |= bit
        missed = turn.cause is Timer.ANSWER or (
            isinstance(turn.cause, Rejected)
            and turn.cause.why != "own voice"
            and Timer.ANSWER in before.timers
        )
        self.unclear += missed
        if turn.command is Command.NO:
            require(self.asked & bit, "rule 1: an answer before the question was heard")
            self.answered |= bit
            self.asked &= ~bit
        if turn.command in (Command.NO, Command.BACK):
            self.unclear = 0
        if turn.command in (Command.YES, Command.UNSURE) or self.unclear >= 3:
            require(turn.after.state is State.REFUSED, "rule 1: yes, unsure or nothing passes")

    # --- rules 3, 4, 10 ----------------------------------------------------------------------

    def _warning(self, turn: Turn) -> None:
        if in_pose(turn.before) and not in_pose(turn.after):
            require(turn.states[:1] == [State.LEAVING], "rule 3: another way out of the pose")
        if turn.cause == Began(interrupted=True):
            require(turn.after.state is State.LEAVING, "rule 10: no warning after a break")
        if turn.states and turn.states[-1] is State.LEAVING:
            require(turn.said, "rule 3: nothing said on leaving")
            require(turn.said[0].line == "exit.warning", "rule 3: the warning is not first")
            require(
                turn.after.queue[0] is turn.said[0], "rules 3, 10: something before the warning"
            )
        if isinstance(turn.cause, LineEnded) and turn.cause.line in WARNINGS and not self.mute:
            self.warned |= turn.before.state is State.LEAVING
        if turn.before.state is State.LEAVING and turn.after.state is not State.LEAVING:
            require(self.warned, "rule 3: down without the warning heard")
        if turn.fault is Fault.SPEAKER_BACK and turn.before.state is State.LEAVING:
            require(turn.after.queue[0].line in WARNINGS, "rule 11: the warning again")
            self.warned = False
        if turn.after.state is State.LEAVING and not self.warned and not self.mute:
            waiting = turn.after.queue and turn.after.queue[0].line in WARNINGS
            require(waiting, "rules 3, 4: the warning is neither said nor being said")

    def _stop(self, turn: Turn) -> None:
        cuts = [action for action in turn.actions if isinstance(action, Hush)]
        if cuts and any(say.safety for say in turn.before.queue):
            may = turn.command in MAY_CUT_SAFETY or turn.fault in FAULTS_THAT_MAY_CUT
            require(may, "rule 14: a safety line was cut")
        if turn.command not in (Command.STOP, Command.QUIT):
            return
        if turn.before.queue:
            shortest = any(say.line == "exit.short" for say in turn.before.queue)
            first = turn.actions[:3]
            require(shortest or any(isinstance(a, Hush) for a in first), "rule 4: still sounding")
        if turn.before.guidance.guiding:
            stops = any(isinstance(action, StopBreathing) for action in turn.actions)
            require(stops, "rule 4: the cues go on")
        if in_pose(turn.before):
            require(turn.after.state is State.LEAVING, "stop does not leave the pose")

    # --- rules 2, 6 --------------------------------------------------------------------------

    def _symptom_and_condition(self, turn: Turn) -> None:
        require({Command.SYMPTOM, Command.CONDITION} <= turn.accepts, "rules 2, 6: not taken")
        before = turn.before
        if turn.command is Command.SYMPTOM:
            target = AFTER_SYMPTOM.get(before.state, State.IDLE)
            if in_pose(before):
                target = State.LEAVING
            require(turn.after.state is target, f"rule 6: symptom leads to {turn.after.state}")
            require(turn.said and SYMPTOM_REPLIES.fullmatch(turn.said[0].line), "rule 6: no reply")
            require(turn.after.queue[0] is turn.said[0], "rule 6: a symptom waits")
        if self.unwell and turn.before.state is State.LEAVING:
            require(turn.after.state in (State.LEAVING, State.LYING), "rule 6: lie down first")
        if turn.before.state is State.LYING and turn.after.state is not State.LYING:
            require(turn.command in (Command.YES, Command.NEXT), "rule 6: up without being better")
        if turn.before.state is State.SITTING and turn.command in (Command.YES, Command.UNSURE):
            require(turn.after.state is State.LYING, "rule 6: dizzy while sitting")
        if turn.command is Command.CONDITION:
            self._condition(turn)

    def _condition(self, turn: Turn) -> None:
        assert isinstance(turn.cause, Heard)
        state = turn.before.state
        if in_pose(turn.before):
            require(turn.after.state is State.LEAVING, "rule 2: a condition in the pose")
        elif state in (State.IDLE, State.SCREENING, State.SETUP, State.REFUSED):
            require(turn.after.state is State.REFUSED, "rule 2: a condition before the pose")
        if State.REFUSED in turn.states and turn.cause.condition == "glaucoma":
            require(turn.said[0].line == "refused.glaucoma", "rule 2: another reason")

    # --- rules 11, 12 and talk ---------------------------------------------------------------

    def _faults(self, turn: Turn) -> None:
        if turn.fault is Fault.MICROPHONE_LOST:
            said = any(say.line == "fault.microphone" for say in turn.said)
            require(said, "rule 11: the lost microphone is not said")
            require(not in_pose(turn.after) or turn.after.state in HELD, "rule 11: waits in set-up")
        if turn.fault is not None and turn.before.state is turn.after.state:
            kept = {Timer.END, Timer.CAP} & turn.before.timers.keys()
            same = all(turn.after.timers.get(t) == turn.before.timers[t] for t in kept)
            require(same or turn.after.ending, "rule 11: a fault moved the end")
        if turn.fault is Fault.TERMINATE and in_pose(turn.before):
            require(turn.after.state is State.LEAVING, "rule 3: asked to end in the pose")
        if isinstance(turn.cause, Rejected):
            ignored = turn.cause.why == "own voice" or turn.before.state in (*HELD, State.IDLE)
            counts = turn.before.misses, turn.before.unanswered, turn.before.timers
            same = (turn.after.misses, turn.after.unanswered, turn.after.timers) == counts
            nothing = same and not turn.actions
            require(nothing or not ignored, "rule 12: obeyed what was no command")
        if isinstance(turn.cause, Heard) and turn.command is None:
            require(not turn.actions, "obeyed a command that is not taken")

    # --- rules 4, 9, 13, 14: at all times ----------------------------------------------------

    def _always(self, turn: Turn) -> None:
        after = turn.after
        over = self.quitting and not after.queue
        require(Command.REPEAT in turn.accepts, "rule 14: no repeat")
        if turn.command is Command.REPEAT:
            require(turn.said, "rule 14: repeat says nothing")
        if after.queue or after.state is not State.IDLE:
            require(Command.STOP in turn.accepts, "rule 4: stop is not taken")
        if after.state is not State.IDLE and not over:
            require(after.queue or after.timers, f"rule 9: mute for ever in {after.state}")
        if over and after.state is State.LEAVING:
            require(self.warned or self.mute, "rule 3: ends in the pose without the warning")
        require(not (over and in_pose(after)), "rule 3: ends in the pose")
        if self.unanswered >= 3 and turn.cause is Timer.ANSWER and after.state in HELD:
            left = after.timers.get(Timer.END, float("inf")) - after.now
            require(left < CLOSING, "rule 9: three unanswered check-ins")
        self._breathing(turn)

    def _breathing(self, turn: Turn) -> None:
        before, after = turn.before.guidance, turn.after.guidance
        default = turn.after.settings.breathing or self.content.breathing.default
        if before.pattern != after.pattern:
            chosen = turn.command is Command.BREATHING or after.pattern == default
            require(chosen, "rule 13: another breathing that nobody chose")
        if turn.command is Command.START:
            require(after.pattern == default, "rule 13: the breathing of somebody else")
        for pattern in self.content.breathing.patterns.values():
            limit = pattern.at_most_cycles
            require(limit is None or after.cycles_spent <= limit, "four cycles at most")

    # --- rules 7, 9: the times ---------------------------------------------------------------

    def _times(self, session: Session) -> None:
        plan, timers, now = session.plan, session.timers, session.now
        inside = SHORTEST_HOLD - SECONDS_TO_SAY <= plan.seconds <= LONGEST_HOLD + SECONDS_TO_SAY
        require(inside, f"rule 7: a hold of {plan.seconds} s")
        if session.state in HELD:
            cap = self.hold_began + LONGEST_HOLD
            require(abs(timers.get(Timer.CAP, -1) - cap) < SECONDS_TO_SAY, "rule 7: another cap")
        if session.state is State.HOLD:
            ends = timers.get(Timer.END, float("inf"))
            require(abs(ends - plan.ends) < SECONDS_TO_SAY, "rule 9: no end")
            require(plan.ends <= plan.cap + SECONDS_TO_SAY, "rule 7: the end is after the cap")
            nearest = min(timers.get(Timer.CHECK_IN, plan.ends), plan.ends)
            gap = 60.0 if session.watchful else CHECK_IN_GAP
            soon = nearest - now <= gap + SECONDS_TO_SAY
            require(soon, f"rule 9: {nearest - now:.0f} s without a check-in")
            asks = min(timers.get(Timer.CHECK_IN, plan.ends), timers.get(Timer.CLOSING, plan.ends))
            comes = asks < plan.ends or plan.ends - now <= CLOSING + SECONDS_TO_SAY
            require(comes, "rule 9: the end comes without a check-in")
        if session.state is State.PAUSED:
            require(Timer.CHECK_IN in timers, "rule 9: a pause without check-ins")
        if session.state is State.SETUP and session.raised:
            cap = self.raised_at + LONGEST_SETUP
            require(timers.get(Timer.CAP, cap + 1) <= cap + SECONDS_TO_SAY, "rule 9: no set-up cap")
