"""The voice detector on people's recordings; time is the audio clock."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, Samples
from legsup_voice.evaluation import clips, surroundings
from legsup_voice.hearing.activity import Phase, VoiceDetector
from legsup_voice.soundfiles import read
from tests.hearing.voices import voice

SPEECH = Path(__file__).parents[3] / "shared" / "speech"


def loudness(samples: Samples) -> float:
    """The root mean square of the loudest quarter."""
    loudest = np.sort(np.abs(samples))[-len(samples) // 4 :]
    return float(np.sqrt(np.mean(loudest**2)))


@pytest.mark.people
@pytest.mark.parametrize("noise", ["air_conditioner", "doing_the_dishes"])
def test_after_minutes_of_noise_people_are_still_noticed(noise: str) -> None:
    people = sorted((SPEECH / "command").glob("*.flac"))[::29]
    period = 4 * HEAR_RATE
    samples = read(next((SPEECH / "noise").glob(f"{noise}*")), HEAR_RATE)
    samples = np.resize(samples, 120 * HEAR_RATE + period * len(people))
    quieter = 10 ** (surroundings.NOISE_RATIO / 20)
    samples *= np.float32(0.05 / quieter / np.sqrt(np.mean(samples**2)))
    starts = [120 * HEAR_RATE + period * number for number in range(len(people))]
    for start, path in zip(starts, people, strict=True):
        word = read(path, HEAR_RATE)
        samples[start : start + len(word)] += np.float32(0.05 / loudness(word)) * word
    detector, noticed = VoiceDetector(), set[int]()
    for block in samples[: len(samples) // HEAR_BLOCK * HEAR_BLOCK].reshape(-1, HEAR_BLOCK):
        detector.listen(block)
        if detector.phase is Phase.VOICED:
            noticed.add((detector.voice_start - starts[0] + HEAR_RATE // 2) // period)
        elif detector.phase is Phase.ENDING and detector.silence > 0.4:
            detector.quiet()
    assert len(noticed & set(range(len(people)))) >= 0.95 * len(people), noticed


def voices(sound: Callable[[Samples], Samples]) -> list[tuple[bool, float, float]]:
    """What becomes of one word: by its sound alone, and where it begins and ends, in seconds."""
    detector, found = VoiceDetector(), []
    samples = clips.quiet_around(sound(voice("louder")))
    for block in samples[: len(samples) // HEAR_BLOCK * HEAR_BLOCK].reshape(-1, HEAR_BLOCK):
        detector.listen(block)
        if detector.phase is Phase.ENDING and detector.silence > 0.4:
            start, end = detector.voice_start / HEAR_RATE, detector.voice_end / HEAR_RATE
            found.append((detector.by_sound, start, end))
            detector.quiet()
    return found


def test_a_voice_is_noticed_as_one() -> None:
    ((by_sound, start, end),) = voices(lambda word: word)
    assert not by_sound
    assert start < 0.7
    assert end > 0.8


@pytest.mark.parametrize(
    "sound", [surroundings.softly, lambda word: surroundings.whispered(word, "a.flac")]
)
def test_a_soft_word_and_a_whisper_are_noticed(sound: Callable[[Samples], Samples]) -> None:
    ((_, start, end),) = voices(sound)
    assert start < 0.8
    assert 0.75 < end < 1.3


def test_a_short_click_is_no_word() -> None:
    click = np.random.default_rng(1).standard_normal(800).astype(np.float32) * 0.1
    assert not voices(lambda _: click)


def test_a_steady_noise_becomes_the_background() -> None:
    detector, noise = VoiceDetector(), np.random.default_rng(1).standard_normal(60 * HEAR_RATE)
    active = [False] * 3000
    for number, block in enumerate((0.05 * noise).astype(np.float32).reshape(-1, HEAR_BLOCK)):
        detector.listen(block)
        active[number] = detector.phase is Phase.VOICED
    assert not any(active[-1500:])
