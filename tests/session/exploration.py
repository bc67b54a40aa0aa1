"""The whole state space of the pure `Session`, explored breadth first with a model of its world.

**The world.** In every state that is reached: the line that sounds ends; a pending deadline fires,
though it may not be the next one; every command is given (with the details that make a difference:
lengths too small, usual and too big, breathing free, holding, limited and none); speech is
rejected; a voice begins; every fault comes; in HOLD time also passes silently to the next moment
at which a comparison of times changes. Each turn is judged by `oracle.Oracle`, and states are
merged under a finite key.

**What the key leaves out, and why that hides nothing.**

- *Texts and line ids.* The code asks a queued line only whether it is a safety line, whether it is
  a warning, and whether it is the question that is open; the oracle also whether it may be said in
  this state. So a queue is kept as a sequence of these classes. Equal neighbours count as one:
  ending one of several leaves the same key, so the shorter queue does all that the longer can;
  where the code counts the queue, so does the key. What "repeat" says again was, before every
  "repeat", what was really said last, nothing, and one line of each class that fits the state.
- *Volume, slowness, rungs of the ladders, how far a scan is, how long a question has sounded, how
  often a line was lost, who spoke lately.* They choose between a few replies and nothing else;
  instead of being kept they take the values that make a difference in turn just before every move
  that reads them (an over-approximation: more is explored than can happen).
- *What counts in another state only.* It is set anew on the way there (`_own`). What a handler
  remembers is in the key without exception: a handler is made new when its state is entered.
- *Why it ended, how long it was held, the reason of a refusal, how often a line was said.* Written
  or read at once, never compared later.
- *A lost speaker in HOLD and PAUSED.* Nothing there depends on it; that LEAVING is entered without
  one is the same as losing it at that moment, which is explored.
- *Times outside HOLD and PAUSED.* No comparison of times is made there except by deadlines, and
  whether a screening still counts: the key has which are pending. One whose place is not fixed
  (`FIXED`) may fire before every other.
- *Times in HOLD and PAUSED.* The key has the pending deadlines, and between which of the numbers
  that the code compares with the time left lies. Here one value stands for a range, and this is not
  a proof for every value in it; `test_every_change_of_the_hold_keeps_the_limits` tries the
  arithmetic on a grid of times besides.

**Bounds.** A person doesn't ask more while a queue of `PATIENCE` classes is waiting, except for
"stop" and symptoms, and devices don't fail more than that either, except for the order to end.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import TypeAlias

from legsup_voice.content import Content, content
from legsup_voice.protocol.actions import Action
from legsup_voice.protocol.choices import Talk
from legsup_voice.protocol.commands import Command, Pattern, Symptom
from legsup_voice.protocol.events import Began, Failed, Heard, LineEnded
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session.desk import Again
from legsup_voice.session.session import Session
from legsup_voice.session.settings import Settings
from legsup_voice.session.timers import Timer
from legsup_voice.session.visit import Plan
from tests.session.oracle import LOUDEST_CALL, MOST_CALLS, Oracle, called
from tests.session.turn import HELD, WARNINGS, ViolationError, in_pose, require
from tests.session.world import (
    AROUND,
    FAULTS,
    PEOPLE,
    PERSON,
    UNREFUSABLE,
    WISHES,
    Move,
    Node,
    Prepare,
    also,
    clone,
    last_question,
    tell,
    turn,
)

PATIENCE = 2
SECONDS_PER_WORD = 0.5
LEFT = (15.0, 20.0, 40.0, 60.0, 75.0)
"""Seconds left in a hold with which the code compares, but for the choice of a reply."""

LONGEST = 1200.0 + 600.0
"""Seconds: a hold after all the time that the set-up may take in the pose."""

LENGTHS = (60.0, 120.0, 150.0)
"""Lengths of a hold with which the code compares."""

NOT_IN_THE_KEY = frozenset({"desk", "came_from", "ladder", "scanned", "waits"})
"""Of what a handler remembers: the key has its own parts for these, or they choose replies only."""

FEW_WAITS = 2
"""How many waits are left makes no difference as long as it isn't the last."""

