"""One byte beside the journal that says whether somebody is in the pose.

A journal grows, and a full disk takes no row more. This byte is on the disk from the start and is
written over in place, which needs no space. It tells nothing else.
"""

import os
from pathlib import Path

_NOBODY, _SOMEBODY = b"0", b"1"


class Flag:
    """The byte beside the journal at `journal`."""

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_suffix(".pose")
        self._kept: bool | None = None  # not known, or not on the disk

    def read(self) -> bool:
        """Return whether somebody may be in the pose; one that was never made doesn't say so.

        One that can't be read does, and so does one of which only the name reached the disk.
        """
        try:
            self._kept = self._path.read_bytes() != _NOBODY
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return self._kept

    def write(self, in_pose: bool) -> None:
        """Keep whether somebody is in the pose; it is on the disk when this returns.

        Raises:
            OSError: it isn't.
        """
        if self._kept is in_pose:
            return
        self._kept = None
        is_new = not self._path.exists()
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(file, 0o600)
            os.pwrite(file, _SOMEBODY if in_pose else _NOBODY, 0)
            os.fdatasync(file)
        finally:
            os.close(file)
        if is_new:
            _sync_folder(self._path.parent)
        self._kept = in_pose


def _sync_folder(path: Path) -> None:
    """Have the names in a folder reach the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
