"""Word errors, and every condition of the bench, with a recogniser that says what it is told."""

import numpy as np
import pytest

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.evaluation import speech
from tests.speaking.listening import LINES, voice


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("Bring the soles of your feet together.", "bring the souls of your feet together", 0),
        ("You are half way there.", "You are halfway there!", 0),
        ("Come down slowly, onto your side.", "Come down slowly. On to your side,", 0),
        ("We will hold for twenty minutes.", "We will hold for 20 minutes.", 0),
        ("Let your jaw be soft.", "Let your job be soft.", 1),
        ("Let your jaw be soft.", "And let your jaw soft.", 2),
        ("Let your jaw be soft.", "", 5),
    ],
)
def test_words_are_counted_as_they_sound(said: str, heard: str, errors: int) -> None:
    assert speech.word_errors(said, heard) == errors


def test_every_line_is_heard_in_every_condition() -> None:
    noise = np.random.default_rng(1).standard_normal(4 * HEAR_RATE).astype(np.float32)
    room = np.exp(-np.arange(HEAR_RATE) / 800).astype(np.float32)
    heard: list[Samples] = []

    def recogniser(samples: Samples) -> str:
        heard.append(samples)
        return "let the wall hold you"

    found = list(speech.measured(voice(), LINES[2:4], lambda _: 4.0, recogniser, noise, room))
    assert [line.errors for line in found] == [
        dict.fromkeys(speech.CONDITIONS, 0),
        dict.fromkeys(speech.CONDITIONS, 5),
    ]
    quiet, noisy, wet = (float(np.mean(samples**2)) for samples in heard[:3])
    assert noisy > 1.05 * quiet
    assert wet != pytest.approx(quiet, rel=0.001)
