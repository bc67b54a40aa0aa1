"""The spectrogram of a sound, and how the cues measure."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.content import content
from legsup_voice.evaluation.measure import measured_cues
from legsup_voice.evaluation.spectrogram import draw, spectrum


def test_a_tone_is_a_line_at_its_frequency(tmp_path: Path) -> None:
    seconds = np.arange(2 * SPEAK_RATE) / SPEAK_RATE
    tone = (0.01 * np.sin(2 * np.pi * 1500 * seconds)).astype(np.float32)
    levels = spectrum(tone, 100)
    rows = len(levels)
    assert (levels.argmax(axis=0) == round(rows * 0.75)).all()
    assert levels.max() == pytest.approx(-40.0, abs=1.0)
    draw(tone, tmp_path / "tone.png")
    with Image.open(tmp_path / "tone.png") as picture:
        assert picture.width > 1000


@pytest.mark.parametrize("name", ["belly", "four_six", "box", "four_seven_eight"])
def test_every_cue_is_heard_to_its_end_in_a_room_that_is_not_quiet(name: str) -> None:
    cues = measured_cues(content().breathing.patterns[name].phases)
    breath_in = next(cue for cue in cues if cue.cue == "in")
    for cue in cues:
        assert cue.heard_until > cue.seconds - 0.3
        assert min(cue.first, cue.middle, cue.last) > -37
        if cue.cue == "hold":
            assert cue.first <= breath_in.first
