"""The terminal, or whatever stands in its place: an old one, a full disk, a pipe nobody reads."""

import codecs
import contextlib
import os
import sys
from typing import TextIO

_PLAIN = {
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("–—−·", "-"),
    "…": "...",
    "×": "x",
    "→": "->",
}
"""How an old terminal shows what it has no character for; everything else is a question mark."""


def show_what_it_can() -> None:
    """Never fail on a character, nor on a file name that is none, as ISO 8859-1 terminals would."""
    codecs.register_error("plainly", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plainly")


def flush() -> None:
    """Write out what has been printed.

    Raises:
        OSError: the disk is full, or nobody reads any more.
    """
    for stream in _streams():
        stream.flush()


def leave() -> None:
    """Give up what can't be written, which Python would complain about at its end."""
    for stream in _streams():
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _streams() -> list[TextIO]:
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]


def _plainly(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    part = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in part), error.end
