"""Pure: a sweep, delayed, damped and drowned in noise, is found where it is."""

import numpy as np
import pytest

from legsup_voice.audio import HEAR_RATE
from legsup_voice.evaluation.echo_path import find_echo, sweep


@pytest.mark.parametrize("delay", [0.02, 0.2, 0.45])
@pytest.mark.parametrize(("gain_db", "noise_db"), [(0, -60), (-20, -40), (-10, -25)])
def test_delay_and_level_of_the_echo(delay: float, gain_db: float, noise_db: float) -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 10 ** (noise_db / 20), 2 * HEAR_RATE).astype(np.float32)
    heard = noise.copy()
    played = sweep(HEAR_RATE)
    at = round(delay * HEAR_RATE)
    heard[at : at + len(played)] += played * 10 ** (gain_db / 20)
    echo = find_echo(heard, noise)
    assert echo is not None
    assert echo.delay == pytest.approx(delay, abs=0.001)
    assert echo.gain == pytest.approx(gain_db, abs=1.0)


def test_noise_alone_is_no_echo() -> None:
    noise = np.random.default_rng(2).normal(0, 0.05, 2 * HEAR_RATE).astype(np.float32)
    assert find_echo(noise, noise) is None
    assert find_echo(np.zeros_like(noise), noise) is None
