"""What the program says when its input is bad."""

import os
from pathlib import Path


class UserError(Exception):
    """Something the user can put right: one clear sentence saying what is wrong and what to do.

    The command line prints the sentence, without a traceback, and exits with status 2.
    """


def shown(path: Path) -> str:
    """Return a file's name as it can be printed, whatever bytes it is made of."""
    return os.fsencode(path).decode("utf-8", errors="replace")
