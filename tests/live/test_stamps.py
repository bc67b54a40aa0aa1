"""What a program that starts again knows of the one before."""

import time
from pathlib import Path

import pytest

from legsup_voice.config import Config, runtime_directory
from legsup_voice.live import stamps
from legsup_voice.live.live import _settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    runtime_directory().mkdir(parents=True)
    return runtime_directory()


def test_it_happened_lately_once_it_was_noted() -> None:
    assert not stamps.lately(stamps.PARTED, 1800.0)
    stamps.note(stamps.PARTED)
    assert stamps.lately(stamps.PARTED, 1800.0)
    assert not stamps.lately(stamps.REFUSED, 1800.0)


@pytest.mark.parametrize("ago", [1801.0, -1.0])
def test_what_is_long_ago_or_of_another_clock_did_not(folder: Path, ago: float) -> None:
    (folder / stamps.PARTED).write_text(str(time.monotonic() - ago))
    assert not stamps.lately(stamps.PARTED, 1800.0)


def test_a_folder_that_is_not_there_keeps_nothing(folder: Path) -> None:
    folder.rmdir()
    stamps.note(stamps.PARTED)
    assert not stamps.lately(stamps.PARTED, 1800.0)


@pytest.mark.parametrize(("service", "welcomes"), [(True, False), (False, True)])
def test_only_a_service_that_starts_anew_after_a_session_begins_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: bool, welcomes: bool
) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if service:
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    assert _settings(Config(), interrupted=False).welcomes, "nobody has parted yet"
    stamps.note(stamps.PARTED)
    assert _settings(Config(), interrupted=False).welcomes is welcomes
