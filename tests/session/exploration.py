"""The whole state space of the pure `Session`, explored breadth first with a model of its world.

**The world.** In every state that is reached: the line that sounds ends; a pending deadline fires,
though it may not be the next one; every command is given (with the details that make a difference:
lengths too small, usual and too big, breathing free, holding, limited and none); speech is
rejected; a voice begins; every fault comes; in HOLD time also passes silently to the next moment
at which a comparison of times changes. Each turn is judged by `oracle.Oracle`, and states are
merged under a finite key.

**What the key leaves out, and why that hides nothing.**

- *Texts and line ids.* The code asks a queued line only whether it is a safety line and whether it
  is a warning; the oracle also whether it may be said in this state. So a queue, and the `last`
  lines that "repeat" says, are kept as sequences of these classes. Equal neighbours count as one:
  ending one of several leaves the same key, so the shorter queue does all that the longer can.
- *Volume, slowness, rungs of the ladders, the talkativeness.* They choose between a few replies and
  nothing else; instead of being kept they take the values that make a difference in turn just
  before every move that reads them (an over-approximation: more is explored than can happen). So
  does the breathing pattern where cues are about to begin: one with cues, and one without.
- *What counts in another state only.* It is set anew on the way there (`_own`).
- *Whether the screening was passed, why it ended, how long it was held, the reason of a refusal,
  where it came from, how often a line was said.* Written or read at once, never compared later.
- *A lost speaker in HOLD and PAUSED.* Nothing there depends on it; that LEAVING is entered without
  one is the same as losing it at that moment, which is explored.
- *Times outside HOLD and PAUSED.* No comparison of times is made there except by deadlines: the key
  has which are pending. One whose place is not fixed (`FIXED`) may fire before every other.
- *Times in HOLD and PAUSED.* The key has the pending deadlines, and between which of the numbers
  that the code compares with the time left lies. Here one value stands for a range, and this is not
  a proof for every value in it; `test_every_change_of_the_hold_keeps_the_limits` tries the
  arithmetic on a grid of times besides.

**Bounds.** A person doesn't ask more while a queue of `PATIENCE` classes is waiting, except for
"stop" and symptoms, and devices don't fail more than that either, except for the order to end.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from itertools import groupby

from legsup_voice.content import Content, content
from legsup_voice.protocol.actions import Action, Say
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Began, Failed, Heard, LineEnded
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Plan, Session
from legsup_voice.session.settings import Settings
from legsup_voice.session.timers import Timer
from tests.session.oracle import Oracle
from tests.session.turn import HELD, WARNINGS, ViolationError, in_pose, require
from tests.session.world import (
    AROUND,
    FAULTS,
    PERSON,
    UNREFUSABLE,
    Move,
    Node,
    clone,
    talkative,
    tell,
    turn,
)

PATIENCE = 3
SECONDS_PER_WORD = 0.5
LEFT = (15.0, 20.0, 40.0, 60.0, 75.0)
"""Seconds left in a hold with which the code compares, but for the choice of a reply."""

LONGEST = 1200.0 + 600.0
"""Seconds: a hold after all the time that the set-up may take in the pose."""

LENGTHS = (60.0, 120.0, 150.0)
"""Lengths of a hold with which the code compares."""

IN_THE_KEY = frozenset(
    "state timers queue plan guidance question step raised exit_step misses unanswered "
    "awaiting watchful unwell steady mute ending last".split()
)
LEFT_OUT = frozenset(
    "settings content now passed refusal rungs held volume talk ended_by came_from _times_said "
    "_out".split()
)


@dataclass
class Explored:
    """What an exploration went through."""

    states: int = 0
    transitions: int = 0
    complete: bool = False
    nodes: dict[object, Node] = field(default_factory=dict)


# --- the key ---------------------------------------------------------------------------------


@cache
def _kind(line: str, state: State) -> tuple[object, ...]:
    """Return what code and oracle ask of a waiting line, or of one that may be repeated."""
    known = content().lines[line]
    fits = state is State.IDLE or not known.states or state in known.states
    short = state not in HELD or all(len(text.split()) <= 8 for text in known.say)
    return (known.safety, line if line in WARNINGS else line.startswith("stand."), fits, short)


def _kinds(says: list[Say], state: State) -> tuple[object, ...]:
    return tuple(kind for kind, _ in groupby(_kind(say.line, state) for say in says))


def _bucket(value: float, borders: tuple[float, ...]) -> int:
    return sum(value > border for border in borders)


def _plan(plan: Plan, session: Session) -> tuple[object, ...]:
    paused = session.state is State.PAUSED
    left = plan.remaining if paused else plan.ends - session.now
    capped = _bucket(plan.cap - session.now - left, (0.001, 60.0))
    return (_bucket(left, LEFT), _bucket(plan.seconds, LENGTHS), capped)


def key(node: Node) -> tuple[object, ...]:
    """Return what decides how `node` can go on; see the module."""
    session, state = node.session, node.session.state
    return (
        state,
        frozenset(session.timers),
        _kinds(session.queue, state),
        _kinds(session.last, state),
        session.mute and state not in HELD,
        session.ending,
        session.misses if session.misses < 3 else 3 + session.misses % 3,
        _own(session),
        node.oracle.key(state),
    )


def _own(session: Session) -> tuple[object, ...]:
    """Return what counts in this state only: it is set anew before another state reads it."""
    guidance = (session.guidance.waiting, session.guidance.guiding)
    match session.state:
        case State.SCREENING:
            return (session.question,)
        case State.SEATED:
            return guidance
        case State.SETUP:
            return (session.step, session.raised)
        case State.HOLD | State.PAUSED:
            told = (session.awaiting, session.watchful, min(session.unanswered, 3))
            return (*guidance, *told, *_plan(session.plan, session))
        case State.LEAVING:
            return (session.exit_step, session.unwell)
        case State.LYING | State.SIDE | State.SITTING | State.DONE:
            return (session.steady, session.awaiting)
        case _:
            return ()


def _taken(node: Node) -> Iterator[Move]:
    accepts = node.session.accepts
    patient = len(_kinds(node.session.queue, node.session.state)) < PATIENCE
    for move in PERSON:
        assert isinstance(move.event, Heard)
        if move.event.command in accepts and (patient or move.event.command in UNREFUSABLE):
            yield move
    yield from AROUND
    for move in FAULTS:
        if patient or move.event == Failed(Fault.TERMINATE):
            yield move


def _line_ends(node: Node, *, breathes: bool) -> tuple[str, Node]:
    session = node.session
    say = session.queue[0]
    spoken = SECONDS_PER_WORD * len(say.text.split())
    due = session.next_timer
    wait = spoken if due is None else min(spoken, max(0.0, (due - session.now) / 2))
    now = session.now + wait
    ended = LineEnded(say.line, now)

    def other_pattern(changed: Session) -> None:
        changed.guidance.pattern = "belly" if breathes else "none"

    return turn(
        node,
        f"{say.line} ends",
        lambda s: (ended, s.handle(ended, now)),
        other_pattern if session.guidance.waiting else None,
    )


def _lines_end(node: Node, *, breathes: bool) -> tuple[str, Node]:
    """Let lines end until that makes a difference: equal neighbours count as one."""
    here = key(node)
    name, node = _line_ends(node, breathes=breathes)
    while node.session.queue and key(node) == here:
        name, node = _line_ends(node, breathes=breathes)
    return name, node


FIXED = (Timer.HALFWAY, Timer.MINUTE_LEFT, Timer.CLOSING, Timer.END, Timer.CAP, Timer.REST)
"""Deadlines that come in a known order; any other may come before or after each of them."""


def _may_fire(session: Session) -> list[Timer]:
    fixed = [timer for timer in session.timers if timer in FIXED]
    first = min(fixed, key=session.timers.__getitem__, default=None)
    return [timer for timer in session.timers if timer is first or timer not in FIXED]


def _fire(node: Node, timer: Timer, talk: str | None = None) -> tuple[str, Node]:
    """Let `timer` be next: a fixed one in its time, another in its time or before a fixed one."""
    session = node.session
    early = timer not in FIXED and session.timers[timer] != session.next_timer
    now = session.now if early else max(session.now, session.timers[timer])

    def act(changed: Session) -> tuple[Timer, list[Action]]:
        for other, at in changed.timers.items():
            changed.timers[other] = max(at, now + 1e-6) if other is not timer else now
        return timer, changed.tick(now)

    return turn(node, f"{timer} fires", act, talkative(talk) if talk else None)


def _waits(node: Node) -> Iterator[tuple[str, Node]]:
    """Let time pass in silence to where a comparison of the time left changes."""
    session = node.session
    due = session.next_timer
    if session.state is not State.HOLD or session.queue or due is None:
        return
    left = session.plan.ends - session.now
    border = max((b for b in LEFT if b < left), default=0.0)
    if border > 0.0 and session.plan.ends - border < due:
        twin = clone(session)
        twin.now = session.plan.ends - border
        yield "wait", Node(twin, node.oracle)


def steps(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield everything that can happen next, judged."""
    session = node.session
    if node.oracle.quitting and not session.queue:
        return
    if session.queue:
        yield _lines_end(node, breathes=True)
        if session.guidance.waiting:
            yield _lines_end(node, breathes=False)
    for timer in _may_fire(session):
        if timer is Timer.REMINDER:
            yield _fire(node, timer, "less")
            yield _fire(node, timer, "more")
        else:
            yield _fire(node, timer)
    yield from _waits(node)
    for move in _taken(node):
        yield tell(node, move)


