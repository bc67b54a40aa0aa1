"""Pure: two cards that keep their own time, a worker that comes late, and time as a number."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legsup_voice.audio import BLOCKS_PER_SECOND, SPEAK_BLOCK, Samples
from legsup_voice.devices.ring import Ring
from legsup_voice.devices.transport import BLOCK, LONGEST_LEAD, Transport

EVERY = 25
"""Blocks from one click of the engine to the next."""


@dataclass
class Card:
    """A card whose callback is called by hand."""

    rate: int
    glitches: int = 0
    played: list[Samples] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ring = Ring(self.rate * 8)

    def take(self) -> None:
        """Play a block."""
        out = np.zeros(self.rate // BLOCKS_PER_SECOND, np.float32)
        self.ring.read_into(out)
        self.played.append(out)

    def give(self, value: float) -> None:
        """Hear a block."""
        self.ring.write(np.full(self.rate // BLOCKS_PER_SECOND, value, np.float32))

    def clicks(self) -> Samples:
        """Return the seconds on this card at which a click was loudest."""
        sound = np.concatenate(self.played)
        peaks = np.flatnonzero((sound[1:-1] > 0.2) & (sound[1:-1] >= sound[:-2]))
        peaks = peaks[(sound[peaks + 1] > sound[peaks + 2])] + 1
        return (peaks / self.rate).astype(np.float32)


@dataclass
class Engine:
    """Clicks every half second of its own clock and keeps what it hears."""

    blocks: int = 0
    heard: list[float] = field(default_factory=list)

    def process(self, microphone: Samples) -> Samples:
        """Take a block, return one."""
        block = np.zeros(SPEAK_BLOCK, np.float32)
        if self.blocks % EVERY == 0:
            block[SPEAK_BLOCK // 2] = 1.0
        self.blocks += 1
        self.heard.append(float(microphone[-1]))
        return block


def run(card: Card, engine: Engine, awake: Iterable[bool]) -> Transport:
    """Play a block for every item of `awake`; the worker runs after those that are true."""
    transport, microphone, now = Transport(), Card(card.rate), 0.0
    transport.run(card, microphone, now, engine.process)
    for is_awake in awake:
        now += BLOCK
        card.take()
        microphone.give(0.5)
        if is_awake:
            transport.run(card, microphone, now, engine.process)
    return transport


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_punctual_worker_loses_nothing(rate: int) -> None:
    card, engine = Card(rate), Engine()
    transport = run(card, engine, [True] * 500)
    assert transport.losses.late == 0
    assert transport.losses.left_out == 0
    assert transport.losses.silence <= 5 * BLOCK  # until the queue has filled
    apart = np.diff(card.clicks())
    assert len(apart) == 19
    assert apart == pytest.approx(EVERY * BLOCK, abs=2 / rate)
    assert engine.heard[10:] == pytest.approx([0.5] * (len(engine.heard) - 10), abs=0.01)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=4))
def test_whatever_is_heard_is_where_it_should_be(stalls: list[int]) -> None:
    """However late the worker comes, no click sounds off the half-second grid."""
    awake = [part for stall in stalls for part in [False] * stall + [True] * 60]
    card, engine = Card(48_000), Engine()
    transport = run(card, engine, awake)
    assert 0 <= engine.blocks - len(awake) <= LONGEST_LEAD / BLOCK  # the clock never lies
    grid = card.clicks() / (EVERY * BLOCK)
    off = (grid - grid[0] + 0.5) % 1 - 0.5
    assert np.abs(off) * EVERY * BLOCK == pytest.approx(0, abs=0.001)
    lost = sum(stalls) * BLOCK
    assert transport.losses.late <= lost + 0.001


def test_time_goes_on_without_cards_and_they_come_back_in_step() -> None:
    transport, engine, now = Transport(), Engine(), 0.0
    before, after = Card(48_000), Card(44_100)
    for number in range(500):
        card = before if number < 150 else None if number < 400 else after
        if card:
            card.take()
        now += BLOCK
        transport.run(card, None, now, engine.process)
    assert engine.blocks == pytest.approx(500, abs=10)
    first = after.clicks()[0]  # its first sample belongs to second 8, a multiple of half a second
    late = (before.clicks()[0] - first + 0.25) % 0.5 - 0.25
    assert abs(late) < 0.1


def test_a_faster_microphone_is_left_out_and_a_slower_one_filled_up() -> None:
    for period, count in ((10, "left_out"), (-10, "silence")):
        speaker, microphone, engine = Card(48_000), Card(48_000), Engine()
        transport, now = Transport(), 0.0
        for number in range(1000):
            speaker.take()
            if period > 0 or number % -period:
                microphone.give(0.5)
            if period > 0 and number % period == 0:
                microphone.give(0.5)
            now += BLOCK
            transport.run(speaker, microphone, now, engine.process)
        assert getattr(transport.losses, count) == pytest.approx(2.0, abs=0.3)
        assert engine.blocks == pytest.approx(1000, abs=5)


def never(_: Samples) -> Samples:
    raise AssertionError("no block is due")


def test_nothing_is_due_before_time_has_passed() -> None:
    card, engine, transport = Card(48_000), Engine(), Transport()
    transport.run(card, None, 0.0, engine.process)
    transport.run(card, None, 0.001, never)
