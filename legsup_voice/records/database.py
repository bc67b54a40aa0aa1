"""The journal's file: an SQLite database with two tables, opened so that a commit is on the disk.

The database is in WAL mode with `synchronous=FULL`, so a commit that returned survives a power cut.
A file that is no journal, or one that can't be written, is told from one that is.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from legsup_voice.private import private_folder

WAIT = 0.1
"""Longest wait for the disk, in seconds: a third of the 300 ms in which "stop" must be silent."""

COMPLETE = "time up"
EARLY = "stopped early"
BROKEN = "broken off"
UNANSWERED = "unanswered"
"""Time was up, and nobody said that they were down."""

_VERSION = 2
_TABLES = (
    """CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    began REAL NOT NULL,
    hold_seconds REAL CHECK (hold_seconds >= 0),
    breathing TEXT,
    ended TEXT
) STRICT""",
    """CREATE TABLE state (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES session,
    t REAL NOT NULL,
    state TEXT NOT NULL,
    in_pose INTEGER NOT NULL CHECK (in_pose IN (0, 1))
) STRICT""",
)
_COLUMNS = {
    "session": {"id", "began", "hold_seconds", "breathing", "ended"},
    "state": {"id", "session", "t", "state", "in_pose"},
}
KEEP_STATE = "INSERT INTO state (session, t, state, in_pose) VALUES (?, ?, ?, ?)"
KEEP_OUTCOME = (
    "UPDATE session SET hold_seconds = ?, breathing = ?, ended = ? WHERE id = ? AND ended IS NULL"
)
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class CorruptJournalError(Exception):
    """The file has no journal in it, or one that can't be written."""


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Let all of what is done within be kept, or nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def open_journal(path: Path, tells_nothing: Callable[[], None]) -> sqlite3.Connection:
    """Return the journal at `path`; commits are on the disk at once.

    `tells_nothing` is called before one is begun in a file that was there.

    Raises:
        OSError, sqlite3.Error, CorruptJournalError: it can't be used as it is.
    """
    private_folder(path.parent)
    was_there = path.exists()
    name, read_only = str(path), _lies_in_read_only_folder(path)
    if read_only:
        name = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    db = sqlite3.connect(name, timeout=WAIT, isolation_level=None, uri=read_only)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        if not _tables(db):
            if was_there:
                tells_nothing()
            with transaction(db):
                for table in _TABLES:
                    db.execute(table)
                db.execute(f"PRAGMA user_version = {_VERSION}")
        check(db)
        if not read_only:
            _migrate(db)
            _try_to_write(db)
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                path.with_name(path.name + suffix).chmod(0o600)
    except BaseException:
        db.close()
        raise
    return db


def _lies_in_read_only_folder(path: Path) -> bool:
    """Return whether SQLite would need to make files beside `path` to read it, and can't."""
    wal = path.with_name(f"{path.name}-wal")
    return path.is_file() and not wal.exists() and not os.access(path.parent, os.W_OK)


def _tables(db: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the columns of those of our tables that are there."""
    there: dict[str, set[str]] = {}
    for table in _COLUMNS:
        for (column,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,)):
            there.setdefault(table, set()).add(column)
    return there


def check(db: sqlite3.Connection) -> None:
    """See that our tables are in `db`, undamaged.

    Raises:
        CorruptJournalError: they are not.
    """
    there = _tables(db)
    if any(columns - there.get(name, set()) for name, columns in _COLUMNS.items()):
        raise CorruptJournalError("it has not the tables of a journal")
    (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise CorruptJournalError(found)


def _migrate(db: sqlite3.Connection) -> None:
    """Bring version 1, which had no name for an end without an answer, up to date."""
    if db.execute("PRAGMA user_version").fetchone() != (1,):
        return
    with transaction(db):
        db.execute(_TABLES[0].replace("TABLE session", "TABLE newer", 1))
        db.execute(
            "INSERT INTO newer SELECT id, began, hold_seconds, breathing, ended FROM session"
        )
        db.execute("DROP TABLE session")
        db.execute("ALTER TABLE newer RENAME TO session")
        db.execute(f"PRAGMA user_version = {_VERSION}")


def _try_to_write(db: sqlite3.Connection) -> None:
    """See that every kind of row could be kept, and take it back; a newer table may hold more.

    Raises:
        CorruptJournalError: a rule of the tables forbids it.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        for ended in (COMPLETE, EARLY, BROKEN, UNANSWERED):
            session = db.execute("INSERT INTO session (began) VALUES (0.0)").lastrowid
            for in_pose in (False, True):
                db.execute(KEEP_STATE, (session, 0.0, "HOLD", in_pose))
            db.execute(KEEP_OUTCOME, (1.0, "belly", ended, session))
    except sqlite3.IntegrityError as error:
        raise CorruptJournalError(str(error)) from error
    finally:
        db.execute("ROLLBACK")


def is_corrupt(error: Exception) -> bool:
    """Return whether `error` means that the file is damaged, or no journal."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    # SQLite takes any bytes for text, even for the names of tables; sqlite3 can't show them.
    return isinstance(error, CorruptJournalError | UnicodeError) or code & 0xFF in _CORRUPT
