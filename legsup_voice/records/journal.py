"""Remembers sessions across a crash or a power cut: who was in the pose must hear how to leave it.

The standard library's sqlite3 with STRICT tables does all of it: four statements, one file. An
object mapper would hide the one thing that matters here, when a commit reaches the disk. The
database is in WAL mode with `synchronous=FULL`, so a commit that returned survives a power cut, and
every change of state is committed before the engine makes the sound that announces it.

A disk must never stop a session. All SQLite work runs in one thread of its own; the session waits
for it at most `WAIT` seconds, and whatever goes wrong becomes one sentence in `Journal.trouble`, to
be said when the session is over. A corrupt file is set aside and a new one begun.

No age makes a broken-off session safe to forget. A small computer has no clock of its own, so after
a power cut its time is behind, and it may jump either way later; a needless warning costs one
sentence, a missing one leaves somebody upside down in silence. So a session whose last row is in
the pose is interrupted, however old it looks, and so is one that nothing certain is known of: the
file is there and can't be read, whether it is locked, forbidden, damaged, empty or on a disk that
doesn't answer. What others have put into the file beside our two tables is none of our business.

A byte of its own (`flag.py`) says the same where the journal can't: a full disk takes no row, and a
new journal doesn't tell that the one before was damaged. Whichever says "in the pose" is believed.

Health answers are never stored (safety rule 15), nor what would give them away: a session's row
begins with the set-up, so a refusal and the seated session that follows it leave nothing; lying
down after a symptom is kept as the same rest that follows every pose; and a hold that ended before
its time was "stopped early", whatever the reason.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitedLongEnough
from pathlib import Path

from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.log import LogRecord, StateEntered
from legsup_voice.protocol.states import State
from legsup_voice.records.database import (
    BROKEN,
    COMPLETE,
    EARLY,
    KEEP_OUTCOME,
    KEEP_STATE,
    UNANSWERED,
    WAIT,
    is_corrupt,
    open_journal,
    transaction,
)
from legsup_voice.records.flag import Flag

_READ_WAIT = 2.0
"""Seconds the disk gets at the start to tell of the last session."""

_CLOSE_WAIT = 5.0
"""Seconds the disk gets for what is still to be written when everything has been said."""

_ENDED = {"time": COMPLETE, "unanswered": UNANSWERED}
"""What becomes of a record's `ended_by`; everything else is `EARLY`, for whatever reason."""

_RESTING = "RESTING"
_KEPT = {
    State.IDLE: "IDLE",
    State.SCREENING: "IDLE",
    State.REFUSED: "IDLE",
    State.SEATED: "IDLE",
    State.SETUP: "SETUP",
    State.HOLD: "HOLD",
    State.PAUSED: "PAUSED",
    State.LEAVING: "LEAVING",
    State.LYING: _RESTING,
    State.SIDE: _RESTING,
    State.SITTING: _RESTING,
    State.DONE: "DONE",
}
_OPENS_A_SESSION = frozenset({"SETUP", "HOLD", "PAUSED", "LEAVING"})


