"""Resampled tones come out as they went in, and nothing else does; decibels."""

import numpy as np
import pytest

from legsup_voice.audio import (
    BLOCKS_PER_SECOND,
    HEAR_RATE,
    SPEAK_RATE,
    Resampler,
    Samples,
    amplitude,
    decibels,
    level_db,
)

WAYS = [
    *((SPEAK_RATE, rate) for rate in (8_000, 44_100, 48_000, 96_000, HEAR_RATE)),
    *((rate, HEAR_RATE) for rate in (8_000, 11_025, 44_100, 48_000, 192_000, HEAR_RATE)),
]


def tone(rate: int, frequency: float, count: int, late: float = 0.0) -> Samples:
    time = np.arange(count) / rate - late
    return np.sin(2 * np.pi * frequency * time).astype(np.float32)


def resampled(samples: Samples, source: int, target: int, piece: int) -> Samples:
    resampler = Resampler(source, target)
    pieces = np.split(samples, range(piece, len(samples), piece))
    return np.concatenate([resampler.process(each) for each in pieces])


@pytest.mark.parametrize(("source", "target"), WAYS)
@pytest.mark.parametrize("part", [0.01, 0.2, 0.4])
def test_a_tone_comes_out_as_it_went_in(source: int, target: int, part: float) -> None:
    frequency = part * min(source, target)
    out = resampled(tone(source, frequency, source), source, target, source // BLOCKS_PER_SECOND)
    late = Resampler(source, target).late
    assert late <= 0.003
    wanted = tone(target, frequency, len(out), late)
    begun = round(4 * late * target)
    np.testing.assert_allclose(out[begun:], wanted[begun:], atol=2e-3)


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_pieces_of_any_length_give_the_same(source: int, target: int) -> None:
    noise = np.random.default_rng(1).standard_normal(source // 2).astype(np.float32)
    whole = resampled(noise, source, target, len(noise))
    for piece in (1, 7, 333):
        np.testing.assert_allclose(
            resampled(noise[: 50 * piece], source, target, piece),
            whole[: len(resampled(noise[: 50 * piece], source, target, piece))],
            atol=1e-5,
        )
    assert len(whole) == pytest.approx(target // 2, abs=target // 50)


@pytest.mark.parametrize(("source", "target", "frequency"), [(48_000, HEAR_RATE, 8_600.0)])
def test_what_the_other_rate_can_not_hold_is_taken_off(
    source: int, target: int, frequency: float
) -> None:
    out = resampled(tone(source, frequency, source), source, target, 960)
    assert np.abs(out[target // 100 :]).max() < 1e-4


def test_no_images_of_what_was_below_are_above() -> None:
    out = resampled(tone(SPEAK_RATE, 9_000.0, SPEAK_RATE), SPEAK_RATE, 48_000, 480)
    spectrum = np.abs(np.fft.rfft(out[480:] * np.hanning(len(out) - 480)))
    frequency = np.fft.rfftfreq(len(out) - 480, 1 / 48_000)
    assert spectrum[frequency > 12_600].max() < 1e-4 * spectrum.max()


def test_silence_after_sound_is_exact() -> None:
    """A microphone that gives nothing but zeros is told from a live one."""
    resampler = Resampler(48_000, HEAR_RATE)
    resampler.process(np.ones(960, np.float32))
    resampler.process(np.zeros(960, np.float32))
    assert not resampler.process(np.zeros(960, np.float32)).any()


def test_silence_has_no_level() -> None:
    for nothing in (np.zeros(10, np.float32), np.zeros(0, np.float32)):
        assert level_db(nothing) == decibels(0.0) == -np.inf
    assert level_db(np.full(10, 0.1, np.float32)) == pytest.approx(-20)
    assert decibels(amplitude(-20)) == pytest.approx(-20)
