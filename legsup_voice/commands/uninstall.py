"""`legsup uninstall`."""

from typing import Annotated

import typer


def uninstall(
    everything: Annotated[
        bool, typer.Option("--everything", help="Journal, settings and your phrases too.")
    ] = False,
) -> None:
    """Take away the service and what can be made again; the program itself is yours to remove."""
    from legsup_voice.live.uninstall import uninstall as work

    work(everything=everything)
