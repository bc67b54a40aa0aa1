"""What happens to a command on its way: levels and figures as they are said to be."""

from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.evaluation import clips, surroundings
from legsup_voice.simulation.level import active_level
from tests.hearing.voices import voice


def stop() -> Samples:
    return voice("stop")


def decibels(samples: Samples) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples, dtype=np.float64))))


def test_noise_lies_under_the_speech_and_not_under_its_pauses() -> None:
    spaced = np.concatenate([stop(), np.zeros(3 * HEAR_RATE, np.float32)])
    noise = np.random.default_rng(1).standard_normal(HEAR_RATE).astype(np.float32)
    placed = surroundings.in_noise(spaced, noise, "a.flac")
    under = active_level(spaced, HEAR_RATE) - decibels(placed[-HEAR_RATE:])
    assert under == pytest.approx(surroundings.NOISE_RATIO, abs=0.5)


@pytest.mark.parametrize(("direct", "decay"), [(-15.0, 0.9), (-6.0, 0.5), (0.0, 0.2)])
def test_a_room_is_as_reverberant_as_asked(direct: float, decay: float) -> None:
    response = surroundings.room(np.random.default_rng(1), direct, decay).astype(np.float64) ** 2
    assert 10 * np.log10(response[0] / response[1:].sum()) == pytest.approx(direct, abs=0.1)
    left = 10 * np.log10(np.cumsum(response[::-1])[::-1][1:] / response[1:].sum())
    half = np.flatnonzero(left < -30)[0] / HEAR_RATE
    assert 0.5 * decay / 2 < half < 1.1 * decay / 2


def test_a_room_is_the_same_for_a_name_and_takes_the_level_down() -> None:
    placed = surroundings.in_room(stop(), "a.flac")
    np.testing.assert_array_equal(placed, surroundings.in_room(stop(), "a.flac"))
    assert not np.array_equal(placed, surroundings.in_room(stop(), "b.flac"))
    assert active_level(placed, HEAR_RATE) < active_level(stop(), HEAR_RATE) - 4


def test_who_speaks_softly_is_as_much_quieter() -> None:
    quieter = active_level(stop(), HEAR_RATE) - active_level(surroundings.softly(stop()), HEAR_RATE)
    assert quieter == pytest.approx(surroundings.SOFT_DB, abs=0.1)


def test_a_whisper_keeps_the_formants_and_loses_the_voice() -> None:
    said = voice("how much longer")
    whisper = surroundings.whispered(said, "a.flac")
    assert len(whisper) == len(said)
    lost = active_level(said, HEAR_RATE) - active_level(whisper, HEAR_RATE)
    assert lost == pytest.approx(surroundings.WHISPER_DB, abs=0.5)
    assert _pitch(said) > 0.5 > _pitch(whisper)


def _pitch(samples: Samples) -> float:
    """The strongest repetition between 75 and 400 Hz in the loudest 64 ms, against the power."""
    frames = samples[: len(samples) // 1024 * 1024].reshape(-1, 1024).astype(np.float64)
    frame = frames[np.argmax((frames**2).sum(1))]
    frame = np.convolve(frame, np.ones(8) / 8, "same")  # below 1 kHz
    repeated = np.correlate(frame, frame, "full")[1023:]
    return float(repeated[40:213].max() / repeated[0])


def test_a_recording_counts_once_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a.flac", "b.flac"):
        (tmp_path / name).write_bytes(b"the same")
    (tmp_path / "c.flac").write_bytes(b"another")
    assert clips.contents(tmp_path / "a.flac") == clips.contents(tmp_path / "b.flac")
    assert clips.contents(tmp_path / "a.flac") != clips.contents(tmp_path / "c.flac")
