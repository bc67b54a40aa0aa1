"""The usual ways through a session, along which the checks begin."""

from collections.abc import Iterator
from typing import TypeAlias

from legsup_voice.protocol.commands import Command, Symptom
from legsup_voice.protocol.events import Failed, Heard
from legsup_voice.protocol.faults import Fault
from legsup_voice.session.timers import Timer
from tests.session.moves import fire, line_ends
from tests.session.world import Move, Node, tell

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
            node = line_ends(node)[1]
            yield node
        if isinstance(move, Command) and move in node.session.accepts:
            seconds = 1200.0 if move is Command.DURATION else None
            node = tell(node, Move(move, Heard(move, seconds=seconds)))[1]
        elif isinstance(move, Symptom):
            node = tell(node, Move(move, Heard(Command.SYMPTOM, symptom=move)))[1]
        elif isinstance(move, Fault):
            node = tell(node, Move(move, Failed(move)))[1]
        elif isinstance(move, Timer) and move in node.session.desk.timers:
            node = fire(node, move)[1]
        else:
            continue
        yield node
