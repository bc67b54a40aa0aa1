"""`legsup simulate`."""

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.yaml")],
    out: Annotated[Path, typer.Option(help="The folder for sounds, events and the picture.")],
) -> None:
    """The same session in a simulated room, faster than real time."""
    from legsup_voice.simulation.simulate import simulate as work

    raise typer.Exit(work(scenario, out))
