"""Other people's machine code writes what it thinks to stderr; we say what is wrong ourselves."""

import contextlib
import os
import sys
from collections.abc import Iterator
from threading import Lock


class _Stderr:
    """The process's stderr; while anybody needs quiet it leads nowhere."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._quiet = 0
        self._kept = -1

    def turn_off(self) -> None:
        with self._lock:
            self._quiet += 1
            if self._quiet == 1:
                self._kept = os.dup(2)
                nothing = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nothing, 2)
                os.close(nothing)

    def turn_on(self) -> None:
        with self._lock:
            self._quiet -= 1
            if not self._quiet:
                os.dup2(self._kept, 2)
                os.close(self._kept)


_stderr = _Stderr()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the messages of ALSA, PortAudio and libsndfile's decoders off stderr.

    Several threads may want that at once.
    """
    if sys.__stderr__ is None:  # closed from the start: number 2 may be any file by now
        yield
        return
    _stderr.turn_off()
    try:
        yield
    finally:
        _stderr.turn_on()
