"""`legsup uninstall`: what is ours goes, what is somebody else's stays, a running guide too."""

import fcntl
import os
from pathlib import Path

import pytest

from legsup_voice.commands.cli import main

OURS = (
    *("data/journal.db", "data/journal.db-wal", "data/journal.broken-1.db", "data/choices.json"),
    *(
        "data/journal.pose",
        "data/languages.json",
        "data/audio/2026-01-01T10-00-00.wav",
        "config/config.toml",
        "config/phrases.yaml",
    ),
)
MADE_AGAIN = (
    *("cache/0123-4567.flac", "cache/grammar-en.bin", "cache/matplotlib/fontlist.json"),
    *("run/legsup_voice/lock", "run/legsup_voice/control.sock"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("LEGSUP_CONFIG", str(tmp_path / "config" / "config.toml"))
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LEGSUP_CACHE", str(tmp_path / "cache"))
    for name in (*OURS, *MADE_AGAIN):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "run").chmod(0o700)
    return tmp_path


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def test_what_can_be_made_again_goes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["uninstall"]) == 0
    assert files(home) == set(OURS)
    assert not (home / "cache").exists()
    told = capsys.readouterr().out
    assert str(home / "data") in told
    assert str(home / "config") in told


def test_everything_leaves_nothing_behind(home: Path) -> None:
    assert main(["uninstall", "--everything"]) == 0
    assert files(home) == set()
    assert not [name for name in ("data", "config", "cache") if (home / name).exists()]
    assert main(["uninstall", "--everything"]) == 0, "a second time there is nothing to do"


def test_what_others_keep_there_stays(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "data" / "holiday.jpg").touch()
    (home / "data" / "photos").mkdir()
    (home / "data" / "photos" / "sea.jpg").touch()
    assert main(["uninstall", "--everything"]) == 0
    assert files(home) == {"data/holiday.jpg", "data/photos/sea.jpg"}
    assert str(home / "data") in capsys.readouterr().out


def test_a_guide_that_runs_keeps_its_files(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "run" / "legsup_voice" / "lock"
    path.write_text("1234")  # as a guide does
    monkeypatch.setattr(os, "getpid", lambda: 1)  # so that this process counts as another
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(["uninstall", "--everything"]) == 2
    assert files(home) == {*OURS, *MADE_AGAIN}
    assert 'with "kill 1234".' in capsys.readouterr().err
