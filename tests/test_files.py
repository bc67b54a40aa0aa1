"""What is no file of a sensible size: told at once wherever one is named, and never waited for."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from legsup_voice.commands.bridge import mqtt
from legsup_voice.commands.cli import main
from legsup_voice.config import load_config
from legsup_voice.errors import UserError
from legsup_voice.evaluation import clips
from legsup_voice.evaluation.written import hear_text
from legsup_voice.files import LARGEST_BYTES, whole
from legsup_voice.hearing import models
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.records.remembered import remembered
from legsup_voice.simulation.scenario import load_scenario


def password(path: Path) -> None:
    mqtt(None, password_file=path)  # type: ignore[arg-type]


READERS: dict[str, Callable[[Path], object]] = {
    "configuration": load_config,
    "scenario": load_scenario,
    "phrases": grammar,
    "list": clips.manifest,
    "recording": clips.contents,
    "lines": hear_text,
    "password": password,
}


def nothing_that_ends(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, nothing_that_ends])
def test_what_is_no_file_is_told(tmp_path: Path, reader: str, make: Callable[[Path], None]) -> None:
    path = tmp_path / "given"
    make(path)
    with pytest.raises(UserError, match=rf"{path}.*: it is (no file|a folder)\.$"):
        READERS[reader](path)


@pytest.mark.parametrize("reader", [name for name in READERS if name != "phrases"])
def test_a_name_that_none_can_have_is_told(reader: str) -> None:
    with pytest.raises(UserError, match="its name can't be a file's"):
        READERS[reader](Path("a\0b"))


@pytest.mark.parametrize("reader", ["configuration", "scenario", "phrases"])
def test_what_nobody_wrote_by_hand_is_told(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "given"
    path.write_bytes(b"#" * (LARGEST_BYTES + 1))
    with pytest.raises(UserError, match=f"{path} can't be read: it is larger than 1 MB"):
        READERS[reader](path)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, nothing_that_ends])
def test_what_was_chosen_is_forgotten_where_it_is_no_file(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "choices.json")
    assert remembered(tmp_path / "choices.json") is None


def test_a_model_of_pipes_is_told(tmp_path: Path) -> None:
    for name in ("final.mdl", "mfcc.conf", "HCLr.fst", "Gr.fst"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(UserError, match=r"final\.mdl can't be read \(it is no file\)"):
        models.load(tmp_path)


def test_lines_may_come_through_a_pipe() -> None:
    command = [sys.executable, "-m", "legsup_voice", "hear", "--text", "/dev/stdin"]
    done = subprocess.run(command, input="stop\n", capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, '{"said": "stop", "command": "stop"}\n')


@pytest.mark.parametrize("key", ["model", "bed_file"])
def test_a_home_that_is_nobodys_is_told(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEGSUP_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text(f'bell = true\n{key} = "~nouser/x"\n')
    assert main(["config"]) == 2
    assert capsys.readouterr().err.endswith(f"line 2: {key}: there is no such user.\n")


def test_a_models_home_that_is_nobodys_is_told() -> None:
    with pytest.raises(UserError, match="no model folder ~nouser/x: there is no such user"):
        models.find("~nouser/x")


def test_a_file_is_replaced_whole_where_a_link_leads(tmp_path: Path) -> None:
    there, link = tmp_path / "there", tmp_path / "link.mp3"
    there.write_text("old")
    there.chmod(0o640)
    link.symlink_to(there)
    with whole(link) as made:
        assert made.name == link.name
        made.write_text("new")
        assert there.read_text() == "old"
    assert link.is_symlink()
    assert there.read_text() == "new"
    assert stat.S_IMODE(there.stat().st_mode) == 0o640
    assert set(tmp_path.iterdir()) == {there, link}


def test_what_cannot_be_made_leaves_what_was_there(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("old")

    def write() -> None:
        with whole(there) as made:
            made.symlink_to("/dev/full")
            made.write_text("new")

    with pytest.raises(OSError, match="No space left"):
        write()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("there", "old")]
