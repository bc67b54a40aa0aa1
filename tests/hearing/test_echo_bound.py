"""Who speaks where there is little echo: never we, and a person who is near."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, Samples
from legsup_voice.hearing.echo_bound import EchoBound
from tests.hearing.echoes import BLOCKS, echo_of, hiss, level, room, syllables


def persons(microphone: Samples, speaker: Samples) -> list[bool]:
    """Whether each block was taken for a person."""
    bound = EchoBound()
    found = []
    for heard, spoken in zip(
        microphone.reshape(-1, HEAR_BLOCK), speaker.reshape(-1, SPEAK_BLOCK), strict=True
    ):
        bound.listen(heard, spoken)
        found.append(bound.person)
    return found


def lines(seed: int) -> Samples:
    """Lines of two seconds, with a pause of one after each."""
    speaker = syllables(BLOCKS, seed)
    speaker.reshape(-1, SPEAK_BLOCK)[np.arange(BLOCKS) % 150 >= 100] = 0.0
    return speaker


@settings(max_examples=40)
@given(
    gain_db=st.floats(-60, 10),
    delay_ms=st.floats(22, 180),
    reverberation=st.floats(0.02, 0.26),
    seed=st.integers(1, 1000),
)
def test_our_own_voice_is_never_a_person(
    gain_db: float, delay_ms: float, reverberation: float, seed: int
) -> None:
    speaker = lines(seed)
    echo = echo_of(speaker, gain_db, delay_ms, room(reverberation, seed))
    assert not any(persons(echo, speaker))


def test_a_person_is_told_from_a_line_that_the_microphone_does_not_hear() -> None:
    speaker = syllables(BLOCKS, 1)
    person = echo_of(syllables(BLOCKS, 3), -6, 22, None)
    person[: 5 * HEAR_RATE] = 0.0
    found = persons(person + hiss(BLOCKS), speaker)
    assert not any(found[:250])
    assert np.mean(found[260:]) > 0.9


@pytest.mark.parametrize("gain_db", [0.0, -10.0])
def test_nothing_is_said_of_a_person_beside_a_loud_echo(gain_db: float) -> None:
    speaker = syllables(BLOCKS, 1)
    person = echo_of(syllables(BLOCKS, 3), -6, 22, None)
    assert not any(persons(person + echo_of(speaker, gain_db, 80, room(0.2, 2)), speaker))


def test_nothing_is_said_of_a_person_before_we_have_spoken() -> None:
    person = echo_of(syllables(BLOCKS, 3), -6, 22, None)
    assert level(person) > -30
    assert not any(persons(person, np.zeros(BLOCKS * SPEAK_BLOCK, np.float32)))
