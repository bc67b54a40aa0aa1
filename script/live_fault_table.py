"""What is heard after each fault while somebody lies in the pose, measured live: a Markdown table.

    python -m script.live_fault_table [PART_OF_A_ROW]

Every row is `legsup run` on the virtual devices of a PulseAudio of its own, with somebody who was
talked into the pose or, where the row says "from before", a journal that says so. Seconds are
counted from when the warning is due (the fault, or what the row says) until it is audible in what
the virtual speaker has played; the share is how much of it was heard there, and by whom it was
said: the session or its parent.
"""

import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from tests.live.test_supervisor import (
    COMES_DOWN,
    CRASHES,
    FAILS,
    LIES,
    Program,
    clip,
    heard,
    interrupted,
    silent,
    unreadable,
)
from tests.live.virtual import LegsUp, Room, find

HEAD = """| fault | in | due | audible after | share heard | said by |
|---|---|---|---|---|---|"""
SPEAKER = "legsup_speaker"
HANGS = "os.kill(os.getpid(), signal.SIGSTOP)"
HOLD = 30.0
STOOD = 12.0
KILLS = 15
PATIENCE = 45.0
"""Seconds after it is due for which the warning is waited for."""


@dataclass
class Row:
    """A fault, where it happens, when the warning is due after it, and what brings it about.

    `happen` returns the monotonic time at which the warning is due.
    """

    fault: str
    where: str
    due: str
    happen: Callable[[Room], float]
    sink: str = SPEAKER


# --- sessions that somebody was talked into ----------------------------------------------------


class Session(LegsUp):
    """The real program with somebody who did it yesterday and knows how it goes."""

    def __init__(self, room: Room, minutes: float = 5.0) -> None:
        path = room.folder / "data" / "journal.db"
        if not path.exists():
            journal = Journal(path, wait=30)
            journal.state(State.HOLD, 0.0, in_pose=True)
            journal.record(Record(300.0, "belly", "time"))
            journal.state(State.IDLE, 400.0, in_pose=False)
            journal.close()
        super().__init__(room, "--minutes", str(minutes), "--breathing", "none")
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


def after(
    place: str, fault: Callable[[Session], object], wait: float = 4.0
) -> Callable[[Room], float]:
    """Return what has a fault happen there, `wait` seconds after it is reached: due at once."""

    def happen(room: Room) -> float:
        session = Session(room).reach(place)
        time.sleep(wait)
        room.record()
        at = time.monotonic()
        fault(session)
        return at

    return happen


def until_the_end(fault: Callable[[Session], object], at: float = 8.0) -> Callable[[Room], float]:
    """Return what has a fault happen in a short hold, whose end is when the warning is due."""

    def happen(room: Room) -> float:
        session = Session(room, HOLD / 60).reach("HOLD")
        time.sleep(max(0.0, session.held_at + at - time.monotonic()))
        fault(session)
        return session.held_at + HOLD

    return happen


def stopped_as_a_whole(place: str) -> Callable[[Room], float]:
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


def kill_both(session: Session) -> None:
    """As the kernel does when memory is short; something starts the program again."""
    session.process.kill()
    session.process.wait()
    Session(session.room)


def stop(session: Session) -> None:
    """Stop the session, not its parent."""
    os.kill(session.session, signal.SIGSTOP)


def ask_to_end(number: signal.Signals) -> Callable[[Session], object]:
    """Return what asks the program to end."""
    return lambda session: session.process.send_signal(number)


def tell(*words: str) -> Callable[[Session], object]:
    """Return what tells the sound server that."""
    return lambda session: session.room.pactl(*words)


def unplug_for_a_while(session: Session) -> None:
    """Unplug the speaker, and plug it again."""
    session.room.unplug("")
    time.sleep(3)
    session.room.plug("")
    session.room.pactl("set-default-sink", "")
    session.room.record()


def move(session: Session) -> None:
    """Move our sound to another speaker."""
    stream = session.room.pactl("list", "short", "sink-inputs").splitlines()[-1].split()[0]
    session.room.pactl("move-sink-input", stream, "person")


def fill_the_disk(session: Session) -> None:
    """Nothing more can be written."""
    resource.prlimit(session.session, resource.RLIMIT_FSIZE, (0, 0))


