"""The voice detector on people's recordings; time is the audio clock."""

from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, Samples
from legsup_voice.evaluation import clips
from legsup_voice.hearing.activity import Phase, VoiceDetector
from legsup_voice.soundfiles import read

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
    samples *= np.float32(0.05 / 10 ** (clips.NOISE_RATIO / 20) / np.sqrt(np.mean(samples**2)))
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
