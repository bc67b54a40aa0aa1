"""Captions: what is said and heard, printed by a thread that nobody waits for.

It is a client of the control socket like any other, so a terminal that takes no more, or a pipe
that nobody reads, holds up only the captions.
"""

from contextlib import suppress
from threading import Thread

import typer

from legsup_voice.bridges import guide

WHO = {"guide": "guide", "person": "you", "not understood": "(not understood)"}


def show_captions() -> Thread:
    """Start to print captions; the thread ends when the control socket is closed."""
    thread = Thread(target=_print, name="captions", daemon=True)
    thread.start()
    return thread


def _print() -> None:
    with suppress(guide.NoGuideError, OSError):  # the guide has ended, or the reader has gone
        for message in guide.follow(captions=True):
            if message["kind"] == "caption":
                typer.echo(f"{WHO[message['who']]}: {message['text']}")
