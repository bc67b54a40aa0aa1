"""A conversation in words: the person's are read by the grammar, and all that is heard is kept.

Lines take the time that their pace gives them. What is said, rung and breathed is kept in order as
it sounds, so that a session can be read like a play.
"""

from typing import Any, NamedTuple, Self

from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.protocol.actions import Action, Breathe, Enter, Ring, Say, SetBed, StopBreathing
from legsup_voice.protocol.commands import Bed
from legsup_voice.protocol.events import Heard, Rejected, VoiceStarted
from tests.session.conversation import Conversation

WORDS_A_MINUTE = {"setup": 120, "hold": 100}
"""The middle of what each pace may be."""

THINKS = 1.0
"""Seconds that people take to answer."""


class Moment(NamedTuple):
    """What is heard in the room `at` so many seconds: `who` is a state, guide, person or sound."""

    at: float
    who: str
    words: str


class Spoken(Conversation):
    """A session with somebody who speaks."""

    def __init__(self, **settings: Any) -> None:
        self.play: list[Moment] = []
        super().__init__(**settings)

    def say(self, *texts: str, after: float = THINKS) -> Self:
        """Let the person say each of `texts`, `after` seconds after the voice has fallen silent."""
        for text in texts:
            self.listen()
            self.wait(after)
            self.listen()
            self.speak(text)
        return self

    def speak(self, text: str) -> Self:
        """Let the person say `text` now, whatever sounds."""
        accepts = self.session.accepts
        asks = self.session.asks
        meant = grammar().reader.read(text, accepts, asks)
        self._note("person", text)
        self.tell(VoiceStarted())
        if meant is None:
            self.tell(Rejected(text))
        else:
            heard = Heard(meant.command, text, speech_end=self.now, **meant.carried())
            self.tell(heard)
        return self

    def seconds(self, say: Say) -> float:
        """Return how long a line takes at its pace."""
        return 60 / WORDS_A_MINUTE[say.pace] * len(say.text.split())

    def line_begins(self, say: Say) -> None:
        """Note what the guide says."""
        self._note("guide", say.text)

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Enter(state):
                    self._note("state", state.value)
                case Ring(gain_db):
                    self._note("sound", f"bell, {gain_db:g} dB louder" if gain_db else "bell")
                case Breathe(breathing):
                    length = f"for {breathing.seconds:.0f} s"
                    self._note("sound", f"the sounds of {breathing.pattern} breathing, {length}")
                case StopBreathing():
                    self._note("sound", "the breathing sounds end")
                case SetBed(bed):
                    self._note("sound", "silence" if bed is Bed.NONE else bed.value)
        super()._do(actions)

    def _note(self, who: str, words: str) -> None:
        self.play.append(Moment(self.now, who, words))
