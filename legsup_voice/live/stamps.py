"""When something last happened of which a program that starts again has to know.

On the monotonic clock, which goes on over restarts of the program and begins anew with the
computer's, as the folder does that the stamps are in. Where they can't be kept nothing happened.
"""

import contextlib
import time

from legsup_voice.config import runtime_directory
from legsup_voice.files import content

REFUSED = "refused"
"""It was said that no session can begin."""

PARTED = "parted"
"""A session ended as it should, with good wishes."""


def note(what: str) -> None:
    """Remember that `what` happens now."""
    with contextlib.suppress(OSError):
        (runtime_directory() / what).write_text(str(time.monotonic()))


def lately(what: str, within: float) -> bool:
    """Tell whether `what` happened in the last `within` seconds."""
    try:
        ago = time.monotonic() - float(content(runtime_directory() / what))
    except (OSError, ValueError):
        return False
    return 0 <= ago < within
