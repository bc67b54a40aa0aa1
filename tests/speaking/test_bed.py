"""The bed and the bell, measured."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.protocol.commands import Bed
from legsup_voice.speaking.bed import BED_LUFS, FADE_SECONDS, bell, loop, own
from legsup_voice.speaking.loudness import VOICE_LUFS, loudness, true_peak
from legsup_voice.speaking.mixer import Mixer
from tests.speaking.listening import Listener, voice

BEDS = [bed for bed in Bed if bed is not Bed.NONE]


@pytest.mark.parametrize("bed", BEDS)
def test_a_bed_is_far_below_the_voice_at_every_moment(bed: Bed) -> None:
    samples = loop(bed)
    assert loudness(samples) == pytest.approx(BED_LUFS, abs=0.1)
    assert true_peak(samples) <= BED_LUFS + 20  # nothing in it startles
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


def test_another_bed_is_faded_over_the_last_one() -> None:
    listener = Listener(Mixer(voice(), Bed.DRONE))
    listener.mixer.play_bed(True)
    listener.play(15.0)
    listener.mixer.set_bed(Bed.WAVES)
    listener.play(25.0)
    levels = [loudness(listener.between(start, start + 2)) for start in range(11, 38, 2)]
    assert min(levels) > BED_LUFS - 20
    steps = np.abs(np.diff(listener.sound))
    assert steps[15 * SPEAK_RATE - 5 : 15 * SPEAK_RATE + 5].max() <= steps.max() * 1.0001
    drone, waves = listener.between(11, 14), listener.between(32, 35)
    assert brightness(waves) > 1.5 * brightness(drone)
    listener.mixer.set_bed(Bed.NONE)
    listener.play(11.0)
    assert not listener.between(50.5, 51.0).any()


def brightness(samples: Samples) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float(np.sum(np.fft.rfftfreq(len(samples), 1 / SPEAK_RATE) * power) / power.sum())


def test_a_file_of_ones_own_is_a_bed_without_a_seam(tmp_path: Path) -> None:
    path = tmp_path / "brook.flac"
    random = np.random.default_rng(1)
    rising = random.standard_normal(44_100 * 12) * np.linspace(0.02, 0.2, 44_100 * 12)
    soundfile.write(path, np.stack([rising, rising], axis=1), 44_100)
    samples = own(path)
    assert 8 * SPEAK_RATE < len(samples) < 12 * SPEAK_RATE
    assert loudness(samples) == pytest.approx(BED_LUFS, abs=0.5)
    around = np.concatenate([samples[-SPEAK_RATE:], samples[:SPEAK_RATE]]).reshape(-1, 2400)
    power = np.sqrt(np.mean(around**2, axis=1))
    assert power.max() < 1.4 * power.min()
    listener = Listener(Mixer(voice(), path))
    listener.mixer.play_bed(True)
    listener.play(13.0)
    assert loudness(listener.between(11, 13)) == pytest.approx(BED_LUFS, abs=5.0)


@pytest.mark.parametrize("content", [b"", b"no sound at all", None])
def test_a_file_that_is_no_bed_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bed.wav"
    if content is None:
        soundfile.write(path, np.zeros(100), SPEAK_RATE)
    else:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"bed\.wav"):
        own(path)


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
