"""`legsup stop`."""

import typer

from legsup_voice.commands.status import NO_GUIDE

NOTHING_TO_END = 1


def stop() -> None:
    """End the session; whoever is in the pose is told the slow way down.

    As a service the guide then waits for the next "start". Exit status 1 when none runs, or there
    was nothing to end.
    """
    from legsup_voice.bridges import guide

    try:
        answer = guide.ask({"command": "stop"})
    except guide.NoGuideError as error:
        typer.echo(str(error))
        raise typer.Exit(NO_GUIDE) from error
    if not answer["ok"]:
        typer.echo(answer["why"])
        raise typer.Exit(NOTHING_TO_END)
