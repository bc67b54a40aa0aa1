"""The whole state space of the pure `Session`, explored breadth first with a model of its world.

**The world.** In every state that is reached: the line that sounds ends; a pending deadline fires,
though it may not be the next one; every command is given (with the details that make a difference:
lengths too small, usual and too big, breathing free, holding, limited and none); speech is
rejected; a voice begins; every fault comes; in HOLD time also passes silently to the next moment
at which a comparison of times changes. Each turn is judged by `oracle.Oracle`, and states are
merged under a finite key (`keys`).

**Bounds.** A person doesn't ask more while a queue of `PATIENCE` classes is waiting, except for
"stop" and symptoms, and devices don't fail more than that either, except for the order to end.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from legsup_voice.content import Content
from legsup_voice.protocol.events import Began
from legsup_voice.session.session import Session
from legsup_voice.session.settings import Settings
from tests.session.keys import key
from tests.session.moves import fire, line_ends, steps
from tests.session.oracle import Oracle
from tests.session.turn import ViolationError, in_pose, require
from tests.session.world import Move, Node, tell

LONGEST = 1200.0 + 600.0
"""Seconds: a hold after all the time that the set-up may take in the pose."""


@dataclass
class Explored:
    """What an exploration went through."""

    states: int = 0
    transitions: int = 0
    complete: bool = False
    nodes: dict[object, Node] = field(default_factory=dict)


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
        return line_ends(node)[1]
    require(due is not None, "rule 9: nothing more happens in the pose")
    timers = session.desk.timers
    return fire(node, min(timers, key=timers.__getitem__))[1]