class Journal:
    """Writes sessions and their states to `path`; `clock` only dates them for the history.

    `wait` is how long a write may hold the session up; more than `WAIT` where no sound is waiting.
    """

    def __init__(
        self, path: Path, clock: Callable[[], float] = time.time, wait: float = WAIT
    ) -> None:
        self._path = path
        self._flag = Flag(path)
        self._clock = clock
        self._wait = wait
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._db: sqlite3.Connection | None = None
        self._trouble: str | None = None
        self._known = self._interrupted = False
        self._opened = False  # this run has had a session
        self._swept = False  # earlier sessions without an end have been marked
        self._session: int | None = None
        self._began: float | None = None  # None: no session is open
        self._state = State.IDLE
        self._asked: tuple[str, bool] | None = None
        self._last: Future[bool] = self._writer.submit(self._look_back)
        try:
            self._last.result(timeout=max(wait, _READ_WAIT))
        except WaitedLongEnough:
            self._interrupted = True

    @property
    def interrupted(self) -> bool:
        """Whether the session before this run broke off in the pose, or may have.

        A folder without a journal is that of a first start: nobody was there.
        """
        return self._interrupted

    @property
    def trouble(self) -> str | None:
        """What kept this session from being written, as one sentence; None if nothing did.

        It is for saying in DONE, and forgotten after that: the next session may do better.
        """
        if not self._done_in_time():
            return "The journal could not be written: the disk does not answer."
        return self._trouble

    def log(self, record: LogRecord, in_pose: bool) -> None:
        """Take any record of the event log, with whether the session is in the pose now.

        The pose begins in the middle of SETUP, so every record may bring a change, not only those
        of kind `state`; a change that could not be written is tried again with the next record.
        """
        state = record.state if isinstance(record, StateEntered) else self._state
        if self._asked != (_KEPT[state], in_pose):
            self.state(state, record.t, in_pose)

    def state(self, state: State, t: float, in_pose: bool) -> bool:
        """Keep that the session is in `state` since `t`; return whether it is on the disk."""
        if self._state is State.DONE and state is not State.DONE:
            self._trouble = None
        self._state = state
        place = _KEPT[state]
        self._asked = (place, in_pose)
        return self._submit(lambda: self._keep_place(place, t, in_pose))

    def record(self, record: Record) -> bool:
        """Keep the outcome of the open session; return whether it is on the disk."""
        return self._submit(lambda: self._guarded(lambda: self._write_outcome(record)))

    def close(self) -> None:
        """Close the file; a session still in the pose stays interrupted."""
        with contextlib.suppress(WaitedLongEnough):
            self._writer.submit(self._close).result(timeout=_CLOSE_WAIT)
        self._writer.shutdown(wait=False)

    def _submit(self, task: Callable[[], bool]) -> bool:
        waiting = self._last.done()  # a disk that hangs already is not waited for again
        self._last = self._writer.submit(task)
        return waiting and self._done_in_time() and self._last.result()

    def _done_in_time(self) -> bool:
        try:
            self._last.result(timeout=self._wait)
        except WaitedLongEnough:
            return False
        return True

    # The rest runs in the writer's thread.

    def _look_back(self) -> bool:
        """Learn of the last session; from now on the flag says what is known of it."""
        self._known = self._guarded(self._read_last)
        self._interrupted = self._interrupted or self._flag.read() or not self._known
        return self._keep_flag(self._interrupted) and self._known

    def _keep_place(self, place: str, t: float, in_pose: bool) -> bool:
        kept = self._guarded(lambda: self._write_state(place, t, in_pose))
        self._opened = self._opened or in_pose or place in _OPENS_A_SESSION
        return (not self._opened or self._keep_flag(in_pose)) and kept

    def _keep_flag(self, in_pose: bool) -> bool:
        try:
            self._flag.write(in_pose)
        except Exception as error:  # whatever it is, the session goes on
            self._trouble = self._trouble or _sentence(error)
            return False
        return True

    def _keep_doubt(self) -> None:
        """Keep that nothing is known of the last session, before what tells so is replaced.

        Raises:
            OSError: it can't be kept.
        """
        if not self._known:  # else the flag says already what is
            self._flag.write(True)

    def _guarded(self, task: Callable[[], None]) -> bool:
        """Run `task`; on a corrupt file once more with a new one. Return whether it worked."""
        for again in (True, False):
            before = self._session, self._began, self._swept
            try:
                if self._db is None:
                    self._db = open_journal(self._path, self._keep_doubt)
                task()
            except Exception as error:  # whatever it is, the session goes on
                self._session, self._began, self._swept = before
                self._trouble = self._trouble or _sentence(error)
                self._asked = None
                self._close()  # what comes next opens it again: the disk may be back
                if not (is_corrupt(error) and self._set_aside() and again):
                    return False
            else:
                return True
        return False

    def _set_aside(self) -> bool:
        self._session = None
        number = 1
        while (aside := self._path.with_name(f"{self._path.stem}.broken-{number}.db")).exists():
            number += 1
        try:
            self._keep_doubt()
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def _read_last(self) -> None:
        assert self._db is not None
        last = self._db.execute(
            "SELECT session, in_pose FROM state ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if last and last[1]:
            self._interrupted, self._session = True, last[0]

    def _write_state(self, place: str, t: float, in_pose: bool) -> None:
        assert self._db is not None
        if self._began is None:
            if place not in _OPENS_A_SESSION and not in_pose:
                return
            self._began = self._clock()
            if place != "LEAVING":
                self._session = None
        with transaction(self._db) as db:
            session = self._open_session(db)
            db.execute(KEEP_STATE, (session, t, place, in_pose))
            if place == "IDLE":
                db.execute(
                    "UPDATE session SET ended = ? WHERE id = ? AND ended IS NULL", (EARLY, session)
                )
        if place == "IDLE":
            self._session = self._began = None

    def _write_outcome(self, record: Record) -> None:
        assert self._db is not None
        if self._began is None:
            return
        ended = _ENDED.get(record.ended_by, EARLY)
        with transaction(self._db) as db:
            row = (record.hold_seconds, record.breathing, ended, self._open_session(db))
            db.execute(KEEP_OUTCOME, row)

    def _open_session(self, db: sqlite3.Connection) -> int:
        """Return the open session's row; made now if there is none, earlier ones are ended."""
        if not self._swept:
            db.execute("UPDATE session SET ended = ? WHERE ended IS NULL", (BROKEN,))
            self._swept = True
        if self._session is None:
            row = db.execute("INSERT INTO session (began) VALUES (?)", (self._began,))
            self._session = row.lastrowid
        assert self._session is not None
        return self._session

    def _close(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None


def _sentence(error: Exception) -> str:
    if is_corrupt(error):
        return "The journal was damaged, so it was set aside and a new one begun."
    return f"The journal could not be written: {error}."
