"""The journal on real files: killed, damaged, full, read-only, and what must never be in it."""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import legsup_voice
from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.log import LineBegun, LineOver, SpeechRejected, StateEntered
from legsup_voice.protocol.states import State
from legsup_voice.records.database import BROKEN, COMPLETE, EARLY, UNANSWERED
from legsup_voice.records.journal import Journal
from legsup_voice.records.past import SessionRow, counts_for, lately, sessions

WHOLE = (
    (State.IDLE, False),
    (State.SCREENING, False),
    (State.SETUP, False),
    (State.SETUP, True),
    (State.HOLD, True),
    (State.PAUSED, True),
    (State.HOLD, True),
    (State.LEAVING, True),
    (State.SIDE, False),
    (State.SITTING, False),
    (State.DONE, False),
)
PATIENCE = 30.0
"""Seconds; the machine that tests may be busy."""
POSE = {State.SETUP, State.HOLD, State.PAUSED, State.LEAVING}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.db"


def play(journal: Journal, *states: tuple[State, bool]) -> list[bool]:
    return [journal.state(state, at, in_pose) for at, (state, in_pose) in enumerate(states)]


def finish(path: Path) -> None:
    """Keep a whole session, with nobody in the pose after it."""
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE, (State.IDLE, False))
    journal.close()


def rows(path: Path) -> list[tuple[str, bool]]:
    with closing(sqlite3.connect(path)) as db:
        return [(s, bool(p)) for s, p in db.execute("SELECT state, in_pose FROM state ORDER BY id")]


def was_interrupted(path: Path) -> bool:
    journal = Journal(path, wait=PATIENCE)
    journal.close()
    return journal.interrupted


def flag(path: Path) -> Path:
    """Return the byte beside the journal that says whether somebody is in the pose."""
    return path.with_suffix(".pose")


def outcomes(path: Path) -> list[tuple[float | None, str | None, str]]:
    return [(row.hold_seconds, row.breathing, row.ended) for row in sessions(path)]


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


def test_a_full_disk_is_reported_and_written_again_when_there_is_room(path: Path) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
from legsup_voice.records.journal import Journal
from legsup_voice.protocol.log import CueBegun, StateEntered
from legsup_voice.protocol.states import State
journal = Journal(Path(sys.argv[1]), wait=30)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
assert journal.state(State.SETUP, 0.0, False)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
journal.log(StateEntered(1.0, State.HOLD), True)
assert "disk" in (journal.trouble or ""), journal.trouble
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
journal.log(CueBegun(2.0, "in", 2.0), True)
journal.close()
assert journal.trouble
"""
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert rows(path) == [("SETUP", False), ("HOLD", True)]


FULL = """
import os, resource, signal, sys
from pathlib import Path
from legsup_voice.records.journal import Journal
from legsup_voice.protocol.states import State
journal = Journal(Path(sys.argv[1]), wait=30)
assert not journal.interrupted
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))  # no file grows; what is there can be changed
states = ((State.SETUP, False), (State.SETUP, True), (State.HOLD, True), (State.LEAVING, True),
          (State.SIDE, False), (State.DONE, False), (State.IDLE, False))
for state, in_pose in states[: int(sys.argv[2])]:
    assert not journal.state(state, 0.0, in_pose)
