"""`legsup hear`."""

from pathlib import Path
from typing import Annotated

import typer

from legsup_voice.commands.options import Language, Model


def hear(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILES...")] = None,
    bench: Annotated[
        Path | None, typer.Option(metavar="MANIFEST.tsv", help="Print the accuracy table.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What written lines mean, without sound.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Is a language ready? Files named by what they say."),
    ] = None,
    language: Language = None,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    limit: Annotated[int | None, typer.Option(help="Most recordings of a kind.", min=1)] = None,
    model: Model = None,
) -> None:
    """What command each recording is, as JSON lines. Exit status 1: a language isn't ready."""
    from legsup_voice.config import load_config

    config = load_config()
    language, model = language or config.language, model or config.model
    if text is not None:
        from legsup_voice.evaluation.written import hear_text

        hear_text(text, language)
    if check is not None:
        from legsup_voice.evaluation.check import check as work_check

        raise typer.Exit(work_check(check, language, model))
    if text is not None and not files and bench is None:
        return
    from legsup_voice.evaluation.hear import hear as work

    work(files or [], bench=bench, model=model, language=language, as_json=json, limit=limit)
