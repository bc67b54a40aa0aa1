"""What goes wrong in `live_fault_table.py`: real sessions, and programs in their place.

Each of these brings a fault about in a room and returns the monotonic time at which the warning is
due.
"""

import json
import os
import resource
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from tests.live.sessions import LIES, Program
from tests.live.virtual import SOUND, LegsUp, Room, hurry

SPEAKER = "legsup_speaker"
HOLD = 30.0
"""Seconds of a short hold."""
STOOD = 12.0
"""Seconds for which everything stands still."""

HANGING_EARS = """
import sys, time
from pathlib import Path
from legsup_voice.__main__ import main
from legsup_voice.hearing.ears import Ears

listen, hang = Ears.listen, Path({hang!r})

def listen_unless_it_is_there(*asked):
    while hang.exists():
        time.sleep(0.1)
    return listen(*asked)

Ears.listen = listen_unless_it_is_there
sys.exit(main())
"""
"""The program with ears that hang while a file is there."""

Happening = Callable[[Room], float]
Fault = Callable[["Session"], object]
"""What goes wrong; it may return when the warning is due if that is later."""


# --- sessions that somebody was talked into ----------------------------------------------------


class Session(LegsUp):
    """The real program with somebody who did it yesterday and knows how it goes."""

    def __init__(
        self,
        room: Room,
        minutes: float = 5.0,
        *,
        hang: Path | None = None,
        breathing: str = "none",
    ) -> None:
        """While there is such a file its ears hang."""
        path = room.folder / "data" / "journal.db"
        if not path.exists():
            journal = Journal(path, wait=30)
            journal.state(State.HOLD, 0.0, in_pose=True)
            journal.record(Record(300.0, "belly", "time"))
            journal.state(State.IDLE, 400.0, in_pose=False)
            journal.close()
        super().__init__(room, "--minutes", str(minutes), "--breathing", breathing)
        if hang is not None:
            code = HANGING_EARS.format(hang=str(hang))
            self._command = (sys.executable, "-c", code, *self._command[3:])
        self.__enter__()
        self.held_at = 0.0

    @property
    def session(self) -> int:
        """The process that holds the session."""
        return self.children()[0]

    def ask(self, command: str) -> dict[str, object]:
        """Ask through the control socket; return the snapshot with which it greets."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.room.folder / "legsup_voice" / "control.sock"))
            greeting: dict[str, object] = json.loads(control.makefile().readline())
            if command:
                control.sendall(json.dumps({"command": command}).encode() + b"\n")
                time.sleep(0.2)
        return greeting

    def reach(self, place: str) -> "Session":
        """Talk the person there."""
        self.ask("start")
        self.converse({"screening": ["no", "nope"]}, goal="SETUP", seconds=120)
        if place == "SETUP, legs up":
            answers: dict[str, list[str | Path]] = {"setup": ["next", "next step"]}
            self.converse(answers, goal=lambda: bool(self.ask("")["in_pose"]), seconds=240)
            return self
        self.converse({"setup": ["skip this", "skip"]}, goal="HOLD", seconds=120)
        self.held_at = time.monotonic()
        if place != "HOLD":
            time.sleep(2)
            command, state = {"PAUSED": ("pause", "PAUSED"), "LEAVING": ("stop", "LEAVING")}[place]
            self.ask(command)
            self.wait_for(lambda: self.state() == state, place, 20)
        return self


def after(place: str, fault: Fault, wait: float = 4.0, *, anew: bool = True) -> Happening:
    """Return what has a fault happen there, `wait` seconds after it is reached: due at once.

    What was heard before counts unless the warning must come `anew`.
    """

    def happen(room: Room) -> float:
        session = Session(room).reach(place)
        time.sleep(wait)
        if anew:
            room.record()
        at = time.monotonic()
        later = fault(session)
        return later if isinstance(later, float) else at

    return happen


def on_a_broken_pipe(place: str) -> Happening:
    """Return what kills a session whose program writes to a pipe that nobody reads any more."""

    def happen(room: Room) -> float:
        reader, room.output = os.pipe()
        session = Session(room).reach(place)
        os.close(reader)
        time.sleep(2)
        room.record()
        at = time.monotonic()
        kill(session)
        return at

    return happen


def deaf_and_mute(place: str) -> Happening:
    """Return what has the ears hang there, and the speaker lost for good a second later."""

    def happen(room: Room) -> float:
        hang = room.folder / "hang"
        minutes = HOLD / 60 if place == "HOLD" else 5.0
        session = Session(room, minutes, hang=hang).reach(place)
        time.sleep(2)
        hang.touch()
        time.sleep(1)
        at = time.monotonic()
        room.unplug(SPEAKER)
        return session.held_at + HOLD if place == "HOLD" else at

    return happen


def until_the_end(fault: Fault, at: float = 8.0) -> Happening:
    """Return what has a fault happen in a short hold, whose end is when the warning is due."""

    def happen(room: Room) -> float:
        session = Session(room, HOLD / 60).reach("HOLD")
        time.sleep(max(0.0, session.held_at + at - time.monotonic()))
        fault(session)
        return session.held_at + HOLD

    return happen


def stopped_as_a_whole(place: str) -> Happening:
    """Return what stops all for a while; then the person says stop, unless it is being said."""

    def happen(room: Room) -> float:
        session = Session(room).reach(place)
        time.sleep(1.5)
        everyone = (session.session, session.process.pid)
        for process in everyone:
            os.kill(process, signal.SIGSTOP)
        time.sleep(STOOD)
        if place == "LEAVING":
            room.record()
        at = time.monotonic()
        for process in reversed(everyone):
            os.kill(process, signal.SIGCONT)
        if place != "LEAVING":
            time.sleep(2)
            room.record()
            at = time.monotonic()
            session.ask("stop")
        return at

    return happen


def kill(session: Session) -> None:
    """Kill -9."""
    os.kill(session.session, signal.SIGKILL)


def kill_with_a_broken_configuration(session: Session) -> None:
    """The next one finds a configuration that isn't one."""
    broken("config.toml")(session.room)
    kill(session)


