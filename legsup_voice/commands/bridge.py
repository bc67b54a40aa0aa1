"""`legsup bridge`: mqtt, button."""

import os
import re
import shlex
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from legsup_voice.errors import UserError
from legsup_voice.files import text

app = typer.Typer(help="Join the guide and the house: Home Assistant, a button.")

UNIT = """\
[Unit]
Description=legsup_voice, {what}
After=legsup.service
StartLimitIntervalSec=0

[Service]
ExecStart={command}
Restart=always
RestartSec=5
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""

_EXTRAS = 'in a clone "script/setup --home" installs it, else see "legsup guide home"'

PrintUnit = Annotated[
    bool, typer.Option("--print-unit", help="Print a systemd user unit that runs this, and end.")
]


@app.command()
def mqtt(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The broker.", envvar="LEGSUP_MQTT_HOST")] = "localhost",
    port: Annotated[
        int | None, typer.Option(help="1883, or 8883 with TLS, if left out.", min=1, max=65535)
    ] = None,
    username: Annotated[str | None, typer.Option(envvar="LEGSUP_MQTT_USERNAME")] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(help="Holds the password; or set LEGSUP_MQTT_PASSWORD."),
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Encrypt.")] = False,
    ca: Annotated[
        Path | None, typer.Option(help="Certificates that count instead of the system's; TLS.")
    ] = None,
    identity: Annotated[
        str | None, typer.Option(help="Names this guide in the topics; the computer's name.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="Home Assistant's.")] = "homeassistant",
    print_unit: PrintUnit = False,
) -> None:
    """The guide in Home Assistant, by MQTT discovery. It looks for broker and guide without end."""
    if print_unit:
        _print_unit(context, "Home Assistant")
        return
    try:
        from legsup_voice.bridges.mqtt import Broker, bridge
    except ImportError as error:
        raise UserError(f"This needs paho-mqtt: {_EXTRAS}.") from error
    secure = tls or ca is not None
    broker = Broker(
        host, port or (8883 if secure else 1883), username, _password(password_file), secure, ca
    )
    bridge(broker, _identity(identity), prefix)


@app.command()
def button(
    context: typer.Context,
    gpio: Annotated[
        int | None, typer.Option(help="The pin of a switch to ground (Broadcom's number).")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="An input device, such as /dev/input/by-id/….")
    ] = None,
    code: Annotated[
        int | None, typer.Option(help="The number of the only key that counts.", min=1)
    ] = None,
    led: Annotated[int | None, typer.Option(help="The pin of a light that follows.")] = None,
    print_unit: PrintUnit = False,
) -> None:
    """One button: it begins a session, or ends it by the slow exit; nothing else."""
    if print_unit:
        _print_unit(context, "a button")
        return
    from legsup_voice.bridges.button import button as work

    work(gpio=gpio, key=key, code=code, led=led)


def _password(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get("LEGSUP_MQTT_PASSWORD")
    try:
        return text(file).rstrip("\r\n")
    except OSError as error:
        raise UserError(f"The password file {file} can't be read: {error.strerror}.") from error


def _identity(chosen: str | None) -> str:
    """Return what names this guide: letters, digits, `_` and `-`, all that topics may hold."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", chosen or socket.gethostname()).strip("_")
    if not name:
        raise UserError("The identity needs a letter or a digit.")
    return name


def _print_unit(context: typer.Context, what: str) -> None:
    command = [sys.executable, "-P", "-m", "legsup_voice", "bridge", str(context.command.name)]
    for option in context.command.params:
        value = context.params.get(str(option.name))
        if option.name == "print_unit" or value in (None, False, option.default):
            continue
        command.append(option.opts[0])
        if value is not True:
            command.append(str(value.absolute() if isinstance(value, Path) else value))
    words = shlex.join(command).replace("%", "%%").replace("$", "$$")
    typer.echo(UNIT.format(what=what, command=words), nl=False)
