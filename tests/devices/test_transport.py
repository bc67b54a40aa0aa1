"""Pure: two cards that keep their own time, a worker that comes late, and time as a number."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legsup_voice.audio import BLOCKS_PER_SECOND, SPEAK_BLOCK, SPEAK_RATE, Samples
from legsup_voice.devices.ring import Ring
from legsup_voice.devices.transport import (
    BLOCK,
    DEAD_AFTER,
    FADE,
    LEAD,
    LONGEST_LEAD,
    Condition,
    Transport,
)

EVERY = 25
"""Blocks from one click of the engine to the next."""


@dataclass
class Card:
    """A card whose callback is called by hand."""

    rate: int
    delay: float = 0.04
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
    lost: list[int] = field(default_factory=list)
    """Samples of each settled block that were never heard."""

    def process(self, microphone: Samples) -> Samples:
        """Take a block, return one."""
        block = np.zeros(SPEAK_BLOCK, np.float32)
        if self.blocks % EVERY == 0:
            block[SPEAK_BLOCK // 2] = 1.0
        self.blocks += 1
        self.heard.append(float(microphone[-1]))
        return block

    def settle(self, lost: int) -> None:
        """Learn what became of the next block."""
        self.lost.append(lost)


def run(card: Card, engine: Engine, awake: Iterable[bool]) -> Transport:
    """Play a block for every item of `awake`; the worker runs after those that are true."""
    transport, microphone, now = Transport(), Card(card.rate), 0.0
    transport.run(card, microphone, now, engine.process, engine.settle, Condition(now))
    for is_awake in awake:
        now += BLOCK
        card.take()
        microphone.give(0.5)
        if is_awake:
            transport.run(card, microphone, now, engine.process, engine.settle, Condition(now))
    return transport


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_punctual_worker_loses_nothing(rate: int) -> None:
    card, engine = Card(rate), Engine()
    transport = run(card, engine, [True] * 500)
    assert transport.losses.late == 0
    assert transport.losses.left_out == 0
    assert transport.losses.silence <= LEAD + 2 * BLOCK  # until the queue has filled
    apart = np.diff(card.clicks())
    assert len(apart) == 19
    assert apart == pytest.approx(EVERY * BLOCK, abs=2 / rate)
    assert engine.heard[10:] == pytest.approx([0.5] * (len(engine.heard) - 10), abs=0.01)


def test_who_asks_for_silence_has_it_with_the_next_block() -> None:
    """What was made ahead is taken back without a click, and what follows is where it should be.

    So is the block that was asked for it, of which a cut line's last 6 ms are the first.
    """
    card, transport, made, asked = Card(SPEAK_RATE), Transport(), 0, 50
    microphone = Card(SPEAK_RATE)

    def process(_: Samples) -> Samples:
        nonlocal made
        made += 1
        if made == asked:
            transport.silence()
        return np.full(SPEAK_BLOCK, 0.5, np.float32)

    for turn in range(100):
        transport.run(card, microphone, turn * BLOCK, process, lambda _: None, Condition(0.0))
        card.take()
        microphone.give(0.0)
    sound = np.concatenate(card.played)
    begin = round((asked * BLOCK - LEAD) * SPEAK_RATE)  # of what the card has not got yet
    end = (asked - 1) * SPEAK_BLOCK
    faded, rises = begin + round(FADE * SPEAK_RATE), end + SPEAK_BLOCK
    assert sound[SPEAK_BLOCK:begin] == pytest.approx(0.5, abs=0.01)
    assert not sound[faded : end + SPEAK_BLOCK // 2].any()
    assert sound[rises + SPEAK_BLOCK // 2 :] == pytest.approx(0.5, abs=0.01)
    assert np.abs(np.diff(sound[SPEAK_BLOCK:])).max() < 0.01


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
        transport.run(card, None, now, engine.process, engine.settle, Condition(now))
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
            transport.run(speaker, microphone, now, engine.process, engine.settle, Condition(now))
        assert getattr(transport.losses, count) == pytest.approx(2.0, abs=0.3)
        assert engine.blocks == pytest.approx(1000, abs=5)


def test_a_microphone_that_comes_late_is_waited_for() -> None:
    """It gives two blocks at a time, now and then 20 ms late: nothing of that goes in or stays."""
    speaker, microphone, engine, transport = Card(48_000), Card(48_000), Engine(), Transport()
    for number in range(1000):
        speaker.take()
        late = number % 14 == 1
        for _ in range(2 if (number % 2 and not late) or number % 14 == 2 else 0):
            microphone.give(0.5)
        now = number * BLOCK
        transport.run(speaker, microphone, now, engine.process, engine.settle, Condition(now))
    assert transport.losses.silence == pytest.approx(LEAD)
    assert transport.losses.left_out <= 2 * BLOCK  # of the start
    assert engine.heard[6:] == pytest.approx([0.5] * (len(engine.heard) - 6), abs=0.05)
    assert engine.blocks == pytest.approx(1000 + LEAD / BLOCK, abs=2)


def test_what_a_microphone_owed_makes_nothing_late_for_long() -> None:
    """It stops for 0.14 s, then gives all of that: within 20 s it is heard at once again."""
    speaker, microphone, engine, transport = Card(48_000), Card(48_000), Engine(), Transport()
    waits, owed = [], 0
    for number in range(1200):
        speaker.take()
        owed += 1
        if not 200 <= number < 207:
            for _ in range(owed):
                microphone.give(number / 2000)
            owed = 0
        now = number * BLOCK
        transport.run(speaker, microphone, now, engine.process, engine.settle, Condition(now))
        waits.append(number - 2000 * engine.heard[-1])
    assert max(waits[20:200]) < 2
    assert min(waits[220:600]) > 3
    assert max(waits[1050:]) < 2


def never(_: Samples) -> Samples:
    raise AssertionError("no block is due")


def test_nothing_is_due_before_time_has_passed() -> None:
    card, engine, transport = Card(48_000), Engine(), Transport()
    transport.run(card, None, 0.0, engine.process, engine.settle, Condition(0.0))
    transport.run(card, None, 0.001, never, engine.settle, Condition(0.0))


class Hum(Engine):
    """Gives a constant, so that what was heard can be counted."""

    def process(self, microphone: Samples) -> Samples:
        super().process(microphone)
        return np.full(SPEAK_BLOCK, 0.5, np.float32)

    @property
    def heard_seconds(self) -> float:
        """What the settled blocks say was heard."""
        return sum(SPEAK_BLOCK - lost for lost in self.lost) / SPEAK_RATE


class Silence(Engine):
    """Says nothing."""

    def process(self, microphone: Samples) -> Samples:
        super().process(microphone)
        return np.zeros(SPEAK_BLOCK, np.float32)


def heard_of(*cards: Card) -> float:
    """Return the seconds of the hum that the cards have played."""
    return sum(float(np.mean(block > 0.25)) * BLOCK for card in cards for block in card.played)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=3))
def test_what_counts_as_heard_is_what_the_card_has_played(stalls: list[int]) -> None:
    """A worker stopped for up to 14 s: the card repeats nothing, and the log knows what is lost."""
    awake = [part for stall in stalls for part in [False] * stall + [True] * 60]
    card, engine = Card(48_000), Hum()
    run(card, engine, awake)
    assert engine.heard_seconds == pytest.approx(heard_of(card), abs=0.1)
    lost = sum(engine.lost) / SPEAK_RATE
    assert lost >= sum(max(0, stall - 10) for stall in stalls) * BLOCK - 0.1
    assert len(engine.lost) <= engine.blocks


def test_no_block_is_settled_before_the_speaker_was_found_well_after_it() -> None:
    card, engine, transport = Card(48_000, delay=0.3), Hum(), Transport()
    for number in range(100):
        card.take()
        well_at = min(number, 49) * BLOCK  # the last look but one was at 0.98 s
        transport.run(card, None, number * BLOCK, engine.process, engine.settle, Condition(well_at))
    assert engine.blocks > 100
    assert len(engine.lost) * BLOCK == pytest.approx(0.98 - card.delay, abs=0.06)
    assert not any(engine.lost)


def test_what_a_card_had_when_it_went_is_lost() -> None:
    card, engine, transport = Card(48_000), Hum(), Transport()
    for number in range(100):
        card.take()
        transport.run(card, None, number * BLOCK, engine.process, engine.settle, Condition(1.0))
    transport.run(None, None, 2.0, engine.process, engine.settle, Condition(1.0))
    assert len(engine.lost) == engine.blocks
    whole, gone = engine.lost.count(0), engine.lost.count(SPEAK_BLOCK)
    assert whole + gone == len(engine.lost)
    assert whole * BLOCK == pytest.approx(1.0 - card.delay, abs=0.06)


def test_what_a_muted_speaker_played_is_lost() -> None:
    card, engine, transport = Card(48_000), Hum(), Transport()
    for number in range(150):
        card.take()
        condition = Condition(number * BLOCK, audible=not 50 <= number < 100)
        transport.run(card, None, number * BLOCK, engine.process, engine.settle, condition)
    assert sum(engine.lost) / SPEAK_RATE == pytest.approx(1.0, abs=0.1)
    assert not any(engine.lost[:40])
    assert not any(engine.lost[110:])


@pytest.mark.parametrize(
    ("value", "spoken", "dead"), [(0.0, True, True), (0.0, False, False), (1e-4, True, False)]
)
def test_a_microphone_of_zeros_is_dead_when_even_we_are_not_in_it(
    value: float, spoken: bool, dead: bool
) -> None:
    card, microphone, transport = Card(48_000), Card(48_000), Transport()
    engine = Hum() if spoken else Silence()
    for number in range(300):
        now = number * BLOCK
        card.take()
        microphone.give(value)
        transport.run(card, microphone, now, engine.process, engine.settle, Condition(now))
        assert not transport.microphone_is_dead or now > DEAD_AFTER - 0.2
    assert transport.microphone_is_dead == dead


def test_after_a_stop_of_everything_the_next_sound_is_where_it_should_be() -> None:
    """Program and card stand still together for 12.3 s: nothing of that time is played late."""
    stop = 12.3
    card, engine, transport = Card(48_000), Engine(), Transport()
    now, stopped_after = 0.0, 150
    for number in range(400):
        now += BLOCK + (stop if number == stopped_after else 0.0)
        card.take()
        transport.run(card, None, now, engine.process, engine.settle, Condition(now))
    clicks = card.clicks()
    after = clicks[clicks > (stopped_after + LONGEST_LEAD / BLOCK) * BLOCK] + stop
    assert len(after) >= 8
    off = (after - clicks[0] + EVERY * BLOCK / 2) % (EVERY * BLOCK) - EVERY * BLOCK / 2
    assert off == pytest.approx(0, abs=0.03)
    assert sum(engine.lost) / SPEAK_RATE == pytest.approx(stop, abs=0.1)
