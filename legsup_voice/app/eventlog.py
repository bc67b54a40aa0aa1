"""The event log: JSON lines on the audio clock, each on the disk's way as soon as it happened."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from legsup_voice.errors import UserError


class EventLog:
    """Writes records to a file, one a line; use it in a `with` statement."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("w", encoding="utf-8", buffering=1)
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
        self._file.close()

    def write(self, record: Mapping[str, object]) -> None:
        """Append `record`; times are kept to the microsecond."""
        rounded = {k: round(v, 6) if isinstance(v, float) else v for k, v in record.items()}
        self._file.write(json.dumps(rounded, ensure_ascii=False) + "\n")


def read_events(path: Path) -> list[dict[str, Any]]:
    """Return the records of the event log at `path`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
