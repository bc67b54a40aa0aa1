"""`legsup run`."""

from pathlib import Path
from typing import Annotated

import typer

from legsup_voice.commands.options import Breathing, Mic, Model, Speaker


def run(
    mic: Mic = None,
    speaker: Speaker = None,
    events: Annotated[Path | None, typer.Option(help="Write the event log to this file.")] = None,
    minutes: Annotated[float | None, typer.Option(help="How long to hold; else it asks.")] = None,
    breathing: Breathing = None,
    model: Model = None,
    captions: Annotated[
        bool, typer.Option("--captions", help="Print what is said and heard.")
    ] = False,
) -> None:
    """A live session on the microphone and the speaker. Exit status 0 after a whole session."""
    from legsup_voice.live.run_options import RunOptions
    from legsup_voice.live.supervisor import run as work

    options = RunOptions(
        mic=mic,
        speaker=speaker,
        minutes=minutes,
        breathing=breathing,
        model=model,
        events=events,
        captions=captions,
    )
    raise typer.Exit(work(options))
