"""Pure: the card's clock with the monotonic clock as a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.devices.clock import SLACK, CardClock

WEEK = 7 * 86_400


def test_the_card_is_the_clock_while_it_plays() -> None:
    clock = CardClock(now=100.0)
    for second in range(1, 1201):
        clock.advance(1.0 - 100e-6, 100.0 + second, playing=True)  # a crystal 100 ppm slow
    assert clock.seconds == pytest.approx(1199.88)
    assert clock.skipped == 0


def test_time_goes_on_without_a_speaker_and_never_jumps_back() -> None:
    clock = CardClock(now=0.0)
    clock.advance(5.0, 5.0, playing=True)
    assert clock.advance(0.0, 8.0, playing=False) == pytest.approx(8.0)
    assert clock.advance(0.02, 8.02, playing=True) == pytest.approx(8.02)
    assert clock.skipped == pytest.approx(3.0)


def test_a_starved_card_is_skipped_forward() -> None:
    clock = CardClock(now=0.0)
    assert clock.advance(1.0, 1.2, playing=True) == 1.0
    assert clock.advance(0.0, 2.0, playing=True) == 2.0


@given(
    st.lists(
        st.tuples(st.floats(0, 0.1), st.floats(0, 0.5), st.booleans()), min_size=1, max_size=200
    )
)
def test_never_backwards_and_never_further_behind_than_the_slack(
    moves: list[tuple[float, float, bool]],
) -> None:
    clock, now, before = CardClock(now=0.0), 0.0, 0.0
    for played, passed, playing in moves:
        now += passed
        seconds = clock.advance(played, now, playing)
        assert seconds >= before
        assert now - seconds <= (SLACK if playing else 0) + 1e-9
        before = seconds


@pytest.mark.parametrize("ppm", [-100, 100])
def test_a_week_of_drift_makes_no_hole_and_no_standstill(ppm: int) -> None:
    """A service that waits for days; then the speaker goes, and time must go on at once."""
    clock, now = CardClock(now=0.0), 0.0
    while now < WEEK:
        now += 1.0
        clock.advance(1.0 + ppm * 1e-6, now, playing=True)
    assert clock.seconds == pytest.approx(WEEK * (1 + ppm * 1e-6)), "the card is the clock"
    assert clock.skipped == 0
    lost, seconds = now, clock.seconds
    while clock.advance(0.0, now, playing=False) == seconds:
        now += 0.01
    assert now - lost <= 0.3
    assert clock.skipped <= 0.3


def test_a_card_that_is_far_too_fast_leaves_no_long_standstill() -> None:
    clock, now = CardClock(now=0.0), 0.0
    while now < 3600:
        now += 1.0
        clock.advance(1.02, now, playing=True)
    before = clock.seconds
    assert clock.advance(0.0, now + 3.0, playing=False) > before


def test_a_card_that_starves_after_days_of_drift_is_skipped_forward_at_once() -> None:
    clock, now = CardClock(now=0.0), 0.0
    while now < WEEK:
        now += 1.0
        clock.advance(1.0 + 100e-6, now, playing=True)
    before = clock.seconds
    clock.advance(0.0, now + 1.0, playing=True)
    assert clock.seconds == pytest.approx(before + 1.0, abs=0.02)
