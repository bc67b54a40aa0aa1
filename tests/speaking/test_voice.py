"""Clips as they are rendered, measured; the cache; and a synthesiser in trouble."""

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.content import content
from legsup_voice.errors import UserError
from legsup_voice.evaluation.measure import measured_lines, measured_sounds
from legsup_voice.speaking import prosody
from legsup_voice.speaking.loudness import loudness, true_peak
from legsup_voice.speaking.pronounce import pronounced
from legsup_voice.speaking.synthesis import Espeak
from legsup_voice.speaking.voice import Voice
from tests.speaking.listening import LINES, alike, voice

LINE = ("Rest now.", "hold")


@pytest.mark.parametrize(("text", "pace"), LINES)
def test_every_line_is_level_unclipped_and_at_its_pace(text: str, pace: str) -> None:
    clip = voice().clip(text, pace)
    assert loudness(clip) == pytest.approx(-18.0, abs=0.3)
    assert true_peak(clip) <= -3.4
    seconds, words = len(clip) / SPEAK_RATE, len(text.split())
    assert seconds <= 8.0
    if words > prosody.LENIENT_WORDS:
        limits = prosody.PACES[pace]
        assert limits.slowest <= 60 * words / seconds <= limits.fastest


def test_a_clip_is_trimmed_and_begins_and_ends_in_silence() -> None:
    clip = voice().clip(*LINES[1])
    quiet = np.abs(clip) < 10 ** (-40 / 20)
    assert np.argmin(quiet) < 0.03 * SPEAK_RATE
    assert np.argmin(quiet[::-1]) < 0.12 * SPEAK_RATE
    assert abs(clip[0]) < 1e-3
    assert abs(clip[-1]) < 1e-3


def test_a_cached_clip_is_the_rendered_clip(tmp_path: Path) -> None:
    assert np.array_equal(
        Voice(tmp_path, "espeak").clip(*LINE), Voice(tmp_path, "espeak").clip(*LINE)
    )
    assert len(list(tmp_path.iterdir())) == 1


def test_pace_and_text_make_other_clips(tmp_path: Path) -> None:
    speaking = Voice(tmp_path, "espeak")
    assert len(speaking.clip("Rest now, please do.", "hold")) > len(
        speaking.clip("Rest now, please do.", "setup")
    )
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"not a sound", None])
def test_a_damaged_clip_is_rendered_again(tmp_path: Path, damage: bytes | None) -> None:
    whole = Voice(tmp_path, "espeak").clip(*LINE)
    (path,) = tmp_path.iterdir()
    kept = path.read_bytes()
    middle = len(kept) // 2
    flipped = kept[:middle] + bytes(255 - byte for byte in kept[middle : middle + 40])
    path.write_bytes(flipped + kept[middle + 40 :] if damage is None else damage)
    assert loudness(Voice(tmp_path, "espeak").clip(*LINE)) == pytest.approx(
        loudness(whole), abs=0.1
    )
    assert loudness(Voice(tmp_path, "espeak").clip(*LINE)) == pytest.approx(
        loudness(whole), abs=0.1
    )


