"""Folders and files that are this user's alone, whatever the umask."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import IO


def private_folder(path: Path) -> Path:
    """Make `path`, and what it is in, where they aren't there; return it.

    Raises:
        OSError: it can't be made.
    """
    for folder in (*reversed(path.parents), path):
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(0o700)
    return path


def private_file(path: Path, mode: str) -> IO[str]:
    """Open the text file at `path` to write ("w") or go on ("a"); every line is written at once.

    Raises:
        OSError: it can't be written.
    """

    def opened(name: str, flags: int) -> int:
        file = os.open(name, flags | os.O_CLOEXEC, 0o600)
        os.fchmod(file, 0o600)
        return file

    return open(path, mode, encoding="utf-8", buffering=1, opener=opened)


def write_whole(path: Path, content: bytes, *, to_disk: bool = False) -> None:
    """Write the file at `path`, all or nothing, whoever else writes it at the same time.

    `to_disk`: it is on the disk when this returns, where no power cut takes it away.

    Raises:
        OSError: it can't be written; what was there stays.
    """
    handle, name = tempfile.mkstemp(
        dir=private_folder(path.parent), prefix=f"{path.name}.", suffix=".part"
    )
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o600)
            file.write(content)
            if to_disk:
                file.flush()
                os.fsync(handle)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
