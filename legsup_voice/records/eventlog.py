"""The event log: JSON lines on the audio clock, each on the disk's way as soon as it happened."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from legsup_voice.errors import UserError
from legsup_voice.private import private_file
from legsup_voice.protocol.log import TIMES


class EventLog:
    """Writes records to a file, one a line; use it in a `with` statement.

    `go_on` with a log that broke off: what is in it stays, and time goes on after it.
    """

    def __init__(self, path: Path, *, go_on: bool = False) -> None:
        self._broke_off = _end(path) if go_on else None
        self._offset = 0.0
        try:
            self._file = private_file(path, "a" if go_on else "w")
        except OSError as error:
            raise UserError(f"{path} can't be written: {error.strerror}.") from error

    def __enter__(self) -> "EventLog":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def write(self, record: Mapping[str, object]) -> None:
        """Append `record`; times are kept to the microsecond."""
        if self._broke_off is not None:
            t, at = self._broke_off
            self._offset, self._broke_off = t + max(0.0, time.time() - at), None
        kept = {name: self._kept(name, value) for name, value in record.items()}
        self._file.write(json.dumps(kept, ensure_ascii=False) + "\n")

    def _kept(self, name: str, value: object) -> object:
        if not isinstance(value, float):
            return value
        return round(value + (self._offset if name in TIMES else 0.0), 6)


def read_events(path: Path) -> list[dict[str, Any]]:
    """Return the records of the event log at `path`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _end(path: Path) -> tuple[float, float] | None:
    """Return the last `t` in the log at `path`, and the time of day at which it was written."""
    try:
        *_, last = read_events(path)
        return float(last["t"]), path.stat().st_mtime
    except (OSError, ValueError):  # there is none, or its last line is only half there
        return None
