"""A second language shows that the structure holds: German lines."""

import shutil
from pathlib import Path

import pytest

from legsup_voice import content as content_files
from legsup_voice.content import content
from legsup_voice.errors import UserError

GERMAN = content("de")


def test_german_says_every_line_that_english_says() -> None:
    assert GERMAN.lines.keys() == content().lines.keys()
    both = [(line.say, GERMAN.lines[name].say) for name, line in content().lines.items()]
    assert sum(ours == theirs for ours, theirs in both) == 1, "{breathing}. is the same in both"


def test_what_happens_is_the_same_in_german() -> None:
    assert GERMAN.setup == content().setup
    assert GERMAN.facts == content().facts
    ours, theirs = content().breathing.patterns, GERMAN.breathing.patterns
    assert {n: p.phases for n, p in ours.items()} == {n: p.phases for n, p in theirs.items()}


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the German folder: a language that no other test has loaded."""
    ours, copy = content_files.path, tmp_path / tmp_path.name
    shutil.copytree(ours("", "de"), copy)
    shutil.copytree(ours("", "en"), tmp_path / "en")
    monkeypatch.setattr(
        content_files, "path", lambda name, language="en": tmp_path / language / name
    )
    return copy


def test_a_folder_is_a_language(copied: Path) -> None:
    assert content_files.languages() == ("en", copied.name)
    assert content(copied.name).lines == GERMAN.lines


@pytest.mark.parametrize("name", content_files.ELSEWHERE)
def test_a_file_that_is_missing_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(UserError, match=rf"{name} is missing"):
        content(copied.name)


def test_a_copy_of_english_is_not_taken_for_proved(copied: Path) -> None:
    shutil.copy(copied.parent / "en" / "locale.yaml", copied)
    with pytest.raises(UserError, match="only English is `verified`"):
        content_files.locale(copied.name)


@pytest.mark.parametrize(
    ("seconds", "spoken"),
    [
        (30, "dreißig Sekunden"),
        (60, "eine Minute"),
        (90, "eineinhalb Minuten"),
        (270, "viereinhalb Minuten"),
        (1200, "zwanzig Minuten"),
    ],
)
def test_lengths_of_time_in_german(seconds: float, spoken: str) -> None:
    assert GERMAN.duration(seconds) == spoken


@pytest.mark.parametrize("name", ["exit.warning", "exit.short"])
def test_rule_3_in_german(name: str) -> None:
    for text in GERMAN.lines[name].say:
        for said in ("langsam", "seite", "sitz", "blutdruck"):
            assert said in text.lower()
