"""What is heard after each fault while somebody lies in the pose, measured live: a Markdown table.

    python script/live_fault_table.py

Every row is `legsup run` on the virtual devices of a PulseAudio of its own, whose journal says that
somebody lies in the pose, or a session in its place that breaks off in it. Seconds are counted from
the fault until the exit warning is audible in what the virtual speaker has played, and the share is
how much of the warning was heard there.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.live.test_supervisor import (
    COMES_DOWN,
    CRASHES,
    FAILS,
    LIES,
    Program,
    audible_at,
    heard,
    interrupted,
    silent,
    unreadable,
)
from tests.live.virtual import LegsUp, Room, until

HEAD = """| fault in the pose | and then | warning audible after | share heard |
|---|---|---|---|"""
HANGS = "os.kill(os.getpid(), signal.SIGSTOP)"


@dataclass
class Row:
    """A fault, what is broken besides, and what brings both about; it returns when it happened."""

    fault: str
    besides: str
    happen: Callable[[Room], float]


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
        LegsUp(room).process = room._start(*LegsUp(room)._command)
        return began

    return happen


def kills(room: Room) -> float:
    """Kill a real session while it says the warning to somebody; wait for the next."""
    interrupted(room.folder / "data" / "journal.db")
    program = LegsUp(room)
    program.process = room._start(*program._command)
    until(lambda: program.of("say", line="exit.warning"), "the session's warning", 120)
    (child,) = program.children()
    room.record()
    at = time.monotonic()
    os.kill(child, signal.SIGKILL)
    return at


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


ROWS = [
    *(
        Row(f"session ends: {name}", "", breaks_off(how, COMES_DOWN))
        for name, how in CRASHES.items()
    ),
    Row("session ends: SIGKILL", "no other can start", breaks_off(CRASHES["SIGKILL"], FAILS)),
    Row("session hangs (SIGSTOP)", "", breaks_off(HANGS, COMES_DOWN)),
    Row("session hangs (SIGSTOP)", "no other can start", breaks_off(HANGS, FAILS)),
    Row("real session killed in LEAVING", "", kills),
    Row("power cut in HOLD", "", starts(interrupted)),
    Row("power cut in HOLD", "microphone missing", starts(interrupted, no_microphone)),
    Row("power cut in HOLD", "config.toml broken", starts(interrupted, broken("config.toml"))),
    Row("power cut in HOLD", "phrases.yaml broken", starts(interrupted, broken("phrases.yaml"))),
    Row("power cut in HOLD", "no clip in the cache", starts(interrupted, no_cache)),
    Row("power cut", "journal can't be opened", starts(unreadable)),
    Row("power cut", "journal's disk doesn't answer", starts(silent)),
]


def measure(row: Row) -> str:
    """Return the row of the table."""
    folder = Path(tempfile.mkdtemp(prefix="legsup-"))
    with Room(folder) as room:
        at = row.happen(room)
        deadline = time.monotonic() + 40
        share = 0.0
        while share <= 0.95 and time.monotonic() < deadline:
            share = heard(room)
        after = audible_at(room) - at
        for process in room._processes[1:]:
            process.kill()
    shutil.rmtree(folder, ignore_errors=True)
    seconds = f"{after:.1f} s" if share > 0.3 else "never"
    return f"| {row.fault} | {row.besides or '-'} | {seconds} | {share:.2f} |"


def main() -> None:
    """Print the table."""
    print(HEAD)  # noqa: T201
    for row in ROWS:
        print(measure(row), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
