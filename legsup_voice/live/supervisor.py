"""`legsup run`: a live session, and somebody who watches that it doesn't end in silence.

The session runs in a child process. Should that die (a fault of ours, of the recogniser's machine
code, or the kernel that needs its memory) while somebody may lie in the pose, the parent, which
does nothing but wait, starts another one at once: its journal tells it that a session broke off,
and the first thing it says is how to come down. systemd, when it has started us, does it itself.
"""

import ctypes
import os
import signal
from pathlib import Path
from types import FrameType

TRIES = 3
"""A program that breaks off three times running will do so again."""

_BROKE_OFF = 1
_SIGNALLED = 128
_PR_SET_PDEATHSIG = 1


def run(
    *,
    mic: str | None,
    speaker: str | None,
    events: Path | None,
    minutes: float | None,
    breathing: str | None,
    model: str | None,
) -> int:
    """Run one session and return the exit status: 0, or 128 plus the signal that ended it.

    Raises:
        UserError: the configuration, a device, the model, the voice or `events` is wrong.
    """

    def session(again: bool) -> int:
        # Only now, so that the parent stays small.
        from legsup_voice.live.live import live

        return live(
            mic=mic,
            speaker=speaker,
            events=events,
            minutes=minutes,
            breathing=breathing,
            model=model,
            again=again,
        )

    if os.environ.get("NOTIFY_SOCKET"):
        return session(again=False)
    status = _BROKE_OFF
    for number in range(TRIES):
        parent = os.getpid()
        child = os.fork()
        if not child:
            _die_with(parent)
            return session(again=number > 0)
        status = _wait_for(child)
        broke_off = status == _BROKE_OFF or status in _CRASHES
        if not broke_off:
            break
    return status


_CRASHES = frozenset(
    _SIGNALLED + number
    for number in (
        signal.SIGSEGV,
        signal.SIGBUS,
        signal.SIGILL,
        signal.SIGFPE,
        signal.SIGABRT,
        signal.SIGKILL,
    )
)


def _die_with(parent: int) -> None:
    """Have the kernel end this child with its parent: two sessions would talk at once."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(_BROKE_OFF)


def _wait_for(child: int) -> int:
    """Return the child's exit status as a shell would; signals that ask to end are passed on."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        os.kill(child, number)

    asked = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.signal(number, pass_on) for number in asked]
    _, result = os.waitpid(child, 0)
    for number, handler in zip(asked, before, strict=True):
        signal.signal(number, handler)
    status = os.waitstatus_to_exitcode(result)
    return status if status >= 0 else _SIGNALLED - status
