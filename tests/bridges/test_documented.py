"""docs/home.md is true: what it says can be sent is taken, its options and exit statuses exist."""

import json
import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from legsup_voice.bridges import guide
from legsup_voice.bridges.discovery import Topics, discovery
from legsup_voice.commands.cli import main
from legsup_voice.config import Config
from legsup_voice.live.outward import WHERE
from tests.bridges.house import House

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "home.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return the text below a heading."""
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of the tables in `text`, their heads left out."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [row for row in lines if row[0] not in ("send", "entity", "exit status", "---")]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "control.sock", minutes=5, breathing="belly")
    yield house
    house.control.close()


def test_the_greeting_is_as_documented(house: House) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", section("The control socket"), re.DOTALL)
    house.to_hold()
    house.block()
    greeting = guide.snapshot(house.path)
    assert json.loads(example).keys() == greeting.keys()


def test_what_can_be_sent_is_taken_and_what_is_refused_is_refused(house: House) -> None:
    sent: list[dict[str, Any]] = []
    house.until(lambda: not house.engine.speaking)
    for request, *answer in rows(section("The control socket")):
        asked = json.loads(request.strip("`"))
        if asked.get("command") == "pause":
            house.to_hold()
        got = house.asked(**asked)
        if answer and answer[0].startswith('`{"ok": false'):
            assert got["ok"] is False
            why = answer[0].split("`")[1]
            assert "…" in why or json.loads(why) == got
        else:
            assert got == {"ok": True}, asked
            sent.append(asked)
    assert {each["command"] for each in sent if "command" in each} == {*WHERE, "volume"}


def test_every_entity_is_documented() -> None:
    components = discovery(Topics("x"), needs_someone=True)["components"]
    documented = [re.findall(r"(.+) `(\w+)`", row[0])[0] for row in rows(section("Home Assistant"))]
    real = {name: each["platform"].replace("_", " ") for name, each in components.items()}
    assert {name: platform for platform, name in documented} == real


def commands() -> list[list[str]]:
    """Return every command of ours in the code of the page, with its comment left out."""
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    lines = [line for line in lines if line.startswith("legsup ")]
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_and_option_is_there(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    options = [word for word in words if word.startswith("--")]
    names = takewhile(lambda word: not word.startswith("-"), words[1:])
    path = [name for name in names if name not in Config.model_fields]
    shown = ""
    for depth in range(len(path) + 1):
        assert main([*path[:depth], "--help"]) == 0, words
        shown += capsys.readouterr().out
    assert [option for option in options if option not in shown] == []


def test_exit_statuses_are_as_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """130 and 143 have tests of their own, since they end a process."""
    documented = [row[0] for row in rows(section("Settings, history, shell"))]
    assert documented == ["0", "1", "2", "130", "143"]
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for status, commands in {
        0: ["--version", "config", "commands"],
        1: ["status", "stop", "status --json"],
        2: ["dance", "config dance", "bridge button", "bridge mqtt --ca /none", "hear /none.wav"],
    }.items():
        for command in commands:
            assert main(command.split()) == status, command
    assert "Traceback" not in capsys.readouterr().err


def test_every_file_that_is_linked_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (DOCS / target).exists(), target
