"""What sounds before a line: after long silence, and for speakers that sleep."""

import numpy as np
import pytest

from legsup_voice.audio import SPEAK_BLOCK, SPEAK_RATE, Samples
from legsup_voice.protocol.events import LineStarted
from legsup_voice.speaking.lead_in import (
    FLOOR_DB,
    LONG_SILENCE,
    RISE_SECONDS,
    WAKE_SECONDS,
    KeepAwake,
)
from legsup_voice.speaking.mixer import Mixer
from tests.speaking.listening import Listener, line, voice


def decibels(samples: Samples) -> float:
    return 20 * float(np.log10(np.sqrt(np.mean(samples.astype(np.float64) ** 2)) + 1e-9))


def after_silence(seconds: float, *, safety: bool = False) -> tuple[Listener, float]:
    """Say a line, wait, say another; return the listener and when the second was said."""
    listener = Listener()
    listener.mixer.say(line(3))
    listener.play_out()
    listener.play(seconds)
    now = len(listener.sound) / SPEAK_RATE
    listener.mixer.say(line(2, safety=safety))
    return listener, now


def test_after_long_silence_a_soft_tone_grows_before_the_voice() -> None:
    listener, now = after_silence(LONG_SILENCE + 5)
    listener.play_out()
    start = listener.of(LineStarted)[1].start
    assert start - now == pytest.approx(1.2, abs=0.03)
    levels = [decibels(listener.between(at, at + 0.2)) for at in np.arange(now, start - 0.2, 0.2)]
    assert levels == sorted(levels)
    assert levels[0] < -45 < levels[-1] < -30
    assert np.abs(np.diff(listener.between(now - 0.1, start))).max() < 0.02


def test_the_way_out_waits_for_no_more_than_a_moment() -> None:
    listener, now = after_silence(LONG_SILENCE + 5, safety=True)
    listener.play_out()
    assert 0.1 < listener.of(LineStarted)[1].start - now <= 0.2


def test_an_answer_is_not_led_in() -> None:
    listener, now = after_silence(LONG_SILENCE + 5)
    listener.mixer.attend()
    listener.play_out()
    assert listener.of(LineStarted)[1].start - now <= 0.02


def test_what_follows_soon_and_the_first_line_are_not_led_in() -> None:
    listener, now = after_silence(LONG_SILENCE / 2)
    listener.play_out()
    first, second = listener.of(LineStarted)
    assert first.start < 0.02
    assert second.start - now <= 0.02


def test_silence_ends_a_lead_in_at_once() -> None:
    listener, now = after_silence(LONG_SILENCE + 5)
    listener.play(0.8)
    listener.mixer.hush()
    listener.play(1.0)
    assert not listener.between(now + 0.8 + SPEAK_BLOCK / SPEAK_RATE, now + 1.8).any()
    assert len(listener.of(LineStarted)) == 1


def test_the_end_of_a_hold_is_foretold_by_a_tone_that_grows_and_brightens() -> None:
    listener = Listener()
    listener.play(1.0)
    listener.mixer.foretell(RISE_SECONDS + 3.0)
    listener.play(RISE_SECONDS + 2.0)
    assert not listener.between(0.0, 3.0).any()
    seconds = listener.between(3.0, 3.0 + RISE_SECONDS).reshape(-1, SPEAK_RATE)
    levels = [decibels(second) for second in seconds]
    assert levels == sorted(levels)
    assert levels[0] < -48 < -34 < levels[-1] < -28
    assert brightness(seconds[-1]) > 1.15 * brightness(seconds[0])
    assert np.abs(np.diff(listener.sound)).max() < 0.012
    listener.mixer.say(line(2, safety=True))
    listener.play(0.04)
    assert listener.of(LineStarted)[0].start == pytest.approx(3.0 + RISE_SECONDS, abs=0.021)


def brightness(samples: Samples) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float(np.sum(np.fft.rfftfreq(len(samples), 1 / SPEAK_RATE) * power) / power.sum())


def test_an_end_that_is_put_off_is_foretold_anew() -> None:
    listener = Listener()
    listener.mixer.foretell(10.0)
    listener.play(6.0)
    listener.mixer.foretell(30.0)
    listener.play(26.0)
    assert listener.between(2.0, 6.0).any()
    assert not listener.between(6.2, 30.0 - RISE_SECONDS).any()
    assert listener.between(30.0 - RISE_SECONDS, 30.0).any()
    assert not listener.between(30.0, 32.0).any()
    listener.mixer.foretell(34.0)  # too near to grow: it stays silent
    listener.play(4.0)
    assert not listener.between(32.0, 36.0).any()


def test_the_bell_strikes_when_it_was_foretold() -> None:
    listener = Listener()
    listener.mixer.foretell(None, (5.0, 10.0))
    listener.play(7.0)
    listener.mixer.foretell(None)
    listener.play(7.0)
    assert not listener.between(0.0, 4.9).any()
    assert listener.between(5.0, 5.2).any()
    assert not listener.between(8.1, 14.0).any()


def test_a_speaker_that_sleeps_is_woken_before_every_line() -> None:
    listener = Listener(Mixer(voice(), keep_awake=KeepAwake.LEAD_IN))
    listener.mixer.attend()
    listener.mixer.say(line(3, safety=True))
    listener.play_out()
    start = listener.of(LineStarted)[0].start
    assert start == pytest.approx(WAKE_SECONDS, abs=0.02)
    assert decibels(listener.between(0.1, start - 0.1)) == pytest.approx(-52, abs=1)


def test_the_floor_is_never_zero_and_never_heard() -> None:
    listener = Listener(Mixer(voice(), keep_awake=KeepAwake.FLOOR))
    listener.play(5.0)
    assert decibels(listener.sound) == pytest.approx(FLOOR_DB, abs=0.5)
    blocks = np.rint(listener.sound * 32768).reshape(-1, SPEAK_BLOCK)
    assert blocks.any(axis=1).all()
    assert not Listener().mixer.block()[0].any()
