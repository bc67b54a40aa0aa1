"""`legsup commands`: what can be said in which state."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from legsup_voice.config import config_directory
from legsup_voice.content import content
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


def commands() -> None:
    """Print what can be said: the phrases of every command, one's own, and every state's commands.

    Raises:
        UserError: the person's own phrases are wrong.
    """
    own = config_directory() / "phrases.yaml"
    known, console = grammar(own), Console()
    console.print(_phrases(known))
    if own.exists():
        console.print(_own(known, own))
    console.print(_states())


def _phrases(known: Grammar) -> Table:
    said: dict[tuple[Command, str], list[str]] = {}
    for phrase, intent in known.phrases(LISTED).items():
        if known.meaning(phrase, asks=()) is None:
            continue  # a bare number: only where a length is asked
        details = [str(value) for value in intent.details().values() if isinstance(value, str)]
        said.setdefault((intent.command, " ".join(details)), []).append(phrase)
    order = list(Command)
    title = f"What you can say, in {known.graph.ways:,} ways, such as"
    table = Table("command", "", "say", title=title)
    for command, kind in sorted(said, key=lambda key: (order.index(key[0]), key[1])):
        shown = sorted(said[command, kind], key=len)[:MOST_PHRASES]
        table.add_row(command.value, kind, " · ".join(shown))
    return table


def _own(known: Grammar, path: Path) -> Table:
    table = Table("means", "say", title="What you can say by your own phrases")
    for template in known.templates:
        if template.document.path == path:
            table.add_row(template.entry.command.value, template.text)
    return table


def _states() -> Table:
    table = Table("state", "commands", title="When it means something")
    always = " ".join(sorted(ALWAYS))
    table.add_row("in every state", always)
    for state in State:
        own = Session(Settings(), content(), state).accepts - ALWAYS
        table.add_row(state.value, " ".join(sorted(own)))
    return table
