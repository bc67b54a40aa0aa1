"""When another is to speak because the computer is too busy for the session's own sound."""

import pytest

from legsup_voice.live import heartbeat
from legsup_voice.live.tears import TRIES, Tears
from tests.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(heartbeat, "time", made)
    return made


def run(tears: Tears, clock: Clock, seconds: int, lost_in_each: float, late: float = 0.0) -> bool:
    """Let so many seconds pass, with so much lost in each; return whether it was ever too many."""
    too_many = tears.too_many(late)
    for _ in range(10 * seconds):
        clock.now += 0.1
        late += lost_in_each / 10
        too_many |= tears.too_many(late)
    return too_many


def test_sound_torn_for_seconds_on_end_is_another_s_to_say(clock: Clock) -> None:
    assert run(Tears(), clock, 7, lost_in_each=0.4)


def test_a_hole_now_and_then_is_no_reason(clock: Clock) -> None:
    assert not run(Tears(), clock, 60, lost_in_each=0.2)


def test_a_stop_of_everything_is_one_tear(clock: Clock) -> None:
    tears = Tears()
    assert not run(tears, clock, 3, lost_in_each=0.0)
    clock.now += 60
    assert not run(tears, clock, 10, lost_in_each=0.0, late=60.0)


def test_a_speaker_that_is_away_tears_nothing(clock: Clock) -> None:
    tears = Tears(there=False)
    for _ in range(TRIES):
        tears.warned(8.0)
    assert not run(tears, clock, 60, lost_in_each=1.0)


def test_a_warning_torn_as_often_as_it_was_tried_is_another_s_to_say(clock: Clock) -> None:
    tears = Tears()
    tears.warned(0.3)
    tears.warned(0.0)
    tears.warned(0.3)
    assert not tears.too_many(0.6)
    tears.warned(0.3)
    assert tears.too_many(0.9)
