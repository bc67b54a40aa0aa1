"""What a person, a room and the devices can do to a session, as moves of the exploration."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from legsup_voice.protocol.actions import Action
from legsup_voice.protocol.choices import Choices, Talk
from legsup_voice.protocol.commands import Bed, Command, Condition, Pattern, Symptom
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


def also(move: Move, name: str, prepare: Prepare) -> Move:
    """Return `move` after `prepare` as well."""

    def both(session: Session) -> None:
        if move.prepare:
            move.prepare(session)
        prepare(session)

    return replace(move, name=f"{move.name} ({name})", prepare=both)


@dataclass(frozen=True)
class Node:
    """One state reached: the session, what the oracle remembers."""

    session: Session
    oracle: Oracle


def clone(session: Session) -> Session:
    """Return an independent copy, quicker than `copy.deepcopy`."""
    twin = copy_of(session)
    twin.desk = desk = copy_of(session.desk)
    desk.timers, desk.queue = dict(desk.timers), list(desk.queue)
    desk.times_said, desk.variants = dict(desk.times_said), dict(desk.variants)
    desk.wishes, desk.visit = copy_of(desk.wishes), copy_of(desk.visit)
    desk.visit.plan, desk.visit.guidance = copy_of(desk.visit.plan), copy_of(desk.visit.guidance)
    twin.handler = copy_of(session.handler)
    twin.handler.desk = desk
    if hasattr(twin.handler, "ladder"):
        twin.handler.ladder = copy_of(twin.handler.ladder)
    return twin


def _climbed(session: Session, command: Command, count: int) -> None:
    setup = session.desk.content.setup
    ladder = setup.easier if command is Command.EASIER else setup.harder
    rungs = (*ladder.standing, *ladder.floor, *ladder.pose)
    climbed = {rung.line for rung in rungs if bool(rung.seconds) < count}
    if hasattr(session.handler, "ladder"):
        session.handler.ladder.climbed = frozenset(climbed)


def _rungs(command: Command, count: int) -> Prepare:
    """Before the first rung, before the one that changes the length, or after all of them."""
    return lambda session: _climbed(session, command, count)


def _slowness(value: float) -> Prepare:
    def prepare(session: Session) -> None:
        session.desk.visit.guidance.slowness = value

    return prepare


def _volume(value: float) -> Prepare:
    def prepare(session: Session) -> None:
        session.volume = value

    return prepare


def _sounding(seconds: float) -> Prepare:
    """The line that sounds began so long ago."""

    def prepare(session: Session) -> None:
        session.desk.sounding_since = session.desk.now - seconds

    return prepare


def _spoken(*timers: Timer) -> Prepare:
    """Those of the marks are pending, and no other."""

    def prepare(session: Session) -> None:
        session.desk.cancel(Timer.SPOKEN, Timer.HINTED)
        for timer in timers:
            session.desk.start(timer, 10.0)

    return prepare


LONG_AFTER = "start long after"


def _ten_minutes_later(session: Session) -> None:
    session.desk.now += 600.0


def _wishing(talk: Talk, pattern: Pattern, *, watchful: bool, waiting: bool) -> Prepare:
    """Somebody likes to be guided like that; `waiting`: by breathing cues, too."""

    def prepare(session: Session) -> None:
        desk = session.desk
        desk.wishes.talk, desk.wishes.guided = talk, talk is Talk.MORE
        desk.visit.guidance.pattern, desk.visit.guidance.waiting = pattern, waiting
        desk.visit.watchful = watchful

    return prepare


WISHES = {
    f"{talk}, {pattern}{', watchful' * watchful}{', guided' * waiting}": _wishing(
        talk, pattern, watchful=watchful, waiting=waiting
    )
    for talk, pattern, watchful, waiting in itertools.product(
        Talk, (Pattern.BELLY, Pattern.NONE), (False, True), (False, True)
    )
}
"""How a hold may go on."""


def _is(*, returning: bool, last: Choices | None) -> Prepare:
    """It is somebody who was here before, or not."""

    def prepare(session: Session) -> None:
        changed = {"returning": returning, "last": last}
        session.desk.settings = session.desk.settings.model_copy(update=changed)

    return prepare


LAST = Choices(600.0, Pattern.BOX)
PEOPLE = {
    "new": _is(returning=False, last=None),
    "back after long": _is(returning=False, last=LAST),
    "back": _is(returning=True, last=LAST),
}
"""Who may say "start", or have answered all six questions."""


def last_question(session: Session) -> bool:
    """Return whether one of the six questions is left, and not the one that names it all."""
    left = session.desk.content.screening.conditions - session.desk.visit.cleared
    return vars(session.handler)["everything"] and len(left) == 1


WITH_DETAILS = {
    Command.DURATION,
    Command.BREATHING,
    Command.CONDITION,
    Command.SYMPTOM,
    Command.EASIER,
    Command.HARDER,
    Command.SLOWER,
    Command.FASTER,
    Command.LOUDER,
    Command.QUIETER,
    Command.BED,
    Command.BELL,
}


def _moves_of_a_person() -> Iterator[Move]:
    for command in sorted(set(Command) - WITH_DETAILS):
        yield Move(command, Heard(command, text=command))
    yield Move(LONG_AFTER, Heard(Command.START), _ten_minutes_later)
    for answer in (Command.YES, Command.NO, Command.UNSURE):
        yield Move(f"early {answer}", Heard(answer), _sounding(0.1))
        yield Move(f"late {answer}", Heard(answer), _sounding(60.0))
    yield Move("declines", Heard(Command.NO, declines=True))
    yield Move("back to the first", Heard(Command.BACK, first=True))
    for seconds in (-4.0, 300.0, 9e9):
        yield Move(f"duration {seconds:g}", Heard(Command.DURATION, seconds=seconds))
    for pattern in (Pattern.BELLY, Pattern.BOX, Pattern.FOUR_SEVEN_EIGHT, Pattern.NONE):
        yield Move(f"breathing {pattern}", Heard(Command.BREATHING, pattern=pattern))
    for condition in (Condition.GLAUCOMA, Condition.OTHER):
        yield Move(f"condition {condition}", Heard(Command.CONDITION, condition=condition))
    for symptom in (Symptom.DIZZY, Symptom.CHEST, Symptom.HELP):
        yield Move(f"symptom {symptom}", Heard(Command.SYMPTOM, symptom=symptom))
    for count in (0, 1, 2):
        yield Move(f"easier {count}", Heard(Command.EASIER), _rungs(Command.EASIER, count))
        yield Move(f"harder {count}", Heard(Command.HARDER), _rungs(Command.HARDER, count))
    for command, slowness in ((Command.SLOWER, 1.0), (Command.SLOWER, 1.4), (Command.FASTER, 1.0)):
        yield Move(f"{command} at {slowness}", Heard(command), _slowness(slowness))
    for command, volume in ((Command.LOUDER, 6.0), (Command.QUIETER, 0.0)):
        yield Move(f"{command} at {volume}", Heard(command), _volume(volume))
    yield Move("bell off", Heard(Command.BELL, on=False))
    yield Move("rain", Heard(Command.BED, bed=Bed.RAIN))


PERSON = tuple(_moves_of_a_person())
UNREFUSABLE = (Command.STOP, Command.SYMPTOM)
AROUND = (
    Move("talk", Rejected("purple"), _spoken()),
    Move("talk again", Rejected("purple"), _spoken(Timer.SPOKEN)),
    Move("talk after a hint", Rejected("purple"), _spoken(Timer.SPOKEN, Timer.HINTED)),
    Move("own voice", Rejected("slowly", why="own voice")),
    Move("a voice begins", VoiceStarted()),
)
FAULTS = tuple(Move(fault, Failed(fault)) for fault in Fault)
FROM_OUTSIDE = frozenset(
    {
        Command.START,
        Command.STOP,
        Command.PAUSE,
        Command.RESUME,
        Command.LOUDER,
        Command.QUIETER,
        Command.LONGER,
        Command.SHORTER,
        Command.DURATION,
        Command.REPEAT,
    }
)
"""What a socket, a button or an assistant can give (safety rule 20)."""


def turn(
    node: Node,
    name: str,
    act: Callable[[Session], tuple[Event | Timer, list[Action]]],
    prepare: Prepare | None = None,
) -> tuple[str, Node]:
    """Let `act` happen in a copy of `node`, judged by its oracle.

    Raises:
        ViolationError: a rule was broken, or the session broke off.
    """
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
    return turn(
        node, move.name, lambda s: (move.event, s.handle(move.event, s.desk.now)), move.prepare
    )
