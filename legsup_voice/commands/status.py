"""`legsup status`."""

import json as json_format

import typer

from legsup_voice.commands.options import Json
from legsup_voice.durations import clock

NO_GUIDE = 1
DOES = {
    "IDLE": "It waits for somebody to say “start”.",
    "SCREENING": "It asks the safety questions.",
    "SETUP": "It helps somebody into the pose.",
    "HOLD": "Somebody is in the pose.",
    "PAUSED": "Somebody is in the pose; the guidance is paused.",
    "LEAVING": "Somebody is on the way down.",
    "SIDE": "Somebody rests after the pose.",
    "DONE": "A session has just ended.",
}


def status(json: Json = False) -> None:
    """Whether a guide runs, its state and the time left. Exit status 1 when none runs."""
    from legsup_voice.bridges import guide

    try:
        now = guide.snapshot()
    except guide.NoGuideError as error:
        typer.echo("null" if json else str(error))
        raise typer.Exit(NO_GUIDE) from error
    if json:
        typer.echo(json_format.dumps(now))
        return
    left = ""
    if now["hold_ends"] is not None:
        left = f" {clock(max(0.0, now['hold_ends'] - now['t']))} left."
    typer.echo(f"A guide is running ({now['state']}). {DOES[now['state']]}{left}")