def lock_the_journal(session: Session) -> None:
    """Hold it for good."""
    db = sqlite3.connect(session.room.folder / "data" / "journal.db", isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    HELD.append(db)


HELD: list[sqlite3.Connection] = []


def crowd(session: Session) -> None:
    """Let it share one core with four that are always busy."""
    for process in (session.session, session.process.pid):
        for thread in Path(f"/proc/{process}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {0})
            os.sched_setscheduler(int(thread.name), os.SCHED_OTHER, os.sched_param(0))
    for _ in range(4):
        busy = session.room._start("sh", "-c", "while :; do :; done")
        os.sched_setaffinity(busy.pid, {0})


def random_kills() -> list[Row]:
    """Return the kills at random points."""
    chance = random.Random(12)
    places = ("SETUP, legs up", "HOLD", "PAUSED", "LEAVING")
    rows = []
    for number in range(KILLS):
        place = places[number % len(places)]
        wait = chance.uniform(0.2, 2.0 if place == "LEAVING" else 10.0)
        rows.append(
            Row("kill -9", f"{place}, after {wait:.1f} s", "at once", after(place, kill, wait))
        )
    return rows


REAL = [
    *random_kills(),
    Row(
        "kill -9, config.toml broken",
        "HOLD",
        "at once",
        after("HOLD", kill_with_a_broken_configuration),
    ),
    Row(
        "kill -9 of parent and session, started again", "HOLD", "at once", after("HOLD", kill_both)
    ),
    Row("session stopped for good", "HOLD", "at once", after("HOLD", stop)),
    *(
        Row(number.name, "HOLD", "at once", after("HOLD", ask_to_end(number)))
        for number in (signal.SIGTERM, signal.SIGHUP)
    ),
    *(
        Row(
            f"all stopped for {STOOD:.0f} s",
            place,
            "at its end" if place == "LEAVING" else "“stop” after it",
            stopped_as_a_whole(place),
        )
        for place in ("SETUP, legs up", "HOLD", "PAUSED", "LEAVING")
    ),
    *(
        Row(name, "HOLD", "end of the hold", until_the_end(fault, at), sink)
        for name, fault, at, sink in (
            ("session stopped 3 s before the end", stop, 27, SPEAKER),
            ("microphone hangs", tell("suspend-source", "legsup_mic", "1"), 8, SPEAKER),
            ("microphone muted", tell("set-source-mute", "legsup_mic", "1"), 8, SPEAKER),
            ("speaker muted", tell("set-sink-mute", SPEAKER, "1"), 8, SPEAKER),
            ("speaker at 5 %", tell("set-sink-volume", SPEAKER, "5%"), 8, SPEAKER),
            ("speaker hangs; another speaks", tell("suspend-sink", SPEAKER, "1"), 8, "person"),
            ("sound moved to another speaker", move, 8, SPEAKER),
            ("speaker away for 3 s across the end", unplug_for_a_while, 28, SPEAKER),
            ("disk full", fill_the_disk, 8, SPEAKER),
            ("journal locked by another", lock_the_journal, 8, SPEAKER),
            ("one core, shared with four busy loops", crowd, 8, SPEAKER),
        )
    ),
]


# --- programs in a session's place, and starts after a power cut --------------------------------


def breaks_off(how: str, again: str) -> Callable[[Room], float]:
    """Return what has a session break off, and what becomes of the next."""

    def happen(room: Room) -> float:
        return Program(room, again, f"{LIES}; note('breaks off'); {how}").at("breaks off")

    return happen


def starts(
    journal: Callable[[Path], None], besides: Callable[[Room], None] = lambda _: None
) -> Callable[[Room], float]:
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


STARTS: list[tuple[str, Callable[[Room], float]]] = [
    ("power cut", starts(interrupted)),
    ("power cut, microphone missing", starts(interrupted, no_microphone)),
    ("power cut, config.toml broken", starts(interrupted, broken("config.toml"))),
    ("power cut, phrases.yaml broken", starts(interrupted, broken("phrases.yaml"))),
    ("power cut, no clip in the cache", starts(interrupted, no_cache)),
    ("power cut, journal can't be opened", starts(unreadable)),
    ("power cut, journal's disk doesn't answer", starts(silent)),
]
ROWS = [
    *REAL,
    *(Row(name, "from before", "start", happen) for name, happen in STARTS),
    *(
        Row(f"a session ends: {name}", "UP", "at once", breaks_off(how, COMES_DOWN))
        for name, how in CRASHES.items()
    ),
    Row("SIGKILL, no other can start", "UP", "at once", breaks_off(CRASHES["SIGKILL"], FAILS)),
    Row("a session hangs", "UP", "at once", breaks_off(HANGS, COMES_DOWN)),
    Row("a session hangs, no other can start", "UP", "at once", breaks_off(HANGS, FAILS)),
]


def first_audible(room: Room) -> float:
    """Return when the warning was first heard, on the monotonic clock."""
    now, recorded = time.monotonic(), room.heard
    beginning = clip("exit.warning")[: 2 * SPEAK_RATE]
    at, likeness = find(recorded, beginning)
    before = recorded[: round(at * SPEAK_RATE)]
    while len(before) > len(beginning):
        earlier, likeness = find(before, beginning)
        if likeness < 0.8:
            break
        at, before = earlier, before[: round(earlier * SPEAK_RATE)]
    return now - len(recorded) / SPEAK_RATE + at


def measure(row: Row) -> str:
    """Return the row of the table."""
    folder = Path(tempfile.mkdtemp(prefix="legsup-"))
    with Room(folder) as room:
        if row.sink != SPEAKER:
            room.record(row.sink)
        at = row.happen(room)
        share = 0.0
        while share <= 0.95 and time.monotonic() < at + PATIENCE:
            share = heard(room)
        seconds = f"{max(0.0, first_audible(room) - at):.1f} s" if share > 0.3 else "never"
        by_parent = row.where == "from before" or "the way down is said" in room.messages
        for process in room._processes[1:]:
            process.kill()
    while HELD:
        HELD.pop().close()
    shutil.rmtree(folder, ignore_errors=True)
    said_by = "parent" if by_parent else "session"
    return f"| {row.fault} | {row.where} | {row.due} | {seconds} | {share:.2f} | {said_by} |"


def main() -> None:
    """Print the rows that have the first argument in them, or all."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    print(HEAD)  # noqa: T201
    for row in ROWS:
        if wanted in f"{row.fault} | {row.where}":
            try:
                print(measure(row), flush=True)  # noqa: T201
            except AssertionError as error:  # the person wasn't understood, say
                print(f"| {row.fault} | {row.where} | not reached: {error} | | | |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
