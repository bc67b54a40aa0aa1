"""What can happen next in a state of the exploration: lines end, deadlines fire, people speak."""

from collections.abc import Iterator
from functools import cache

from legsup_voice.content import content
from legsup_voice.protocol.actions import Action
from legsup_voice.protocol.choices import Talk
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Failed, Heard, LineEnded
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session.desk import Again
from legsup_voice.session.session import Session
from legsup_voice.session.timers import Timer
from tests.session.keys import FAR, FEW_WAITS, LEFT, key, kind, kinds
from tests.session.oracle import LOUDEST_CALL, MOST_CALLS, called
from tests.session.world import (
    AROUND,
    FAULTS,
    LONG_AFTER,
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
"""Classes of lines that wait: with so many, nobody asks for more; see `exploration`."""

SECONDS_PER_WORD = 0.5


@cache
def _repeats(state: State) -> tuple[Move, ...]:
    """Return a "repeat" of nothing, and of one line of each class; who may stand has been told."""
    lines = content().lines.items()
    fitting = [name for name, line in lines if not line.states or state in line.states]
    short = [name for name in fitting if kind(name, state)[-1]]
    fitting = [name for name in short if not name.startswith("stand.")]
    of_each = {(kind(name, state), name.startswith("time.")): name for name in fitting}
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
    patient = len(kinds([say.line for say in desk.queue], node.session.state)) < PATIENCE
    for move in (*PERSON, *_repeats(node.session.state)):
        assert isinstance(move.event, Heard)
        if move.name == LONG_AFTER and node.session.state is not State.IDLE:
            continue  # its ten minutes pass no deadline by
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
    elif (state is State.IDLE and command in (Command.START, Command.SAME)) or (
        state is State.SCREENING and command is Command.NO and last_question(session)
    ):
        yield from (also(move, name, kind) for name, kind in PEOPLE.items())
    else:
        yield move


def line_ends(node: Node, lost: int | None = None) -> tuple[str, Node]:
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
    name, node = line_ends(node)
    while node.session.desk.queue and key(node) == here:
        name, node = line_ends(node)
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


def _mayfire(session: Session) -> list[Timer]:
    timers = session.desk.timers
    fixed = [timer for timer in timers if timer in FIXED]
    first = min(fixed, key=timers.__getitem__, default=None)
    return [timer for timer in timers if timer is first or timer not in (*FIXED, *FAR)]


def fire(node: Node, timer: Timer, prepare: Prepare | None = None) -> tuple[str, Node]:
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
            yield line_ends(node, lost)
    for timer in _mayfire(session):
        for counted in _counts(node, timer):
            yield fire(counted, timer, _scanned(0))
        if timer is Timer.REMINDER and session.desk.wishes.talk is Talk.MORE:
            yield fire(node, timer, _scanned(99))
    yield from _waits(node)
    for move in _taken(node):
        yield tell(node, move)
