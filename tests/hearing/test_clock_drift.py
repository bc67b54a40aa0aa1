"""Where the clocks of speaker and microphone drift apart, our voice is removed all the same."""

import numpy as np
import pytest

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, Samples
from legsup_voice.evaluation.surroundings import drifted
from legsup_voice.hearing import clock_drift
from legsup_voice.hearing.clock_drift import FRAME
from legsup_voice.hearing.echo import STAYS, EchoCanceller
from tests.hearing.echoes import echo_of, hiss, level, room, syllables

BLOCKS = 1500
"""30 s."""


def removed(microphone: Samples, speaker: Samples) -> tuple[Samples, list[bool | None]]:
    """What is left, and whether each block was told to be a person."""
    canceller = EchoCanceller()
    out, persons = [], []
    for heard, played in zip(
        microphone.reshape(-1, HEAR_BLOCK), speaker.reshape(-1, SPEAK_BLOCK), strict=True
    ):
        out.append(canceller.process(heard, played))
        persons.append(canceller.person)
    return np.concatenate(out), persons


def taken_off(microphone: Samples, out: Samples, since: float) -> float:
    late = slice(round(since * HEAR_RATE), None)
    return level(microphone[late]) - level(out[late])


@pytest.mark.parametrize(
    ("ppm", "gain_db", "room_seconds"),
    [
        *[(ppm, 0, None) for ppm in (-200, -50, 20, 100)],
        *[(ppm, -10, 0.2) for ppm in (-100, 50, 200)],
        *[(ppm, 0, 0.4) for ppm in (-200, -20, 100)],
    ],
)
def test_nearly_as_much_is_removed_as_without_drift(
    ppm: float, gain_db: float, room_seconds: float | None
) -> None:
    speaker = syllables(BLOCKS, 1)
    impulse = None if room_seconds is None else room(room_seconds, 2)
    echo = echo_of(speaker, gain_db, 100, impulse)
    steady, drifting = echo + hiss(BLOCKS), drifted(echo, ppm) + hiss(BLOCKS)
    best, _ = removed(steady, speaker)
    out, persons = removed(drifting, speaker)
    assert taken_off(drifting, out, 15) > min(taken_off(steady, best, 15) - 4, 30)
    assert True not in persons
    assert None not in persons[600:]


@pytest.mark.parametrize("ppm", [-100, 100])
def test_a_person_is_told_from_a_drifting_echo(ppm: float) -> None:
    speaker = syllables(BLOCKS, 1)
    person = echo_of(syllables(BLOCKS, 3), -6, 22, None)
    person[: 15 * HEAR_RATE] = person[18 * HEAR_RATE :] = 0.0
    heard = drifted(echo_of(speaker, 0, 100, room(0.2, 2)), ppm) + hiss(BLOCKS)
    out, persons = removed(person + heard, speaker)
    wanted = person[15 * HEAR_RATE : 18 * HEAR_RATE]
    assert np.corrcoef(out[15 * HEAR_RATE + FRAME :][: len(wanted)], wanted)[0, 1] > 0.95
    assert np.mean([each is True for each in persons[770:820]]) > 0.9
    assert True not in persons[: 750 + STAYS - 1]  # what is brief may be a rate that changed


@pytest.mark.parametrize("ppm", [-250, 250])
def test_the_filter_goes_with_an_echo_that_moves_far(ppm: float) -> None:
    speaker = syllables(3 * BLOCKS, 1)
    heard = drifted(echo_of(speaker, 0, 100, room(0.2, 2)), ppm) + hiss(3 * BLOCKS)
    out, persons = removed(heard, speaker)
    assert taken_off(heard, out, 30) > 30
    assert set(persons[600:-3]) == {False}


def test_clocks_drift_in_our_pauses_too() -> None:
    speaker = syllables(2 * BLOCKS, 1)
    speaker.reshape(-1, SPEAK_BLOCK)[700:2500] = 0.0
    heard = drifted(echo_of(speaker, 0, 100, room(0.2, 2)), 100) + hiss(2 * BLOCKS)
    out, persons = removed(heard, speaker)
    assert taken_off(heard, out, 50) > 25
    assert True not in persons


def test_clocks_that_run_together_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = syllables(BLOCKS, 1)
    person = echo_of(syllables(BLOCKS, 3), -6, 22, None)
    person.reshape(-1, HEAR_BLOCK)[np.arange(BLOCKS) % 200 < 120] = 0.0
    heard = person + echo_of(speaker, 0, 100, room(0.3, 2)) + hiss(BLOCKS)
    out, _ = removed(heard, speaker)
    monkeypatch.setattr(clock_drift, "SURE", np.inf)
    never, _ = removed(heard, speaker)
    np.testing.assert_array_equal(out, never)
