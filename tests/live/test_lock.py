"""The lock of the one guide, where its folder is no use: each try in processes of its own."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LOCKS = """
import sys
from legsup_voice.live.lock import lock
lock()
print("goes on", flush=True)
sys.stdin.read()
"""


def nothing_can_be_written() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def start(folder: Path | None) -> subprocess.Popen[str]:
    """Start a guide where no file can grow, as on a disk that is full."""
    environment = {name: text for name, text in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    return subprocess.Popen(
        [sys.executable, "-c", LOCKS],
        env=environment | ({"XDG_RUNTIME_DIR": str(folder)} if folder else {}),
        preexec_fn=nothing_can_be_written,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def goes_on(guide: subprocess.Popen[str]) -> bool:
    """Return whether it goes on after the lock."""
    assert guide.stdout is not None
    return guide.stdout.readline() == "goes on\n"


def a_file(folder: Path) -> None:
    folder.write_text("")


def a_pipe(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "lock")


def an_empty_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "lock").write_text("")


@pytest.mark.parametrize("place", [a_file, a_pipe, an_empty_file])
def test_a_lock_that_cannot_be_had_keeps_nobody_without_a_guide(
    place: Callable[[Path], None], tmp_path: Path
) -> None:
    place(tmp_path / "legsup_voice")
    with start(tmp_path) as guide:
        assert goes_on(guide)
        guide.communicate()


def test_where_there_is_no_folder_at_all_somebody_is_guided() -> None:
    with start(None) as guide:
        assert goes_on(guide)
        guide.communicate()


def test_who_cannot_write_who_it_is_is_no_orphan(tmp_path: Path) -> None:
    with start(tmp_path) as first:
        assert goes_on(first)
        with start(tmp_path) as second:
            assert not goes_on(second)
            assert "A guide is running already" in second.communicate()[1]
        assert first.poll() is None
        first.communicate()