# --- the search ------------------------------------------------------------------------------


def beginning(settings: Settings, content: Content, *, interrupted: bool = False) -> Node:
    """Return the first state; switching on is judged too."""
    node = Node(Session(settings, content), Oracle(content))
    return tell(node, Move("began", Began(interrupted)))[1]


def explore(begin: list[Node], limit: int | None = None) -> Explored:
    """Go through everything that can follow `begin`, breadth first, at most `limit` states.

    Raises:
        ViolationError: a rule is broken; the message tells the way there.
    """
    nodes: dict[object, Node] = {key(node): node for node in begin}
    came: dict[object, tuple[object, str]] = {}
    waiting = deque(nodes)
    done = Explored(nodes=nodes)
    while waiting and (limit is None or len(nodes) < limit):
        here = waiting.popleft()
        try:
            for name, node in steps(nodes[here]):
                done.transitions += 1
                there = key(node)
                if there not in nodes:
                    nodes[there] = node
                    came[there] = (here, name)
                    waiting.append(there)
        except ViolationError as violation:
            raise ViolationError(f"{violation} after {way(came, here)}") from None
    done.states, done.complete = len(nodes), not waiting
    return done


def way(came: dict[object, tuple[object, str]], there: object) -> list[str]:
    """Return the names of the moves that led to `there`."""
    names: list[str] = []
    while there in came:
        there, name = came[there]
        names.append(name)
    return names[::-1]


