"""Small programs in a session's place, each with the real supervisor, and what it says."""

import io
import os
import sys
import time
from pathlib import Path

import numpy as np
import soundfile

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.live import way_out
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from tests.live.virtual import Room, began, heard_share, hurry, until, whole_lines

SESSION = """
import logging, os, signal, sys, time
from pathlib import Path
from legsup_voice.config import journal_path
from legsup_voice.errors import UserError
from legsup_voice.live.heartbeat import Beat
from legsup_voice.live.supervisor import supervise
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal

logging.basicConfig(format="legsup: %(message)s")
notes = Path(sys.argv[1])

def note(text):
    with notes.open("a") as file:
        file.write(f"{time.monotonic()} {text}\\n")

def stay(heartbeat, beat, seconds):
    for _ in range(round(seconds * 10)):
        heartbeat.beat(beat)
        time.sleep(0.1)

def session(heartbeat, interrupted, again):
    note(f"started {interrupted} {again}")
    {first}
    {second}

try:
    sys.exit(supervise(session, None, "{language}"))
except UserError as error:
    print("legsup:", error, file=sys.stderr)
    sys.exit(2)
"""
LIES = "heartbeat.may_speak(); note('speaks'); stay(heartbeat, Beat.UP, 1.0)"
"""The session loads, and somebody lies in the pose."""
WRITES = "kept = Journal(journal_path(), wait=30); kept.state(State.HOLD, 0.0, True); kept.close()"
"""It is kept that somebody lies there."""
FAILS = "if again: raise UserError('There is no microphone.')"
"""It can't be started again."""
ENDS = "stay(heartbeat, Beat.CLEAR, 4); heartbeat.beat(Beat.OVER); return 0"
COMES_DOWN = """
    if again:
        heartbeat.may_speak()
        note('takes over')
        stay(heartbeat, Beat.UP, 1.0)
        heartbeat.beat(Beat.OVER)
        return 0"""
"""When it is started again, it brings the person down."""


class Program:
    """A supervisor with such a session in `room`."""

    def __init__(
        self,
        room: Room,
        first: str,
        second: str = "",
        *,
        notes: str = "notes.txt",
        through: tuple[str, ...] = (),
        language: str = "en",
    ) -> None:
        """`through` is a program that runs it."""
        self.room = room
        self.notes_file = room.folder / notes
        self.notes_file.unlink(missing_ok=True)
        code = SESSION.replace("{first}", first).replace("{second}", second)
        code = code.replace("{language}", language)
        command = (*through, sys.executable, "-c", code, str(self.notes_file))
        # In a group of its own: in one that is orphaned, as a test may be, Ctrl-Z stops nothing.
        self.process = room._start(*command, group=0)
        hurry(self.process.pid)  # and with it all that it forks

    @property
    def notes(self) -> list[tuple[float, str]]:
        """What the sessions have noted, and when."""
        lines = [line.split(" ", 1) for line in whole_lines(self.notes_file)]
        return [(float(at), text) for at, text in lines]

    def at(self, text: str, seconds: float = 20.0) -> float:
        """Wait for a note and return when it was made."""
        until(lambda: any(text in what for _, what in self.notes), text, seconds)
        return next(at for at, what in self.notes if text in what)

    def end(self) -> None:
        """Kill it and everything it has started."""
        self.process.kill()
        self.process.wait()


def clip(line: str, language: str = "en") -> Samples:
    """Return a line of the package's own way out."""
    clips = way_out.clips(language)
    return np.asarray(soundfile.read(io.BytesIO(clips[line]), dtype="float32")[0])


def heard(room: Room, line: str = "exit.warning", language: str = "en") -> float:
    """Return how much of the line the speaker has played."""
    time.sleep(0.5)  # the recorder's own delay
    recorded, wanted = room.heard, clip(line, language)
    return heard_share(recorded, wanted) if len(recorded) > len(wanted) else 0.0


def audible_at(room: Room, line: str = "exit.warning") -> float:
    """Return when the line began in what the speaker has played, on the monotonic clock."""
    now, recorded = time.monotonic(), room.heard
    return now - len(recorded) / SPEAK_RATE + began(recorded, clip(line))


def unreadable(path: Path) -> None:
    """Leave a journal that can't be opened."""
    path.mkdir(parents=True)


def interrupted(path: Path) -> None:
    """Leave a journal that broke off in the hold."""
    journal = Journal(path, wait=30)
    journal.state(State.HOLD, 0.0, in_pose=True)
    journal.close()


def a_pipe(path: Path) -> None:
    """Leave something in its place that can't be read."""
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)


CRASHES = {
    "status 0": "os._exit(0)",
    "status 2": "raise UserError('The model is gone.')",
    **{
        name: f"os.kill(os.getpid(), signal.{name})"
        for name in "SIGSEGV SIGKILL SIGABRT SIGQUIT SIGUSR1 SIGXCPU SIGSYS SIGTRAP".split()
    },
}
