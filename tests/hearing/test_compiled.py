"""What the ears compare with, kept in the cache: as it was made, or made again."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from legsup_voice.errors import UserError
from legsup_voice.hearing.compiled import Compiled, compiled, of
from legsup_voice.hearing.grammar.classifier import classifier
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.protocol.commands import Command

OWN = "intents: [{command: stop, phrases: [enough of the wall now]}]"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEGSUP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "grammar-en.bin"


def same(one: Compiled, other: Compiled) -> bool:
    plain = all(getattr(one, n) == getattr(other, n) for n in ("spoken", "phrases", "fillers"))
    assert one.phones is not None
    assert other.phones is not None
    arrays = np.array_equal(one.phones.arcs, other.phones.arcs)
    columns = np.array_equal(one.phones.columns, other.phones.columns)
    labels = one.phones.labels == other.phones.labels
    text = one.written == other.written
    return plain and dict(one.ways) == dict(other.ways) and arrays and columns and labels and text


def test_what_is_read_is_what_was_made(cache: Path) -> None:
    made = compiled()
    assert cache.stat().st_mode & 0o777 == 0o600, "it may hold the person's own phrases"
    kept = cache.read_bytes()
    read = compiled()
    assert same(read, made)
    assert same(read, of(grammar(), made.phrases))
    assert cache.read_bytes() == kept


STATES: list[tuple[set[Command] | None, set[Command]]] = [
    (None, set()),
    ({Command.NO, Command.YES, Command.SYMPTOM, Command.CONDITION}, {Command.NO, Command.YES}),
    ({Command.STOP, Command.SYMPTOM, Command.PAUSE, Command.LONGER, Command.HOW_LONG}, set()),
    ({Command.NEXT, Command.DURATION, Command.BREATHING}, {Command.DURATION, Command.BREATHING}),
]


def test_text_is_read_as_the_templates_say_with_little_memory() -> None:
    """Rows of every tenth line, so that it stays quick; in German too, whose letters sort last."""
    for language, lists in (("en", "phrasings*[a-z].tsv"), ("de", "phrasings_de.tsv")):
        known = compiled(language=language)
        assert "reader" not in vars(known), "most sessions never need it"
        classifier(language)  # its 2 MB come besides, once
        tracemalloc.start()
        reader = known.reader
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert taken < 9e6
        expected = grammar(language=language).reader
        paths = [
            path
            for path in Path(__file__).parent.glob(lists)
            if language in path.stem or language == "en"
        ]
        lines = [line for path in paths for line in path.read_text().splitlines()[::10]]
        for said in (line.split("\t")[-1] for line in lines):
            for takes, asks in STATES:
                assert reader.read(said, takes, asks) == expected.read(said, takes, asks), said


def directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [directory, os.mkfifo])
def test_own_phrases_that_are_no_file_are_told(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(path := tmp_path / "phrases.yaml")
    with pytest.raises(UserError, match=f"{path} can't be read: it is "):
        compiled(path)


def test_what_is_damaged_is_made_again(cache: Path) -> None:
    made = compiled()
    whole = cache.read_bytes()
    damaged = bytearray(whole)
    damaged[5000] ^= 1
    for stored in (bytes(damaged), whole[:-10], b""):
        cache.write_bytes(stored)
        assert same(compiled(), made)
        assert cache.read_bytes() == whole


def test_what_was_made_of_something_else_is_not_used(cache: Path, tmp_path: Path) -> None:
    own = tmp_path / "phrases.yaml"
    built_in = compiled(own)
    own.write_text(OWN)
    assert compiled(own).spoken.meaning("enough of the wall now") is not None
    own.write_text("intents: [{command: stop")
    with pytest.raises(UserError, match=r"phrases\.yaml"):
        compiled(own)
    own.unlink()
    assert same(compiled(own), built_in)
    assert cache.exists()


def test_a_folder_that_cannot_be_written_only_costs_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LEGSUP_CACHE", str(tmp_path / "file"))
    assert compiled().spoken.meaning("stop") is not None


def test_making_it_takes_memory_from_another_process(tmp_path: Path) -> None:
    program = (
        "from legsup_voice.hearing.compiled import compiled\n"
        "compiled()\n"
        "print(open('/proc/self/status').read())\n"
    )
    path = os.pathsep.join(sys.path)
    environment = os.environ | {"LEGSUP_CACHE": str(tmp_path / "cache"), "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    status = dict(line.split(":", 1) for line in done.stdout.splitlines() if ":" in line)
    assert int(status["VmHWM"].split()[0]) < 150_000, "kB; made here it would be 350 MB"
    assert (tmp_path / "cache" / "grammar-en.bin").exists()
