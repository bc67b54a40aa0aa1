"""What the first version's files hold is still there after an update.

The files of `tests/cases/upgrade` are what 0.1.0 wrote at first: the journal as its SQL, settings,
phrases of one's own and what was chosen last.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from legsup_voice.commands.cli import main
from legsup_voice.config import choices_path, journal_path, load_config, phrases_path
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.choices import Choices, Talk
from legsup_voice.protocol.commands import Bed, Command, Pattern
from legsup_voice.records.journal import Journal
from legsup_voice.records.remembered import remembered

OLD = Path(__file__).parent / "cases" / "upgrade"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGSUP_CONFIG", str(tmp_path / "config" / "config.toml"))
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path / "data"))
    shutil.copytree(OLD / "config", tmp_path / "config")
    shutil.copytree(OLD / "data", tmp_path / "data", ignore=shutil.ignore_patterns("*.sql"))
    with closing(sqlite3.connect(journal_path())) as db:
        db.executescript((OLD / "data" / "journal.sql").read_text())


def test_the_journal_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(journal_path(), wait=10.0)
    assert not journal.interrupted
    journal.record(Record(60.0, "belly", "time"))
    journal.close()
    assert journal.trouble is None
    assert main(["history", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["hold_seconds"], row["breathing"], row["ended"]) for row in rows] == [
        (300.0, "belly", "time up"),
        (45.0, "box", "stopped early"),
        (None, None, "broken off"),
    ]


def test_settings_stay() -> None:
    settings = load_config()
    assert (settings.minutes, settings.breathing, settings.volume) == (7.5, "four_six", -3.0)
    assert settings.voice == "heart", "the recorded voice was called natural"
    assert settings.bed == "drone"


def test_phrases_of_ones_own_stay() -> None:
    known = grammar(phrases_path())
    stop, box = known.spoken.meaning("namaste"), known.spoken.meaning("square breath")
    assert stop is not None
    assert stop.command is Command.STOP
    assert box is not None
    assert box.pattern is Pattern.BOX


def test_what_was_chosen_last_stays() -> None:
    assert remembered(choices_path()) == Choices(
        420.0, Pattern.BOX, Talk.LESS, guided=True, bell=True, bed=Bed.WAVES, volume=-2.0
    )
