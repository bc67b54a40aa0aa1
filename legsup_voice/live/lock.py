"""One guide at a time: two would talk into each other, and each would hear the other.

The lock is the kernel's, on an open file, so it ends with the processes that hold it, however they
end. The file says who supervises; where that process is gone and another still speaks its last
words, whoever comes takes over at once.
"""

import contextlib
import fcntl
import os
import signal
import time
from pathlib import Path

from legsup_voice.config import runtime_directory
from legsup_voice.errors import UserError
from legsup_voice.private import private_folder

LOCK = "lock"
"""The file's name, in the folder of what only a running program needs."""

TAKE_OVER = 3.0
"""Seconds the kernel gets to end what an orphan still does."""


def lock() -> None:
    """Be the only guide of this user for as long as this process or one it forks lives.

    A folder that can't be written is no reason to leave somebody without a guide.

    Raises:
        UserError: another guide runs.
    """
    with contextlib.suppress(OSError):
        _lock(_path())


def _lock(path: Path) -> None:
    private_folder(path.parent)
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + TAKE_OVER
    while not _locked(held):
        supervisor, holding = _supervisor(held), holders(path)
        if supervisor in holding or time.monotonic() > deadline:
            os.close(held)
            running = supervisor or min(holding, default=0)
            raise UserError(f"A guide is running already (process {running}); one is enough.")
        for orphan in holding if supervisor else ():  # else it couldn't be written who supervises
            with contextlib.suppress(OSError):
                os.kill(orphan, signal.SIGKILL)
        time.sleep(0.05)
    os.ftruncate(held, os.pwrite(held, str(os.getpid()).encode(), 0))


def _path() -> Path:
    return runtime_directory().resolve() / LOCK


def _locked(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _supervisor(held: int) -> int:
    with contextlib.suppress(ValueError):
        return int(os.pread(held, 20, 0))
    return 0


def others() -> set[int]:
    """Return the other processes of the guide that this one belongs to."""
    return holders(_path())


def holders(path: Path) -> set[int]:
    """Return the other processes that have the lock's file open."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or it is another user's
            if any(fd.readlink() == path for fd in process.joinpath("fd").iterdir()):
                found.add(int(process.name))
    return found - {os.getpid()}