FAR = frozenset({Timer.SPOKEN, Timer.HINTED})
"""Marks that every move which reads them sets."""


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
    fits = not known.states or state in known.states
    short = state not in HELD or all(len(text.split()) <= 8 for text in known.say)
    asked = line if line in WARNINGS else line.startswith("stand.")
    return (known.safety, asked, fits, short)


def _kinds(lines: Iterable[str], state: State) -> tuple[object, ...]:
    return tuple(kind for kind, _ in groupby(_kind(line, state) for line in lines))


def _bucket(value: float, borders: tuple[float, ...]) -> int:
    return sum(value > border for border in borders)


def _plan(plan: Plan, session: Session) -> tuple[object, ...]:
    left = plan.left(session.desk.now)
    capped = _bucket(plan.cap - session.desk.now - left, (0.001, 60.0))
    return (_bucket(left, LEFT), _bucket(plan.seconds, LENGTHS), capped)


def key(node: Node) -> tuple[object, ...]:
    """Return what decides how `node` can go on; see the module."""
    session, state, desk = node.session, node.session.state, node.session.desk
    lines = [say.line for say in desk.queue]
    memory = {name: value for name, value in vars(session.handler).items() if name != "misses"}
    misses = session.handler.misses
    return (
        state,
        frozenset(desk.timers.keys() - FAR),
        _kinds(lines, state),
        desk.mute and state not in HELD,
        (session.ending, desk.parting),
        misses if misses < 3 else 3 + misses % 3,
        min(memory.get("waits", 0), FEW_WAITS),
        tuple(value for name, value in memory.items() if name not in NOT_IN_THE_KEY),
        _own(session, lines),
        node.oracle.key(session),
    )


def _own(session: Session, lines: Sequence[str]) -> tuple[object, ...]:
    """Return what counts in this state only: it is set anew before another state reads it."""
    desk, visit = session.desk, session.desk.visit
    kind = (desk.settings.returning, desk.settings.last is not None)
    guidance = (visit.guidance.waiting, visit.guidance.guiding)
    match session.state:
        case State.IDLE:
            return (*kind, desk.now < desk.passed_until)
        case State.SCREENING:
            handler = session.handler
            questions = handler.questions  # type: ignore[attr-defined]
            open_line = questions[handler.place].line
            return (visit.cleared, lines[:1] == [open_line], min(len(lines), 2))
        case State.SEATED:
            return (*guidance, visit.plan.remaining is None, visit.plan.seconds >= 120.0)
        case State.SETUP:
            soon = desk.now < desk.passed_until
            return (*kind, visit.raised, visit.known, session.handler.came_from, soon)
        case State.HOLD:
            talk = (desk.wishes.talk, visit.guidance.pattern is Pattern.NONE, visit.watchful)
            told = (min(visit.unanswered, 3), _plan(visit.plan, session))
            return (*guidance, *talk, *told)
        case State.PAUSED:
            return (min(visit.unanswered, 3), _plan(visit.plan, session))
        case State.LEAVING:
            unwell = (visit.unwell is not None, visit.asleep, called(visit.calls))
            return (*unwell, bool(visit.reason), lines == ["exit.short"])
        case State.SIDE | State.SITTING:
            return (visit.asleep, called(visit.calls), visit.night)
        case State.DONE:
            came = session.handler.came_from is State.SEATED
            return (visit.ended_by == "unanswered", came, visit.night)
        case _:
            return ()


