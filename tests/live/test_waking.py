"""Whether a sleeping speaker is found, in rooms made up for it."""

import numpy as np
import pytest
import soxr

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE, Samples
from legsup_voice.live.waking import SILENCE_SECONDS, advice, cut_off, probe
from legsup_voice.speaking.lead_in import KeepAwake


def heard(sleep: float, delay: float = 0.18, gain: float = 0.2, noise: float = 0.001) -> Samples:
    """Return what a microphone takes of a speaker that cuts off `sleep` seconds."""
    played = np.pad(probe(KeepAwake.OFF), (0, SPEAK_RATE))
    start = round(SILENCE_SECONDS * SPEAK_RATE)
    played[start : start + round(sleep * SPEAK_RATE)] = 0.0
    room = soxr.resample(played, SPEAK_RATE, HEAR_RATE) * gain
    room = np.pad(room, (round(delay * HEAR_RATE), 0))[: len(room)]
    random = np.random.default_rng(4).standard_normal(len(room)) * noise
    return np.asarray(room + random, np.float32)


@pytest.mark.parametrize("sleep", [0.0, 0.2, 0.5, 1.0])
def test_what_is_cut_off_is_measured(sleep: float) -> None:
    found = cut_off(heard(sleep), 0.18)
    assert found == pytest.approx(sleep, abs=0.03)


def test_a_tone_that_is_not_heard_tells_nothing() -> None:
    assert cut_off(heard(0.0, gain=0.0), 0.18) is None
    assert cut_off(heard(0.0)[: 4 * HEAR_RATE], 0.18) is None


def test_the_advice_goes_one_step_further_each_time() -> None:
    assert advice(0.05, KeepAwake.OFF) == ""
    assert '"floor"' in advice(0.5, KeepAwake.OFF)
    assert '"lead_in"' in advice(0.5, KeepAwake.FLOOR)
    assert "cable" in advice(0.5, KeepAwake.LEAD_IN)


@pytest.mark.parametrize("keep_awake", list(KeepAwake))
def test_the_probe_is_silent_as_the_setting_says(keep_awake: KeepAwake) -> None:
    silence = probe(keep_awake)[: round(SILENCE_SECONDS * SPEAK_RATE)]
    assert silence[:SPEAK_RATE].any() == (keep_awake is KeepAwake.FLOOR)
    assert silence.any() == (keep_awake is not KeepAwake.OFF)
