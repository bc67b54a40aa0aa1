"""What a process and the one that watches over it tell each other, a byte at a time.

A socket between the two carries everything, so whoever dies, or hangs, is noticed: no byte comes.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import sys
import time
from enum import Enum
from pathlib import Path

from legsup_voice.live.lock import others

GRANT_WAIT = 60.0
"""Seconds to wait for leave to speak; a supervisor that is itself stopped gives none."""

ASKED = tuple(
    getattr(signal, name)
    for name in "SIGTERM SIGINT SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGXCPU SIGPWR".split()
)
"""Signals that ask a program to end: the way out is spoken first."""

KILLED = 1.0
"""Seconds the kernel gets to end a process: where it waits for a disk, that may be for ever."""

GAP = 1.0
"""Seconds between two looks at a process beyond which it is the one who looks that stood still."""

SIGNALLED = 128
"""A shell's exit status for a program ended by signal N is this plus N."""

_PR_SET_PDEATHSIG = 1


class Beat(Enum):
    """What the session tells its supervisor: at least once a second once it runs."""

    LOADED = b"l"
    """Everything is loaded: may the sound card be opened?"""
    UP = b"u"
    """Somebody may lie with the legs up the wall."""
    RESTING = b"r"
    """Down, and lying or sitting until it is safe to stand."""
    CLEAR = b"c"
    """Nobody needs the way down."""
    OVER = b"o"
    """What ends now ends on purpose."""
    DEAF = b"d"
    """It can't begin: the microphone is no use."""
    MUTE = b"m"
    """It can't begin: the speaker is no use."""
    SPEECHLESS = b"s"
    """It broke off before the pose, for the speaker is no use any more; it goes on listening."""
    TORN = b"t"
    """Its sound is torn again and again, for the computer is too busy: another is to speak."""
    UNABLE = b"x"
    """It can't begin for another reason, which has been written."""


_PLACES = (Beat.UP, Beat.RESTING, Beat.CLEAR)


class Stopwatch:
    """Seconds for which somebody looked: when all of us stood still together, none passed."""

    def __init__(self) -> None:
        self._looked_at = time.monotonic()
        self._seconds = 0.0

    def seconds(self, share: float = 1.0) -> float:
        """Look at it; call it often. Of the time since the last look a `share` counts."""
        before, self._looked_at = self._looked_at, time.monotonic()
        self._seconds += share * min(self._looked_at - before, GAP)
        return self._seconds


class Heartbeat:
    """The session's end."""

    def __init__(self, end: socket.socket, parent: int | None = None) -> None:
        """Begin; the death of `parent` asks this process to end, but not before it runs."""
        end.setblocking(False)
        self._end = end
        self._parent = parent

    def beat(self, beat: Beat) -> None:
        """Tell; nobody has to listen. A supervisor that was stopped goes on: it may be needed."""
        with contextlib.suppress(OSError):
            self._end.send(beat.value)
        with contextlib.suppress(OSError):  # it is gone, and who is in its place isn't ours
            os.kill(os.getppid(), signal.SIGCONT)
        if self._parent is not None and beat in _PLACES:
            _end_with(self._parent)
            self._parent = None

    def may_speak(self) -> None:
        """Say that everything is loaded and wait until whoever speaks meanwhile has made way."""
        self.beat(Beat.LOADED)
        until, answer = time.monotonic() + GRANT_WAIT, None
        while answer is None and time.monotonic() < until:
            answer = self._answer()
        if answer == b"" and others():
            sys.exit(SIGNALLED + signal.SIGTERM)  # whoever speaks meanwhile does so to the end

    def _answer(self) -> bytes | None:
        """Return what the supervisor says, None as yet, nothing at all when it is gone."""
        select.select([self._end], [], [], 1.0)
        if self._parent not in (None, os.getppid()):
            return b""
        try:
            return self._end.recv(1)
        except BlockingIOError:
            return None
        except OSError:
            return b""


class Forked:
    """A forked process as its parent sees it: `pid` 0 in the process itself."""

    def __init__(self) -> None:
        """Fork.

        Raises:
            OSError: there is no room for another process, or no file to be had.
        """
        self.parent = os.getpid()
        self.end, theirs = socket.socketpair()
        self._silence = Stopwatch()
        self.status: int | None = None
        """Its exit status once it has ended, as `os.waitstatus_to_exitcode` tells it."""
        try:
            self.pid = os.fork()
        except OSError:
            self.end.close()
            theirs.close()
            raise
        if not self.pid:
            self.end.close()
            self.end = theirs
        else:
            theirs.close()
            self.end.setblocking(False)

    def beats(self) -> bytes:
        """Return what it has sent since this was last asked, oldest first."""
        try:
            sent = self.end.recv(4096)
        except OSError:
            sent = b""
        if sent:
            self._silence = Stopwatch()
        return sent

    def silent(self, busy_share: float = 1.0) -> float:
        """Return the seconds since the last byte came, for as long as somebody looked.

        When all of us were stopped together nothing is known of the process yet. Of the time in
        which it only waits for the processor `busy_share` counts.
        """
        busy = busy_share < 1.0 and self._is_busy()
        return self._silence.seconds(busy_share if busy else 1.0)

    def _is_busy(self) -> bool:
        """Return whether it runs, or waits for nothing but the processor."""
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8", errors="replace")
            return stat.rpartition(") ")[2].startswith("R")
        return False

    def ended(self) -> bool:
        """Return whether it has ended; `status` tells how."""
        if self.status is None:
            try:
                pid, result = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # someone else has waited for it
                pid, result = self.pid, 0
            if pid:
                self.status = os.waitstatus_to_exitcode(result)
        return self.status is not None

    def send(self, number: int) -> None:
        """Send it a signal if it is still there."""
        if not self.ended():
            os.kill(self.pid, number)

    def grant(self) -> None:
        """Let it speak."""
        with contextlib.suppress(OSError):
            self.end.send(b"g")

    def kill(self) -> None:
        """End it at once; one that a dead disk holds ends when the kernel lets it."""
        self.send(signal.SIGKILL)
        until = time.monotonic() + KILLED
        while not self.ended() and time.monotonic() < until:
            time.sleep(0.01)
        self.end.close()


def _end_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
