"""`legsup service`: install, status, remove."""

from typing import Annotated

import typer

from legsup_voice.commands.options import Json

app = typer.Typer(help="Start with the computer (systemd).")


@app.command()
def install(
    print_unit: Annotated[
        bool, typer.Option("--print-unit", help="Print the systemd user unit, and end.")
    ] = False,
) -> None:
    """Start with the computer."""
    from legsup_voice.live import service

    if print_unit:
        typer.echo(service.unit_text(), nl=False)
    else:
        service.install()


@app.command()
def status(json: Json = False) -> None:
    """Whether it is installed and runs. Exit status 1 when it doesn't run."""
    from legsup_voice.live.service import status as work

    raise typer.Exit(work(json=json))


@app.command()
def remove() -> None:
    """Don't start with the computer any more."""
    from legsup_voice.live.service import remove as work

    work()
