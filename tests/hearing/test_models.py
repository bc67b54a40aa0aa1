"""Models that can't be used: one clear sentence each, and the process lives on."""

import shutil
from pathlib import Path

import pytest

from legsup_voice.errors import UserError
from legsup_voice.hearing import models


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(models.find(None), tmp_path / "model"))


def test_the_bundled_model_is_found_and_fine() -> None:
    models.check(models.find(None))


def test_a_copy_of_it_is_taken(copy: Path) -> None:
    assert models.load(copy).vosk_model_find_word("stop") >= 0


@pytest.mark.parametrize("name", ["nowhere", "/nowhere/at/all", "vosk"])
def test_a_missing_folder_is_named(name: str) -> None:
    with pytest.raises(UserError, match=f"no model folder {name}"):
        models.load(name)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(b"PK")
    with pytest.raises(UserError, match="not a folder"):
        models.load(tmp_path / "model.zip")


def test_an_empty_folder_is_no_vosk_model(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"not a Vosk model: its file final\.mdl"):
        models.load(tmp_path)


@pytest.mark.parametrize(
    "name", ["am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst", "graph/words.txt"]
)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(UserError, match=name):
        models.load(copy)


@pytest.mark.parametrize("name", ["am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"])
def test_a_file_of_something_else_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"<html>not found</html>")
    with pytest.raises(UserError, match=f"broken: its file {name}"):
        models.load(copy)


@pytest.mark.parametrize("name", ["am/final.mdl", "graph/HCLr.fst"])  # Gr.fst is never used
def test_a_file_cut_short_does_not_end_the_process(copy: Path, name: str) -> None:
    whole = (copy / name).read_bytes()
    (copy / name).write_bytes(whole[: len(whole) // 3])
    with pytest.raises(UserError, match="can't load the model"):
        models.load(copy)


def test_a_model_without_unk_is_refused(copy: Path) -> None:
    words = copy / "graph" / "words.txt"
    words.write_text(words.read_text().replace("[unk]", "unk"))
    with pytest.raises(UserError, match=r"no \[unk\]"):
        models.load(copy)


def test_a_fixed_graph_is_refused(copy: Path) -> None:
    (copy / "graph" / "HCLG.fst").write_bytes(b"x")
    with pytest.raises(UserError, match="fixed graph"):
        models.load(copy)
