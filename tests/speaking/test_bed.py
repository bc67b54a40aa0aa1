"""The bed and the bell, measured."""

import numpy as np
import pytest

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.protocol.commands import Bed
from legsup_voice.speaking.bed import BED_LUFS, FADE_SECONDS, bell, loop
from legsup_voice.speaking.loudness import VOICE_LUFS, loudness, true_peak
from legsup_voice.speaking.mixer import Mixer
from tests.speaking.listening import Listener, voice

BEDS = [bed for bed in Bed if bed is not Bed.NONE]


@pytest.mark.parametrize("bed", BEDS)
def test_a_bed_is_far_below_the_voice_at_every_moment(bed: Bed) -> None:
    samples = loop(bed)
    assert loudness(samples) == pytest.approx(BED_LUFS, abs=0.1)
    seconds = samples.reshape(-1, 2 * SPEAK_RATE)
    assert max(loudness(second) for second in seconds) <= VOICE_LUFS - 15


@pytest.mark.parametrize("bed", BEDS)
def test_a_bed_has_no_seam(bed: Bed) -> None:
    samples = loop(bed)
    across = np.concatenate([samples[-SPEAK_RATE:], samples[:SPEAK_RATE]])
    steps = np.abs(np.diff(across))
    assert steps[SPEAK_RATE - 2 : SPEAK_RATE + 1].max() <= np.abs(np.diff(samples)).max() * 1.0001


def test_a_bed_comes_and_goes_slowly_and_leaves_silence() -> None:
    listener = Listener(Mixer(voice(), Bed.NOISE))
    listener.play(1.0)
    assert not listener.sound.any()
    listener.mixer.play_bed(True)
    listener.play(30.0)
    listener.mixer.play_bed(False)
    listener.play(12.0)
    levels = [loudness(listener.between(start, start + 1)) for start in (1, 3, 6, 9, 30)]
    assert levels[:4] == sorted(levels[:4])
    assert levels[0] < BED_LUFS - 20
    assert levels[-1] == pytest.approx(BED_LUFS, abs=1.0)
    assert not listener.between(31.0 + FADE_SECONDS, 43.0).any()


def test_without_a_bed_there_is_silence() -> None:
    listener = Listener()
    listener.mixer.play_bed(True)
    listener.play(1.0)
    assert not listener.sound.any()


def test_the_bell_is_softer_than_the_voice_and_dies_away() -> None:
    listener = Listener()
    listener.mixer.ring()
    listener.play(4.0)
    assert np.array_equal(listener.sound[: len(bell())], bell())
    assert loudness(bell()) < VOICE_LUFS
    assert true_peak(bell()) < -10
    assert not listener.between(3.0, 4.0).any()
