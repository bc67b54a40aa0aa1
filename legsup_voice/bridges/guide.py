"""The client's side of the control socket: ask the guide once, or follow what it does.

One JSON object a line, both ways. The guide greets with a snapshot (`kind: hello`); then follow its
records, and for every request one answer (`ok`). Nothing here waits for ever but `follow`.
"""

import json
import socket
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from legsup_voice.config import control_socket

PATIENCE = 2.0
"""Seconds for an answer; the guide needs some hundredths of one."""

AGAIN = 1.0
"""Seconds until a lost guide is looked for again."""

Message = dict[str, Any]


class NoGuideError(Exception):
    """No guide runs here, or it doesn't answer."""


def ask(request: Mapping[str, object], path: Path | None = None) -> Message:
    """Send `request` and return the answer: `ok`, and `why` when that is false.

    Raises:
        NoGuideError: there is no guide, or no answer within `PATIENCE`.
    """
    with _connect(path) as connection, closing(_messages(connection)) as messages:
        connection.sendall(json.dumps(request).encode() + b"\n")
        return next(message for message in messages if "ok" in message)


def snapshot(path: Path | None = None) -> Message:
    """Return what the guide does now.

    Raises:
        NoGuideError: there is no guide, or no answer within `PATIENCE`.
    """
    with _connect(path) as connection, closing(_messages(connection)) as messages:
        return next(messages)


def follow(path: Path | None = None, *, captions: bool = False) -> Iterator[Message]:
    """Yield the snapshot, then every record as it happens, until the guide ends.

    `captions`: also what is said and heard, as `kind: caption` with `who` and `text`.

    Raises:
        NoGuideError: there is no guide, or it went away.
    """
    with _connect(path) as connection, closing(_messages(connection)) as messages:
        if captions:
            connection.sendall(b'{"captions": true}\n')
        connection.settimeout(None)
        yield from (message for message in messages if "kind" in message)


def follow_always(path: Path | None = None) -> Iterator[Message | None]:
    """Yield what `follow` does, None whenever there is no guide, and never end."""
    while True:
        try:
            yield from follow(path)
        except NoGuideError:
            yield None
        time.sleep(AGAIN)


def _connect(path: Path | None) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(str(path or control_socket()))
    except OSError as error:
        connection.close()
        raise NoGuideError("No guide runs.") from error
    return connection


def _messages(connection: socket.socket) -> Generator[Message, None, None]:
    """Yield every message; it is an error when they end."""
    try:
        with connection.makefile("rb") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, ValueError) as error:
        raise NoGuideError("The guide does not answer.") from error
    raise NoGuideError("The guide has ended.")
