"""The recipe that records lines: where it pauses, how it meets a pace, and what it keeps.

A stand-in for the network hums every phoneme for as long as it says it does, and is quiet at marks.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.content import content
from legsup_voice.speaking import cue_words, recorded
from legsup_voice.speaking.loudness import loudness, true_peak
from legsup_voice.speaking.prosody import PACES
from training.voice.__main__ import in_order, tidy, write
from training.voice.breaks import with_break
from training.voice.pacing import MANNERS, paced

LINES = (
    "Come down slowly, onto your side, and sit first. Blood pressure can drop suddenly.",
    "Bend your knees and draw them to your chest.",
    "Let your jaw be soft.",
    "You are half way there.",
    "Any other serious heart, kidney, eye, spine or clot problem, or recent surgery?",
)


class Hum:
    """Says every letter for 60 ms at speed 1, with 300 ms of silence around."""

    def __init__(self) -> None:
        self.speeds: list[float] = []

    def borders(self, spoken: str, speed: float) -> npt.NDArray[np.int64]:
        frame = round(0.06 / speed * SPEAK_RATE)
        return round(0.3 * SPEAK_RATE) + frame * np.arange(len(spoken) + 1)

    def say(self, spoken: str, speed: float) -> Samples:
        self.speeds.append(speed)
        borders = self.borders(spoken, speed)
        samples = np.zeros(borders[-1] + round(0.3 * SPEAK_RATE), np.float32)
        tone = 0.3 * np.sin(np.arange(len(samples)) * 2 * np.pi * 200 / SPEAK_RATE)
        samples[: borders[0] - 4000] = 0.1  # the creak
        for letter, start, end in zip(spoken, borders, borders[1:], strict=False):
            if letter.isalpha():
                samples[start:end] = tone[start:end]
        return samples


@pytest.mark.parametrize(
    ("text", "pace"),
    [(text, pace) for text in LINES for pace in PACES if pace == "setup" or len(text) < 50],
)
def test_every_line_is_in_its_class(text: str, pace: str) -> None:
    words = len(text.split())
    hum = Hum()
    samples = paced(text, words, pace, lambda spoken: spoken, hum)
    rate = 60 * words * SPEAK_RATE / len(samples)
    assert PACES[pace].slowest <= rate <= PACES[pace].fastest
    assert all(MANNERS[pace].slowest <= speed <= MANNERS[pace].fastest for speed in hum.speeds)
    assert len(hum.speeds) <= 2


def test_what_can_pause_nowhere_is_spoken_slowly_and_its_comma_lasts_longer() -> None:
    hum = Hum()
    paced("I will be with.", 4, "hold", lambda spoken: spoken, hum)
    assert hum.speeds[-1] < MANNERS["hold"].slowest
    text = "I do, if we do so to it."
    samples = paced(text, 8, "hold", lambda spoken: spoken, hum)
    spoken = 0.06 * len(text) / hum.speeds[-1]
    assert len(samples) / SPEAK_RATE - spoken > 1.1 * MANNERS["hold"].comma


def test_what_sounds_before_the_first_word_is_cut_off() -> None:
    samples = paced("aaaa bbbb, cccc dddd eeee.", 5, "hold", lambda spoken: spoken, Hum())
    assert np.abs(samples[: round(0.03 * SPEAK_RATE)]).max() > 0.2


def test_pauses_are_let_in_at_the_marks_and_nowhere_else() -> None:
    samples = paced("aaaa bbbb, cccc dddd eeee.", 5, "hold", lambda spoken: spoken, Hum())
    quiet = np.abs(samples.reshape(-1)) < 1e-4
    runs = np.flatnonzero(np.diff(np.flatnonzero(np.diff(quiet.astype(int)))) > 0.25 * SPEAK_RATE)
    assert len(runs) >= 1
    assert quiet[0] or abs(samples[0]) < 0.01


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("Rest here on your side.", "Rest here; on your side."),
        ("Slide your feet down the wall.", "Slide your feet; down the wall."),
        ("Lie down now.", None),
        (
            "Bend your knees and draw them to your chest.",
            "Bend your knees; and draw them to your chest.",
        ),
    ],
)
def test_a_sentence_is_parted_before_a_phrase(text: str, parted: str | None) -> None:
    assert with_break(text) == parted


def breaks(text: str) -> Iterator[str]:
    parted: str | None = text
    while parted is not None:
        yield parted
        parted = with_break(parted, anywhere=True)


def test_no_pause_parts_words_that_lean_on_each_other() -> None:
    for text, _ in content().spoken():
        for parted in breaks(text):
            assert parted.replace(";", "").split() == text.replace(";", "").split()
            for leaning in (" the;", " your;", " a;", " two;"):
                assert leaning not in parted, parted


def test_all_that_is_said_is_recorded_the_way_out_first() -> None:
    lines = in_order()
    way_out = list(dict.fromkeys(content().way_out()))
    assert lines[: len(way_out)] == way_out
    assert set(content().spoken()) <= set(lines)
    assert {(word, "hold") for word in cue_words.words()} <= set(lines)
    assert len(lines) == len(set(lines))


def test_a_recording_is_level_when_opus_has_rounded_it(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    clip = (random.standard_normal(2 * SPEAK_RATE) * np.hanning(2 * SPEAK_RATE)).astype(np.float32)
    path = tmp_path / "line.opus"
    write(path, "A line.", clip)
    heard = recorded.read(path)
    assert loudness(heard) == pytest.approx(-18.0, abs=0.2)
    assert true_peak(heard) <= -2.0
    assert soundfile.info(path).subtype == "OPUS"
    assert [each.name for each in tmp_path.iterdir()] == ["line.opus"]


def test_what_is_no_longer_said_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "folder", lambda voice=recorded.HEART: tmp_path)
    lines = [("Still said.", "setup")]
    kept = recorded.file_name(*lines[0])
    for name in (kept, "0123456789abcdef0123.opus"):
        (tmp_path / name).write_bytes(b"sound")
    tidy(lines, recorded.HEART)
    assert {path.name for path in tmp_path.iterdir()} == {kept, recorded.INDEX}
    assert (tmp_path / recorded.INDEX).read_text() == f"{kept}\tsetup\tStill said.\n"
