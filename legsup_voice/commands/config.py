"""`legsup config`."""

import json as json_format
from typing import Annotated

import typer

from legsup_voice.commands.options import Json
from legsup_voice.errors import UserError


def config(
    key: Annotated[str | None, typer.Argument(help="A setting; all of them if left out.")] = None,
    value: Annotated[str | None, typer.Argument(help="What it is from now on.")] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Take KEY out: its default.")] = False,
    json: Json = False,
) -> None:
    """Show the settings, or set one; comments in the file stay."""
    from legsup_voice.config import change_config, load_config

    if unset and (key is None or value is not None):
        raise UserError("--unset takes one setting.")
    if key is not None and (unset or value is not None):
        change_config(key, value)
        return
    settings = load_config().model_dump()
    if key is not None:
        if key not in settings:
            known = ", ".join(settings)
            raise UserError(f"There is no setting {key!r}; the settings are {known}.")
        typer.echo(_shown(settings[key]))
    elif json:
        typer.echo(json_format.dumps(settings, indent=2))
    else:
        for name, setting in settings.items():
            typer.echo(f"{name} = {_shown(setting)}")


def _shown(setting: object) -> str:
    """Return a setting as the file would hold it, nothing where it is left open."""
    return "" if setting is None else json_format.dumps(setting, ensure_ascii=False)
