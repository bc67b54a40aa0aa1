"""Writing in a thread of its own: nothing a disk does may hold up or end a session."""

import os
import resource
import time
from pathlib import Path
from threading import Event

import pytest

from legsup_voice.private import private_file
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.commands import Bed, Pattern
from legsup_voice.records.eventlog import EventLog, read_events
from legsup_voice.records.remembered import remember, remembered
from legsup_voice.records.writer import MOST, Writer


def test_everything_is_written_in_order(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    writer = Writer("The event log", log.write, log.close)
    for number in range(100):
        writer.put({"t": float(number), "kind": "cue"})
    writer.close()
    assert [event["t"] for event in read_events(tmp_path / "events.jsonl")] == list(range(100))
    assert writer.trouble is None


def test_a_full_disk_becomes_one_sentence() -> None:
    log = EventLog(Path("/dev/full"))
    writer = Writer("The event log", log.write, log.close)
    for _ in range(3):
        writer.put({"t": 0.0, "kind": "cue"})
    writer.close()
    assert writer.trouble
    assert writer.trouble.startswith("The event log could not be written: ")
    assert "No space left on device" in writer.trouble


def test_a_disk_that_does_not_answer_is_not_waited_for() -> None:
    answers = Event()

    def write(_: int) -> None:
        answers.wait()

    writer = Writer("The recording", write)
    began = time.monotonic()
    for number in range(MOST + 10):
        writer.put(number)
    assert time.monotonic() - began < 2.0
    assert writer.trouble == "The recording could not be written: the disk does not answer."
    answers.set()
    writer.close()


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_the_event_log_is_this_users_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        EventLog(tmp_path / "events.jsonl").close()
    finally:
        os.umask(before)
    assert (tmp_path / "events.jsonl").stat().st_mode & 0o777 == 0o600


CHOICES = Choices(seconds=300.0, pattern=Pattern.BELLY, bell=True, bed=Bed.WAVES, volume=3.0)


def test_what_was_chosen_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "data" / "choices.json"
    assert remembered(path) is None
    remember(path, CHOICES)
    assert remembered(path) == CHOICES
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["choices.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"seconds": "soon"}', '{"seconds": 1, "pattern": 3}']
)
def test_what_cannot_be_read_is_forgotten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "choices.json"
    path.write_text(text)
    assert remembered(path) is None


def test_a_full_disk_leaves_what_was_remembered_before(tmp_path: Path) -> None:
    path = tmp_path / "choices.json"
    remember(path, CHOICES)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            remember(path, Choices(60.0, Pattern.NONE))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert remembered(path) == CHOICES
    assert [file.name for file in tmp_path.iterdir()] == ["choices.json"]


def test_a_private_file_that_was_open_to_all_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.touch(mode=0o666)
    private_file(path, "a").close()
    assert path.stat().st_mode & 0o777 == 0o600
