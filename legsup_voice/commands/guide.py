"""`legsup guide`."""

from pathlib import Path
from typing import Annotated

import typer


def guide(
    page: Annotated[str | None, typer.Argument(help="One page; all of them if left out.")] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write all pages as one.")
    ] = None,
) -> None:
    """How to use it: what to buy, first start, what to say, safety, settings and more."""
    from legsup_voice.commands.pages import guide as work

    work(page, html)
