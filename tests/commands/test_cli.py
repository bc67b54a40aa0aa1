"""The command line: help, figures of what is known, and one line for every mistake."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from legsup_voice import __version__
from legsup_voice.commands.cli import main
from legsup_voice.protocol.states import State
from legsup_voice.session.table import TRANSITIONS

COMMANDS = [
    "run", "simulate", "setup", "doctor", "hear", "render", "history", "commands", "diagram",
    "service", "status", "stop", "config", "bridge",
]  # fmt: skip


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f" {command} " in text for command in COMMANDS)


def test_no_arguments_is_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["legsup"])
    assert main() == 0
    assert "simulate" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert command in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["service", "dance"],
        ["simulate"],
        ["simulate", "a.yaml"],
        ["simulate", "a.yaml", "--out"],
        ["simulate", "a.yaml", "--loud"],
        ["simulate", "none.yaml", "--out", "out"],
        ["run", "--minutes", "many"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("legsup: ")
    assert output.err.count("\n") == 1


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"legsup {__version__}\n"


def test_the_shell_completes_commands() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "legsup_voice"],
        env=os.environ
        | {"_LEGSUP_COMPLETE": "complete_bash", "COMP_WORDS": "legsup he", "COMP_CWORD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stdout.split() == ["hear"]


def test_the_module_runs_and_a_reader_may_go_away() -> None:
    process = subprocess.run(  # noqa: S602
        f"{sys.executable} -m legsup_voice diagram | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == "stateDiagram-v2\n"
    assert process.stderr == ""


def test_the_diagram_shows_every_way_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagram"]) == 0
    text = capsys.readouterr().out
    for state, ways in TRANSITIONS.items():
        for trigger, target in ways.items():
            assert any(
                line.strip().startswith(f"{state} --> {target}:") and trigger.value in line
                for line in text.splitlines()
            )


def test_commands_shows_every_state_and_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["commands"]) == 0
    text = capsys.readouterr().out
    assert all(state.value in text for state in State)
    assert "how_long" in text


def test_commands_as_json_hold_what_the_tables_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["commands", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["states"]) == set(State)
    assert "start" in told["states"]["IDLE"]
    assert "stop" in told["everywhere"]
    assert {"start", "symptom", "breathing"} <= {each["command"] for each in told["phrases"]}
    assert all(each["say"] for each in told["phrases"])


def test_own_phrases_are_shown_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEGSUP_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").touch()
    (tmp_path / "phrases.yaml").write_text(
        "intents: [{command: stop, phrases: ['[red] enough of the wall']}]"
    )
    assert main(["commands"]) == 0
    assert "[red] enough of the wall" in capsys.readouterr().out
