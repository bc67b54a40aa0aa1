"""When an utterance is over (pure functions; places are samples on the audio clock)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.audio import HEAR_RATE
from legsup_voice.hearing.endpointing import Endpointing, Stage, stage


@pytest.mark.parametrize(
    ("silence", "reached"),
    [(0.0, 0), (0.1, 0), (0.16, 2), (0.31, 2), (0.32, 3), (0.39, 3), (0.4, 4), (9.0, 4)],
)
def test_a_longer_pause_lets_more_count(silence: float, reached: int) -> None:
    assert stage(silence, line_sounds=False) is Stage(reached)


def test_while_a_line_sounds_what_is_urgent_counts_sooner() -> None:
    assert stage(0.05, line_sounds=True) is Stage.NONE
    assert stage(0.07, line_sounds=True) is Stage.URGENT
    assert stage(0.16, line_sounds=True) is Stage.WHOLE


@given(st.floats(0, 2), st.floats(0, 2), st.booleans())
def test_a_pause_never_goes_back(silence: float, more: float, line_sounds: bool) -> None:
    assert stage(silence + more, line_sounds=line_sounds) >= stage(silence, line_sounds=line_sounds)


def test_an_utterance_holds_what_came_just_before_its_voice() -> None:
    start, end = Endpointing().bounds(5 * HEAR_RATE, 6 * HEAR_RATE)
    assert 4.4 * HEAR_RATE < start < 4.7 * HEAR_RATE
    assert 6 * HEAR_RATE < end < 6.2 * HEAR_RATE


def test_an_utterance_holds_nothing_of_the_one_before() -> None:
    endpointing = Endpointing()
    endpointing.over(5 * HEAR_RATE, command=False)
    start, _ = endpointing.bounds(round(5.2 * HEAR_RATE), 6 * HEAR_RATE)
    assert start == 5 * HEAR_RATE


def test_only_a_long_voice_is_too_long() -> None:
    endpointing = Endpointing()
    assert not endpointing.too_long(0, 4 * HEAR_RATE)
    assert endpointing.too_long(0, 6 * HEAR_RATE)


def test_words_soon_after_a_command_belong_to_it() -> None:
    endpointing = Endpointing()
    assert not endpointing.trails(HEAR_RATE)
    endpointing.over(2 * HEAR_RATE, command=True)
    assert endpointing.trails(round(2.5 * HEAR_RATE))
    assert not endpointing.trails(3 * HEAR_RATE)


def test_words_after_other_talk_do_not() -> None:
    endpointing = Endpointing()
    endpointing.over(2 * HEAR_RATE, command=False)
    assert not endpointing.trails(round(2.5 * HEAR_RATE))
