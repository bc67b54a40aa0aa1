"""What the person on the floor hears of the way down when the program or the speaker stands still.

Between engine and speaker is the real transport; the card's callback is called by hand. Every line
is a noise of its own, so that it can be found in what the card has played.
"""

import tempfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soxr

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.content import content
from legsup_voice.devices.transport import BLOCK, Condition, Transport
from legsup_voice.engine.wiring import put_together
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.log import LineBegun, StateEntered
from legsup_voice.protocol.states import State
from legsup_voice.session.settings import Settings
from legsup_voice.speaking.voice import Voice
from tests.devices.test_transport import Card
from tests.engine.scripted import Stage
from tests.live.virtual import find


class Noises(Voice):
    """A voice whose every text is a noise of its own, 0.2 s a word; nothing is rendered."""

    def clip(self, text: str, pace: str) -> Samples:
        """Return the noise that stands for `text`."""
        del pace
        random = np.random.default_rng(zlib.crc32(text.encode()))
        length = round(0.2 * SPEAK_RATE) * len(text.split())
        return random.normal(0, 0.1, length).astype(np.float32)


@cache
def noises() -> Noises:
    return Noises(Path(tempfile.mkdtemp(prefix="legsup-test-")))


class Floor(Stage):
    """A stage whose sound goes through the transport to a card."""

    def __init__(self) -> None:
        super().__init__()
        settings = Settings.model_validate({"minutes": 0.5, "breathing": "none"})
        self.engine = put_together(settings, self.ears, noises(), self.log.append)
        self.card: Card | None = Card(48_000)
        self.cards = [self.card]
        self.now = 0.0
        self.audible = True
        self._transport = Transport()

    def play_until(self, state: State, seconds: float = 300.0) -> "Floor":
        """Let time pass until `state` is entered."""
        super().play_until(state, seconds)
        return self

    def play(self, seconds: float, *, awake: bool = True) -> "Floor":
        """Let time pass; asleep, the program stands still and the card plays what it has."""
        for _ in range(round(seconds / BLOCK)):
            self.now += BLOCK
            if self.card is not None:
                self.card.take()
                if not self.audible:
                    self.card.played[-1][:] = 0.0
            if awake:
                self._transport.run(
                    self.card,
                    None,
                    self.now,
                    self.engine.process,
                    self.engine.settle,
                    Condition(self.now, self.audible),
                )
        return self

    def away(self, seconds: float) -> "Floor":
        """Unplug the speaker for so long; what it would have played sounds nowhere."""
        self.card = None
        self.play(seconds)
        self.card = Card(48_000, played=[np.zeros(960, np.float32)] * round(self.now / BLOCK))
        self.cards.append(self.card)
        return self

    def into_hold(self) -> "Floor":
        """Say what leads there."""
        self.quiet().hear(Command.START)
        for _ in range(40):
            self.quiet()
            if self.engine.session.state is State.HOLD:
                (self.began,) = [
                    record.t
                    for record in self.log
                    if isinstance(record, StateEntered) and record.state is State.HOLD
                ]
                return self
            screening = self.engine.session.state is State.SCREENING
            self.hear(Command.NO if screening else Command.NEXT)
        raise AssertionError(self.lines())

    def quiet(self) -> "Floor":
        """Play until nothing more is to be said, and a moment for the session to know."""
        while self.engine.speaking or self.engine.now < 1.0:
            self.play(BLOCK)
        self.play(0.5)
        return self

    def until_hold(self, seconds: float) -> "Floor":
        """Play until so many seconds of the hold have passed."""
        return self.play(self.began + seconds - self.engine.now)

    def until_said(self, line: str) -> "Floor":
        """Play until `line` begins."""
        count = self.lines().count(line)
        for _ in range(3000):
            if self.lines().count(line) > count:
                return self
            self.play(BLOCK)
        raise AssertionError(f"{line} was not said: {self.lines()[-8:]}")

    def whole(self, line: str) -> float:
        """Return when the words of `line` sounded whole; -1 when they never did."""
        (text,) = {r.text for r in self.log if isinstance(r, LineBegun) and r.line == line}
        clip = noises().clip(text, content().lines[line].pace)
        for card in self.cards:
            sound = soxr.resample(np.concatenate(card.played), 48_000, SPEAK_RATE)
            at, likeness = find(sound, clip)
            if likeness > 0.95:
                return at
        return -1.0


@pytest.mark.parametrize(("at", "seconds"), [(27, 9), (27, 12), (27, 20), (24, 45), (31, 3)])
def test_a_program_that_stood_still_across_the_end_says_the_warning_whole(
    at: float, seconds: float
) -> None:
    floor: Floor = Floor().into_hold().until_hold(at)
    floor.play(seconds, awake=False)
    woke = floor.now
    floor.play_until(State.SIDE)
    warning, knees, feet = map(floor.whole, ("exit.warning", "exit.knees", "exit.feet"))
    assert woke - 3.0 < warning < knees < feet
    assert warning < woke + 15


@pytest.mark.parametrize("line", ["exit.warning", "exit.knees", "exit.roll"])
@pytest.mark.parametrize("away", [0.5, 1.0, 1.9])
def test_what_an_unplugged_speaker_missed_is_said_again(line: str, away: float) -> None:
    floor = Floor().into_hold().until_hold(28).until_said(line).play(1.0)
    floor.away(away)
    back = floor.now
    floor.play_until(State.SIDE)
    assert floor.whole(line) > back - 0.3


def test_a_muted_speaker_hears_the_warning_when_it_is_turned_on() -> None:
    floor = Floor().into_hold().until_hold(29)
    floor.audible = False
    floor.play(12.0)
    floor.audible = True
    on = floor.now
    floor.play_until(State.SIDE)
    assert on - 0.3 < floor.whole("exit.warning") < floor.whole("exit.knees")


def test_what_was_heard_is_said_once() -> None:
    floor = Floor().into_hold().play_until(State.SIDE)
    lines = floor.lines()
    assert [lines.count(line) for line in ("exit.warning", "exit.knees", "exit.feet")] == [1, 1, 1]
    assert floor.whole("exit.warning") >= 0