def test_a_cache_that_cannot_be_written_still_speaks(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    assert len(Voice(blocked, "espeak").clip(*LINE)) > SPEAK_RATE / 2
    assert len(Voice(Path("/dev/full"), "espeak").clip(*LINE)) > SPEAK_RATE / 2


def test_the_cache_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGSUP_CACHE", str(tmp_path / "clips"))
    assert Voice().cache == tmp_path / "clips"


def test_rendering_reports_progress_and_skips_what_is_there(tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    lines = [LINE, LINE, ("Breathe.", "hold")]
    Voice(tmp_path, "espeak").render_all(lines, lambda done, total: progress.append((done, total)))
    assert progress[-1] == (2, 2)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    Voice(tmp_path, "espeak").render_all(lines, lambda done, total: None)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written


def test_several_processes_fill_one_cache(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from legsup_voice.speaking.voice import Voice\n"
        "Voice(Path(sys.argv[1]), 'espeak').render_all("
        "[(f'Rest for {n} minutes.', 'hold') for n in ('two', 'three', 'four')],"
        " lambda a, b: None)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[2])
        for _ in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".flac"] * 3


def test_a_worker_that_hangs_is_replaced() -> None:
    with closing(Espeak()) as synthesiser:
        assert len(synthesiser.say("one", 1.0, 0))
        synthesiser.patience = 3.0
        (child,) = _children()
        os.kill(child, signal.SIGSTOP)
        assert len(synthesiser.say("two", 1.0, 0))
        assert _children() != [child]
    assert _children() == []


def test_a_worker_that_dies_is_replaced() -> None:
    with closing(Espeak()) as synthesiser:
        synthesiser.say("one", 1.0, 0)
        os.kill(_children()[0], signal.SIGKILL)
        assert len(synthesiser.say("two", 1.0, 0))


def test_workers_that_start_on_a_busy_machine_speak_alike() -> None:
    def said(_: int) -> Samples:
        with closing(Espeak()) as synthesiser:
            return synthesiser.say(LINES[2][0], 1.05, 0)

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(said, range(120))
    assert sum(not alike(first, other) for other in others) == 0


def test_without_espeak_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys, legsup_voice.speaking.worker as worker\n"
        "from legsup_voice.speaking.synthesis import Espeak\n"
        "sys.executable = sys.argv[1]\n"
        "Espeak().say('one', 1.0, 0)"
    )
    bare = tmp_path / "python"  # an interpreter in which no library can be loaded by name
    bare.write_text(
        f"#!{sys.executable}\nimport ctypes, runpy, sys\n"
        "ctypes.cdll.LoadLibrary = lambda name: (_ for _ in ()).throw(OSError(name))\n"
        "runpy.run_path(sys.argv[2], run_name='__main__')\n"
    )
    bare.chmod(0o755)
    result = subprocess.run(
        [sys.executable, "-c", code, str(bare)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert "apt install espeak-ng" in result.stderr
    assert UserError.__name__ in result.stderr


@pytest.mark.parametrize("text", ["", "...", " , ! "])
def test_a_text_without_words_is_silence(tmp_path: Path, text: str) -> None:
    assert len(Voice(tmp_path, "espeak").clip(text, "hold")) == 0


def test_the_dictionary_respells_whole_words_only() -> None:
    assert pronounced("Viparita Karani and POTS") != "Viparita Karani and POTS"
    assert pronounced("POTSDAM, pots") == "POTSDAM, pots"


def test_silences_go_to_the_punctuation() -> None:
    parts = prosody.clauses("First, the mat. Then the wall")
    assert [part.text for part in parts] == ["First,", "the mat.", "Then the wall"]
    assert 0 < parts[0].easy < parts[1].easy
    assert parts[2].longest == 0


def _children() -> list[int]:
    tasks = Path(f"/proc/{os.getpid()}/task")
    return [
        int(child)
        for task in tasks.iterdir()
        for child in (task / "children").read_text().split()
        if "worker.py" in Path(f"/proc/{child}/cmdline").read_text()
    ]


def test_measured_lines_and_sounds_keep_the_limits() -> None:
    lines = measured_lines(voice(), LINES)
    assert [line.name for line in lines] == [text for text, _ in LINES]
    assert max(line.lufs for line in lines) - min(line.lufs for line in lines) <= 1.0
    assert all(line.keeps_pace for line in lines)
    others = {other.name: other.lufs for other in measured_sounds()}
    assert all(lufs < -18.0 for lufs in others.values())
    assert all(lufs <= -33.0 for name, lufs in others.items() if name.startswith("bed"))


def test_words_are_said_right() -> None:
    """Heard by espeak-ng's own phonemes: "close your eyes" as the verb."""
    said = subprocess.run(
        ["espeak-ng", "-q", "--ipa", "-v", "en-us", pronounced("Now close your eyes")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "kl\u02c8o\u028az" in said


def test_the_way_out_is_spoken_when_the_disk_is_gone(tmp_path: Path) -> None:
    voice = Voice(tmp_path / "clips", "espeak")
    way_out = list(content().way_out())
    assert {"Let your feet come down the wall."} < {text for text, _ in way_out}
    voice.hold(way_out[:2])
    before = [voice.clip(*line) for line in way_out[:2]]
    shutil.rmtree(tmp_path / "clips")
    for line, clip in zip(way_out, before, strict=False):
        np.testing.assert_array_equal(voice.clip(*line), clip)
    assert not (tmp_path / "clips").exists()


def test_a_clip_under_the_name_of_another_is_not_taken_for_it(tmp_path: Path) -> None:
    voice = Voice(tmp_path, "espeak")
    right = voice.clip("Slowly now.", "hold")
    (path,) = tmp_path.iterdir()
    voice.clip("Quickly now.", "hold")
    (other,) = set(tmp_path.iterdir()) - {path}
    path.write_bytes(other.read_bytes())  # whole in itself, but not what its name says
    assert alike(Voice(tmp_path, "espeak").clip("Slowly now.", "hold"), right)


def test_a_clip_that_claims_to_be_endless_is_rendered_again(tmp_path: Path) -> None:
    right = Voice(tmp_path, "espeak").clip("Slowly now.", "hold")
    (path,) = tmp_path.iterdir()
    damaged = bytearray(path.read_bytes())
    damaged[21:26] = b"\xff" * 5  # FLAC's count of samples: 2**36 of them
    path.write_bytes(damaged)
    assert alike(Voice(tmp_path, "espeak").clip("Slowly now.", "hold"), right)


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_clips_are_this_users_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        Voice(tmp_path / "clips", "espeak").clip("Slowly now.", "hold")
        (path,) = (tmp_path / "clips").iterdir()
        modes = path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777
    finally:
        os.umask(before)
    assert modes == (0o600, 0o700)
