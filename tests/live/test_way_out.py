"""The clips of the way down that come with the package; that they are said is tested live."""

import io

import numpy as np
import pytest
import soundfile

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.content import content, languages
from legsup_voice.live import way_out
from legsup_voice.speaking.loudness import VOICE_LUFS, loudness


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("line", sorted(way_out.clips()))
def test_a_clip_says_what_the_content_says_now(line: str, language: str) -> None:
    """Where it doesn't: python -m legsup_voice.live.way_out LANGUAGE."""
    with soundfile.SoundFile(io.BytesIO(way_out.clips(language)[line])) as file:
        assert file.title == content(language).lines[line].say[0]
        assert file.samplerate == SPEAK_RATE
        samples = np.asarray(file.read(dtype="float32"))
    assert loudness(samples) == pytest.approx(VOICE_LUFS, abs=1.0)


def test_a_language_without_clips_has_the_english_ones() -> None:
    assert way_out.clips("xx") == way_out.clips()


def test_the_warning_comes_first_and_nobody_is_told_to_stand_before_the_rests() -> None:
    lines = [line for line, _ in way_out.DOWN]
    quiet = dict(way_out.DOWN)
    assert lines[0] == "exit.warning"
    assert lines[-1] == "stand.support"
    assert quiet["side.rest"] >= 30
    assert quiet["sitting.rest"] >= 30
