"""The key under which the exploration merges states: what decides how a session can go on.

What it leaves out, and why that hides nothing:

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
- *How the person likes to be guided, in a pause; who it is, before "start" and in the six
  questions.* Only the move that leads on reads it, and there each kind is tried.
- *Counters between values that make a difference: calls of a sleeper, waits that are left.* One
  value stands for those between; what follows the next of them and the last are both tried.
- *What counts in another state only.* It is set anew on the way there (`_own`). What a handler
  remembers is in the key, but for what is named here: a handler is made new on entry. A
  "stop" that is taken back goes on as a pause does that is over.
- *Why it ended, how long it was held, the reason of a refusal, how often a line was said.* Written
  or read at once, never compared later.
- *A lost speaker in HOLD and PAUSED.* Nothing there depends on it; that LEAVING is entered without
  one is the same as losing it at that moment, which is explored.
- *Times outside HOLD and PAUSED.* No comparison of times is made there except by deadlines, and
  whether a screening still counts: the key has which are pending. One whose place is not fixed
  (`moves.FIXED`) may fire before every other.
- *Times in HOLD and PAUSED.* The key has the pending deadlines, and between which of the numbers
  that the code compares with the time left lies. Here one value stands for a range, and this is not
  a proof for every value in it; `test_every_change_of_the_hold_keeps_the_limits` tries the
  arithmetic on a grid of times besides.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby

from legsup_voice.content import content
from legsup_voice.protocol.commands import Pattern
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.timers import Timer
from legsup_voice.session.visit import Plan
from tests.session.oracle import called
from tests.session.turn import HELD, WARNINGS
from tests.session.world import Node

LEFT = (15.0, 20.0, 40.0, 60.0, 75.0)
"""Seconds left in a hold with which the code compares, but for the choice of a reply."""

LENGTHS = (60.0, 120.0, 150.0)
"""Lengths of a hold with which the code compares."""

NOT_IN_THE_KEY = frozenset({"desk", "came_from", "helped", "ladder", "scanned", "waits"})
"""Of what a handler remembers: the key has its own parts for these, or they choose replies only."""

FEW_WAITS = 2
"""How many waits are left makes no difference as long as it isn't the last."""

FAR = frozenset({Timer.SPOKEN, Timer.HINTED})
"""Marks that every move which reads them sets."""


@cache
def kind(line: str, state: State) -> tuple[object, ...]:
    """Return what code and oracle ask of a waiting line, or of one that may be repeated."""
    known = content().lines[line]
    fits = not known.states or state in known.states
    short = state not in HELD or all(len(text.split()) <= 8 for text in known.say)
    asked = line if line in WARNINGS else line.startswith("stand.")
    return (known.safety, asked, fits, short)


def kinds(lines: Iterable[str], state: State) -> tuple[object, ...]:
    return tuple(kind for kind, _ in groupby(kind(line, state) for line in lines))


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
        kinds(lines, state),
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
    guidance = (visit.guidance.waiting, visit.guidance.guiding)
    match session.state:
        case State.IDLE:
            return (desk.now < desk.passed_until,)
        case State.SCREENING:
            handler = session.handler
            questions = handler.questions  # type: ignore[attr-defined]
            open_line = questions[handler.place].line
            return (visit.cleared, lines[:1] == [open_line], min(len(lines), 2))
        case State.SEATED:
            return (*guidance, visit.plan.remaining is None, visit.plan.seconds >= 120.0)
        case State.SETUP:
            soon = desk.now < desk.passed_until
            last = desk.settings.last is not None
            return (last, visit.raised, visit.known, session.handler.came_from, soon)
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
