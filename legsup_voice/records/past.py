"""What the journal tells of past sessions; nothing is changed by asking."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from legsup_voice.protocol.limits import LATELY
from legsup_voice.records.database import BROKEN, COMPLETE, CorruptJournalError, check

LONGEST_SECONDS = 86400.0
"""A hold lasts 20 minutes at most; what is longer than a day is damage."""


@dataclass(frozen=True)
class SessionRow:
    """A past session: `hold_seconds` and `breathing` are None when it broke off."""

    began: datetime
    hold_seconds: float | None
    breathing: str | None
    ended: str


def sessions(path: Path) -> list[SessionRow]:
    """Return what the journal at `path` holds, oldest first; nothing is changed or made.

    Raises:
        OSError, sqlite3.Error, CorruptJournalError: the file can't be read.
    """
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            check(db)
            rows = db.execute(
                "SELECT began, hold_seconds, breathing, coalesce(ended, ?) FROM session AS s"
                " WHERE hold_seconds IS NOT NULL"
                " OR EXISTS (SELECT 1 FROM state WHERE session = s.id AND in_pose) ORDER BY s.id",
                (BROKEN,),
            )
            return [
                SessionRow(_date(began), _held(held), _text(breathing), _text(ended) or BROKEN)
                for began, held, breathing, ended in rows
            ]
    except UnicodeError as error:
        raise CorruptJournalError("it holds bytes that are no text") from error


def readable(path: Path) -> list[SessionRow] | None:
    """Return what the journal at `path` holds, as `sessions` does; None if it can't be read."""
    try:
        return sessions(path)
    except (OSError, sqlite3.Error, CorruptJournalError):
        return None


def lately(past: list[SessionRow] | None, now: float) -> list[SessionRow]:
    """Return the sessions with a hold that lie up to `LATELY` before `now` (seconds since 1970).

    What can't be read, or lies in the future, was not: more is asked then, not less.
    """
    held = [row for row in past or () if row.hold_seconds]
    return [row for row in held if 0 <= now - row.began.timestamp() <= LATELY]


def since_one_ended_early(past: list[SessionRow] | None, now: float) -> float:
    """Return how many seconds ago the last session was, if it didn't last for its whole time.

    What can't be read, or lies in the future, ended early just now; infinity if none did.
    """
    if past is None:
        return 0.0
    if not past or past[-1].ended == COMPLETE:
        return float("inf")
    return max(0.0, now - past[-1].began.timestamp())


def counts_for(rows: list[SessionRow], now: float) -> float:
    """Return for how many seconds from `now` on one of the sessions still counts as a whole one."""
    whole = [row.began.timestamp() for row in rows if row.ended == COMPLETE]
    return max(whole) + LATELY - now if whole else 0.0


def _date(seconds: object) -> datetime:
    """Return the local time; what is none, or out of bounds, shows as 1970."""
    try:
        found = datetime.fromtimestamp(seconds, UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        found = datetime.fromtimestamp(0, UTC)
    try:
        return found.astimezone()
    except (ValueError, OverflowError, OSError):  # a time zone that can't be
        return found


def _held(seconds: object) -> float | None:
    """Return how long a hold was; None for what no hold can be, as after a changed byte."""
    there = isinstance(seconds, int | float) and 0 <= seconds <= LONGEST_SECONDS
    return float(seconds) if there else None  # type: ignore[arg-type]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
