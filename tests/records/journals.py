"""A journal to play states into, and what it holds then."""

import sqlite3
from contextlib import closing
from pathlib import Path

from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from legsup_voice.records.past import sessions

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


def is_interrupted_until_led_down(path: Path) -> bool:
    """Tell whether each start finds somebody in the pose, until one has led them down."""
    found = [was_interrupted(path), was_interrupted(path)]  # nobody has said the way down yet
    journal = Journal(path, wait=PATIENCE)
    play(journal, (State.IDLE, False), (State.LEAVING, True), (State.SIDE, False))
    journal.close()
    return [*found, was_interrupted(path)] == [True, True, False]


def flag(path: Path) -> Path:
    """Return the byte beside the journal that says whether somebody is in the pose."""
    return path.with_suffix(".pose")


def outcomes(path: Path) -> list[tuple[float | None, str | None, str]]:
    return [(row.hold_seconds, row.breathing, row.ended) for row in sessions(path)]
