"""Sessions as files: what is in them, measured in the file."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.content import content
from legsup_voice.errors import UserError
from legsup_voice.protocol.commands import Pattern
from legsup_voice.recording.recording import Recording, record
from legsup_voice.recording.render import render
from legsup_voice.speaking.bed import bell
from legsup_voice.speaking.loudness import loudness, true_peak
from legsup_voice.speaking.prosody import LONGEST_LINE
from tests.speaking.listening import voice

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="not run: ffmpeg is not installed"
)


@cache
def recorded(seconds: float = 180.0, pattern: Pattern = Pattern.BOX) -> Recording:
    return record(voice(), seconds, pattern)


def sound(recording: Recording) -> Samples:
    return np.asarray(recording.samples / 32768, np.float32)


def start_of(recording: Recording, title: str) -> float:
    return next(chapter.start for chapter in recording.chapters if chapter.title == title)


@pytest.mark.parametrize(("seconds", "pattern"), [(180.0, Pattern.BOX), (30.0, Pattern.NONE)])
def test_the_hold_lasts_as_long_as_asked_and_then_the_warning_sounds(
    seconds: float, pattern: Pattern
) -> None:
    recording = recorded(seconds, pattern)
    begin, end = start_of(recording, "Hold"), start_of(recording, "Coming down")
    assert end - begin == pytest.approx(seconds, abs=0.05)
    samples = sound(recording)
    after = samples[round(end * SPEAK_RATE) : round((end + 1.0) * SPEAK_RATE)]
    assert loudness(after) > -22


def test_the_end_of_the_hold_grows_out_of_the_silence() -> None:
    recording = recorded()
    end = round(start_of(recording, "Coming down") * SPEAK_RATE)
    seconds = sound(recording)[end - 10 * SPEAK_RATE : end].reshape(10, -1)
    levels = np.sqrt(np.mean(seconds**2, axis=1))
    assert levels[:2].max() == 0.0
    assert (np.diff(levels[2:]) > 0).all()
    assert levels[-1] < 0.04


def test_for_the_night_there_is_no_bell_and_nobody_stands_up() -> None:
    night = record(voice(), 30.0, Pattern.NONE, night=True)
    assert night.chapters[-1].title == "Sleep"
    assert "Stand up" not in [chapter.title for chapter in night.chapters]
    usual = recorded(30.0, Pattern.NONE)
    parts = []
    for recording in (usual, night):  # under the first line, where all else is evenly ducked
        begin = round(start_of(recording, "Hold") * SPEAK_RATE)
        parts.append(sound(recording)[begin : begin + SPEAK_RATE])
    rung = parts[0] - parts[1]
    rung = rung[np.argmax(np.abs(rung) > 1e-4) :]
    stroke = bell()[: len(rung)]
    likeness = np.dot(rung, stroke) / np.linalg.norm(rung) / np.linalg.norm(stroke)
    assert likeness > 0.9


def test_it_begins_with_who_should_leave_the_pose_and_rests_before_standing() -> None:
    script = content().recording
    warned = " ".join(part.say.lower() for part in script.before[0].parts)
    for word in ("blood pressure", "glaucoma", "pots", "pregnant", "stand up", "surgery"):
        assert word in warned
    titles = [chapter.title for chapter in recorded().chapters]
    assert titles[0] == "Before you begin"
    assert titles[-4:] == ["Coming down", "Rest on your side", "Sit", "Stand up"]
    assert start_of(recorded(), "Sit") - start_of(recorded(), "Rest on your side") >= 30
    assert start_of(recorded(), "Stand up") - start_of(recorded(), "Sit") >= 30


def test_lines_of_the_file_keep_the_limits() -> None:
    script = content().recording
    for section in (*script.before, *script.after):
        for text in (part.say for part in section.parts if part.say):
            assert len(text.split()) <= 20
            assert sum(map(text.count, ".!?:")) <= 2
            assert len(voice().clip(text, "setup")) <= LONGEST_LINE * SPEAK_RATE


def test_nothing_in_the_file_clips_and_the_voice_is_level() -> None:
    samples = sound(recorded())
    assert true_peak(samples) <= -2.0
    first = samples[: round(start_of(recorded(), "Into the pose") * SPEAK_RATE)]
    assert loudness(first) == pytest.approx(-18.0, abs=0.6)


@needs_ffmpeg
@pytest.mark.parametrize("kind", ["mp3", "ogg", "wav"])
def test_a_file_has_its_length_title_and_chapters(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEGSUP_CACHE", str(voice().cache))
    monkeypatch.setenv("LEGSUP_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('voice = "espeak"\n')
    folder = tmp_path / "out"
    folder.mkdir()
    out = folder / f"session.{kind}"
    render(out, minutes=0.5, breathing="belly")
    expected = recorded(30.0, Pattern.BELLY)
    probed = probe(out)
    assert float(probed["format"]["duration"]) == pytest.approx(expected.seconds, abs=0.5)
    tags = probed["format"].get("tags") or probed["streams"][0]["tags"]
    assert {key.lower(): value for key, value in tags.items()}["title"] == (
        "Legs up the wall, thirty seconds"
    )
    chapters = sorted(probed["chapters"], key=lambda chapter: float(chapter["start_time"]))
    titles = [chapter.title for chapter in expected.chapters]
    assert [chapter["tags"]["title"] for chapter in chapters] == titles
    starts = [chapter.start for chapter in expected.chapters]
    assert [float(chapter["start_time"]) for chapter in chapters] == pytest.approx(starts, abs=2e-3)
    assert [entry.name for entry in folder.iterdir()] == [out.name]
    assert "0:30 in the pose" in capsys.readouterr().out


def probe(file: Path) -> dict[str, Any]:
    """Return what ffprobe says of `file`."""
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters"]
    printed = subprocess.run(
        [*command, "-of", "json", str(file)], check=True, capture_output=True, text=True
    )
    result: dict[str, Any] = json.loads(printed.stdout)
    return result


@pytest.mark.parametrize("kind", ["mp3", "ogg", "wav"])
def test_writing_needs_no_other_program(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGSUP_CACHE", str(voice().cache))
    monkeypatch.setenv("PATH", str(tmp_path))
    render(tmp_path / f"a.{kind}", minutes=0.5, breathing="none")
    with soundfile.SoundFile(tmp_path / f"a.{kind}") as file:
        assert (file.samplerate, file.channels) == (SPEAK_RATE, 1)


@pytest.mark.parametrize(
    ("name", "minutes", "breathing", "sentence"),
    [
        ("a.flac", 5, "box", "must end in"),
        ("a.wav", 0.2, "box", "0.5 to 20 minutes"),
        ("a.wav", 21, "box", "0.5 to 20 minutes"),
        ("a.wav", float("nan"), "box", "--minutes"),
        ("a.wav", 5, "square", "--breathing"),
        ("no/folder/a.wav", 5, "box", "no folder"),
    ],
)
def test_a_wrong_wish_gets_one_sentence(
    tmp_path: Path, name: str, minutes: float, breathing: str, sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        render(tmp_path / name, minutes=minutes, breathing=breathing)
    assert not list(tmp_path.iterdir())
