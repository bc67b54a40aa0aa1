"""No line is dead: somebody who says everything, everywhere, comes to hear each of them."""

from collections.abc import Iterator
from typing import Any

from legsup_voice.content import content
from legsup_voice.protocol.commands import Bed, Command, Condition, Pattern, Symptom
from legsup_voice.protocol.events import Failed
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from tests.content.talks import LAST, in_state
from tests.content.test_offers import twin
from tests.session.conversation import Conversation, from_leaving_to_done, in_hold, in_setup
from tests.session.people import PEOPLE

OFTEN = 26
"""More than there are facts, or rungs on a ladder."""

DETAILS: dict[Command, list[dict[str, Any]]] = {
    Command.DURATION: [{"seconds": seconds} for seconds in (5.0, 300.0, 9000.0)],
    Command.BREATHING: [{"pattern": pattern} for pattern in Pattern],
    Command.WHAT_IS_THIS: [{}, *({"pattern": pattern} for pattern in Pattern)],
    Command.SYMPTOM: [{"symptom": symptom} for symptom in Symptom],
    Command.CONDITION: [{"condition": condition} for condition in Condition],
    Command.BED: [{"bed": bed} for bed in Bed],
    Command.BELL: [{"on": True}, {"on": False}],
    Command.QUIT: [{}, {"night": True}],
}

SAID_ELSEWHERE = {"breath.how_own", "fault.deaf", "fault.mute", "fault.unable"}
"""Of a breathing in the person's own settings (tests of the content), and what is said where no
session can run (tests of the way out)."""


def silences() -> Iterator[Conversation]:
    """Yield conversations in which nobody says anything for long."""
    for talk in (talk for state in State for talk in in_state(state)):
        yield talk.wait(2400)
    yield in_hold(0.5).wait_for(State.DONE).listen()
    yield in_hold(0.5).wait(25)
    scanned = in_hold(20).hear(Command.BREATHING, pattern=Pattern.NONE).hear(Command.MORE_TALK)
    yield scanned.wait_for(State.LEAVING)


def requests() -> Iterator[Conversation]:
    """Yield conversations in which one thing is said again and again, in every state."""
    for talk in (talk for state in State for talk in in_state(state)):
        for command in sorted(talk.session.accepts):
            for details in DETAILS.get(command, [{}]):
                asked = twin(talk)
                for _ in range(OFTEN):
                    asked.listen().wait(0.5).hear(command, **details)
                    if asked.session.state is not talk.session.state:
                        break
                yield asked.wait(90)


def troubles() -> Iterator[Conversation]:
    """Yield conversations in which something fails, or somebody is not understood."""
    for talk in (talk for state in State for talk in in_state(state)):
        for fault in Fault:
            yield twin(talk).tell(Failed(fault)).wait(30)
        yield twin(talk).reject().wait(2).reject().wait(30).hear(Command.REPEAT)
    yield Conversation().hear(Command.REPEAT)


def test_every_line_of_the_content_is_said_to_somebody() -> None:
    heard = {line for person in PEOPLE for line in person.lives().lines()}
    for talks in (silences(), requests(), troubles()):
        heard.update(line for talk in talks for line in talk.lines())
    moments = (
        in_hold(5).wait(288).hear(Command.HOW_LONG),
        in_hold(20).wait(410).hear(Command.NO),
        Conversation().hear(Command.SYMPTOM, symptom=Symptom.CHEST).listen().hear(Command.NEXT),
        from_leaving_to_done(in_hold(5).hear(Command.QUIT, night=True)).listen(),
        in_hold(5).answer(Command.LESS_TALK, Command.MORE_TALK),
        Conversation(returning=True, last=LAST).answer(
            Command.START, Command.NO, Command.YES, Command.HELP
        ),
        in_setup(breathing="none").hear(Command.WHAT_IS_THIS, pattern=Pattern.NONE),
        Conversation(minutes=5, breathing="none", returning=True, last=LAST)
        .answer(Command.START, Command.NO)
        .hear(Command.WHY),
    )
    heard.update(line for talk in moments for line in talk.lines())
    assert sorted(set(content().lines) - heard - SAID_ELSEWHERE) == []
