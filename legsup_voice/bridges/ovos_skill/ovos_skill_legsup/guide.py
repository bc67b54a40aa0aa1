"""The guide's control socket, seen from here: one session over one connection.

One JSON object a line, both ways; the guide's documentation describes them.
"""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATIENCE = 5.0
"""Seconds for a connection or an answer."""

IDLE = "IDLE"


class NoGuideError(Exception):
    """No guide runs here, or it went away."""


class RefusedError(Exception):
    """The guide can't begin now; the sentence says why."""


def control_socket() -> Path:
    """Return where the guide of this user listens."""
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return Path(runtime) / "legsup_voice" / "control.sock"


def begin(path: Path) -> Iterator[None]:
    """Begin a session; yield once when it has begun, and end when it is over.

    Raises:
        NoGuideError: there is no guide, or it went away during the session.
        RefusedError: it can't begin now.
    """
    with _connected(path) as connection:
        messages = _messages(connection)
        _send(connection, "start")
        _granted(messages)
        connection.settimeout(None)
        yield
        began = False
        for message in messages:
            if message.get("kind") == "status":
                began = began or message["state"] != IDLE
                if began and message["state"] == IDLE:
                    return


def stop(path: Path) -> bool:
    """Ask for the slow way down; return whether there was something to end."""
    try:
        with _connected(path) as connection:
            messages = _messages(connection)
            _send(connection, "stop")
            _granted(messages)
    except (NoGuideError, RefusedError):
        return False
    return True


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        raise NoGuideError from error
    return connection


def _send(connection: socket.socket, command: str) -> None:
    try:
        connection.sendall(json.dumps({"command": command}).encode() + b"\n")
    except OSError as error:
        raise NoGuideError from error


def _granted(messages: Iterator[dict[str, Any]]) -> None:
    answer = next(message for message in messages if "ok" in message)
    if not answer["ok"]:
        raise RefusedError(answer["why"])


def _messages(connection: socket.socket) -> Iterator[dict[str, Any]]:
    try:
        with connection.makefile("rb") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, ValueError) as error:
        raise NoGuideError from error
    raise NoGuideError
