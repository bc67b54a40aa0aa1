"""A journal that is damaged, not ours, or killed while it writes."""

import json
import os
import random
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
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from legsup_voice.records.past import lately, readable
from tests.records.journals import (
    PATIENCE,
    WHOLE,
    finish,
    flag,
    is_interrupted_until_led_down,
    play,
    was_interrupted,
)


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
        assert not lately(readable(path), time.time())
    with closing(Journal(path)) as journal:
        assert journal.interrupted


@pytest.mark.parametrize("ruin", [emptied, misspelt, no_text])
def test_what_cannot_be_known_is_not_forgotten_by_a_start_that_is_cut_off(
    path: Path, ruin: Callable[[Path], None]
) -> None:
    finish(path)
    ruin(path)
    assert is_interrupted_until_led_down(path)


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


def test_a_locked_journal_counts_as_in_the_pose(path: Path) -> None:
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE)
    journal.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with closing(Journal(path)) as journal:
            assert journal.interrupted


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
