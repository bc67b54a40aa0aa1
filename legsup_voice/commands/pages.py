"""`legsup guide`: the pages of `docs/` that users read, on this computer.

What the program itself knows (settings, phrases, states) is filled in where a page says
`<!-- settings -->`; the site is made of the same text (`script/site.py`).
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer
from markdown_it import MarkdownIt
from rich.console import Console
from rich.markdown import Markdown

from legsup_voice.commands.phrases import Said, by_state, said_of
from legsup_voice.config import Config
from legsup_voice.errors import UserError
from legsup_voice.files import write_output
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.protocol.commands import Command
from legsup_voice.records.page import document
from legsup_voice.session.handler import ALWAYS

PAGES = (
    *("index", "buy", "start", "trouble", "daily", "say", "safety", "settings", "boot", "update"),
    *("privacy", "home", "image", "add-a-language"),
)
"""In the order of reading."""

HEALTH = (Command.SYMPTOM, Command.TINGLING, Command.CONDITION)

_MARKER = re.compile(r"<!-- (\w+) -->(?:\n\*\([^\n]*\)\*)?")
"""A marker, and the note below it to who reads the page where nothing is filled in."""

_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:)([\w/.-]+?)(?:\.md)?(?:#[\w-]+)?\)")


def guide(name: str | None, html: Path | None) -> None:
    """Show the page called `name`, or all of them, or write all to the file `html`.

    Raises:
        UserError: there is no such page, or the file can't be written.
    """
    if html is not None:
        write_output(html, one_page().encode())
        typer.echo(f"Written to {html}.")
        return
    if name is not None and name not in PAGES:
        raise UserError(f"There is no page {name!r}; the pages are {', '.join(PAGES)}.")
    console = Console()
    for each in (name,) if name else PAGES:
        text = _PICTURE.sub(r"*\1*", filled(page(each)))
        console.print(Markdown(_LINK.sub(r"\1", text)))


def page(name: str) -> str:
    """Return a page as it is written."""
    return (_folder() / f"{name}.md").read_text(encoding="utf-8")


def filled(text: str) -> str:
    """Return the Markdown `text` with what the program knows in the place of its markers."""
    return _MARKER.sub(lambda marker: FILLINGS[marker[1]](), text)


def one_page() -> str:
    """Return all pages as one of HTML that needs nothing beside it."""
    markdown = MarkdownIt("commonmark").enable("table")
    parts = []
    for name in PAGES:
        html = _drawn(markdown.render(_LINK.sub(_within, filled(page(name)))))
        parts.append(f'<section id="{name}">\n{html}</section>')
    return document("legsup_voice", "\n".join(parts))


def _folder() -> Path:
    package = Path(__file__).resolve().parents[1]
    packaged = package / "docs"
    return packaged if packaged.is_dir() else package.parent / "docs"


def _within(link: re.Match[str]) -> str:
    """Return a link to another page as one within the page; to anything else as its text."""
    return f"[{link[1]}](#{link[2]})" if link[2] in PAGES else link[1]


def _drawn(html: str) -> str:
    """Return `html` with every drawing in it; of photographs only what they show."""

    def draw(picture: re.Match[str]) -> str:
        path = _folder() / picture[1]
        drawing = path.suffix == ".svg" and path.is_file()
        return path.read_text(encoding="utf-8") if drawing else f"<em>{picture[2]}</em>"

    return re.sub(r'<img src="([^"]*)" alt="([^"]*)" />', draw, html)


def _settings() -> str:
    properties = Config.model_json_schema()["properties"]
    meanings = _meanings()
    rows = (
        (f"`{name}`", _may_be(each), _shown(each["default"]), meanings[name])
        for name, each in properties.items()
    )
    return _table(("setting", "may be", "else", "is"), rows)


def _meanings() -> dict[str, str]:
    """Return what stands below each setting in the code."""
    (settings,) = ast.parse(inspect.getsource(Config)).body
    assert isinstance(settings, ast.ClassDef)
    return {
        ast.unparse(setting.target): " ".join(str(ast.literal_eval(text.value)).split())
        for setting, text in pairwise(settings.body)
        if isinstance(setting, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


def _may_be(schema: dict[str, Any]) -> str:
    schema = {**schema, **schema.get("anyOf", [{}])[0]}
    if "enum" in schema:
        return ", ".join(f'`"{value}"`' for value in schema["enum"])
    if "minimum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    if "items" in schema:
        return f"{schema['minItems']} numbers, each {_may_be(schema['items'])}"
    return {"boolean": "`true`, `false`", "string": "text"}[schema["type"]]


def _shown(default: object) -> str:
    return "" if default is None else f"`{str(default).lower()}`"


def _phrases(health: bool) -> str:
    said: Said = said_of(grammar())
    rows = (
        (command.value, detail.replace("_", " "), " · ".join(phrases))
        for (command, detail), phrases in said.items()
        if (command in HEALTH) is health
    )
    return _table(("command", "", "say"), rows)


def _states() -> str:
    rows = [("everywhere", " ".join(sorted(ALWAYS)))]
    rows += [(state.value, " ".join(commands)) for state, commands in by_state().items()]
    return _table(("state", "commands"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (f"| {' | '.join(escape(cell, quote=False) for cell in row)} |" for row in rows)
    return "\n".join([f"| {' | '.join(head)} |", "| --- " * len(head) + "|", *lines])


FILLINGS: dict[str, Callable[[], str]] = {
    "settings": _settings,
    "phrases": lambda: _phrases(health=False),
    "symptoms": lambda: _phrases(health=True),
    "states": _states,
}