assert "disk" in journal.trouble, journal.trouble
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("length", "in_pose"), [(1, False), (2, True), (4, True), (5, False)])
def test_a_full_disk_does_not_hide_who_is_in_the_pose(
    path: Path, length: int, in_pose: bool
) -> None:
    """Legs up when nothing more can be kept, then a power cut: the last row is yesterday's."""
    finish(path)
    before = rows(path)
    done = subprocess.run([sys.executable, "-c", FULL, str(path), str(length)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert rows(path) == before
    assert was_interrupted(path) == in_pose


def test_the_flag_says_who_is_in_the_pose(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    said = [flag(path).read_bytes() for at in WHOLE if play(journal, at)]
    journal.close()
    assert said == [b"1" if in_pose else b"0" for _, in_pose in WHOLE]


@pytest.mark.parametrize("content", [b"", b"1", b"\0"])
def test_a_flag_that_does_not_say_nobody_is_believed_until_a_session_is_over(
    path: Path, content: bytes
) -> None:
    finish(path)
    flag(path).write_bytes(content)
    assert was_interrupted(path)
    assert was_interrupted(path), "nobody has said the way down yet"
    journal = Journal(path, wait=PATIENCE)
    play(journal, (State.IDLE, False), (State.LEAVING, True), (State.SIDE, False))
    journal.close()
    assert not was_interrupted(path)


def test_a_flag_that_cannot_be_kept_is_reported_and_the_journal_goes_on(path: Path) -> None:
    flag(path).mkdir(parents=True)
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE[:5])
    journal.close()
    assert journal.trouble
    assert rows(path)[-1] == ("HOLD", True)
    assert was_interrupted(path)


def test_a_journal_from_before_the_flag_is_enough(path: Path) -> None:
    for length in (5, len(WHOLE)):
        journal = Journal(path, wait=PATIENCE)
        play(journal, *WHOLE[:length])
        journal.close()
        flag(path).unlink()
        assert was_interrupted(path) == WHOLE[length - 1][1]


def test_trouble_is_told_for_the_session_that_had_it(path: Path) -> None:
    path.mkdir(parents=True)
    journal = Journal(path, wait=PATIENCE)
    for at, (state, in_pose) in enumerate(WHOLE):
        journal.log(StateEntered(at, State(state)), in_pose)
    assert journal.trouble is not None
    path.rmdir()
    journal.log(StateEntered(99, State.IDLE), in_pose=False)
    for at, (state, in_pose) in enumerate(WHOLE):
        journal.log(StateEntered(100 + at, State(state)), in_pose)
    journal.close()
    assert journal.trouble is None
    assert len(rows(path)) == 8


def test_a_disk_that_does_not_answer_does_not_hold_the_session_up(path: Path) -> None:
    journal = Journal(path, wait=0.0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert play(journal, *WHOLE) == [False] * len(WHOLE)
        assert journal.trouble is not None
        other.execute("ROLLBACK")
    journal.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's files need root to be made")
@pytest.mark.parametrize("killed", [False, True])
def test_a_read_only_journal_still_tells_of_the_interruption(tmp_path: Path, killed: bool) -> None:
    path = tmp_path / "journal.db"
    code = """
import os, sys, signal
from pathlib import Path
from legsup_voice.records.journal import Journal
from legsup_voice.protocol.states import State
path, killed = Path(sys.argv[1]), sys.argv[2] == "True"
if os.fork() == 0:
    first = Journal(path, wait=30)
    first.state(State.HOLD, 0.0, True)
    if killed:
        os.kill(os.getpid(), signal.SIGKILL)
    first.close()
    os._exit(0)
os.wait()
for file in path.parent.iterdir():
    file.chmod(0o444)
path.parent.chmod(0o555)
os.setresuid(65534, 65534, 65534)
journal = Journal(path, wait=30)
assert journal.interrupted, journal.trouble
assert not journal.state(State.LEAVING, 0.0, True)
assert journal.trouble and "written" in journal.trouble, journal.trouble
journal.close()
"""
    for folder in tmp_path.parents:
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    subprocess.run([sys.executable, "-c", code, str(path), str(killed)], check=True)


def test_a_folder_in_its_place_is_reported(path: Path) -> None:
    path.mkdir(parents=True)
    journal = Journal(path, wait=PATIENCE)
    assert journal.interrupted
    assert play(journal, *WHOLE) == [False] * len(WHOLE)
    journal.close()
    assert journal.trouble is not None


def test_stop_is_not_held_up_by_a_journal_that_another_holds(path: Path) -> None:
    """With the wait that sessions have: "stop" must be silent within 300 ms."""
    journal = Journal(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        assert not journal.state(State.HOLD, 0.0, True)
        assert time.monotonic() - began < 0.25
        other.execute("ROLLBACK")
    journal.close()


def test_a_journal_that_another_holds_is_written_later(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not journal.state(State.HOLD, 0.0, True)
        assert journal.trouble is not None
        other.execute("ROLLBACK")
    journal.log(SpeechRejected(1.0, "", "unknown"), in_pose=True)
    journal.close()
    assert rows(path) == [("HOLD", True)]


def test_a_file_of_another_program_tells_nothing_and_gets_a_journal(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmark (id)")
    journal = Journal(path, wait=PATIENCE)
    assert all(play(journal, *WHOLE))
    journal.close()
    assert journal.interrupted
    assert journal.trouble is None
    assert not was_interrupted(path)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE bookmark (id)",
        "CREATE INDEX by_state ON state (state)",
        "PRAGMA user_version = 7",
        "ALTER TABLE session ADD COLUMN mood TEXT",
    ],
)
@pytest.mark.parametrize("in_pose", [False, True])
def test_what_others_put_in_sets_no_healthy_journal_aside(
    path: Path, change: str, in_pose: bool
) -> None:
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE[:5], (State.LEAVING, in_pose))
    journal.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(change)
    assert was_interrupted(path) == in_pose
    assert not list(path.parent.glob("*broken*"))


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


def not_there(path: Path) -> None:
    """Leave no journal at all."""
    path.unlink()


def emptied(path: Path) -> None:
    """Leave a file of 0 bytes."""
    path.write_bytes(b"")


def forbidding_the_pose(path: Path) -> None:
    """Damage one byte of the schema's text: the pose can't be kept any more."""
    damaged = path.read_bytes().replace(b"in_pose IN (0, 1)", b"in_pose IN (0, 3)")
    path.write_bytes(damaged)


def misspelt(path: Path) -> None:
    """Damage one byte of a column's name."""
    path.write_bytes(path.read_bytes().replace(b"in_pose INTEGER", b"in_posf INTEGER"))


def no_text(path: Path) -> None:
    """Damage a column's name so that it can't even be told."""
    path.write_bytes(path.read_bytes().replace(b"in_pose INTEGER", b"in_pos\xff INTEGER"))


def a_pipe(path: Path) -> None:
    """Leave something that never answers."""
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("ruin", [emptied, forbidding_the_pose, misspelt, no_text, a_pipe])
def test_what_cannot_be_known_counts_as_in_the_pose(
    path: Path, ruin: Callable[[Path], None]
) -> None:
    finish(path)
    assert not was_interrupted(path)
    ruin(path)
    if ruin is not a_pipe:
        assert not lately(path, time.time())
    with closing(Journal(path)) as journal:
        assert journal.interrupted


@pytest.mark.parametrize("ruin", [emptied, misspelt, no_text])
def test_what_cannot_be_known_is_not_forgotten_by_a_start_that_is_cut_off(
    path: Path, ruin: Callable[[Path], None]
) -> None:
    finish(path)
    ruin(path)
    assert was_interrupted(path)
    assert was_interrupted(path), "nobody has said the way down yet"
    journal = Journal(path, wait=PATIENCE)
    play(journal, (State.IDLE, False), (State.LEAVING, True), (State.SIDE, False))
    journal.close()
    assert not was_interrupted(path)


@pytest.mark.parametrize("ruin", [emptied, misspelt])
def test_what_cannot_be_known_is_kept_before_its_only_sign_is_replaced(
    path: Path, ruin: Callable[[Path], None]
) -> None:
    """With a flag that can't be written the damaged journal itself must stay."""
    finish(path)
    flag(path).unlink()
    flag(path).mkdir()
    ruin(path)
    assert was_interrupted(path)
    flag(path).rmdir()
    assert was_interrupted(path)


def test_a_first_start_is_no_interruption(path: Path) -> None:
    assert not was_interrupted(path)
    not_there(path)
    assert not was_interrupted(path)


def test_a_locked_journal_counts_as_in_the_pose(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE)
    journal.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with closing(Journal(path)) as journal:
            assert journal.interrupted


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


def test_a_commit_is_on_the_disk_before_it_returns(path: Path) -> None:
    """A power cut can't be made here; that the disk is asked to sync every commit can be seen."""
    code = """
import sys
from pathlib import Path
from legsup_voice.records.journal import Journal
from legsup_voice.protocol.states import State
journal = Journal(Path(sys.argv[1]), wait=30)
for number in range(20):
    assert journal.state(State.HOLD, number, True)
"""
    traced = ["strace", "-f", "-e", "trace=fsync,fdatasync", sys.executable, "-c", code, str(path)]
    found = subprocess.run(traced, capture_output=True, text=True, check=True)
    assert len(re.findall(r"f(?:data)?sync\(", found.stderr)) >= 20


def test_the_flag_is_on_the_disk_before_the_next_step(path: Path) -> None:
    code = """
import sys
from pathlib import Path
from legsup_voice.records.flag import Flag
flag = Flag(Path(sys.argv[1]))
for number in range(20):
    flag.write(number % 2 == 0)
"""
    path.parent.mkdir()
    traced = ["strace", "-f", "-e", "trace=pwrite64,fsync,fdatasync", sys.executable, "-c", code]
    found = subprocess.run([*traced, str(path)], capture_output=True, text=True, check=True)
    calls = re.findall(r"(pwrite64|f(?:data)?sync)\(", found.stderr)
    first = ["pwrite64", "fdatasync", "fsync"]  # its name, too
    assert calls == first + ["pwrite64", "fdatasync"] * 19


def test_who_finished_a_whole_session_here_lately(path: Path) -> None:
    def have(ended_by: str, at: float) -> None:
        journal = Journal(path, clock=lambda: at, wait=PATIENCE)
        play(journal, *WHOLE)
        journal.record(Record(30.0, "belly", ended_by))
        journal.state(State.IDLE, 99.0, False)
        journal.close()

    day, now = 86400.0, 1_700_000_000.0
    assert counts_for(lately(path, now), now) == 0
    for number, ended_by in enumerate(("stop", "unanswered", "asked to end")):
        have(ended_by, now - number)
    have("time", now - 31 * day)
    assert counts_for(lately(path, now), now) == 0
    have("time", now - 29 * day)
    assert counts_for(lately(path, now), now) == day
    earlier = now - 40 * day
    assert counts_for(lately(path, earlier), earlier) == 0, "the clock was set back"
    path.write_bytes(b"not a journal")
    assert counts_for(lately(path, now), now) == 0


def test_damage_under_a_running_session_loses_no_state_after_it(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE[:4])
    wal = path.with_name("journal.db-wal")
    for file in (path, wal):
        file.write_bytes(os.urandom(file.stat().st_size))
    play(journal, *WHOLE[4:7])
    journal.close()
    assert was_interrupted(path)


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("intact") / "journal.db"
    journal = Journal(path, wait=PATIENCE)
    for _ in range(20):
        play(journal, *WHOLE, (State.IDLE, False))
    play(journal, *WHOLE[:5])
    journal.close()
    return path.read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.data())
def test_random_damage_never_stops_a_session(
    tmp_path_factory: pytest.TempPathFactory, intact: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "journal.db"
    damaged = bytearray(intact[: data.draw(st.integers(0, len(intact)), label="length")])
    for _ in range(data.draw(st.integers(0, 8), label="places")):
        at = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        damaged[at : at + 8] = data.draw(st.binary(max_size=16))
    path.write_bytes(damaged)
    with_wal = data.draw(st.none() | st.binary(max_size=200), label="wal")
    if with_wal is not None:
        path.with_name("journal.db-wal").write_bytes(with_wal)
    journal = Journal(path, wait=PATIENCE)
    written = play(journal, *WHOLE[:5])
    journal.close()
    assert written[-1] or journal.trouble
    if written[-1]:
        assert was_interrupted(path)


CHILD = """
import itertools, sys
from pathlib import Path
from legsup_voice.records.journal import Journal
from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.states import State
journal = Journal(Path(sys.argv[1]), clock=lambda: float(sys.argv[2]), wait=30)
S = State
turns = [(S.SETUP, False), (S.SETUP, True), (S.HOLD, True), (S.LEAVING, True), (S.SIDE, False),
         (S.SITTING, False), (S.DONE, False), (S.IDLE, False)]
for number in itertools.count():
    state, in_pose = turns[number % len(turns)]
    if journal.state(state, float(number), in_pose):
        sys.stdout.write(f'[{number}, "{state}", {int(in_pose)}]\\n')
        sys.stdout.flush()
    if state is S.DONE:
        journal.record(Record(float(number), "box", "time"))
"""
KILLS = 500


def has_tables(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        return bool(db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'state'").fetchone())


def killed_at_random(path: Path, number: int, chance: random.Random) -> list[tuple[int, int]]:
    """Kill a writing child; return what the journal acknowledged to it: (t, in_pose)."""
    root = str(Path(legsup_voice.__file__).parents[1])
    child = subprocess.Popen(
        [sys.executable, "-S", "-c", CHILD, str(path), str(number)],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": root},
    )
    assert child.stdout is not None
    first = child.stdout.readline() if number % 2 else b""  # even ones may die while it opens
    time.sleep(chance.uniform(0, 0.03 if first else 0.15))
    child.send_signal(signal.SIGKILL)
    lines = (first + child.stdout.read()).decode().split("\n")
    child.stdout.close()
    child.wait()
    return [(t, pose) for t, _, pose in map(json.loads, filter(lambda x: x.endswith("]"), lines))]


def test_five_hundred_kills_lose_no_acknowledged_state(tmp_path: Path) -> None:
    chance = random.Random(6)
    acknowledged = 0
    for kill in range(KILLS):
        path = tmp_path / ("journal.db" if kill % 2 else f"fresh-{kill}.db")
        told = killed_at_random(path, kill, chance)
        acknowledged += len(told)
        unknown = path.exists() and not has_tables(path)
        unknown |= flag(path).exists() and flag(path).read_bytes() != b"0"
        journal = Journal(path, wait=PATIENCE)
        journal.close()
        assert journal.trouble is None
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = db.execute(
                "SELECT CAST(t AS INTEGER), in_pose FROM state JOIN session AS s ON session = s.id"
                " WHERE began = ? ORDER BY state.id",
                (float(kill),),
            ).fetchall()
            last = db.execute("SELECT in_pose FROM state ORDER BY id DESC LIMIT 1").fetchone()
        assert set(told) <= set(kept)
        assert journal.interrupted == (unknown or bool(last and last[0]))
    assert acknowledged


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
