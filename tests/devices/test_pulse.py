"""A sound server that isn't there, or hangs up on everybody."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from legsup_voice.devices import pulse
from legsup_voice.devices.pulse import AWAY, SoundServer
from tests.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pulse, "time", made)
    return made


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What has called a server that hangs up on everybody, one entry a call."""
    path, made = tmp_path / "native", list[int]()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = listening.accept()
                    made.append(1)
                    caller.close()

        thread = Thread(target=hang_up)
        thread.start()
        monkeypatch.setenv("PULSE_SERVER", f"unix:{path}")
        yield made
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_questions_that_nobody_answers_leave_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """Three for each, and a session would end after 341: with them a process has 1,024."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    server = SoundServer()
    before = open_files()
    for _ in range(400):
        clock.now += AWAY
        assert server.ours("speaker") is None
    assert open_files() == before


def test_a_server_that_hangs_up_leaves_no_file_open(calls: list[int], clock: Clock) -> None:
    server = SoundServer()
    before = open_files()
    for _ in range(20):
        clock.now += AWAY
        assert server.devices("speaker") == []
    assert open_files() == before
    assert len(calls) == 20


def test_who_was_not_there_is_left_alone_for_a_moment(calls: list[int], clock: Clock) -> None:
    server = SoundServer()
    for _ in range(40):
        assert server.name is None
        clock.now += AWAY / 8
    assert len(calls) == 5


def test_who_may_have_been_started_meanwhile_is_asked_at_once(
    calls: list[int], clock: Clock
) -> None:
    server = SoundServer()
    assert server.name is None
    server.may_be_there()
    assert server.name is None
    assert len(calls) == 2
