"""Slower speech: longer pauses, the same words."""

import numpy as np
import pytest

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.speaking import recorded
from legsup_voice.speaking.pauses import with_longer_pauses


def test_a_pause_grows_and_what_is_spoken_stays_as_it_is() -> None:
    word = np.sin(np.arange(SPEAK_RATE) * 0.1).astype(np.float32)
    pause = np.zeros(SPEAK_RATE // 2, np.float32)
    slow = with_longer_pauses(np.concatenate([word, pause, word]), 2.0)
    assert len(slow) == 3 * SPEAK_RATE
    assert np.array_equal(slow[:SPEAK_RATE], word)
    assert np.array_equal(slow[-SPEAK_RATE:], word)


def test_silence_around_a_line_and_short_closures_inside_a_word_stay() -> None:
    word = np.sin(np.arange(SPEAK_RATE) * 0.1).astype(np.float32)
    around, closure = np.zeros(SPEAK_RATE // 2, np.float32), np.zeros(SPEAK_RATE // 20, np.float32)
    line = np.concatenate([around, word, closure, word, around])
    assert np.array_equal(with_longer_pauses(line, 2.0), line)


@pytest.mark.parametrize("line", [np.zeros(0), np.zeros(100), np.zeros(SPEAK_RATE)])
def test_nothing_stays_nothing(line: np.ndarray) -> None:
    assert not np.any(with_longer_pauses(line.astype(np.float32), 2.0))


def test_recorded_lines_come_slower_without_a_lost_sample() -> None:
    for path in sorted(recorded.folder().glob("*.opus"))[::60]:
        line = recorded.read(path)
        slow = with_longer_pauses(line, 1.8)
        assert len(line) <= len(slow) <= 1.6 * len(line)
        assert np.isclose(np.sum(slow**2), np.sum(line**2))
