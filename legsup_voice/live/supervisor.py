"""`legsup run`: a live session, and somebody who watches that it doesn't end in silence.

The session runs in a child process and tells its parent every second whether somebody may lie in
the pose. The parent does little, so that little can go wrong with it. Should the child end though
nobody asked it to, with whatever status, or hang, the parent says the way down itself, at once,
and starts another child, which takes over as soon as it has loaded. The parent says it too when it
starts and somebody may still lie there from before, or nothing certain is known of that.

systemd, when it has started us, watches the parent.
"""

import contextlib
import logging
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

from legsup_voice.live import stamps, way_out
from legsup_voice.live.awake import Awake
from legsup_voice.live.bounded import note_the_end, someone_may_lie, speaker_and_language
from legsup_voice.live.heartbeat import ASKED, SIGNALLED, Beat, Forked, Heartbeat, Stopwatch
from legsup_voice.live.lock import lock
from legsup_voice.live.logged import holding_nobody_up
from legsup_voice.live.notify import ServiceManager
from legsup_voice.live.run_options import RunOptions
from legsup_voice.live.way_out import WayOut

log = logging.getLogger(__name__)

URGENT = -10
"""The nice value, where it is allowed: ten times the processor time of another program."""

TAKEOVERS = 3
"""Children that may begin to speak and break off; the next would do so again."""

LOOK_EVERY = 0.1

HANG = 5.0
"""Seconds without a sign of life after which a child is taken for hanging: it is mute then."""

OPENING = 20.0
"""Seconds a child may take to open the sound card, and to close it and the files at the end."""

LOADING = 600.0
"""Seconds a child may take to load, and on the first start to render the voice."""

RETRY = 3.0
"""Seconds from the end of a child to the start of the next; each time twice as long, so that one
which can't be started leaves the processor to the voice."""

LAST_WORDS = 45.0
"""Seconds a child may go on after the program was asked to end: its last words and its goodbye."""

SLEPT = 2.0
"""Seconds the computer must have slept to be told: the person has felt nothing of it."""

SAID_EVERY = 600.0
"""Seconds after which a service that can't begin says so again: systemd starts it all the time."""

BROKE_OFF = 1
"""The exit status of a program that broke off; Python's own."""

_REFUSALS = {Beat.DEAF: way_out.DEAF, Beat.MUTE: way_out.MUTE, Beat.UNABLE: way_out.UNABLE}

_STRAY = (signal.SIGABRT, signal.SIGTRAP, signal.SIGSYS, signal.SIGVTALRM, signal.SIGPROF)
"""Sent to the parent by mistake they ask the same; a child that gets one of them has crashed."""


def run(options: RunOptions) -> int:
    """Run one session and return the exit status: 0, or 128 plus the signal that ended it.

    Raises:
        UserError: another guide runs, or the configuration, a device, the model, the voice or an
            option is wrong.
    """

    def session(heartbeat: Heartbeat, interrupted: bool, again: bool) -> int:
        # Only now, so that the parent stays small.
        from legsup_voice.live.live import live

        return live(heartbeat, options, interrupted=interrupted, again=again)

    speaker, language = speaker_and_language()
    return supervise(session, options.speaker or speaker, language)


def supervise(
    session: Callable[[Heartbeat, bool, bool], int], speaker: str | None, language: str
) -> int:
    """Run `session` in a child process, and another if it breaks off; return the exit status.

    `session` is told whether somebody may lie in the pose and whether it is not the first.

    Raises:
        UserError: another guide runs; in the child, whatever `session` raises.
    """
    lock()
    os.umask(0o077)
    with contextlib.suppress(OSError):  # few users may
        os.setpriority(os.PRIO_PROCESS, 0, URGENT)
    with holding_nobody_up():
        supervisor = Supervisor(speaker, language)
        while (status := supervisor.watch()) is None:
            child = supervisor.start()
            if child is not None and not child.pid:
                heartbeat = Heartbeat(child.end, child.parent)
                with _telling_why(heartbeat):
                    return session(heartbeat, supervisor.may_lie, supervisor.children > 1)
        return status


@contextlib.contextmanager
def _telling_why(heartbeat: Heartbeat) -> Iterator[None]:
    """Tell why a session can't begin, so that it can be said aloud."""
    try:
        yield
    except Exception as error:  # whatever it is, somebody waits for a word
        from legsup_voice.devices.names import DeviceError

        why = Beat.UNABLE
        if isinstance(error, DeviceError):
            why = Beat.MUTE if error.direction == "speaker" else Beat.DEAF
        heartbeat.beat(why)
        raise


