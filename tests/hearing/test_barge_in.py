"""Ears, echo removal and room together: the person is heard over our voice, our voice never is."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

import legsup_voice
from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, SPEAK_RATE, Samples
from legsup_voice.evaluation.surroundings import drifted
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Ears, Report, VoiceActivity
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.simulation.room import Echo, Room
from tests.hearing.echoes import echo_of, room

VOICES = Path(legsup_voice.__file__).parent / "simulation" / "voices"
OURS = ("what_are_the_benefits", "make_it_easier", "stop", "how_much_time_is_left", "i_feel_dizzy")
EVERYTHING = frozenset(Command)
WORD_AT = 9.0


@cache
def clip(name: str, rate: int) -> Samples:
    samples, source = soundfile.read(VOICES / f"{name}.flac", dtype="float32")
    return np.asarray(soxr.resample(samples, source, rate), np.float32)


def our_speech(seconds: float) -> Samples:
    """A bundled voice that says commands over and over: the worst our own lines can be."""
    said = np.concatenate([clip(f"{name}-bf_emma", SPEAK_RATE) for name in OURS])
    return np.resize(said * 0.7, round(seconds * 50) * SPEAK_BLOCK)


def reports(ears: Ears, echo: Echo, person: bool) -> Iterator[Report]:
    around = Room(echo)
    if person:
        around.utter(clip("stop-am_michael", HEAR_RATE), WORD_AT, 0.0, "am_michael")
    attention = Attention(EVERYTHING, " ".join(OURS).replace("_", " "))
    sounding = np.zeros(SPEAK_BLOCK, np.float32)
    for block in our_speech(12.0).reshape(-1, SPEAK_BLOCK):
        microphone = around.microphone(sounding)
        assert len(microphone) == HEAR_BLOCK
        yield from ears.listen(microphone, sounding, attention)
        sounding = block


@pytest.mark.parametrize("gain_db", [0.0, -10.0, -20.0])
def test_stop_is_heard_while_we_say_the_very_word(gain_db: float) -> None:
    got = list(reports(Ears(), Echo(gain_db, 80.0), person=True))
    (heard,) = [report for report in got if isinstance(report, Heard)]
    assert heard.command is Command.STOP
    assert WORD_AT < heard.speech_end < WORD_AT + 1.5
    begun = [each.at for each in got if isinstance(each, VoiceActivity) and each.active]
    assert all(at > WORD_AT - 0.2 for at in begun)


@pytest.mark.parametrize("gain_db", [6.0, -20.0])
@pytest.mark.parametrize("removal", [True, False])
def test_our_own_commands_are_never_taken(gain_db: float, removal: bool) -> None:
    got = list(reports(Ears(echo=removal), Echo(gain_db, 80.0), person=False))
    assert not [report for report in got if isinstance(report, Heard)]


def test_our_own_voice_is_no_voice_activity() -> None:
    got = list(reports(Ears(), Echo(0.0, 80.0), person=False))
    assert not [report for report in got if isinstance(report, VoiceActivity)]


def drifting_reports(ppm: float, person: bool) -> Iterator[Report]:
    """What the ears report where somebody says "louder" while the clocks drift apart."""
    speech = our_speech(12.0)
    microphone = drifted(echo_of(speech, 0.0, 80.0, room(0.2, 2)), ppm)
    words = Room()
    if person:
        words.utter(clip("louder-am_michael", HEAR_RATE), WORD_AT, 0.0, "am_michael")
    ears, attention = Ears(), Attention(EVERYTHING, " ".join(OURS).replace("_", " "))
    silence = np.zeros(SPEAK_BLOCK, np.float32)
    for echo, sounding in zip(
        microphone.reshape(-1, HEAR_BLOCK), speech.reshape(-1, SPEAK_BLOCK), strict=True
    ):
        yield from ears.listen(words.microphone(silence) + echo, sounding, attention)


@pytest.mark.parametrize("ppm", [-100.0, 50.0, 200.0])
def test_more_than_stop_is_heard_where_clocks_drift(ppm: float) -> None:
    got = list(drifting_reports(ppm, person=True))
    assert [report.text for report in got if isinstance(report, Heard)] == ["louder"]


@pytest.mark.parametrize("ppm", [-100.0, 50.0, 200.0])
def test_our_own_commands_are_never_taken_where_clocks_drift(ppm: float) -> None:
    got = list(drifting_reports(ppm, person=False))
    assert not [report for report in got if isinstance(report, Heard)]
