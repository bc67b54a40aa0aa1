"""The phone network: what it hears, and what is said when it is broken."""

from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.hearing.phones import PHONES, PhoneNetwork
from legsup_voice.soundfiles import read

VOICES = Path(__file__).parents[2] / "legsup_voice" / "simulation" / "voices"


@pytest.fixture(scope="module")
def network() -> PhoneNetwork:
    return PhoneNetwork()


def stop() -> Samples:
    return read(VOICES / "stop-af_heart.flac", HEAR_RATE)


def spoken(network: PhoneNetwork, samples: Samples) -> list[str]:
    """The likeliest phones, blanks and repetitions taken out."""
    best = network.log_posteriors(samples).argmax(1)
    changed = np.flatnonzero(np.diff(best, prepend=0))
    return [PHONES[at - 1] for at in best[changed] if at]


def test_the_last_phone_is_heard_though_the_sound_ends_with_it(network: PhoneNetwork) -> None:
    assert spoken(network, stop()) == ["S", "T", "AA", "P"]


@pytest.mark.parametrize("gain", [1e-3, 0.1, 3.0])
def test_the_level_changes_nothing(network: PhoneNetwork, gain: float) -> None:
    assert spoken(network, stop() * np.float32(gain)) == ["S", "T", "AA", "P"]


@pytest.mark.parametrize("length", [0, 1, 100, 16_000])
def test_every_row_is_a_distribution_even_of_nothing(network: PhoneNetwork, length: int) -> None:
    rows = network.log_posteriors(np.zeros(length, np.float32))
    assert rows.shape[1] == len(PHONES) + 1
    np.testing.assert_allclose(np.exp(rows).sum(1), 1, atol=1e-3)


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
def test_a_broken_network_is_said_plainly(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "phones.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="install legsup-voice again"):
        PhoneNetwork(path)
