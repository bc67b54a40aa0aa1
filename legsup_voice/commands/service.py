"""`legsup service`: install, status, remove."""

import typer

app = typer.Typer(help="Start with the computer (systemd).")


@app.command()
def install() -> None:
    """Start with the computer."""
    from legsup_voice.live.service import install as work

    work()


@app.command()
def status() -> None:
    """Whether it is installed and runs."""
    from legsup_voice.live.service import status as work

    raise typer.Exit(work())


@app.command()
def remove() -> None:
    """Don't start with the computer any more."""
    from legsup_voice.live.service import remove as work

    work()
