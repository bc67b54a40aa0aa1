"""What `legsup history` tells of a journal."""

import csv
import datetime
import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from legsup_voice.commands.cli import main
from legsup_voice.config import journal_path
from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.states import State
from legsup_voice.records.history import minutes_per_day, trend
from legsup_voice.records.journal import Journal
from legsup_voice.records.past import SessionRow, _date, lately, readable, sessions

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path / "data"))
    return tmp_path


def keep(*held: float | None, first: float = 1_700_000_000.0) -> None:
    """Keep a session a day; None is one that broke off in the pose."""
    for day, seconds in enumerate(held):
        journal = Journal(journal_path(), clock=lambda: first + day * 86_400, wait=30.0)  # noqa: B023
        assert journal.state(State.HOLD, 1.0, True)
        if seconds is not None:
            assert journal.record(Record(seconds, "four_six", "time"))
            assert journal.state(State.IDLE, 2.0, False)
        journal.close()


def test_without_sessions_it_says_how_to_begin(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["history", "--plot", str(tmp_path / "empty.png")]) == 0
    assert 'No sessions yet. "legsup run" begins one.' in capsys.readouterr().out
    assert (tmp_path / "empty.png").read_bytes().startswith(PNG)
    assert main(["history", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_table_tells_each_session_and_the_sum(capsys: pytest.CaptureFixture[str]) -> None:
    keep(300.0, 95.4, None)
    assert main(["history"]) == 0
    shown = capsys.readouterr().out
    for part in ("5:00", "1:35", "—", "broken off", "time up", "4 in, 6 out", "3 sessions, 6:35"):
        assert part in shown


def test_json_and_the_picture(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    keep(300.0, 95.4)
    assert main(["history", "--json", "--plot", str(tmp_path / "days.png")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["hold_seconds"] for row in told] == [300.0, 95.4]
    assert {tuple(row) for row in told} == {("began", "hold_seconds", "breathing", "ended")}
    assert datetime.datetime.fromisoformat(told[0]["began"]).timestamp() == 1_700_000_000.0
    assert (tmp_path / "days.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize("name", ["missing/days.png", "days.sheep"])
def test_a_picture_that_cannot_be_written_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    assert main(["history", "--plot", str(tmp_path / name)]) == 2
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", [b"no journal at all" * 99, b"SQLite format 3\x00" + b"x" * 999]
)
def test_a_damaged_journal_is_one_sentence_and_stays(
    capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    journal_path().parent.mkdir(parents=True)
    journal_path().write_bytes(content)
    assert main(["history"]) == 2
    assert "can't be read" in capsys.readouterr().err
    assert journal_path().read_bytes() == content


def row(day: int, seconds: float | None) -> SessionRow:
    began = datetime.datetime(2026, 3, day, 21, tzinfo=datetime.UTC)
    return SessionRow(began, seconds, "belly", "time up")


def test_days_without_a_session_count_as_none() -> None:
    days = minutes_per_day([row(1, 300.0), row(1, 60.0), row(4, None), row(5, 120.0)])
    assert list(days.values()) == [6.0, 0.0, 0.0, 0.0, 2.0]
    assert minutes_per_day([]) == {}


def test_the_trend_is_the_mean_of_the_last_week() -> None:
    assert trend([7.0] * 10) == [7.0] * 10
    assert trend([0.0] * 7 + [7.0] * 7)[7:] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_csv_holds_what_json_does(capsys: pytest.CaptureFixture[str]) -> None:
    keep(300.0, None)
    assert main(["history", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["history", "--csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    as_text = [{k: "" if v is None else str(v) for k, v in row.items()} for row in told]
    assert rows == as_text
    assert main(["history", "--csv", "--json"]) == 2


def test_the_page_stands_alone(tmp_path: Path) -> None:
    keep(300.0, 95.4, None)
    file = tmp_path / "history.html"
    assert main(["history", "--html", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    for part in ("data:image/png;base64,", "5:00", "1:35", "4 in, 6 out", "broken off"):
        assert part in text
    assert not re.search(r"(src|href)=.(?!#|data:)", text)  # but marks within the picture
    assert "@import" not in text
    assert "<script" not in text
    assert main(["history", "--html", str(tmp_path / "none" / "history.html")]) == 2


def test_a_session_of_an_unset_clock_is_marked_and_not_drawn(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    keep(60.0, first=0.0)
    keep(120.0, 180.0)
    keep(240.0, first=4_000_000_000.0)  # a clock in 2096
    past = sessions(journal_path())
    assert list(minutes_per_day(past).values()) == [2.0, 3.0]
    assert main(["history"]) == 0
    assert capsys.readouterr().out.count("clock not set") == 2
    assert main(["history", "--json", "--plot", str(tmp_path / "days.png")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["began"] is None for row in told] == [True, False, False, True]


def test_no_more_than_the_last_year_is_drawn() -> None:
    keep(60.0, first=1_600_000_000.0)
    keep(120.0)
    days = minutes_per_day(sessions(journal_path()))
    assert len(days) == 366
    assert sum(days.values()) == 2.0


ODD: list[tuple[object, object, object, object]] = [
    (1e308, 1e400, "belly", "time up"),
    ("noon", "long", b"\xff", b"\xff"),
    (b"\0", b"\0", 7, 7),
    (-1e18, -60.0, None, None),
    (1_700_000_000.0, 1e300, "[/b]", "[red]"),
    (1_700_000_000.0, 60.0, "belly", "time up"),
]


@pytest.mark.parametrize("zone", ["UTC", "UTC-25", "Nowhere/None", "UTC+99"])
def test_odd_rows_are_shown_as_far_as_they_can_be(
    zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(60.0)
    with closing(sqlite3.connect(journal_path())) as db:
        db.execute("DROP TABLE session")
        db.execute(
            "CREATE TABLE session (id INTEGER PRIMARY KEY, began, hold_seconds, breathing, ended)"
        )
        db.executemany("INSERT INTO session VALUES (NULL, ?, ?, ?, ?)", ODD)
        db.commit()
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert [row.hold_seconds for row in sessions(journal_path())][-1] == 60.0
        assert [row.hold_seconds for row in lately(readable(journal_path()), 1_700_000_100.0)] == [
            60.0
        ]
        assert main(["history", "--plot", str(tmp_path / "a.png")]) == 0
        shown = capsys.readouterr().out
        assert "[/b]" in shown
        assert "[red]" in shown
        assert main(["history", "--json", "--html", str(tmp_path / "a.html")]) == 0
        json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("began", [None, "noon", b"\0", 1e300])
def test_a_beginning_that_is_no_time_shows_as_1970(began: object) -> None:
    """Found in a journal with a changed byte."""
    assert _date(began).timestamp() == 0
