"""Spoken lengths of time (pure, fast)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.hearing import numbers


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("seven minutes", 420),
        ("two and a half minutes", 150),
        ("ninety seconds", 90),
        ("half an hour", 1800),
        ("a minute", 60),
        ("one minute", 60),
        ("half a minute", 30),
        ("a quarter of an hour", 900),
        ("a minute and a half", 90),
        ("one minute thirty", 90),
        ("one minute thirty seconds", 90),
        ("twenty five minutes", 1500),
        ("an hour and ten minutes", 4200),
    ],
)
def test_a_length_of_time_is_understood(text: str, seconds: float) -> None:
    assert numbers.seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "minutes", "five", "and", "five and minutes", "half", "seconds five", "a", "stop",
     "ten minutes ten hours", "ten minutes five minutes", "two and a half"],
)  # fmt: skip
def test_what_is_no_length_of_time_is_none(text: str) -> None:
    assert numbers.seconds(text) is None


@given(st.integers(0, 99), st.sampled_from(["seconds", "minutes", "hours"]))
def test_every_whole_number_is_read_back(number: int, unit: str) -> None:
    spoken = f"{numbers.words_of(number)} {unit}"
    assert numbers.seconds(spoken) == number * numbers.UNITS[unit]


@given(
    st.lists(st.sampled_from("a an and half quarter of two twenty minutes seconds hour".split()))
)
def test_any_words_give_a_length_or_none(words: list[str]) -> None:
    seconds = numbers.seconds(" ".join(words))
    assert seconds is None or seconds > 0


def test_every_listed_length_is_read() -> None:
    assert len(set(numbers.SPOKEN)) == len(numbers.SPOKEN)
    assert all(numbers.seconds(text) for text in numbers.SPOKEN)
