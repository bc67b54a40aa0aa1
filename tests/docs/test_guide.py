"""The documentation is true: its commands exist and run, its links lead somewhere, all is there."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from legsup_voice.commands.cli import app, main
from legsup_voice.commands.pages import PAGES, filled, page
from legsup_voice.config import Config
from legsup_voice.protocol.states import State

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
TEXTS = [*DOCS, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]

QUICK = {"config": 0, "history": 0, "guide": 0, "commands": 0, "diagram": 0, "uninstall": 0}
QUICK |= {"--version": 0, "status": 1, "stop": 1}
"""Commands that are run whole, and their exit status where no guide runs; others are only read."""

OTHERS = {
    *("sudo", "pipx", "pip", "python", "git", "journalctl", "systemctl", ".venv/bin/python"),
    *("mkdocs", "install", "nano", "mkdir", "ln", "cp", "touch", "cd", "export"),
}
"""Programs that are not ours."""


def commands(path: Path) -> list[str]:
    """Return the lines of a page's shell blocks, and what it calls by `legsup …` in a sentence."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"`(legsup [^`\n]+)`", text)
    for block in re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL):
        lines = block.replace("\\\n", " ").splitlines()
        found += [line.split(" #")[0].strip() for line in lines]
    return [line for line in found if line and not line.startswith("#")]


def words(line: str) -> list[str]:
    """Return the words of a command, up to where its output goes."""
    return shlex.split(re.split(r"\s[|>&]", line)[0])


def read(arguments: list[str]) -> None:
    """Have the command line take `arguments` apart, without doing what they ask for."""
    command: Any = typer.main.get_command(app)
    if len(arguments) == 1:  # named in a sentence
        assert arguments[0] in command.commands
        return
    context = None
    while True:
        context = command.make_context(command.name, list(arguments), parent=context)
        if not hasattr(command, "resolve_command"):
            return
        rest = [*context._protected_args, *context.args]
        _, command, arguments = command.resolve_command(context, rest)


def takes(program: Path, arguments: list[str]) -> None:
    """Assert that a program of this repository is there and knows the options of a command."""
    if not program.is_file() and program.with_suffix("").is_dir():
        program = program.with_suffix("") / "__main__.py"
    text = program.read_text(encoding="utf-8")
    for option in arguments:
        assert not option.startswith("--") or option in text, f"{program} {option}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        folder = tmp_path / name
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder))
    for name in ("LEGSUP_CONFIG", "LEGSUP_DATA", "LEGSUP_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_command_of_a_page_is_one(path: Path, home: Path) -> None:
    for line in commands(path):
        program, *arguments = words(line)
        if program == "script/arm":
            read(arguments[1:])
        elif program.startswith("script/"):
            takes(ROOT / program, arguments)
        elif line.startswith(".venv/bin/python -m pip "):
            continue
        elif line.startswith(".venv/bin/python -m "):
            module, *arguments = arguments[1:]
            takes((ROOT / module.replace(".", "/")).with_suffix(".py"), arguments)
        elif program == "sh":
            assert (ROOT / "script" / Path(arguments[0]).name).is_file(), line
        elif program != "legsup":
            assert program in OTHERS, line
        elif "--install-completion" in arguments:
            continue
        elif arguments[0] in QUICK and "[" not in line:
            assert main(arguments) == QUICK[arguments[0]], line
        else:
            read(arguments)


def test_a_wrong_command_would_be_noticed() -> None:
    with pytest.raises(typer.TyperException):
        read(["service", "begin"])
    with pytest.raises(typer.TyperException):
        read(["run", "--microphone", "x"])
    with pytest.raises(AssertionError):
        takes(ROOT / "script" / "setup", ["--house"])
    with pytest.raises(FileNotFoundError):
        takes(ROOT / "script" / "begin", [])


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    for name in PAGES:
        html = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        assert "<!-- " not in re.search(r"<article.*</article>", html, re.DOTALL)[0]  # type: ignore[index]
    settings = (tmp_path / "settings.html").read_text(encoding="utf-8")
    assert all(f"<code>{name}</code>" in settings for name in Config.model_fields)


def test_one_page_needs_nothing_beside_it(home: Path) -> None:
    assert main(["guide", "--html", "guide.html"]) == 0
    html = (home / "guide.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!#|https://github\.com/RPi-Distro)', html)
    for target in re.findall(r'href="#([\w-]+)', html):
        assert f'id="{target}"' in html
    assert "<svg" in html
    assert all(state.value in html for state in State)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_shown(name: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guide", name]) == 0
    title = page(name).splitlines()[0].lstrip("# ")
    assert title in " ".join(capsys.readouterr().out.split())
    assert "<!-- " not in filled(page(name))


def test_who_reads_a_page_unfilled_is_told_where_it_is_whole() -> None:
    for name in PAGES:
        assert page(name).count("<!-- ") == page(name).count("it is left out.)*")
        assert "it is left out.)*" not in filled(page(name))


def test_the_package_has_every_page_and_what_a_page_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for path in (*(f"docs/{name}.md" for name in PAGES), "docs/home-assistant/light.yaml"):
        assert packed[path] == f"legsup_voice/{path}"


def test_a_page_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guide", "by"]) == 2
    assert "buy" in capsys.readouterr().err
