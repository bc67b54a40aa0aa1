"""The recorded lines: what is there, how it measures, and what happens where one is missing."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.content import content
from legsup_voice.errors import UserError
from legsup_voice.evaluation.measure import measured_lines
from legsup_voice.simulation.faults import full_disk
from legsup_voice.speaking import prosody, recorded
from legsup_voice.speaking.driver import Speech
from legsup_voice.speaking.loudness import loudness, true_peak
from legsup_voice.speaking.voice import Voice
from tests.speaking.listening import alike

MOST_MISSING = 0.1
"""Part of the lines that may wait for the recipe's next run."""


def recordings() -> list[tuple[str, str]]:
    return [line for line in dict.fromkeys(content().spoken()) if recorded.find(*line)]


def test_hardly_a_line_lacks_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    lines = set(content().spoken())
    missing = sorted(lines - set(recordings()))
    with capsys.disabled():
        for text, pace in missing[:20]:
            print(f"not recorded ({pace}): {text}")  # noqa: T201 - the report of this test
    assert len(missing) <= MOST_MISSING * len(lines), f"{len(missing)} of {len(lines)}"


def test_the_index_tells_what_each_file_says() -> None:
    rows = (recorded.folder() / recorded.INDEX).read_text(encoding="utf8").splitlines()
    listed = {}
    for row in rows:
        name, pace, text = row.split("\t")
        listed[name] = (text, pace)
    assert set(listed) == recorded.names(recorded.HEART)
    assert all(recorded.file_name(*line) == name for name, line in listed.items())


def test_all_recordings_together_are_small() -> None:
    folder = recorded.folder()
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 8e6


@pytest.mark.parametrize("part", range(4))
def test_every_recording_is_level_unclipped_and_at_its_pace(part: int, tmp_path: Path) -> None:
    lines = measured_lines(Voice(tmp_path), recordings()[part::4])
    assert lines
    for line in lines:
        assert line.lufs == pytest.approx(-18.0, abs=0.4), line
        assert line.peak <= -2.0, line
        assert line.seconds <= prosody.LONGEST_LINE, line
    late = [line for line in lines if not line.keeps_pace]
    assert len(late) <= 0.02 * len(lines), late
    assert list(tmp_path.iterdir()) == []


def test_what_is_recorded_is_not_rendered(tmp_path: Path) -> None:
    speaking = Voice(tmp_path)
    calls: list[tuple[int, int]] = []
    speaking.render_all(recordings(), lambda done, total: calls.append((done, total)))
    assert calls == []
    text, pace = recordings()[0]
    assert speaking.is_recorded(text, pace)
    assert not speaking.is_recorded(text, "hold" if pace == "setup" else "setup")


def test_what_is_recorded_is_spoken_where_no_file_can_be_written(tmp_path: Path) -> None:
    text, pace = recordings()[0]
    told = Voice(tmp_path).clip(text, pace)
    with full_disk():
        assert np.abs(Voice(tmp_path).clip(text, pace) - told).max() < 1e-3


def test_a_line_without_a_recording_is_spoken_by_espeak(tmp_path: Path) -> None:
    text = "This line was never recorded."
    assert recorded.find(text, "setup") is None
    ours, espeak = Voice(tmp_path / "a"), Voice(tmp_path / "b", "espeak")
    assert alike(ours.clip(text, "setup"), espeak.clip(text, "setup"))
    kept = [{path.name.split("-")[0] for path in (tmp_path / name).iterdir()} for name in "ab"]
    assert kept[0] == kept[1], "both by the same recipe"


def test_the_setting_chooses_who_speaks(tmp_path: Path) -> None:
    line = recordings()[0]
    heart, espeak = Voice(tmp_path).clip(*line), Voice(tmp_path, "espeak").clip(*line)
    assert not np.array_equal(heart, espeak)
    for clip in (heart, espeak):
        assert loudness(clip) == pytest.approx(-18.0, abs=0.4)
        assert true_peak(clip) <= -2.0
    with pytest.raises(UserError, match="the voices are heart, michael, espeak"):
        Voice(tmp_path, "nobody")


def test_another_voice_is_found_where_it_was_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path))
    folder = tmp_path / "voices" / recorded.MICHAEL
    with pytest.raises(UserError, match=r"not installed: put them into .*am_michael"):
        Voice(tmp_path, "michael")
    folder.mkdir(parents=True)
    text, pace = recordings()[0]
    named = recorded.file_name(text, pace, recorded.MICHAEL)
    shutil.copy(recorded.folder() / recorded.file_name(text, pace), folder / named)
    michael = Voice(tmp_path, "michael")
    assert michael.is_recorded(text, pace)
    assert np.array_equal(michael.clip(text, pace), Voice(tmp_path).clip(text, pace))


def test_a_damaged_recording_is_spoken_by_espeak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, pace = recordings()[0]
    copy = tmp_path / recorded.HEART
    copy.mkdir()
    name = recorded.file_name(text, pace)
    (copy / name).write_bytes(b"OggS" + bytes(500))
    monkeypatch.setattr(recorded, "folder", lambda voice=recorded.HEART: tmp_path / voice)
    clip = Voice(tmp_path / "cache").clip(text, pace)
    assert len(clip) > SPEAK_RATE / 2
    assert loudness(clip) == pytest.approx(-18.0, abs=0.4)


def test_the_way_out_is_spoken_when_the_recordings_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / recorded.HEART
    shutil.copytree(recorded.folder(), copy)
    monkeypatch.setattr(recorded, "folder", lambda voice=recorded.HEART: tmp_path / voice)
    speaking = Voice(tmp_path / "cache")
    way_out = list(content().way_out())[:3]
    speaking.hold(way_out)
    before = [speaking.clip(*line) for line in way_out]
    shutil.rmtree(copy)
    for line in [*recordings(), *content().spoken()][:20]:
        speaking.clip(*line)  # crowds the first ones out of what was heard lately
    for line, clip in zip(way_out, before, strict=True):
        np.testing.assert_allclose(speaking.clip(*line), clip, atol=1e-4)


def test_pyttsx3_says_every_word(tmp_path: Path) -> None:
    """Both ways go through pyttsx3: a recorded line and one that isn't."""
    speech, file = Speech("heart"), tmp_path / "said.wav"
    for text, pace in (recordings()[0], ("This line was never recorded.", "hold")):
        speech.save(text, pace, str(file))
        assert file.stat().st_size > SPEAK_RATE
        file.unlink()
    speech.rest()
