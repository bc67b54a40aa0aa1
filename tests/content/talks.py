"""Conversations that have come to a state, for whoever wants to ask something there."""

from collections.abc import Iterator

from legsup_voice.content import content
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.commands import Command, Pattern, Symptom
from legsup_voice.protocol.states import State
from tests.session.conversation import Conversation, in_hold, in_setup

LAST = Choices(600.0, Pattern.BELLY)


def in_state(state: State) -> Iterator[Conversation]:
    """Yield conversations that have come to `state`, at each of its steps; the voice is silent."""
    match state:
        case State.IDLE:
            yield Conversation().listen()
        case State.SCREENING:
            for step in range(len(content().screening.questions)):
                yield Conversation().answer(Command.START, *[Command.NO] * step).listen()
            yield Conversation(returning=True, last=LAST).answer(Command.START).listen()
        case State.REFUSED:
            yield Conversation().answer(Command.START, Command.YES).listen()
        case State.SEATED:
            yield Conversation().answer(Command.START, Command.YES, Command.YES).listen()
        case State.SETUP:
            for step in range(len(content().setup.steps) + 1):
                yield in_setup().answer(*[Command.NEXT] * step).listen()
            yield Conversation(returning=True, last=LAST).answer(Command.START, Command.NO).listen()
        case State.HOLD:
            yield in_hold(5).listen()
        case State.PAUSED:
            yield in_hold(5).answer(Command.PAUSE).listen()
        case State.LEAVING:
            yield in_hold(5).answer(Command.STOP).listen()
        case State.LYING:
            ill = in_hold(5).listen().hear(Command.SYMPTOM, symptom=Symptom.DIZZY)
            yield ill.wait_for(State.LYING).listen()
        case State.SIDE:
            yield in_hold(5).answer(Command.STOP).wait_for(State.SIDE).listen()
        case State.SITTING:
            sitting = in_hold(5).answer(Command.STOP).wait_for(State.SITTING).listen()
            yield sitting
            yield sitting.wait(35).listen()
        case State.DONE:
            done = in_hold(5).answer(Command.STOP).wait_for(State.SITTING).wait(40)
            yield done.answer(Command.NO).wait_for(State.DONE).listen()
