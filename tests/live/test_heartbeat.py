"""Time that counts only while somebody looks."""

import errno
import os
import time
from pathlib import Path

import pytest

from legsup_voice.live import heartbeat
from legsup_voice.live.heartbeat import GAP, Forked, Stopwatch


class Clock:
    """The monotonic clock, moved by hand."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_a_stop_of_everything_takes_no_more_than_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(heartbeat, "time", clock)
    watch = Stopwatch()
    for _ in range(30):
        clock.now += 0.1
        watch.seconds()
    assert watch.seconds() == pytest.approx(3.0)
    clock.now += 3600.0
    assert watch.seconds() == pytest.approx(3.0 + GAP)


def test_a_fork_that_fails_leaves_no_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_room)
    before = len(list(Path("/proc/self/fd").iterdir()))
    failures = []
    for _ in range(3):
        with pytest.raises(BlockingIOError) as failure:
            Forked()
        failures.append(failure)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_who_waits_for_the_processor_is_waited_for_longer() -> None:
    silent = {}
    for does, share in (("works", 0.1), ("works", 1.0), ("sleeps", 0.1)):
        process = Forked()
        if not process.pid:
            until = time.monotonic() + 30
            while does == "works" and time.monotonic() < until:
                pass
            time.sleep(30)
            os._exit(0)
        time.sleep(0.2)
        for _ in range(10):
            time.sleep(0.1)
            silent[does, share] = process.silent(share)
        process.kill()
    assert silent["works", 0.1] < 0.4
    assert silent["works", 1.0] > 0.9
    assert silent["sleeps", 0.1] > 0.9