@cache
def _repeats(state: State) -> tuple[Move, ...]:
    """Return a "repeat" of nothing, and of one line of each class; who may stand has been told."""
    lines = content().lines.items()
    fitting = [name for name, line in lines if not line.states or state in line.states]
    short = [name for name in fitting if _kind(name, state)[-1]]
    fitting = [name for name in short if not name.startswith("stand.")]
    of_each = {(_kind(name, state), name.startswith("time.")): name for name in fitting}
    said: list[tuple[str, ...]] = [(), *((name,) for name in of_each.values())]
    if state is State.LEAVING:
        said.append(("exit.warning", "help.symptom"))
    return tuple(Move(f"repeat {names}", Heard(Command.REPEAT), _last(names)) for names in said)


def _last(names: tuple[str, ...]) -> Prepare:
    def prepare(session: Session) -> None:
        session.desk.last = tuple(Again(name, 0) for name in names)

    return prepare


def _taken(node: Node) -> Iterator[Move]:
    accepts, desk = node.session.accepts, node.session.desk
    patient = len(_kinds([say.line for say in desk.queue], node.session.state)) < PATIENCE
    for move in (*PERSON, *_repeats(node.session.state)):
        assert isinstance(move.event, Heard)
        if move.event.command in accepts and (patient or move.event.command in UNREFUSABLE):
            yield from _wanted_otherwise(node.session, move)
    yield from AROUND
    for move in FAULTS:
        if patient or move.event == Failed(Fault.TERMINATE):
            yield move


def _wanted_otherwise(session: Session, move: Move) -> Iterator[Move]:
    """Yield `move`, for every kind of person or wish that its state leaves out of the key."""
    assert isinstance(move.event, Heard)
    command, state = move.event.command, session.state
    if state is State.PAUSED and command in (Command.RESUME, Command.NEXT, Command.YES):
        yield from (also(move, name, wish) for name, wish in WISHES.items())
    elif state is State.SCREENING and command is Command.NO and last_question(session):
        yield from (also(move, name, kind) for name, kind in PEOPLE.items())
    else:
        yield move


def _line_ends(node: Node, lost: int | None = None) -> tuple[str, Node]:
    """Let the line that sounds end; `lost` is how often it was lost before, if it is lost again."""
    session, desk = node.session, node.session.desk
    say = desk.queue[0]
    spoken = SECONDS_PER_WORD * len(say.text.split())
    due = session.next_timer
    wait = spoken if due is None else min(spoken, max(0.0, (due - desk.now) / 2))
    now = desk.now + wait
    ended = LineEnded(say.line, now, lost=0.0 if lost is None else 1.0)

    def losses(changed: Session) -> None:
        changed.desk.losses = lost or 0

    name = f"{say.line} {'ends' if lost is None else 'is lost'}"
    return turn(node, name, lambda s: (ended, s.handle(ended, now)), losses)


def _lines_end(node: Node) -> tuple[str, Node]:
    """Let lines end until that makes a difference: equal neighbours count as one."""
    here = key(node)
    name, node = _line_ends(node)
    while node.session.desk.queue and key(node) == here:
        name, node = _line_ends(node)
    return name, node


FIXED = (
    Timer.HALFWAY,
    Timer.MINUTE_LEFT,
    Timer.CLOSING,
    Timer.END,
    Timer.CAP,
    Timer.REST,
    Timer.TAKE_BACK,
)
"""Deadlines that come in a known order; any other may come before or after each of them."""


def _may_fire(session: Session) -> list[Timer]:
    timers = session.desk.timers
    fixed = [timer for timer in timers if timer in FIXED]
    first = min(fixed, key=timers.__getitem__, default=None)
    return [timer for timer in timers if timer is first or timer not in (*FIXED, *FAR)]


def _fire(node: Node, timer: Timer, prepare: Prepare | None = None) -> tuple[str, Node]:
    """Let `timer` be next: a fixed one in its time, another in its time or before a fixed one."""
    session, timers = node.session, node.session.desk.timers
    early = timer not in FIXED and timers[timer] != session.next_timer
    now = session.desk.now if early else max(session.desk.now, timers[timer])

    def act(changed: Session) -> tuple[Timer, list[Action]]:
        pending = changed.desk.timers
        for other in FAR & pending.keys():
            del pending[other]
        if timer is not Timer.TAKE_BACK and pending.get(Timer.TAKE_BACK, now + 1.0) <= now:
            del pending[Timer.TAKE_BACK]
        for other, at in pending.items():
            pending[other] = max(at, now + 1e-6) if other is not timer else now
        return timer, changed.tick(now)

    return turn(node, f"{timer} fires", act, prepare)


