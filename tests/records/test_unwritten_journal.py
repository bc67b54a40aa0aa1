"""A journal on a disk that is full, read-only, held by others or slow, and the flag beside it."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from legsup_voice.protocol.log import SpeechRejected, StateEntered
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from tests.records.journals import (
    PATIENCE,
    WHOLE,
    finish,
    flag,
    is_interrupted_until_led_down,
    play,
    rows,
    was_interrupted,
)


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
    assert is_interrupted_until_led_down(path)


def test_a_flag_that_cannot_be_kept_is_reported_and_the_journal_goes_on(path: Path) -> None:
    flag(path).mkdir(parents=True)
    journal = Journal(path, wait=PATIENCE)
    play(journal, *WHOLE[:5])
    journal.close()
    assert journal.trouble
    assert rows(path)[-1] == ("HOLD", True)
    assert was_interrupted(path)


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
