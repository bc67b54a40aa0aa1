"""`legsup commands`: what can be said in which state."""

from rich.console import Console
from rich.table import Table

from legsup_voice.content import content
from legsup_voice.hearing.intents import intents
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.states import State
from legsup_voice.session.handler import ALWAYS
from legsup_voice.session.session import Session
from legsup_voice.session.settings import Settings

MOST_PHRASES = 6
"""Phrases shown of each command."""


def commands() -> None:
    """Print a table of the phrases of every command, and one of the commands of every state."""
    console = Console()
    console.print(_phrases())
    console.print(_states())


def _phrases() -> Table:
    said: dict[tuple[Command, str], list[str]] = {}
    for phrase, intent in intents().phrases.items():
        kind = intent.pattern or intent.symptom or intent.condition or ""
        said.setdefault((intent.command, kind), []).append(phrase)
    order = list(Command)
    table = Table("command", "", "say", title="What you can say")
    for command, kind in sorted(said, key=lambda key: (order.index(key[0]), key[1])):
        phrases = sorted(said[command, kind], key=len)
        shown = " · ".join(phrases[:MOST_PHRASES])
        rest = len(phrases) - MOST_PHRASES
        more = f" · and {rest} more" if rest > 0 else ""
        table.add_row(command.value, kind, shown + more)
    return table


def _states() -> Table:
    table = Table("state", "commands", title="When it means something")
    always = " ".join(sorted(ALWAYS))
    table.add_row("in every state", always)
    for state in State:
        own = Session(Settings(), content(), state).accepts - ALWAYS
        table.add_row(state.value, " ".join(sorted(own)))
    return table
