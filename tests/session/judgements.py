"""Judgements of single turns that need no memory: symptoms, conditions, faults, lost lines."""

import re

from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard, Rejected
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.timers import Timer
from tests.session.turn import CONDITIONS, HELD, Turn, in_pose, require

ANSWERS = (Command.YES, Command.NO, Command.UNSURE, Command.NEXT)
EVERYTHING = frozenset(CONDITIONS)
NAMED = {
    "screening.blood_pressure": "treated",
    "screening.pregnancy": "pregnant",
    "screening.glaucoma": "glaucoma",
    "screening.pots": "pots",
    "screening.orthostatic_hypotension": "stand up",
    "screening.other": "reflux",
    "screening.all": "anything else",
}
"""The last word of what each question asks for."""

QUICKEST = 110 / 60
"""Words a second of our slowest speech: no word has been said before its time."""

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
SYMPTOM_REPLIES = re.compile(
    r"emergency\.half_sitting|exit\.(warning|short)|help\.(symptom|rest_now|sick|cramp|stuck)|lying\..*"
)
REASON = "refused.glaucoma"


def question_of(session: Session) -> str:
    """Return the line of the question that is open."""
    questions = session.handler.questions  # type: ignore[attr-defined]
    return str(questions[session.handler.place].line)


def named(session: Session, asked: bool) -> bool:
    """Return whether what the open question asks for has been said; `asked`: it was, to its end."""
    desk, line = session.desk, question_of(session)
    if asked or not desk.queue:
        return asked
    sounding, since = desk.queue[0], desk.sounding_since
    if sounding.line != line or since is None:
        return False
    text = sounding.text.lower()
    words = text[: text.index(NAMED[line]) + len(NAMED[line])].split()
    return (desk.now - since) * QUICKEST >= len(words) - 1e-9


def asked_for(session: Session) -> frozenset[str]:
    """Return what a "no" to the open question clears."""
    line = question_of(session)
    return EVERYTHING if line == "screening.all" else frozenset({line.split(".")[1]})


def says_in_place(turn: Turn) -> bool:
    """Return whether somebody answers a step in the pose, and not a choice, with "next"."""
    handler = turn.before.handler
    last = len(turn.before.desk.content.setup.steps)
    done = {Command.NEXT, Command.YES, Command.RESUME, Command.START}
    skips = turn.command is Command.SKIP and handler.place == last
    return not handler.asks and (turn.command in done or skips)


def symptom(turn: Turn, unwell: bool) -> None:
    """Judge rule 6: symptoms are taken, answered at once, and never lead back."""
    require({Command.SYMPTOM, Command.CONDITION} <= turn.accepts, "rules 2, 6: not taken")
    before, after = turn.before, turn.after
    if turn.command is Command.SYMPTOM and not turn.symptom:
        require(turn.said and turn.said[0].line == "help.unwell", "rule 6: help is not asked about")
        require(
            after.state is before.state and not in_pose(before), "rule 6: only asked in the pose"
        )
    declines = turn.command is Command.NO and not turn.clear_no
    if declines and before.handler.doubtful and not turn.symptom:
        require(turn.said and turn.said[0].line == "help.unwell", "rule 6: taken to be well")
    if turn.symptom:
        target = AFTER_SYMPTOM.get(before.state, State.IDLE)
        if turn.emergency and before.state is State.SCREENING:
            target = State.IDLE  # nobody is offered anything else now
        if in_pose(before):
            target = State.LEAVING
        require(after.state is target, f"rule 6: symptom leads to {after.state}")
        script = {"emergency.call", "emergency.answer"}
        replies = [say for say in turn.said if say.line not in script]
        require(replies and SYMPTOM_REPLIES.fullmatch(replies[0].line), "rule 6: no reply")
        require(after.desk.queue[0] is turn.said[0], "rule 6: a symptom waits")
    if unwell and before.state is State.LEAVING:
        require(after.state in (State.LEAVING, State.LYING), "rule 6: lie down first")
    if before.state is State.LYING and after.state is not State.LYING:
        require(turn.command in (Command.YES, Command.NEXT), "rule 6: up without being better")
    sits = before.state is State.SITTING
    if sits and after.state is State.DONE:
        clear = turn.clear_no or turn.command is Command.NEXT
        given_up = any(say.line == "done.unanswered" for say in turn.said)  # see rule 18
        require(clear or given_up, "rule 6: up without a clear answer")
    asked = sits and vars(before.handler)["asked"] and not vars(before.handler)["calling"]
    if asked and turn.command in (Command.YES, Command.UNSURE):
        require(after.state is State.LYING, "rule 6: dizzy while sitting")


