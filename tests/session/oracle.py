"""The safety rules as an oracle that is independent of the code: it watches a session's turns.

`Oracle.watch` is given each turn (the session before, the event or deadline, the actions, the
session after) and raises `ViolationError` naming the rule of the product's section 4 that was
broken. What the oracle remembers between turns is small and finite, so that it can be part of the
key under which the exploration merges states.
"""

from dataclasses import dataclass, field

from legsup_voice.content import Content
from legsup_voice.protocol.actions import Breathe, Enter, Hush, Quit, Say, StopBreathing
from legsup_voice.protocol.choices import Talk
from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.protocol.events import Began, LineEnded, Rejected
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.timers import Timer
from tests.session import judgements
from tests.session.turn import HELD, SAFETY_LINES, WARNINGS, Turn, copy_of, in_pose, require

LEAST_REST = 30.0
LONGEST_HOLD = 1200.0
SHORTEST_HOLD = 30.0
LONGEST_SETUP = 600.0
CHECK_IN_GAP = 400.0
CLOSING = 20.0
PASS_COUNTS = 600.0
TAKEN_BACK = 10.0
MOST_REPEATS = 5
"""So often is a line said again whose sound was lost; one that loses every line is given up."""

LOUDEST_CALL = 4
MOST_CALLS = 15
"""The fifth call is as loud as calls get; after the fifteenth half an hour has passed."""

ENDS_EMERGENCY = {
    *(Command.YES, Command.NEXT, Command.STOP, Command.QUIT),
    *(Command.CONDITION, Command.START, Command.SAME),
}
"""What answers the emergency script; in the pose nothing does, and "no" brings it at once."""

RAISING = "setup.legs"
SECONDS_TO_SAY = 0.001
LONG_AGO = -1e9

MAY_FOLLOW = {
    State.IDLE: {State.SCREENING, State.REFUSED, State.LEAVING, State.SETUP},
    State.SCREENING: {State.SETUP, State.REFUSED, State.IDLE},
    State.REFUSED: {State.SEATED, State.IDLE},
    State.SEATED: {State.DONE, State.LYING},
    State.SETUP: {State.HOLD, State.IDLE, State.REFUSED, State.LEAVING},
    State.HOLD: {State.PAUSED, State.LEAVING},
    State.PAUSED: {State.HOLD, State.LEAVING},
    State.LEAVING: {State.SIDE, State.LYING, State.HOLD},
    State.LYING: {State.SIDE},
    State.SIDE: {State.SITTING, State.LYING, State.LEAVING},
    State.SITTING: {State.DONE, State.LYING, State.LEAVING},
    State.DONE: {State.IDLE, State.LYING},
}
"""The product's table of states, written down a second time."""

MAY_CUT_SAFETY = {Command.STOP, Command.QUIT, Command.SYMPTOM}
FAULTS_THAT_MAY_CUT = {Fault.TERMINATE, Fault.SPEAKER_BACK, Fault.SPEAKER_LOST}


def called(calls: int) -> int:
    """Return what of a number of calls makes a difference: those between do the same."""
    return calls if calls in (*range(LOUDEST_CALL), MOST_CALLS) else LOUDEST_CALL