class Supervisor:
    """Watches over one child at a time, and speaks the way down when there is none."""

    def __init__(self, speaker: str | None, language: str) -> None:
        self.children = 0
        self._speaker = speaker
        self._clips = way_out.clips(language)
        self._manager = ServiceManager()
        self._awake = Awake()
        self._asked = 0
        self._asked_for: Stopwatch | None = None
        """Since it was asked to end."""
        self._child: Forked | None = None
        self._patience = LOADING
        self._loaded = self._over = self._torn = False
        self._refusal: way_out.Script = ()
        self._takeovers = 0
        self._start_at = 0.0
        self._status = BROKE_OFF
        self._voice: WayOut | None = None
        self._slept = _slept()
        self._told_at = 0.0
        for number in (*ASKED, *_STRAY):
            signal.signal(number, self._asked_to_end)
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # Ctrl-Z would stop the voice for good
        self._place = Beat.UP if someone_may_lie() else Beat.CLEAR
        if self.may_lie:
            self._say(way_out.DOWN)
        self._manager.tell("READY=1")

    @property
    def may_lie(self) -> bool:
        """Whether somebody may lie in the pose, as far as anything is known."""
        return self._place is Beat.UP

    def start(self) -> Forked | None:
        """Fork the next child; where there is no room for it, that is tried again."""
        try:
            self._child = child = Forked()
        except OSError as error:
            self._start_at = time.monotonic() + RETRY
            log.warning("No session can be started: %s.", error)
            return None
        if not child.pid:
            for number in (*ASKED, *_STRAY):
                signal.signal(number, signal.SIG_DFL)
        self.children += 1
        self._patience, self._loaded, self._over, self._torn = LOADING, False, False, False
        return child

    def watch(self) -> int | None:
        """Watch until a child is to be started (None) or all is over (the exit status)."""
        while True:
            if self._child is not None:
                self._look_at_child(self._child)
            if self._voice is not None:
                self._look_at_voice(self._voice)
            if self._child is None:
                if self._wants_a_child and time.monotonic() >= self._start_at:
                    return None
                if self._voice is None and not self._wants_a_child:
                    break
            if self._asked_for is not None and self._asked_for.seconds() > LAST_WORDS:
                break
            self._tell()
            select.select([self._child.end] if self._child else [], [], [], LOOK_EVERY)
        self._silence()
        self._awake.keep(False)
        self._manager.close()
        return SIGNALLED + self._asked if self._asked else self._status

    @property
    def _wants_a_child(self) -> bool:
        """Whether a child is to be started, now or in a moment."""
        if self._asked:
            return False
        return not self.children or (self.may_lie and self._takeovers < TAKEOVERS)

    def _tell(self) -> None:
        now = time.monotonic()
        if now >= self._told_at + 1.0:
            self._told_at = now
            self._manager.tell("WATCHDOG=1")
            self._awake.keep(self.may_lie)

    def _asked_to_end(self, number: int, _frame: FrameType | None) -> None:
        if self._asked:
            return
        self._asked, self._asked_for = number, Stopwatch()
        self._manager.tell("STOPPING=1")
        if self._child is not None:
            self._child.send(number if number in ASKED else signal.SIGTERM)

    # --- the child ---------------------------------------------------------------------------

    def _look_at_child(self, child: Forked) -> None:
        ended = child.ended()  # before its last bytes are read
        for value in child.beats():
            self._take(Beat(bytes([value])))
        if why := self._why_to_end(child):
            child.kill()
            log.warning(why)
            ended = True
        elif self._loaded and (self._voice is None or self._voice.between_lines):
            self._silence()
            self._loaded, self._patience = False, OPENING
            self._takeovers += 1
            child.grant()
        if ended:
            self._at_its_end(child)

    def _why_to_end(self, child: Forked) -> str:
        if child.silent() > self._patience:
            return "The session hangs, so it is ended."
        if self._woke_up() and self.may_lie:
            return "The computer slept with somebody in the pose."
        if self._torn and self.may_lie:
            self._takeovers = TAKEOVERS  # the next would fare no better
            return "The computer is too busy for the session's own voice."
        return ""

    def _take(self, beat: Beat) -> None:
        match beat:
            case Beat.LOADED:
                self._loaded, self._patience = True, float("inf")
            case Beat.OVER:
                self._over, self._patience = True, OPENING
            case Beat.TORN:
                self._torn = True
            case Beat.SPEECHLESS:
                if self._voice is None:
                    self._refuse(way_out.MUTE)
            case Beat.DEAF | Beat.MUTE | Beat.UNABLE:
                self._refusal = _REFUSALS[beat]
            case _:
                self._place, self._patience = beat, HANG

    def _at_its_end(self, child: Forked) -> None:
        child.end.close()
        self._child = None
        self._start_at = time.monotonic() + RETRY * 2 ** (self.children - 1)
        status = child.status or 0
        self._status = status if status >= 0 else SIGNALLED - status
        if self._over:
            self._place = Beat.CLEAR
            self._status = max(0, status)  # what closing it may do wrong is nobody's loss
        elif self._place is not Beat.CLEAR:
            self._status = self._status or BROKE_OFF
            if self._voice is None or not self._voice.turns_up:
                self._silence()
                self._say(way_out.DOWN if self.may_lie else way_out.RESTING)
            log.warning("The session broke off (%d); the way down is said.", self._status)
        elif not self._asked:
            if status < 0:
                log.warning("The session crashed (%s).", signal.Signals(-status).name)
                if self._patience == LOADING:  # it never began
                    self._refusal = _REFUSALS[Beat.UNABLE]
            if self._refusal and not (self._manager.there and _said_lately()):
                self._refuse(self._refusal)

    def _woke_up(self) -> bool:
        before, self._slept = self._slept, _slept()
        return self._slept - before > SLEPT

    # --- the voice ---------------------------------------------------------------------------

    def _say(self, script: way_out.Script) -> None:
        self._voice = WayOut(self._clips, script, self._speaker)

    def _refuse(self, script: way_out.Script) -> None:
        self._voice = WayOut(self._clips, script, self._speaker, turns_up=False)

    def _silence(self) -> None:
        if self._voice is not None:
            self._voice.stop()
            self._voice = None

    def _look_at_voice(self, voice: WayOut) -> None:
        if self._asked and self._child is None:
            voice.finish()
        voice.look()
        if voice.done:
            self._voice = None
            if voice.turns_up:
                if self._child is None and self.may_lie and not self._asked:
                    note_the_end()
                self._place = Beat.CLEAR


def _said_lately() -> bool:
    """Return whether it has been said lately that no session can begin; from now on it has."""
    if stamps.lately(stamps.REFUSED, SAID_EVERY):
        return True
    stamps.note(stamps.REFUSED)
    return False


def _slept() -> float:
    """Return the seconds that this computer has slept since it was switched on."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
