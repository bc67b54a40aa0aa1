"""`legsup hear`."""

from pathlib import Path
from typing import Annotated

import typer

from legsup_voice.commands.options import Model


def hear(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILES...")] = None,
    bench: Annotated[
        Path | None, typer.Option(metavar="MANIFEST.tsv", help="Print the accuracy table.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What written lines mean, without sound.")
    ] = None,
    language: Annotated[
        str, typer.Option(metavar="NAME", help="What the lines of --text are written in: en, de.")
    ] = "en",
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    limit: Annotated[int | None, typer.Option(help="Most recordings of a kind.", min=1)] = None,
    model: Model = None,
) -> None:
    """What command each recording is, as JSON lines."""
    if text is not None:
        from legsup_voice.evaluation.written import hear_text

        hear_text(text, language)
        if not files and bench is None:
            return
    from legsup_voice.evaluation.hear import hear as work

    work(files or [], bench=bench, model=model, as_json=json, limit=limit)