def help_comes(turn: Turn) -> None:
    """Judge rule 17: who says that help is coming stays where they are.

    Who says that it isn't hears at once that they should call; who is better, to see a doctor,
    unless they were asked and so go on.
    """
    before = turn.before
    called = Timer.EMERGENCY in before.desk.timers and not before.in_pose
    reply = {
        Command.YES: "emergency.wait",
        Command.NEXT: "emergency.passed",
        Command.NO: "emergency.call",
        Command.UNSURE: "emergency.call",
    }.get(turn.command or Command.STOP)
    better = turn.command is Command.NEXT and turn.states == [State.SIDE]
    if called and reply and not before.handler.doubtful and not better:
        require(turn.after.state is before.state, "rule 17: in an emergency, and it goes on")
        waiting = [say.line for say in turn.after.desk.queue]
        require(reply in waiting, "rule 17: no reply")
    waits = before.desk.visit.help_coming and before.state is State.LYING
    if waits and turn.command is Command.YES:
        require(turn.after.state is State.LYING, "rule 17: help is coming, and it goes on")


def condition(turn: Turn) -> None:
    """Judge rule 2: a condition is recognised at any time, and the reason is said."""
    if turn.command is not Command.CONDITION:
        return
    assert isinstance(turn.cause, Heard)
    state = turn.before.state
    said = [say.line for say in turn.said]
    glaucoma = turn.cause.condition == "glaucoma"
    if in_pose(turn.before):
        require(turn.after.state is State.LEAVING, "rule 2: a condition in the pose")
        require(not glaucoma or REASON in said, "rule 2: left without the reason")
    elif state in (State.IDLE, State.SCREENING, State.SETUP, State.REFUSED):
        require(turn.after.state is State.REFUSED, "rule 2: a condition before the pose")
    if State.REFUSED in turn.states and glaucoma:
        require(said[0] == REASON, "rule 2: another reason")


def faults(turn: Turn) -> None:
    """Judge rules 11 and 12, and that what is no command changes nothing."""
    before, after = turn.before, turn.after
    if turn.fault is Fault.MICROPHONE_LOST:
        said = any(say.line == "fault.microphone" for say in turn.said)
        require(said, "rule 11: the lost microphone is not said")
        require(not in_pose(after) or after.state in HELD, "rule 11: waits in set-up")
    if turn.fault is not None and before.state is after.state:
        kept = {Timer.END, Timer.CAP} & before.desk.timers.keys()
        same = all(after.desk.timers.get(t) == before.desk.timers[t] for t in kept)
        require(same or after.ending, "rule 11: a fault moved the end")
    if turn.fault is Fault.TERMINATE and in_pose(before):
        require(after.state is State.LEAVING, "rule 3: asked to end in the pose")
    if isinstance(turn.cause, Rejected):
        _rejected(turn, turn.cause.why)
    if isinstance(turn.cause, Heard) and turn.command is None:
        require(not turn.actions, "obeyed a command that is not taken")


def _rejected(turn: Turn, why: str) -> None:
    before, after = turn.before, turn.after
    marks = {Timer.SPOKEN, Timer.HINTED}
    timers = [{t: at for t, at in s.desk.timers.items() if t not in marks} for s in (before, after)]
    if why == "own voice":
        require(not turn.actions and timers[0] == timers[1], "rule 12: obeyed its own voice")
    elif before.state in (*HELD, State.IDLE) and not before.handler.doubtful:
        hints = {"idle.hint", "hold.hint"}
        only = {say.line for say in turn.said} <= hints and len(turn.actions) == len(turn.said)
        require(only and timers[0] == timers[1], "rule 12: obeyed what was no command")
        again = Timer.SPOKEN in before.desk.timers and Timer.HINTED not in before.desk.timers
        if before.state in HELD:
            require(again == bool(turn.said), "section 1: spoke twice and was left without a word")


def lost(turn: Turn) -> None:
    """Judge rule 16: a safety line that was lost is said again, before what waits."""
    if turn.lost is None or turn.before.desk.losses >= 5:
        return
    first = turn.before.desk.queue[0]
    if first.safety and turn.lost >= 0.25 and turn.before.handler.fits(first):
        again = turn.after.desk.queue
        require(again and again[0] == first and first in turn.actions, "rule 16: not said again")
        require(turn.after.state is turn.before.state, "rule 16: goes on past what nobody heard")