def kill_the_parent(session: Session) -> None:
    """As the kernel does when memory is short; something starts the program again."""
    session.process.kill()
    session.process.wait()
    Session(session.room)


def leave_it_to_the_session(session: Session) -> None:
    """Kill the parent; nothing starts the program again."""
    session.process.kill()
    session.process.wait()


def kill_while_the_parent_stands_still(session: Session) -> float:
    """Nobody is there until the parent goes on."""
    session.process.send_signal(signal.SIGSTOP)
    kill(session)
    time.sleep(STOOD)
    session.process.send_signal(signal.SIGCONT)
    return time.monotonic()


def kill_while_the_speaker_is_away(session: Session) -> float:
    """It comes back under another name."""
    room = session.room
    room.unplug(SPEAKER)
    time.sleep(1)
    kill(session)
    time.sleep(3)
    room.pactl("load-module", "module-null-sink", f"sink_name={SPEAKER}.2", "rate=48000")
    room.pactl("set-default-sink", f"{SPEAKER}.2")
    room.record(f"{SPEAKER}.2")
    return time.monotonic()


def kill_on_a_full_disk(session: Session) -> None:
    """Nothing can be written by anybody, and the session is killed."""
    resource.prlimit(session.process.pid, resource.RLIMIT_FSIZE, (0, 0))
    fill_the_disk(session)
    kill(session)


def ask_twice(session: Session) -> None:
    """Somebody is impatient."""
    for _ in range(2):
        session.process.send_signal(signal.SIGTERM)
        time.sleep(1)


def stop(session: Session) -> None:
    """Stop the session, not its parent."""
    os.kill(session.session, signal.SIGSTOP)


def ask_to_end(number: signal.Signals) -> Fault:
    """Return what asks the program to end."""
    return lambda session: session.process.send_signal(number)


def tell(*words: str) -> Fault:
    """Return what tells the sound server that."""
    return lambda session: session.room.pactl(*words)


def unplug_for_a_while(session: Session) -> None:
    """Unplug the speaker, and plug it again."""
    session.room.unplug(SPEAKER)
    time.sleep(3)
    session.room.plug(SPEAKER)
    session.room.pactl("set-default-sink", SPEAKER)
    session.room.record()


def move(session: Session) -> None:
    """Move our sound to another speaker."""
    stream = session.room.pactl("list", "short", "sink-inputs").splitlines()[-1].split()[0]
    session.room.pactl("move-sink-input", stream, "person")


def stop_the_sound_server(session: Session) -> None:
    """As on a computer that swaps: nothing is played or heard, and nothing answers."""
    server = session.room._processes[0]
    server.send_signal(signal.SIGSTOP)
    time.sleep(STOOD)
    server.send_signal(signal.SIGCONT)


def restart_the_sound_server(session: Session) -> None:
    """It crashes, and systemd starts it again."""
    room = session.room
    room._processes[0].kill()
    room._processes[0].wait()
    (room.folder / "socket").unlink(missing_ok=True)
    time.sleep(2)
    for server in room._serve():
        hurry(server.pid, SOUND)
    room.record()


def fill_the_disk(session: Session) -> None:
    """Nothing more can be written."""
    resource.prlimit(session.session, resource.RLIMIT_FSIZE, (0, 0))


def lock_the_journal(session: Session) -> None:
    """Hold it for good."""
    db = sqlite3.connect(session.room.folder / "data" / "journal.db", isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    HELD.append(db)


HELD: list[sqlite3.Connection] = []


def crowd(loops: int, *, urgent: bool = False) -> Fault:
    """Return what lets it share one core with that many that are always busy.

    It keeps the priority that it may give itself if `urgent`, else it is as for most users.
    """

    def share(session: Session) -> None:
        for process in (session.session, session.process.pid):
            for thread in (int(task.name) for task in Path(f"/proc/{process}/task").iterdir()):
                os.sched_setaffinity(thread, {0})
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
                if not urgent:
                    os.setpriority(os.PRIO_PROCESS, thread, 0)
        for _ in range(loops):
            busy = session.room._start("sh", "-c", "while :; do :; done")
            os.sched_setaffinity(busy.pid, {0})

    return share


# --- programs in a session's place, and starts after a power cut --------------------------------


def breaks_off(how: str, again: str) -> Happening:
    """Return what has a session break off, and what becomes of the next."""

    def happen(room: Room) -> float:
        return Program(room, again, f"{LIES}; note('breaks off'); {how}").at("breaks off")

    return happen


def starts(
    journal: Callable[[Path], None], besides: Callable[[Room], None] = lambda _: None
) -> Happening:
    """Return what starts the real program on such a journal."""

    def happen(room: Room) -> float:
        journal(room.folder / "data" / "journal.db")
        besides(room)
        began = time.monotonic()
        room._start(*LegsUp(room)._command)
        return began

    return happen


def no_microphone(room: Room) -> None:
    """Unplug it."""
    room.unplug("legsup_mic")
    room.unplug("person")


def broken(name: str) -> Callable[[Room], None]:
    """Return what breaks that file of the configuration."""

    def spoil(room: Room) -> None:
        folder = room.folder / "config" / "legsup_voice"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("[[[ : not this")

    return spoil


def no_cache(room: Room) -> None:
    """Point to clips that are not there."""
    room.environment["LEGSUP_CACHE"] = str(room.folder / "gone")
