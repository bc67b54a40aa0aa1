"""`legsup commands`: what can be said in which state."""

import json as json_format
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from legsup_voice.config import phrases_path
from legsup_voice.content import LANGUAGE, content
from legsup_voice.hearing.grammar.grammar import Grammar, grammar
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.states import State
from legsup_voice.session.handler import ALWAYS
from legsup_voice.session.session import Session
from legsup_voice.session.settings import Settings

MOST_PHRASES = 6
"""Phrases shown of each command."""

LISTED = 3000
"""Phrases that those are taken from."""


Said = dict[tuple[Command, str], list[str]]
"""Phrases by command and what it carries."""


def commands(language: str, *, json: bool) -> None:
    """Print what can be said: the phrases of every command, one's own, and every state's commands.

    Raises:
        UserError: the person's own phrases are wrong, or something in the language's files is.
    """
    own = phrases_path()
    states = by_state(language)
    known = grammar(own, language)
    for template in known.templates:
        template.check()
    said, owned = said_of(known), _owned(known, own)
    if json:
        data = {
            "phrases": [
                {"command": command, "detail": detail, "say": phrases}
                for (command, detail), phrases in said.items()
            ],
            "own": [{"command": command, "say": text} for command, text in owned],
            "everywhere": sorted(ALWAYS),
            "states": states,
        }
        typer.echo(json_format.dumps(data, indent=2, ensure_ascii=False))
        return
    console = Console(markup=False, emoji=False)
    console.print(_phrases(known, said))
    if owned:
        console.print(_own(owned))
    console.print(_states(states))


def said_of(known: Grammar) -> Said:
    """Return the shortest phrases of every command, in the order of the commands."""
    said: Said = {}
    for phrase, intent in known.phrases(LISTED).items():
        if known.spoken.meaning(phrase, asks=()) is None:
            continue  # a bare number: only where a length is asked
        details = [str(value) for value in intent.details().values() if isinstance(value, str)]
        said.setdefault((intent.command, " ".join(details)), []).append(phrase)
    order = list(Command)
    keys = sorted(said, key=lambda key: (order.index(key[0]), key[1]))
    return {key: sorted(said[key], key=len)[:MOST_PHRASES] for key in keys}


def _owned(known: Grammar, path: Path) -> list[tuple[Command, str]]:
    mine = [each for each in known.templates if each.document.path == path]
    return [(template.entry.command, template.text) for template in mine]


def by_state(language: str = LANGUAGE) -> dict[State, list[Command]]:
    """Return what means something in each state besides `ALWAYS`."""
    text = content(language)
    return {each: sorted(Session(Settings(), text, each).accepts - ALWAYS) for each in State}


def _phrases(known: Grammar, said: Said) -> Table:
    title = f"What you can say, in {known.spoken.graph.ways:,} ways, such as"
    table = Table("command", "", "say", title=title)
    for (command, detail), phrases in said.items():
        table.add_row(command.value, detail, " · ".join(phrases))
    return table


def _own(owned: list[tuple[Command, str]]) -> Table:
    table = Table("means", "say", title="What you can say by your own phrases")
    for command, text in owned:
        table.add_row(command.value, text)
    return table


def _states(states: dict[State, list[Command]]) -> Table:
    table = Table("state", "commands", title="When it means something")
    table.add_row("in every state", " ".join(sorted(ALWAYS)))
    for state, commands in states.items():
        table.add_row(state.value, " ".join(commands))
    return table
