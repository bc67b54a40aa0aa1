"""Models that can't be used: one clear sentence each, and the process lives on."""

import logging
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from legsup_voice.errors import UserError
from legsup_voice.hearing import models


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(models.find(None), tmp_path / "model"))


def test_the_bundled_model_is_found_and_fine() -> None:
    models.check(models.find(None))


def test_the_bundled_model_is_as_its_digests_say() -> None:
    folder = models.find(None)
    made = (folder / models.SUMS).read_bytes()
    assert made == models.sums(folder), "python -m training graph writes them"


def gone(part: Path, content: bytes) -> None:
    part.unlink()


def cut_short(part: Path, content: bytes) -> None:
    part.write_bytes(content[: len(content) // 2] or b"more")


def one_bit_off(part: Path, content: bytes) -> None:
    part.write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if content else b"\0")


@pytest.mark.parametrize("name", [*models.PARTS, models.SUMS])
@pytest.mark.parametrize("damage", [gone, cut_short, one_bit_off])
def test_damage_of_the_bundled_model_is_told(
    copy: Path, name: str, damage: Callable[[Path, bytes], None]
) -> None:
    models.check_whole(copy)
    damage(copy / name, (copy / name).read_bytes())
    with pytest.raises(UserError, match="missing or broken: install legsup-voice again"):
        models.check_whole(copy)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program and its models in another place."""
    root, place = models.bundled(models.BUNDLED).parents[1], tmp_path_factory.mktemp("installed")
    for name in ("legsup_voice", "models"):
        shutil.copytree(root / name, place / name)
    return place


def without_an_end(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("name", "damaged"),
    [
        ("legsup-en/graph/HCLr.fst", without_an_end),
        ("legsup-en/am/final.mdl", without_an_end),
        ("legsup-en/conf/mfcc.conf", without_an_end),
        ("phones/lexicon.txt", lambda content: b"\xff" + content),
        ("phones/lexicon.txt", lambda content: content + b"\nwall W AW9 L"),
        ("phones/lexicon.txt", None),
    ],
)
def test_an_installation_that_is_broken_is_told_in_one_sentence(
    installed: Path, name: str, damaged: Callable[[bytes], bytes] | None
) -> None:
    part = installed / "models" / name
    content = part.read_bytes()
    part.unlink()
    if damaged is not None:
        part.write_bytes(damaged(content))
    stop = installed / "legsup_voice" / "simulation" / "voices" / "stop-af_heart.flac"
    command = [sys.executable, "-P", "-m", "legsup_voice", "hear", str(stop)]
    there = os.environ | {"PYTHONPATH": str(installed), "LEGSUP_CACHE": str(installed / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, env=there)
    part.write_bytes(content)
    assert done.returncode == 2, done.stderr
    (sentence,) = done.stderr.splitlines()
    assert sentence.endswith("is missing or broken: install legsup-voice again.")


def test_text_of_the_package_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "fillers.txt").write_bytes(b"well\xff")
    for name in ("fillers.txt", "none.txt"):
        with pytest.raises(UserError, match=f"{name}, a part of hearing, is missing or broken"):
            models.packaged(tmp_path / name)


@pytest.mark.parametrize("before", ["sys", "requests, srt, tqdm, urllib.request"])
def test_what_vosk_is_imported_without_is_there_for_everybody_else(before: str) -> None:
    names = "requests", "srt", "tqdm", "urllib.request"
    program = f"""
import sys, {before}
known = {{name: sys.modules.get(name) for name in {names}}}
import legsup_voice.hearing.models
assert {{name: sys.modules.get(name) for name in {names}}} == known
import requests, srt, tqdm, urllib.request
print(requests.get, srt.Subtitle, tqdm.tqdm, urllib.request.urlretrieve)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("<") == 4


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
    "name", ["am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst"]
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


def text(of: str) -> bytes:
    return struct.pack("<i", len(of)) + of.encode()


def like_an_official_one(folder: Path, *, without: str = "") -> Path:
    """Move the list of words into `Gr.fst`, as OpenFst writes it; leave a word out."""
    listed = (folder / "graph" / "words.txt").read_text(encoding="utf-8").splitlines()
    symbols = [tuple(line.split()) for line in listed if line.split()[0] != without]
    table = struct.pack("<i", 2125658996) + text("words")
    table += struct.pack("<qq", len(listed), len(symbols))
    table += b"".join(text(word) + struct.pack("<q", int(number)) for word, number in symbols)
    (folder / "graph" / "words.txt").unlink()
    graph = folder / "graph" / "Gr.fst"
    content = bytearray(graph.read_bytes())
    flags = 4 + len(text("vector") + text("standard")) + 4
    content[flags] |= 2  # output symbols follow the header of 4 + 8 * 4 more bytes
    header = flags + 4 + 8 * 4
    graph.write_bytes(bytes(content[:header]) + table + bytes(content[header:]))
    return folder


def test_official_models_keep_their_words_inside(copy: Path) -> None:
    model = models.load(like_an_official_one(copy))
    assert models.knows(model, "stop")
    assert models.knows(model, models.UNKNOWN)
    assert not models.knows(model, "xyzzy")


def test_a_model_without_unk_is_taken_and_it_is_said(
    copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        model = models.load(like_an_official_one(copy, without=models.UNKNOWN))
    assert not models.knows(model, models.UNKNOWN)
    assert "takes any talk for a command" in caplog.text


def test_a_fixed_graph_is_refused(copy: Path) -> None:
    (copy / "graph" / "HCLG.fst").write_bytes(b"x")
    with pytest.raises(UserError, match="fixed graph"):
        models.load(copy)
