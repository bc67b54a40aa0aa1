"""Log messages hold nobody up: a terminal may take no more, and a disk may hang.

They go into a pipe, where what finds no room is dropped, and a thread writes them. Python's own
queue for this has a lock that a fork may leave locked for ever; a pipe has none.
"""

import contextlib
import logging
import os
import select
import sys
from collections.abc import Iterator
from threading import Thread
from typing import Any, TextIO

LEFT = 1.0
"""Seconds that what is left gets to be written at the end."""


class _Pipe:
    """A text stream that never waits."""

    def __init__(self, stream: TextIO) -> None:
        """Begin to write to `stream`.

        Raises:
            OSError, RuntimeError: there is no file or no thread to be had.
        """
        self._encoding, self._errors = stream.encoding, stream.errors or "strict"
        outlet, self._inlet = os.pipe()
        os.set_blocking(self._inlet, False)
        self._thread = Thread(target=_pour, args=(outlet, stream.fileno()), daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # so little is written whole or not at all
            os.write(self._inlet, text.encode(self._encoding, self._errors)[: select.PIPE_BUF])

    def flush(self) -> None:
        """Wait for nothing."""

    def close(self) -> None:
        os.close(self._inlet)
        self._thread.join(LEFT)


def _pour(outlet: int, into: int) -> None:
    while text := os.read(outlet, select.PIPE_BUF):
        with contextlib.suppress(OSError):  # nobody reads any more
            while text:
                text = text[os.write(into, text) :]


@contextlib.contextmanager
def holding_nobody_up() -> Iterator[None]:
    """Let neither this process nor one it forks wait until a message of the log is written."""
    stderr = sys.stderr
    handlers: list[logging.StreamHandler[Any]] = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is stderr is not None
    ]
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, RuntimeError):  # then it is written as ever
            pipe = stack.enter_context(contextlib.closing(_Pipe(stderr)))
            for handler in handlers:
                handler.setStream(pipe)
                stack.callback(handler.setStream, stderr)
        yield
