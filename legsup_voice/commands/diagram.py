"""`legsup diagram`: drawn from the transition table as Mermaid text, which Markdown pages show."""

import typer

from legsup_voice.protocol.states import State
from legsup_voice.session.table import TRANSITIONS


def diagram() -> None:
    """The state diagram as Mermaid text, drawn from the transition table."""
    typer.echo(mermaid())


def mermaid() -> str:
    """Return the state diagram as Mermaid text."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.IDLE}"]
    for state, ways in TRANSITIONS.items():
        triggers: dict[State, list[str]] = {}
        for trigger, target in ways.items():
            triggers.setdefault(target, []).append(trigger.value)
        for target, names in triggers.items():
            lines.append(f"    {state} --> {target}: {' / '.join(names)}")
    return "\n".join(lines)
