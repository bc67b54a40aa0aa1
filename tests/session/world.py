"""What a person, a room and the devices can do to a session, as moves of the exploration."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from legsup_voice.protocol.actions import Action
from legsup_voice.protocol.commands import Command, Condition, Pattern
from legsup_voice.protocol.events import Event, Failed, Heard, Rejected, VoiceStarted
from legsup_voice.protocol.faults import Fault
from legsup_voice.session.session import Session
from legsup_voice.session.timers import Timer
from tests.session.oracle import Oracle
from tests.session.turn import Turn, ViolationError, copy_of

Prepare = Callable[[Session], None]


@dataclass(frozen=True)
class Move:
    """One thing that may happen: an event, after `prepare` has set what the key leaves out."""

    name: str
    event: Event
    prepare: Prepare | None = None


@dataclass(frozen=True)
class Node:
    """One state reached: the session, what the oracle remembers."""

    session: Session
    oracle: Oracle


def clone(session: Session) -> Session:
    """Return an independent copy, quicker than `copy.deepcopy`."""
    twin = copy_of(session)
    twin.timers, twin.queue = dict(session.timers), list(session.queue)
    twin.plan, twin.guidance = copy_of(session.plan), copy_of(session.guidance)
    twin.rungs, twin._times_said = dict(session.rungs), dict(session._times_said)
    return twin


def _rung(command: Command, rung: int) -> Prepare:
    def prepare(session: Session) -> None:
        session.rungs[command] = rung

    return prepare


def _slowness(value: float) -> Prepare:
    def prepare(session: Session) -> None:
        session.guidance.slowness = value

    return prepare


def _volume(value: float) -> Prepare:
    def prepare(session: Session) -> None:
        session.volume = value

    return prepare


def talkative(value: str) -> Prepare:
    def prepare(session: Session) -> None:
        session.talk = value

    return prepare


def _moves_of_a_person() -> Iterator[Move]:
    plain = set(Command) - {Command.DURATION, Command.BREATHING, Command.CONDITION}
    plain -= {Command.EASIER, Command.HARDER, Command.SLOWER, Command.FASTER}
    plain -= {Command.LOUDER, Command.QUIETER}
    for command in sorted(plain):
        yield Move(command, Heard(command, text=command))
    for seconds in (-4.0, 300.0, 9e9):
        yield Move(f"duration {seconds:g}", Heard(Command.DURATION, seconds=seconds))
    for pattern in (Pattern.BELLY, Pattern.BOX, Pattern.FOUR_SEVEN_EIGHT, Pattern.NONE):
        yield Move(f"breathing {pattern}", Heard(Command.BREATHING, pattern=pattern))
    for condition in (Condition.GLAUCOMA, Condition.OTHER):
        yield Move(f"condition {condition}", Heard(Command.CONDITION, condition=condition))
    for rung in (0, 2, 3, 9):
        yield Move(f"easier {rung}", Heard(Command.EASIER), _rung(Command.EASIER, rung))
        yield Move(f"harder {rung}", Heard(Command.HARDER), _rung(Command.HARDER, rung))
    for command, slowness in ((Command.SLOWER, 1.0), (Command.SLOWER, 1.4), (Command.FASTER, 1.0)):
        yield Move(f"{command} at {slowness}", Heard(command), _slowness(slowness))
    for command, volume in ((Command.LOUDER, 6.0), (Command.QUIETER, 0.0)):
        yield Move(f"{command} at {volume}", Heard(command), _volume(volume))


PERSON = tuple(_moves_of_a_person())
UNREFUSABLE = (Command.STOP, Command.SYMPTOM)
AROUND = (
    Move("talk", Rejected("purple")),
    Move("own voice", Rejected("slowly", why="own voice")),
    Move("a voice begins", VoiceStarted()),
)
FAULTS = tuple(Move(fault, Failed(fault)) for fault in Fault)


def turn(
    node: Node,
    name: str,
    act: Callable[[Session], tuple[Event | Timer, list[Action]]],
    prepare: Prepare | None = None,
) -> tuple[str, Node]:
    before, after = node.session, clone(node.session)
    if prepare:
        before = clone(before)
        prepare(before)
        prepare(after)
    oracle = node.oracle.copy()
    try:
        cause, actions = act(after)
        oracle.watch(Turn(before, cause, actions, after))
    except ViolationError as violation:
        raise ViolationError(f"{violation} [{before.state}, {name}]") from None
    except Exception as error:
        raise ViolationError(f"broke off: {error!r} [{before.state}, {name}]") from error
    return name, Node(after, oracle)


def tell(node: Node, move: Move) -> tuple[str, Node]:
    """Let `move` happen now."""
    now = node.session.now
    return turn(node, move.name, lambda s: (move.event, s.handle(move.event, now)), move.prepare)
