"""The simulated room, measured by its samples."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, SPEAK_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.simulation.level import active_level
from legsup_voice.simulation.room import Convolver, Echo, Room
from legsup_voice.soundfiles import WavWriter, read, to_16_bit

SILENCE = np.zeros(SPEAK_BLOCK, np.float32)


def heard(room: Room, speaker: Samples, blocks: int) -> Samples:
    """Play `speaker` into the room; microphone block n follows speaker block n - 1."""
    played = [SILENCE, *np.split(speaker, len(speaker) // SPEAK_BLOCK)]
    played += [SILENCE] * (blocks - len(played))
    return np.concatenate([room.microphone(block) for block in played[:blocks]])


def tone(hertz: float, seconds: float, rate: int, dbfs: float = -20.0) -> Samples:
    time = np.arange(round(seconds * rate)) / rate
    amplitude = 10 ** (dbfs / 20) * np.sqrt(2)
    wave: Samples = (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)
    return wave


def rms_db(samples: Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))))


@settings(deadline=None, max_examples=25)
@given(delay_ms=st.floats(22, 300), gain_db=st.floats(-30, 0), hertz=st.floats(100, 6000))
def test_an_echo_is_the_speaker_later_and_quieter(
    delay_ms: float, gain_db: float, hertz: float
) -> None:
    echo = Echo(gain_db, delay_ms)
    speaker = tone(hertz, 1.0, SPEAK_RATE)
    blocks = [echo.process(block) for block in np.split(speaker, 50)]
    got = np.concatenate(blocks)
    # Block k of the echo is what the microphone hears after speaker block k.
    time = np.arange(len(got)) / HEAR_RATE + 0.02 - delay_ms / 1000
    expected = 10 ** ((gain_db - 20) / 20) * np.sqrt(2) * np.sin(2 * np.pi * hertz * time)
    settled = slice(round((delay_ms / 1000) * HEAR_RATE), None)
    error = got[settled] - expected[settled]
    assert rms_db(error) < rms_db(expected[settled]) - 40


def test_an_echo_shorter_than_a_block_takes_the_shortest_delay_there_is() -> None:
    click = np.zeros(SPEAK_BLOCK * 4, np.float32)
    click[0] = 1.0
    direct = np.concatenate([Echo(0, 0).process(block) for block in np.split(click, 4)])
    assert np.argmax(np.abs(direct)) == round(0.002 * HEAR_RATE)


def test_what_the_microphone_could_not_carry_is_not_folded_down() -> None:
    echo = Echo(0, 40)
    speaker = tone(10_000, 1.0, SPEAK_RATE)
    got = np.concatenate([echo.process(block) for block in np.split(speaker, 50)])
    # The tone's onset is a click of its own; after that only what leaks through is left.
    assert rms_db(got[HEAR_RATE // 5 :]) < -20 - 60


def test_an_impulse_response_keeps_delay_and_gain() -> None:
    rng = np.random.default_rng(1)
    impulse = np.zeros(2000, np.float32)
    impulse[300], impulse[900] = 0.8, -0.3
    speaker = rng.normal(0, 0.1, SPEAK_RATE * 2).astype(np.float32)
    speaker = np.convolve(speaker, np.ones(4) / 4, "same").astype(np.float32)
    dry, wet = Echo(-6, 40), Echo(-6, 40, impulse)
    blocks = np.split(speaker, 100)
    plain = np.concatenate([dry.process(block) for block in blocks])
    roomy = np.concatenate([wet.process(block) for block in blocks])
    energy = np.sqrt(0.8**2 + 0.3**2)
    expected = 0.8 / energy * plain
    expected[600:] -= 0.3 / energy * plain[:-600]
    assert np.max(np.abs(roomy - expected)) < 1e-4


@pytest.mark.parametrize("length", [1, 319, 320, 321, 5000])
def test_the_streaming_convolution_is_a_convolution(length: int) -> None:
    rng = np.random.default_rng(length)
    impulse = rng.normal(size=length).astype(np.float32)
    signal = rng.normal(size=HEAR_BLOCK * 40).astype(np.float32)
    convolver = Convolver(impulse)
    got = np.concatenate([convolver.process(block) for block in np.split(signal, 40)])
    assert np.allclose(got, np.convolve(signal, impulse)[: len(signal)], atol=1e-2)


def test_a_person_speaks_at_the_sample_and_level_asked_for() -> None:
    room = Room()
    clip = tone(440, 1.0, HEAR_RATE, dbfs=-3)
    uttered = room.utter(clip, at=0.1234, gain_db=-6, voice="person")
    got = heard(room, SILENCE, 100)
    assert uttered.first == round(0.1234 * HEAR_RATE)
    assert not got[: uttered.first].any()
    assert not got[uttered.first + uttered.length :].any()
    spoken = got[uttered.first : uttered.first + uttered.length]
    assert rms_db(spoken) == pytest.approx(-32, abs=0.1)


def test_the_active_level_ignores_pauses() -> None:
    burst = tone(300, 1.0, HEAR_RATE, dbfs=-20)
    gap = np.zeros(HEAR_RATE * 3, np.float32)
    spaced = np.concatenate((gap, burst, gap, burst, gap))
    assert active_level(spaced, HEAR_RATE) == pytest.approx(-20, abs=1.5)
    assert active_level(gap, HEAR_RATE) == -np.inf


def test_one_voice_waits_for_itself_and_others_mix() -> None:
    room = Room()
    clip = tone(300, 1.0, HEAR_RATE)
    first = room.utter(clip, at=0.0, gain_db=0, voice="person")
    second = room.utter(clip, at=0.2, gain_db=0, voice="person")
    third = room.utter(clip, at=0.2, gain_db=0, voice="television")
    assert second.start == pytest.approx(first.end + 0.5)
    assert third.start == pytest.approx(0.2)


def test_noise_is_always_there_at_its_signal_to_noise_ratio() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.3, 7001).astype(np.float32)
    got = heard(Room(noise=noise, snr_db=10), SILENCE, 200)
    assert rms_db(got) == pytest.approx(-36, abs=0.1)
    assert rms_db(got[-HEAR_BLOCK:]) == pytest.approx(-36, abs=1.5)


def test_a_shout_is_clipped_to_16_bits() -> None:
    room = Room()
    room.utter(tone(200, 0.5, HEAR_RATE), at=0, gain_db=60, voice="person")
    got = heard(room, SILENCE, 30)
    assert got.max() == pytest.approx(32767 / 32768)
    assert got.min() == -1.0
    assert np.array_equal(got * 32768, np.rint(got * 32768))


def test_an_unplugged_microphone_is_silent_while_the_room_goes_on() -> None:
    room = Room()
    room.utter(tone(200, 1.0, HEAR_RATE), at=0, gain_db=0, voice="person")
    room.microphone_plugged = False
    assert not room.microphone(SILENCE).any()
    room.microphone_plugged = True
    assert room.microphone(SILENCE).any()
    assert room.now == pytest.approx(0.04)


def test_a_written_file_holds_the_very_samples(tmp_path: Path) -> None:
    samples = np.linspace(-1.2, 1.2, 1000).astype(np.float32)
    with WavWriter(tmp_path / "a.wav", HEAR_RATE) as writer:
        writer.write(samples[:400])
        writer.write(samples[400:])
    got, rate = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert rate == HEAR_RATE
    assert np.array_equal(got, to_16_bit(samples))


def test_a_stereo_file_at_another_rate_becomes_mono_at_ours(tmp_path: Path) -> None:
    stereo = np.stack((tone(440, 1.0, 44_100), tone(440, 1.0, 44_100)), axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, 44_100)
    got = read(tmp_path / "a.wav", HEAR_RATE)
    assert len(got) == HEAR_RATE
    assert rms_db(got) == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize("content", [None, b"", b"RIFF....WAVEfmt ", b"no sound at all" * 50])
def test_a_file_that_holds_no_sound_is_one_clear_sentence(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "bad.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read(path, HEAR_RATE)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