@dataclass
class Oracle:
    """What has to be remembered to judge the next turn."""

    content: Content
    answered: frozenset[str] = frozenset()
    asked: str = ""
    """The question that was heard to its end, while it is open."""

    unclear: int = 0
    cleared: bool = False
    passed_at: float = LONG_AGO
    unwell: bool = False
    lain: bool = False
    """Somebody who was unwell has lain until it passed."""

    barred: bool = False
    warned: bool = False
    mute: bool = False
    quitting: bool = False
    unanswered: int = 0
    rested: bool = False
    questioned: bool = False
    """A check-in has been said, and nothing heard since."""

    owed: bool = False
    """A hold ended without an answer: its sleeper is to be called."""

    calls: int = 0
    emergency: bool = False
    stopped_at: float = LONG_AGO
    entered: dict[State, float] = field(default_factory=dict)
    raised_at: float = 0.0
    doubted: bool = False
    """Somebody was asked whether they are unwell, and hasn't answered."""

    in_place: bool = False
    """A step in the pose was answered with "next" or the like."""

    def copy(self) -> "Oracle":
        """Return an independent copy."""
        twin = copy_of(self)
        twin.entered = dict(self.entered)
        return twin

    def key(self, session: Session) -> tuple[object, ...]:
        """Return what the next judgements depend on; for times see `exploration`."""
        state, now = session.state, session.desk.now
        mine: tuple[object, ...] = ()
        match state:
            case State.IDLE:
                mine = (now - self.passed_at < PASS_COUNTS,)
            case State.SCREENING:
                mine = (self.answered, self.unclear, self.asked, self.doubted)
            case State.SETUP:
                passed = now - self.passed_at < PASS_COUNTS
                mine = (self.cleared, self.unwell, self.barred, passed, self.in_place)
            case State.HOLD | State.PAUSED:
                mine = (self.cleared, self.unwell, self.barred, self.unanswered, self.questioned)
            case State.LEAVING:
                back = now - self.stopped_at <= TAKEN_BACK
                barred = back and self.barred  # without a way back nothing asks for it any more
                unwell = self.unwell and not self.lain
                mine = (unwell, barred, self.warned, self.owed, back, called(self.calls))
            case State.SIDE | State.SITTING | State.DONE:
                mine = (self.owed, called(self.calls), self.lain)
        emergency = self.emergency and not session.ending
        return (self.mute and state not in HELD, self.quitting, emergency, *mine)

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
        self._doubt(turn)
        judgements.symptom(turn, self.unwell and not self.lain)
        judgements.help_comes(turn)
        judgements.condition(turn)
        judgements.faults(turn)
        judgements.lost(turn)
        self._emergency(turn)
        self._sleeper(turn)
        self._always(turn)
        self._breathing(turn)
        self._times(turn.after)

    def _remember(self, turn: Turn) -> None:
        now, command = turn.after.desk.now, turn.command
        if turn.symptom:
            self.unwell, self.lain = True, False
        if command is Command.CONDITION or turn.symptom:
            self.barred |= command is Command.CONDITION
            self.passed_at = LONG_AGO
        if command in (Command.START, Command.SAME) and turn.before.state is State.IDLE:
            self.unwell = self.barred = self.cleared = self.lain = False
        if command is not None or turn.before.state not in HELD:
            self.unanswered = 0
        elif turn.cause is Timer.ANSWER:
            self.unanswered = min(3, self.unanswered + 1)
        stops = command in (Command.STOP, Command.QUIT)
        if stops and (turn.before.state in HELD or now - self.stopped_at <= TAKEN_BACK):
            self.stopped_at = now
        elif stops or command is Command.CONDITION or turn.symptom:
            self.stopped_at = LONG_AGO
        if turn.before.state is State.SETUP and in_pose(turn.before):
            self.in_place |= judgements.says_in_place(turn)
        if turn.fault is Fault.SPEAKER_LOST:
            self.mute = True
        if turn.fault is Fault.SPEAKER_BACK:
            self.mute = False
        self.quitting |= any(isinstance(action, Quit) for action in turn.actions)

    # --- rules 1, 3, 5, 6, 7: what follows what --------------------------------------------

    def _states(self, turn: Turn) -> None:
        state, now = turn.before.state, turn.after.desk.now
        for follows in turn.states:
            start = follows is State.IDLE and state is State.IDLE
            require(start or follows in MAY_FOLLOW[state], f"table: {state} -> {follows}")
            self._entered(state, follows, now, turn)
            self.entered[follows] = now
            state = follows
        require(state is turn.after.state, "a state was entered unsaid")
        if turn.after.desk.visit.raised and not turn.before.desk.visit.raised:
            self.raised_at = now

    def _entered(self, before: State, state: State, now: float, turn: Turn) -> None:
        match state:
            case State.SCREENING:
                self.answered, self.unclear, self.asked = frozenset(), 0, ""
            case State.SETUP:
                if before is State.IDLE:
                    soon = now - self.passed_at < PASS_COUNTS
                    require(soon, "rule 1: set-up without a screening passed just before")
                else:
                    everything = self.answered == judgements.EVERYTHING
                    require(everything, "rule 1: set-up without every answer")
                self.cleared, self.in_place = True, False
            case State.IDLE if before is State.SETUP and not (self.unwell or self.barred):
                broken_off = turn.fault in (None, Fault.MICROPHONE_LOST)
                if broken_off and turn.before.handler.came_from is State.SCREENING:
                    self.passed_at = now
            case State.HOLD:
                self._entered_hold(before, now, turn)
            case State.LEAVING:
                self.warned = self.rested = False
                self.calls = 0
                self.owed = turn.command is None and turn.fault is None and self.questioned
            case State.SIDE:
                self.lain |= before is State.LYING
            case State.SITTING:
                self.rested = now - self.entered[State.SIDE] >= LEAST_REST - SECONDS_TO_SAY
                require(self.rested, "rule 5: sits before the rest on the side")
            case State.DONE if before is State.SITTING:
                waited = now - self.entered[State.SITTING]
                require(waited >= LEAST_REST - SECONDS_TO_SAY, "rule 5: done before the sitting")

    def _entered_hold(self, before: State, now: float, turn: Turn) -> None:
        require(self.cleared, "rule 1: HOLD without a passed screening")
        require(not self.unwell, "rule 6: HOLD after a symptom")
        require(not self.barred, "rule 2: HOLD after a condition was named")
        if before is State.SETUP:
            require(not self.mute, "rule 11: HOLD begins without a speaker")
            require(self.in_place, "section 1: HOLD before anybody said that they are in place")
        if before is State.LEAVING:
            soon = now - self.stopped_at <= TAKEN_BACK and turn.command is Command.RESUME
            require(soon, "section 1: only a stop can be taken back, and for 10 s")
            self.owed = False

    # --- rules 1, 5, 14, 15: what is said where ----------------------------------------------

    def _lines(self, turn: Turn) -> None:
        state = turn.before.state
        steps = [step.line for step in self.content.setup.steps]
        raising = (*steps[steps.index(RAISING) :], "setup.ready")
        for action in turn.actions:
            if isinstance(action, Enter):
                state = action.state
            if isinstance(action, Say):
                self._line(action, state, turn)
                if action.line in (*steps[2:], *raising):
                    require(self.cleared, "rule 1: a step past the second")
                if action.line in raising:
                    require(turn.after.desk.visit.raised, "rule 3: legs up and not in the pose")
            if isinstance(action, Breathe):
                require(state in (State.HOLD, State.SEATED), f"breathing cues in {state}")
                if state is State.SEATED:
                    holds = any(phase.cue == "hold" for phase in action.breathing.phases)
                    require(not holds, "rule 13: breath held after a refusal")

    def _line(self, say: Say, state: State, turn: Turn) -> None:
        line = self.content.lines[say.line]
        require(say.safety == line.safety, f"rule 14: {say.line} lost its safety")
        if SAFETY_LINES.fullmatch(say.line):
            require(say.safety, f"rule 14: {say.line} is no safety line")
        if state in HELD:
            require(len(say.text.split()) <= 8, f"long in {state}: {say.text}")
        require(not line.states or state in line.states, f"{say.line} in {state}")
        if say.line.startswith("stand."):
            require(state is State.DONE, f"rule 5: stand in {state}")
            require(self.rested, "rule 5: stand without the rests")
            answered = turn.command is not None or turn.lost is not None
            require(answered, "rule 5: stand without an answer")

    # --- rule 1 ------------------------------------------------------------------------------

    def _screening(self, turn: Turn) -> None:
        before = turn.before
        if before.state is not State.SCREENING:
            return
        line = judgements.question_of(before)
        if isinstance(turn.cause, LineEnded) and turn.cause.line == line:
            self.asked = line
        if self.doubted and turn.command in (None, *judgements.ANSWERS):
            return  # it says nothing of the question
        missed = turn.cause is Timer.ANSWER or (
            isinstance(turn.cause, Rejected)
            and turn.cause.why != "own voice"
            and Timer.ANSWER in before.desk.timers
        )
        self.unclear += missed
        named = judgements.named(before, self.asked == line)
        self.unclear += named and turn.command is Command.NO and not turn.clear_no
        if turn.clear_no and named:
            self.answered |= judgements.asked_for(before)
        anew = turn.command is Command.MORE and line == "screening.all"
        if anew:
            self.answered = frozenset()
        if anew or turn.command is Command.BACK or (turn.clear_no and named):
            self.unclear, self.asked = 0, ""
        answered = turn.command in (Command.YES, Command.UNSURE) and named
        if answered or self.unclear >= 3:
            require(turn.after.state is State.REFUSED, "rule 1: yes, unsure or nothing passes")

    def _doubt(self, turn: Turn) -> None:
        """Remember whether somebody still has to say that they are well."""
        asked = turn.lost is None and any(say.line == "help.unwell" for say in turn.said)
        over = turn.command in (*judgements.ANSWERS, Command.STOP, Command.QUIT)
        if over or turn.states or turn.symptom:
            self.doubted = False
        self.doubted |= asked

    # --- rules 3, 4, 10 ----------------------------------------------------------------------

    def _warning(self, turn: Turn) -> None:
        queue = turn.after.desk.queue
        if in_pose(turn.before) and not in_pose(turn.after):
            require(turn.states[:1] == [State.LEAVING], "rule 3: another way out of the pose")
        if turn.cause == Began(interrupted=True):
            require(turn.after.state is State.LEAVING, "rule 10: no warning after a break")
        if turn.states and turn.states[-1] is State.LEAVING:
            said = [say.line for say in turn.said]
            first = 1 if said[:1] == ["emergency.call"] else 0
            require(said[first:], "rule 3: nothing said on leaving")
            require(said[first] == "exit.warning", "rule 3: the warning is not first")
            require(queue[0] is turn.said[0], "rules 3, 10: something before the warning")
        if isinstance(turn.cause, LineEnded) and turn.cause.line in WARNINGS and not self.mute:
            heard = turn.cause.lost == 0 or turn.before.desk.losses >= MOST_REPEATS
            self.warned |= turn.before.state is State.LEAVING and heard
        if turn.before.state is State.LEAVING and turn.after.state not in (State.LEAVING, *HELD):
            require(self.warned, "rule 3: down without the warning heard")
        if turn.fault is Fault.SPEAKER_BACK and turn.before.state is State.LEAVING:
            require(queue[0].line in WARNINGS, "rule 11: the warning again")
            self.warned = False
        if turn.after.state is State.LEAVING and not self.warned and not self.mute:
            waiting = [say.line for say in queue if say.line != "emergency.call"]
            require(
                waiting[:1] and waiting[0] in WARNINGS,
                "rules 3, 4: the warning is neither said nor being said",
            )

    def _stop(self, turn: Turn) -> None:
        queue = turn.before.desk.queue
        cuts = [action for action in turn.actions if isinstance(action, Hush)]
        fits = turn.before.handler.fits
        if cuts and any(say.safety and fits(say) for say in queue) and turn.lost is None:
            may = turn.command in MAY_CUT_SAFETY or turn.fault in FAULTS_THAT_MAY_CUT
            doubt = turn.before.handler.doubtful
            leaves = State.LEAVING in turn.states  # the warning comes first
            back = turn.before.state is State.LEAVING and turn.after.state is State.HOLD
            require(may or doubt or leaves or back, "rule 14: a safety line was cut")
        if turn.command not in (Command.STOP, Command.QUIT):
            return
        if queue:
            shortest = [say.line for say in queue] == ["exit.short"]
            first = turn.actions[:3]
            require(shortest or any(isinstance(a, Hush) for a in first), "rule 4: still sounding")
        leaving = turn.before.state is turn.after.state is State.LEAVING
        if leaving and queue and not self.mute:
            require(turn.after.desk.queue, "rule 16: stop takes a step of the way down away")
        if turn.before.desk.visit.guidance.guiding:
            stops = any(isinstance(action, StopBreathing) for action in turn.actions)
            require(stops, "rule 4: the cues go on")
        if in_pose(turn.before):
            require(turn.after.state is State.LEAVING, "stop does not leave the pose")

    # --- rules 17 and 18 ---------------------------------------------------------------------

    def _emergency(self, turn: Turn) -> None:
        if turn.command in ENDS_EMERGENCY and not turn.before.in_pose:
            self.emergency = False
        if turn.emergency:
            self.emergency = True
            require(turn.said[:1] and turn.said[0].line == "emergency.call", "rule 17: not first")
            require(turn.said[0].gain_db > 0, "rule 17: not loud")
        if turn.cause is Timer.EMERGENCY:
            require(turn.said[:1] and turn.said[0].line == "emergency.call", "rule 17: not again")
        if self.emergency and not self.quitting and not turn.after.ending:
            due = turn.after.desk.timers.get(Timer.EMERGENCY, 1e9) - turn.after.desk.now
            require(due <= 60.0 + SECONDS_TO_SAY, "rule 17: not said again within a minute")

    def _sleeper(self, turn: Turn) -> None:
        asked = {"hold.closing", "hold.checkin", "hold.better"}
        if turn.command is not None:
            self.questioned = self.owed = False
            self.calls = 0
        elif any(say.line in asked for say in turn.said):
            self.questioned = True
        if turn.before.state is State.SITTING and turn.cause is Timer.ANSWER:
            self.owed |= not turn.before.handler.doubtful and not turn.said
        for say in turn.said:
            asked_again = isinstance(turn.cause, Rejected) or turn.lost is not None
            if say.line == "exit.are_you_down" and turn.command is None and not asked_again:
                require(self.calls < MOST_CALLS, "rule 18: called for ever")
                louder = min(12.0, 3.0 * self.calls)
                require(say.gain_db == louder, "rule 18: the call isn't louder than the one before")
                self.calls += 1
        if self.owed and not turn.after.ending and not self.quitting:
            require(turn.after.in_pose or turn.after.state is State.DONE, "a sleeper is forgotten")
            if turn.after.state in (State.SIDE, State.SITTING):
                timers = turn.after.desk.timers
                comes = timers.keys() & {Timer.CALL, Timer.ANSWER} or turn.after.desk.queue
                enough = self.calls >= MOST_CALLS
                require(comes or enough, "rule 18: nobody calls the sleeper")
        if self.owed and State.DONE in turn.states:
            require(self.calls >= MOST_CALLS, "rule 18: let go in silence")
            said = {say.line for say in turn.said}
            require("done.unanswered" in said, "rule 18: nothing said to the sleeper")
            require("done.close" not in said, "rule 18: well rested to one who hasn't answered")

    # --- rules 4, 9, 13, 14: at all times ----------------------------------------------------

    def _always(self, turn: Turn) -> None:
        after, queue = turn.after, turn.after.desk.queue
        over = self.quitting and not queue
        require(Command.REPEAT in turn.accepts, "rule 14: no repeat")
        if turn.command is Command.REPEAT:
            require(turn.said, "rule 14: repeat says nothing")
        if queue or after.state is not State.IDLE:
            require(Command.STOP in turn.accepts, "rule 4: stop is not taken")
        if after.state is not State.IDLE and not over:
            waits = after.desk.timers.keys() - {Timer.SPOKEN, Timer.HINTED, Timer.TAKE_BACK}
            require(queue or waits, f"rule 9: mute for ever in {after.state}")
        if over and after.state is State.LEAVING:
            require(self.warned or self.mute, "rule 3: ends in the pose without the warning")
        require(not (over and in_pose(after)), "rule 3: ends in the pose")
        if self.unanswered >= 3 and turn.cause is Timer.ANSWER and after.state in HELD:
            left = after.desk.timers.get(Timer.END, float("inf")) - after.desk.now
            require(left < CLOSING, "rule 9: three unanswered check-ins")

    def _breathing(self, turn: Turn) -> None:
        before, after = turn.before.desk.visit.guidance, turn.after.desk.visit.guidance
        settings = turn.after.desk.settings
        usual = {settings.breathing or self.content.breathing.default}
        asked = turn.command is Command.SAME
        if settings.last is not None and (asked or settings.breathing is None):
            usual.add(settings.last.pattern)
        if before.pattern != after.pattern:
            chosen = turn.command is Command.BREATHING or after.pattern in usual
            reset = State.SEATED in turn.states and after.pattern is Pattern.BELLY
            unheld = turn.after.desk.visit.barred and after.pattern is Pattern.BELLY
            require(chosen or reset or unheld, "rule 13: another breathing that nobody chose")
        if turn.command is Command.START and turn.before.state is State.IDLE:
            unheld = turn.after.desk.visit.barred and after.pattern is Pattern.BELLY
            require(after.pattern in usual or unheld, "rule 13: the breathing of somebody else")
        if turn.after.state in (State.HOLD, State.SEATED) and turn.after.desk.visit.barred:
            holds = any(
                phase.cue == "hold"
                for action in turn.actions
                if isinstance(action, Breathe)
                for phase in action.breathing.phases
            )
            require(not holds, "rule 13: breath held after a refusal or a symptom")
        for pattern in self.content.breathing.patterns.values():
            limit = pattern.at_most_cycles
            require(limit is None or after.cycles_spent <= limit, "four cycles at most")

    # --- rules 7, 9: the times ---------------------------------------------------------------

    def _times(self, session: Session) -> None:
        desk, now = session.desk, session.desk.now
        plan, timers, visit = desk.visit.plan, desk.timers, desk.visit
        inside = SHORTEST_HOLD - SECONDS_TO_SAY <= plan.seconds <= LONGEST_HOLD + SECONDS_TO_SAY
        require(inside, f"rule 7: a hold of {plan.seconds} s")
        if session.state in HELD:
            cap = self.raised_at + LONGEST_HOLD
            require(abs(timers.get(Timer.CAP, -1) - cap) < SECONDS_TO_SAY, "rule 7: another cap")
        if session.state is State.HOLD:
            ends = timers.get(Timer.END, float("inf"))
            require(abs(ends - plan.ends) < SECONDS_TO_SAY, "rule 9: no end")
            require(plan.ends <= plan.cap + SECONDS_TO_SAY, "rule 7: the end is after the cap")
            silent = desk.wishes.talk is Talk.LESS and visit.guidance.pattern is Pattern.NONE
            nearest = min(timers.get(Timer.CHECK_IN, plan.ends), plan.ends)
            gap = 60.0 if visit.watchful else CHECK_IN_GAP
            soon = nearest - now <= gap + SECONDS_TO_SAY or (silent and not visit.watchful)
            require(soon, f"rule 9: {nearest - now:.0f} s without a check-in")
            asks = min(timers.get(Timer.CHECK_IN, plan.ends), timers.get(Timer.CLOSING, plan.ends))
            comes = asks < plan.ends or plan.ends - now <= CLOSING + SECONDS_TO_SAY
            require(comes, "rule 9: the end comes without a check-in")
        if session.state is State.PAUSED:
            require(Timer.CHECK_IN in timers, "rule 9: a pause without check-ins")
        if session.state is State.SETUP and visit.raised:
            cap = self.raised_at + LONGEST_SETUP
            require(timers.get(Timer.CAP, cap + 1) <= cap + SECONDS_TO_SAY, "rule 9: no set-up cap")
