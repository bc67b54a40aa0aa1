"""`legsup render`."""

from pathlib import Path
from typing import Annotated

import typer


def render(
    out: Annotated[Path, typer.Argument(metavar="OUT.mp3", help="MP3, WAV or OGG.")],
    minutes: Annotated[float, typer.Option(help="How long to hold.")] = 10.0,
    breathing: Annotated[
        str, typer.Option(help="belly, box, four_six, four_seven_eight or none.")
    ] = "belly",
    night: Annotated[bool, typer.Option("--night", help="Without bells; sleep follows.")] = False,
) -> None:
    """A guided session as one sound file with chapters."""
    from legsup_voice.recording.render import render as work

    work(out, minutes=minutes, breathing=breathing, night=night)
