"""The journal on real files: what it keeps, and what must never be in it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.log import LineBegun, LineOver, StateEntered
from legsup_voice.protocol.states import State
from legsup_voice.records.database import BROKEN, COMPLETE, EARLY, UNANSWERED
from legsup_voice.records.journal import Journal
from legsup_voice.records.past import (
    SessionRow,
    counts_for,
    lately,
    readable,
    sessions,
    since_one_ended_early,
)
from tests.records.journals import (
    PATIENCE,
    POSE,
    WHOLE,
    flag,
    outcomes,
    play,
    rows,
    was_interrupted,
)


def test_a_whole_session_is_kept_and_does_not_interrupt_the_next(path: Path) -> None:
    journal = Journal(path, clock=lambda: 1_700_000_000.0, wait=PATIENCE)
    assert all(play(journal, *WHOLE))
    assert journal.record(Record(300.0, "belly", "time"))
    journal.state(State.IDLE, 400.0, False)
    journal.close()
    assert journal.trouble is None
    assert outcomes(path) == [(300.0, "belly", COMPLETE)]
    assert sessions(path)[0].began.timestamp() == 1_700_000_000.0
    assert not was_interrupted(path)


@pytest.mark.parametrize("length", range(1, len(WHOLE) + 1))
def test_breaking_off_in_the_pose_interrupts_and_elsewhere_does_not(
    path: Path, length: int
) -> None:
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE[:length])
    journal.close()
    assert was_interrupted(path) == WHOLE[length - 1][1]


def test_the_pose_begins_with_a_line_in_the_middle_of_setup(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    journal.log(StateEntered(1.0, State.SETUP), in_pose=False)
    journal.log(LineBegun(2.0, "setup.wall", "", 2.0), in_pose=False)
    journal.log(LineBegun(9.0, "setup.raise", "", 9.0), in_pose=True)
    journal.log(LineOver(9.5, "setup.raise", 9.5, False, 0.0), in_pose=True)
    journal.close()
    assert rows(path) == [("SETUP", False), ("SETUP", True)]
    assert was_interrupted(path)


def test_the_warning_stays_due_until_the_exit_is_through(path: Path) -> None:
    first = Journal(path, wait=PATIENCE)
    play(first, (State.HOLD, True))
    first.close()
    again = Journal(path, wait=PATIENCE)
    again.log(StateEntered(0.0, State.IDLE), in_pose=False)
    again.close()  # killed before it could say the warning
    third = Journal(path, wait=PATIENCE)
    assert third.interrupted
    play(third, (State.LEAVING, True), (State.SIDE, False), (State.DONE, False))
    third.record(Record(0.0, "belly", "interrupted"))
    third.close()
    assert not was_interrupted(path)
    assert outcomes(path) == [(None, None, BROKEN)]


@pytest.mark.parametrize("jump", [-1e9, 0.0, 1e9])
def test_no_clock_makes_an_interrupted_session_safe_to_forget(path: Path, jump: float) -> None:
    journal = Journal(path, clock=lambda: 1_700_000_000.0, wait=PATIENCE)
    play(journal, (State.HOLD, True))
    journal.close()
    later = Journal(path, clock=lambda: 1_700_000_000.0 + jump, wait=PATIENCE)
    later.close()
    assert later.interrupted


def test_nothing_tells_of_health(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    refused = [State.IDLE, State.SCREENING, State.REFUSED, State.SEATED, State.DONE, State.IDLE]
    play(journal, *((state, False) for state in refused))
    journal.record(Record(0.0, "belly", "stop"))
    assert rows(path) == []
    unwell = [State.SETUP, State.HOLD, State.LEAVING, State.LYING, State.SIDE, State.SITTING]
    play(journal, *((state, state in POSE) for state in [*unwell, State.LYING, State.SIDE]))
    journal.record(Record(40.0, "belly", "symptom dizzy"))
    journal.close()
    assert outcomes(path) == [(40.0, "belly", EARLY)]
    assert {state for state, _ in rows(path)} == {"SETUP", "HOLD", "LEAVING", "RESTING"}
    kept = path.read_bytes()
    assert not [word for word in (b"dizzy", b"symptom", b"LYING", b"REFUSED") if word in kept]


def test_a_setup_that_ends_before_the_pose_is_no_past_session(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    play(journal, (State.SETUP, False), (State.IDLE, False), (State.SETUP, False))
    journal.close()
    assert sessions(path) == []


def test_a_journal_from_before_the_flag_is_enough(path: Path) -> None:
    for length in (5, len(WHOLE)):
        journal = Journal(path, wait=PATIENCE)
        play(journal, *WHOLE[:length])
        journal.close()
        flag(path).unlink()
        assert was_interrupted(path) == WHOLE[length - 1][1]


def test_the_first_version_is_brought_up_to_date(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE[:5])
    journal.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        (sql,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'session'").fetchone()
        rows = db.execute("SELECT * FROM session").fetchall()
        db.execute("DROP TABLE session")
        db.execute(sql.replace("ended TEXT", "ended TEXT CHECK (ended IN ('time up'))"))
        db.executemany("INSERT INTO session VALUES (?, ?, ?, ?, ?)", rows)
        db.execute("PRAGMA user_version = 1")
    journal = Journal(path, wait=PATIENCE)
    assert journal.interrupted
    play(journal, *WHOLE)
    journal.record(Record(30.0, "belly", "unanswered"))
    journal.close()
    assert journal.trouble is None
    assert outcomes(path) == [(None, None, BROKEN), (30.0, "belly", UNANSWERED)]


def test_a_first_start_is_no_interruption(path: Path) -> None:
    assert not was_interrupted(path)
    path.unlink()
    assert not was_interrupted(path)


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_it_is_this_users_alone_whatever_the_umask(path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        journal = Journal(path, wait=PATIENCE)
        play(journal, *WHOLE)
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        journal.close()
    finally:
        os.umask(before)
    files = ("journal.db", "journal.db-wal", "journal.db-shm", "journal.pose")
    assert modes == dict.fromkeys(files, 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_who_finished_a_whole_session_here_lately(path: Path) -> None:
    def have(ended_by: str, at: float) -> None:
        journal = Journal(path, clock=lambda: at, wait=PATIENCE)
        play(journal, *WHOLE)
        journal.record(Record(30.0, "belly", ended_by))
        journal.state(State.IDLE, 99.0, False)
        journal.close()

    day, now = 86400.0, 1_700_000_000.0
    assert counts_for(lately(readable(path), now), now) == 0
    for number, ended_by in enumerate(("stop", "unanswered", "asked to end")):
        have(ended_by, now - number)
    have("time", now - 31 * day)
    assert counts_for(lately(readable(path), now), now) == 0
    have("time", now - 29 * day)
    assert counts_for(lately(readable(path), now), now) == day
    earlier = now - 40 * day
    assert counts_for(lately(readable(path), earlier), earlier) == 0, "the clock was set back"
    path.write_bytes(b"not a journal")
    assert counts_for(lately(readable(path), now), now) == 0


def test_reading_the_past_makes_no_file(path: Path) -> None:
    assert sessions(path) == []
    assert not path.parent.exists()


def test_a_session_still_going_on_is_not_yet_ended(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE[:5])
    assert sessions(path) == [
        SessionRow(sessions(path)[0].began, None, None, BROKEN),
    ]
    assert journal.record(Record(10.0, "box", "stop"))
    journal.close()
    assert outcomes(path) == [(10.0, "box", EARLY)]


def test_how_long_ago_a_session_ended_before_its_time(path: Path) -> None:
    assert since_one_ended_early(readable(path), 0.0) == float("inf")
    for number, (why, ago) in enumerate([("stop", 60.0), ("time", float("inf"))], start=1):
        journal = Journal(path, clock=lambda: 1000.0, wait=PATIENCE)
        play(journal, *WHOLE[:5])
        journal.record(Record(300.0, "box", why))
        play(journal, *WHOLE[5:])
        journal.close()
        assert since_one_ended_early(readable(path), 1060.0) == ago
        assert len(sessions(path)) == number
    play(Journal(path, clock=lambda: 1000.0, wait=PATIENCE), *WHOLE[:5])
    assert since_one_ended_early(readable(path), 1060.0) == 60.0, "it broke off"
    assert since_one_ended_early(readable(path), 900.0) == 0.0, "the clock was set back"


def test_a_journal_that_cannot_be_read_may_hide_what_ended_early(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("no journal")
    assert since_one_ended_early(readable(path), 1000.0) == 0.0
    assert readable(path) is None
