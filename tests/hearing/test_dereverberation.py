"""Dereverberation takes the room's echo off what was said."""

import numpy as np
import pytest

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.evaluation.surroundings import across, room
from legsup_voice.hearing.dereverberation import dereverberated
from tests.hearing.voices import voice

EARLY = 0.02
"""Seconds of a room's response that a frame takes for the voice itself."""

NAMES = ("af_heart", "am_michael", "bf_emma")


def beside(samples: Samples, wanted: Samples) -> float:
    """Return what of `samples` isn't `wanted`, at the best level, as a part of its energy."""
    length = min(len(samples), len(wanted))
    given, like = samples[:length].astype(np.float64), wanted[:length].astype(np.float64)
    explained = np.square(given @ like) / (like @ like)
    return float(1 - explained / (given @ given))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_is_more_like_what_came_first(name: str) -> None:
    response = room(np.random.default_rng(1), -8.0, 0.8)
    early = np.where(np.arange(len(response)) < EARLY * HEAR_RATE, response, np.float32(0))
    said = voice("what are the benefits", name)
    wanted, echoing = across(said, early), across(said, response)
    found = dereverberated(echoing)
    assert found is not None
    assert len(found) == len(echoing)
    assert beside(found, wanted) < 0.98 * beside(echoing, wanted)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.02, 0.1])
def test_silence_and_what_is_too_short_has_no_echo(seconds: float) -> None:
    assert dereverberated(np.zeros(int(seconds * HEAR_RATE), np.float32)) is None
