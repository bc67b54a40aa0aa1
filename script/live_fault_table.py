"""What is heard after each fault while somebody lies in the pose, measured live: a Markdown table.

    python -m script.live_fault_table [PART_OF_A_ROW…]

Every row is `legsup run` on the virtual devices of a PulseAudio of its own, with somebody who was
talked into the pose or, where the row says "from before", a journal that says so. Seconds are
counted from when the warning is due (the fault, or what the row says) until it is audible in what
the virtual speaker has played; the share is how much of it was heard there, and by whom it was
said: the session or its parent.
"""

import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from legsup_voice.audio import SPEAK_RATE
from script.live_faults import (
    HELD,
    SPEAKER,
    STOOD,
    Happening,
    after,
    ask_to_end,
    ask_twice,
    breaks_off,
    broken,
    crowd,
    deaf_and_mute,
    fill_the_disk,
    kill,
    kill_on_a_full_disk,
    kill_the_parent,
    kill_while_the_parent_stands_still,
    kill_while_the_speaker_is_away,
    kill_with_a_broken_configuration,
    leave_it_to_the_session,
    lock_the_journal,
    move,
    no_cache,
    no_microphone,
    on_a_broken_pipe,
    restart_the_sound_server,
    starts,
    stop,
    stop_the_sound_server,
    stopped_as_a_whole,
    tell,
    unplug_for_a_while,
    until_the_end,
)
from tests.live.sessions import (
    COMES_DOWN,
    CRASHES,
    FAILS,
    a_pipe,
    clip,
    heard,
    interrupted,
    unreadable,
)
from tests.live.virtual import Room, find

HEAD = """| fault | in | due | audible after | share heard | said by |
|---|---|---|---|---|---|"""
HANGS = "os.kill(os.getpid(), signal.SIGSTOP)"
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
    happen: Happening
    sink: str = SPEAKER


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
    Row("kill -9 of the parent, started again", "HOLD", "at once", after("HOLD", kill_the_parent)),
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
            ("sound server restarted", restart_the_sound_server, 8, SPEAKER),
            (f"sound server stopped for {STOOD:.0f} s", stop_the_sound_server, 8, SPEAKER),
            ("disk full", fill_the_disk, 8, SPEAKER),
            ("journal locked by another", lock_the_journal, 8, SPEAKER),
            *(
                (
                    f"one core, shared with {loops} busy loops{how}",
                    crowd(loops, urgent=urgent),
                    8,
                    SPEAKER,
                )
                for how, urgent in (("", False), (", urgent", True))
                for loops in (4, 40)
            ),
        )
    ),
]


SECOND = [
    *(
        Row(fault, place, due, happening)
        for place in ("HOLD", "LEAVING")
        for fault, due, happening in (
            (
                "kill -9 of the parent alone",
                "at once" if place == "HOLD" else "it sounds",
                after(place, leave_it_to_the_session, 2.0, anew=place == "HOLD"),
            ),
            (
                "kill -9 while the parent stands still",
                "when it goes on",
                after(place, kill_while_the_parent_stands_still, 2.0),
            ),
            (
                "kill -9 while the speaker is away",
                "back, renamed",
                after(place, kill_while_the_speaker_is_away, 2.0),
            ),
            ("kill -9 on a full disk", "at once", after(place, kill_on_a_full_disk, 2.0)),
            ("kill -9, output a broken pipe", "at once", on_a_broken_pipe(place)),
            (
                "SIGTERM twice",
                "at once" if place == "HOLD" else "it sounds",
                after(place, ask_twice, 2.0, anew=place == "HOLD"),
            ),
        )
    ),
    *(
        Row(
            "ears hang, then the speaker is lost; another speaks",
            place,
            "end of the hold" if place == "HOLD" else "at once",
            deaf_and_mute(place),
            "person",
        )
        for place in ("HOLD", "LEAVING")
    ),
]
"""Two faults at a time."""


STARTS: list[tuple[str, Happening]] = [
    ("power cut", starts(interrupted)),
    ("power cut, microphone missing", starts(interrupted, no_microphone)),
    ("power cut, config.toml broken", starts(interrupted, broken("config.toml"))),
    ("power cut, phrases.yaml broken", starts(interrupted, broken("phrases.yaml"))),
    ("power cut, no clip in the cache", starts(interrupted, no_cache)),
    ("power cut, journal can't be opened", starts(unreadable)),
    ("power cut, a pipe in the journal's place", starts(a_pipe)),
]
ROWS = [
    *REAL,
    *SECOND,
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
        by_parent = row.where == "from before" or room.output is not None
        by_parent |= "the way down is said" in room.messages
        for process in room._processes[1:]:
            process.kill()
    while HELD:
        HELD.pop().close()
    shutil.rmtree(folder, ignore_errors=True)
    said_by = "parent" if by_parent else "session"
    return f"| {row.fault} | {row.where} | {row.due} | {seconds} | {share:.2f} | {said_by} |"


def main() -> None:
    """Print the rows that have one of the arguments in them, or all."""
    wanted = sys.argv[1:] or [""]
    print(HEAD)  # noqa: T201
    for row in ROWS:
        if any(part in f"{row.fault} | {row.where}" for part in wanted):
            try:
                print(measure(row), flush=True)  # noqa: T201
            except AssertionError as error:  # the person wasn't understood, say
                print(f"| {row.fault} | {row.where} | not reached: {error} | | | |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