def _scanned(parts: int) -> Prepare:
    def prepare(session: Session) -> None:
        if hasattr(session.handler, "scanned"):
            session.handler.scanned = parts

    return prepare


def _counts(node: Node, timer: Timer) -> Iterator[Node]:
    """Yield `node`, and once more where `timer` may be the last that a handler counts."""
    yield node
    session, oracle = clone(node.session), node.oracle.copy()
    if timer is Timer.CALL and called(session.desk.visit.calls) == LOUDEST_CALL:
        session.desk.visit.calls = oracle.calls = MOST_CALLS - 1
        yield Node(session, oracle)
    if timer is Timer.ANSWER and getattr(session.handler, "waits", 0) > FEW_WAITS:
        vars(session.handler)["waits"] = FEW_WAITS
        yield Node(session, oracle)


def _waits(node: Node) -> Iterator[tuple[str, Node]]:
    """Let time pass in silence to where a comparison of the time left changes."""
    session, desk = node.session, node.session.desk
    due = session.next_timer
    if session.state is not State.HOLD or desk.queue or due is None:
        return
    left = desk.visit.plan.ends - desk.now
    border = max((b for b in LEFT if b < left), default=0.0)
    if border > 0.0 and desk.visit.plan.ends - border < due:
        twin = clone(session)
        twin.desk.now = desk.visit.plan.ends - border
        yield "wait", Node(twin, node.oracle)


