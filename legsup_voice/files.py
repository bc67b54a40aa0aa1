"""Files that a person names: read whole and never waited for, written whole or not at all."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from legsup_voice.errors import UserError, shown

LARGEST_BYTES = 1_000_000
"""More than anybody writes by hand."""

LARGEST_LIST = 100_000_000
"""Bytes: a list of a million recordings, and more lines than anybody waits for."""

STREAMS = "/dev/stdin", "/dev/fd/"
"""Where whoever starts this program may hand it something else than a file, with an end."""


def content(path: Path, most: int = LARGEST_BYTES) -> bytes:
    """Return what is in the file at `path`, up to `most` bytes.

    Raises:
        OSError: it can't be read, is no file (a pipe, or a device that never ends) or is larger;
            its `strerror` says why.
    """
    if not str(path).startswith(STREAMS):
        see_file(path)
    with path.open("rb") as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most / 1e6:g} MB", str(path))
    return found


def text(path: Path, most: int = LARGEST_BYTES) -> str:
    """Return the UTF-8 text in the file at `path`, as `content` does.

    Raises:
        OSError: as `content` does, or it is no such text.
    """
    try:
        return content(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OSError(errno.EILSEQ, "it is not UTF-8 text", str(path)) from error


def see_file(path: Path) -> None:
    """See that there is a file at `path`.

    Raises:
        OSError: there is nothing, or something else; its `strerror` says which.
    """
    try:
        path.stat()
        there = path.is_file()
    except ValueError as error:  # a name with a NUL
        raise OSError(errno.EINVAL, "its name can't be a file's", str(path)) from error
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not there:
        raise OSError(errno.EINVAL, "it is no file", str(path))


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path of the same name to write to; what is there then takes the place of `path`.

    Whoever reads it meanwhile finds the old file or the new one, which is as readable for others as
    the old one was, or as any new file. Where writing it fails, what was there stays.

    Raises:
        OSError: it can't be written.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".legsup-") as folder:
        made = Path(folder) / path.name
        yield made
        if target.exists():
            shutil.copymode(target, made)
        made.replace(target)


def write_output(path: Path, content: bytes) -> None:
    """Write the file at `path`, whole or not at all.

    Raises:
        UserError: it can't be written; what was there stays.
    """
    try:
        if path.exists() and not path.is_file():  # /dev/stdout
            path.write_bytes(content)
            return
        with whole(path) as made:
            made.write_bytes(content)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name can't be a file's"
        raise UserError(f"{shown(path)} can't be written: {reason}.") from error
