"""Options that several commands share."""

from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option(help="A Vosk model: its folder or its name. The language's own if left out."),
]
Language = Annotated[
    str | None, typer.Option(metavar="NAME", help="en or de; what is configured if left out.")
]
Mic = Annotated[str | None, typer.Option(help="The microphone's name or a part of it.")]
Speaker = Annotated[str | None, typer.Option(help="The speaker's name or a part of it.")]
Breathing = Annotated[
    str | None, typer.Option(help="belly, box, four_six, four_seven_eight or none.")
]
Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