def steps(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield everything that can happen next, judged."""
    session = node.session
    if node.oracle.quitting and not session.desk.queue:
        return
    if session.desk.queue:
        yield _lines_end(node)
        for lost in (0, 5):
            yield _line_ends(node, lost)
    for timer in _may_fire(session):
        for counted in _counts(node, timer):
            yield _fire(counted, timer, _scanned(0))
        if timer is Timer.REMINDER and session.desk.wishes.talk is Talk.MORE:
            yield _fire(node, timer, _scanned(99))
    yield from _waits(node)
    for move in _taken(node):
        yield tell(node, move)


# --- the search ------------------------------------------------------------------------------


def beginning(settings: Settings, content: Content, *, interrupted: bool = False) -> Node:
    """Return the first state; switching on is judged too."""
    node = Node(Session(settings, content), Oracle(content))
    return tell(node, Move("began", Began(interrupted)))[1]


def explore(
    begin: list[Node],
    limit: int | None = None,
    allowed: Callable[[str], bool] = lambda _: True,
) -> Explored:
    """Go through everything that can follow `begin`, breadth first.

    With a `limit` it ends at so many states, but not before all of `begin` have been gone through.

    `allowed` tells by its name whether a move may happen.

    Raises:
        ViolationError: a rule is broken; the message tells the way there.
    """
    nodes: dict[object, Node] = {key(node): node for node in begin}
    came: dict[object, tuple[object, str]] = {}
    waiting = deque(nodes)
    done = Explored(nodes=nodes)
    first = len(nodes)
    while waiting and (limit is None or len(nodes) < limit or first > 0):
        here = waiting.popleft()
        first -= 1
        try:
            for name, node in steps(nodes[here]):
                if not allowed(name):
                    continue
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
        began = node.session.desk.now
        while in_pose(node.session) and key(node) not in known:
            passed.append(key(node))
            node = _in_silence(node)
            require(len(passed) < 300, "rule 9: the pose is not left in silence")
            require(node.session.desk.now - began <= LONGEST, "rule 9: the cap passes")
        known.update(passed)
    return posed


def _in_silence(node: Node) -> Node:
    """Let the next thing happen that needs nobody."""
    session = node.session
    due = session.next_timer
    if session.desk.queue and (due is None or session.desk.now + 4.0 < due):
        return _line_ends(node)[1]
    require(due is not None, "rule 9: nothing more happens in the pose")
    timers = session.desk.timers
    return _fire(node, min(timers, key=timers.__getitem__))[1]


# --- the usual ways through a session --------------------------------------------------------

NO_TO_ALL = (Command.NO,) * 6
INTO_HOLD = (Command.START, *NO_TO_ALL, *(Command.NEXT,) * 10)
DOWN = (*(Timer.REST,) * 7, Command.NO, Timer.REST)
ASLEEP = (Timer.CLOSING, Timer.ANSWER, Timer.END, *(Timer.REST,) * 7, *(Timer.ANSWER,) * 3)
UNWELL = (*INTO_HOLD, Symptom.CHEST, *(Timer.REST,) * 4, Timer.EMERGENCY, Command.YES)
Planned: TypeAlias = Command | Symptom | Timer | Fault | tuple[Command]
WAYS: tuple[tuple[Planned, ...], ...] = (
    (*INTO_HOLD, Command.PAUSE, Timer.CHECK_IN, Command.RESUME, Command.TINGLING, Timer.END, *DOWN),
    (*INTO_HOLD, Command.DURATION, Command.STOP, Timer.REST, Timer.REST),
    (*INTO_HOLD, Command.STOP, Command.RESUME, Command.LESS_TALK),
    (*INTO_HOLD, Command.SYMPTOM, (Command.SYMPTOM,), (Command.STOP,)),
    (*INTO_HOLD, Command.STOP, (Command.SYMPTOM,), *(Timer.REST,) * 4),
    (*INTO_HOLD, Command.SYMPTOM, *(Timer.REST,) * 4, Command.NEXT, *(Timer.REST,) * 2),
    UNWELL,
    (Symptom.CHEST, Command.REPEAT, Command.YES),
    (Fault.SPEAKER_LOST, *INTO_HOLD),
    (Command.START, Command.STOP, Command.START),
    (Command.START, *NO_TO_ALL, *(Command.NEXT,) * 9, Fault.SPEAKER_LOST, Command.NEXT),
    (*INTO_HOLD, *ASLEEP, *(Timer.CALL,) * 16, Timer.REST),
    (Command.START, Command.YES, Command.YES, Timer.END, Timer.REST),
    (Command.START, Command.NO, Timer.ANSWER, Timer.ANSWER, Timer.ANSWER),
    (Command.START, *NO_TO_ALL, Command.STOP, Command.START),
    (Command.START, Command.NO, Command.YES, Command.SKIP, Command.NEXT),
    (Command.START, *NO_TO_ALL, Command.SKIP, Command.NEXT, Command.NEXT, Command.NEXT),
)


def along(first: Node, moves: tuple[Planned, ...]) -> Iterator[Node]:
    """Yield the states on a way; what is not possible is left out.

    All is said before each move, but before one in a tuple, which breaks in.
    """
    node = first
    yield node
    for planned in moves:
        move = planned[0] if isinstance(planned, tuple) else planned
        while node.session.desk.queue and not isinstance(planned, tuple):
            node = _line_ends(node)[1]
            yield node
        if isinstance(move, Command) and move in node.session.accepts:
            seconds = 1200.0 if move is Command.DURATION else None
            node = tell(node, Move(move, Heard(move, seconds=seconds)))[1]
        elif isinstance(move, Symptom):
            node = tell(node, Move(move, Heard(Command.SYMPTOM, symptom=move)))[1]
        elif isinstance(move, Fault):
            node = tell(node, Move(move, Failed(move)))[1]
        elif isinstance(move, Timer) and move in node.session.desk.timers:
            node = _fire(node, move)[1]
        else:
            continue
        yield node
