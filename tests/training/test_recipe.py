"""Parts of the recipe that need nothing but the product's own packages."""

from pathlib import Path

import numpy as np
import pytest

from training.augment import Surroundings, augment, background
from training.corpus import RATE, kept_aside
from training.measure import Tally
from training.phrasing import read_phrases, vocabulary
from training.rooms import shoebox


def test_words_come_from_lists(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# no\nhow long\n\nhow long\n", encoding="utf8")
    (tmp_path / "b.txt").write_text("so much\n", encoding="utf8")
    assert read_phrases(tmp_path / "a.txt") == ["how long"]
    words = vocabulary([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert {"how", "long", "so", "much", "ninety", "and"} <= set(words)
    assert "no" not in words


def test_speakers_are_split_by_their_ids_and_in_halves() -> None:
    aside = [kept_aside(f"speaker-{n}") for n in range(400)]
    assert 150 < sum(aside) < 250
    assert aside == [kept_aside(f"speaker-{n}") for n in range(400)]


def test_a_made_up_room_begins_with_the_direct_sound() -> None:
    for seed in range(5):
        response = shoebox(np.random.default_rng(seed))
        assert response[0] > 0
        assert np.isclose(np.sum(response**2), 1, atol=1e-3)
        assert 0.1 * RATE < len(response) <= 0.5 * RATE


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_augmented_speech_is_whole_numbers_of_16_bits(level: float) -> None:
    rng = np.random.default_rng(1)
    tone = 0.1 * np.sin(np.arange(RATE) * 0.2).astype(np.float32)
    around = Surroundings(
        [shoebox(rng)], [rng.standard_normal(5000).astype(np.float32)], lambda _: tone
    )
    for _ in range(30):
        sound = augment(tone, around, rng, level)
        assert sound.dtype == np.float32
        assert np.all(np.isfinite(sound))
        assert np.all(sound == np.round(sound))
        assert 50 < np.abs(sound).max() <= 32768
    assert len(background(1.0, around, rng)) == RATE


def test_only_the_whole_text_is_a_hit() -> None:
    tally = Tally("clean")
    for heard in ("stop", "stop go", "go", ""):
        tally.add("stop", heard, ["stop", "go"])
    assert (tally.right, tally.other, tally.nothing) == (1, 1, 2)
