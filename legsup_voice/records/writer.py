"""Writes in a thread of its own: a disk that is slow, full or gone never holds a session up."""

import queue
from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 5000
"""Items that may wait for the disk: 100 s of sound, or an hour of the event log."""

_CLOSE_WAIT = 5.0
"""Seconds the disk gets for what is still to be written at the end."""


class Writer(Generic[T]):
    """Hands what it is given to `write`, in order; after the first failure to nobody."""

    def __init__(
        self, name: str, write: Callable[[T], None], close: Callable[[], None] = lambda: None
    ) -> None:
        """`name` begins the sentence that tells of a failure; `close` is called at the end."""
        self.trouble: str | None = None
        """What kept something from being written, as one sentence."""
        self._name = name
        self._write = write
        self._close_file = close
        self._waiting: queue.Queue[T | None] = queue.Queue(MOST)
        self._thread = Thread(target=self._work, name=f"writer: {name}", daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Have `item` written; returns at once."""
        if self.trouble is None:
            try:
                self._waiting.put_nowait(item)
            except queue.Full:
                self._fail("the disk does not answer")

    def close(self) -> None:
        """Wait a moment for what is still to be written."""
        try:
            self._waiting.put(None, timeout=_CLOSE_WAIT)
            self._thread.join(timeout=_CLOSE_WAIT)
        except queue.Full:
            self._fail("the disk does not answer")

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            try:
                if self.trouble is None:
                    self._write(item)
            except (OSError, RuntimeError) as error:  # soundfile's errors are RuntimeErrors
                self._fail(str(error))
        try:
            self._close_file()
        except (OSError, RuntimeError) as error:
            self._fail(str(error))

    def _fail(self, why: str) -> None:
        self.trouble = self.trouble or f"{self._name} could not be written: {why}."
