"""The state diagram in the README is the one drawn; the phrases in the texts are understood."""

import re
from pathlib import Path

import pytest

from legsup_voice.commands.cli import main
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.protocol.commands import Command

ROOT = Path(__file__).parents[2]


def test_the_diagram_is_the_one_that_the_program_draws(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagram"]) == 0
    assert f"```mermaid\n{capsys.readouterr().out}```" in (ROOT / "README.md").read_text("utf-8")


def test_what_the_readme_says_to_say_is_understood() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (paragraph,) = re.findall(r'^Say "start"\..*?\n\n', readme, flags=re.DOTALL | re.MULTILINE)
    quoted = [" ".join(words.lower().split()) for words in re.findall(r'"([^"]+)"', paragraph)]
    assert len(quoted) >= 7
    for words in quoted:
        assert grammar().reader.read(words) is not None, words


def test_the_phrases_of_the_example_are_taken(tmp_path: Path) -> None:
    settings = (ROOT / "docs" / "settings.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(intents:.*?)```", settings, flags=re.DOTALL)
    own = tmp_path / "phrases.yaml"
    own.write_text(example, encoding="utf-8")
    meant = grammar(own).reader.read("namaste")
    assert meant is not None
    assert meant.command is Command.STOP
