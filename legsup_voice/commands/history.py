"""`legsup history`."""

from pathlib import Path
from typing import Annotated

import typer

from legsup_voice.commands.options import Json


def history(
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw it.")] = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print them as CSV.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write them as one page.")
    ] = None,
) -> None:
    """Past sessions."""
    from legsup_voice.records.history import history as work

    work(plot=plot, json=json, csv=csv, html=html)