def leave_in_silence(nodes: Iterable[Node]) -> int:
    """Let nobody say anything any more, from each of `nodes` in the pose; return their number.

    The oracle sees to it that a check-in comes before the end; here, that an end comes.

    Raises:
        ViolationError: the pose is not left by the way out, or not within the longest hold.
    """
    known: set[object] = set()
    posed = 0
    for node in nodes:
        posed += in_pose(node.session)
        passed: list[object] = []
        began = node.session.now
        while in_pose(node.session) and key(node) not in known:
            passed.append(key(node))
            node = _in_silence(node)
            require(len(passed) < 300, "rule 9: the pose is not left in silence")
            require(node.session.now - began <= LONGEST, "rule 9: the cap passes")
        known.update(passed)
    return posed


def _in_silence(node: Node) -> Node:
    """Let the next thing happen that needs nobody."""
    session = node.session
    due = session.next_timer
    if session.queue and (due is None or session.now + 4.0 < due):
        return _line_ends(node, breathes=False)[1]
    require(due is not None, "rule 9: nothing more happens in the pose")
    return _fire(node, min(session.timers, key=session.timers.__getitem__))[1]


def field_names() -> frozenset[str]:
    """Return everything that a session keeps."""
    return frozenset(kept.name for kept in fields(Session))


# --- the usual ways through a session --------------------------------------------------------

NO_TO_ALL = (Command.NO,) * 6
INTO_HOLD = (Command.START, *NO_TO_ALL, *(Command.NEXT,) * 10)
DOWN = (*(Timer.REST,) * 6, Command.NO, Timer.REST)
WAYS: tuple[tuple[Command | Timer, ...], ...] = (
    (*INTO_HOLD, Command.PAUSE, Timer.CHECK_IN, Command.RESUME, Command.TINGLING, Timer.END, *DOWN),
    (*INTO_HOLD, Command.DURATION, Command.STOP, Timer.REST, Timer.REST),
    (*INTO_HOLD, Command.SYMPTOM, *(Timer.REST,) * 4, Command.NEXT, *(Timer.REST,) * 2),
    (Command.START, Command.YES, Command.YES, Timer.END, Timer.REST),
    (Command.START, Command.NO, Timer.ANSWER, Timer.ANSWER, Timer.ANSWER),
)


def along(first: Node, moves: tuple[Command | Timer, ...]) -> Iterator[Node]:
    """Yield the states on a way: everything is said to its end before each move."""
    node = first
    yield node
    for move in moves:
        while node.session.queue:
            node = _line_ends(node, breathes=True)[1]
            yield node
        if isinstance(move, Command) and move in node.session.accepts:
            node = tell(node, Move(move, Heard(move, seconds=1200.0)))[1]
        elif isinstance(move, Timer) and move in node.session.timers:
            node = _fire(node, move)[1]
        else:
            return
        yield node
