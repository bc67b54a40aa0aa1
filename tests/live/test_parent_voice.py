"""Live: the way down as a session's parent says it, whatever is broken, on whatever speaker.

The sessions are small programs of their own, so that nothing but the parent can speak. What it says
is looked for in what the speaker has played.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.live import way_out
from legsup_voice.live.lock import holders
from legsup_voice.records.journal import Journal
from tests.live.sessions import (
    COMES_DOWN,
    FAILS,
    LIES,
    WRITES,
    Program,
    a_pipe,
    audible_at,
    clip,
    heard,
    interrupted,
    unreadable,
)
from tests.live.virtual import Room, children, command_line, find, until

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("fresh")]


def after_a_power_cut(room: Room) -> Program:
    """Start it when somebody may lie there from before, with a session that takes long to load."""
    interrupted(room.folder / "data" / "journal.db")
    return Program(room, "time.sleep(60)")


def test_the_way_down_is_said_in_the_language_that_is_set(room: Room) -> None:
    program = Program(room, COMES_DOWN, f"{LIES}; os._exit(1)", language="de")
    program.at("takes over", 30)
    assert heard(room, language="de") > 0.8
    assert heard(room) < 0.3
    assert program.process.wait(20) == 0


def test_a_line_that_has_begun_needs_no_more_of_the_processor(room: Room) -> None:
    """The process that speaks it, and its parent, stand still from its first second to its end."""
    program = after_a_power_cut(room)
    until(lambda: np.abs(room.heard).max(initial=0.0) > 0.01, "the warning")
    everyone = (program.process.pid, *children(program.process.pid))
    for process in everyone:
        os.kill(process, signal.SIGSTOP)
    time.sleep(len(clip("exit.warning")) / SPEAK_RATE + 1)
    for process in everyone:
        os.kill(process, signal.SIGCONT)
    assert heard(room) > 0.8
    assert find(room.heard, clip("exit.warning"))[1] > 0.95, "there is a hole in it"
    program.process.terminate()
    program.process.wait(30)


def test_what_was_muted_while_it_was_said_is_said_again(room: Room) -> None:
    program = after_a_power_cut(room)
    until(lambda: np.abs(room.heard).max(initial=0.0) > 0.01, "the warning")
    room.pactl("set-sink-mute", "legsup_speaker", "1")
    room.record()
    until(lambda: heard(room) > 0.95, "the warning, whole", 30)
    program.process.terminate()
    program.process.wait(30)


def test_where_no_other_session_starts_the_whole_way_down_is_said(room: Room) -> None:
    program = Program(room, FAILS, f"{LIES}; {WRITES}; os._exit(1)")
    assert program.process.wait(150) == 2
    for line, _ in way_out.DOWN:
        assert heard(room, line) > 0.8, line
    starts = [audible_at(room, line) for line, _ in way_out.DOWN]
    assert starts == sorted(starts)
    assert starts[5] - starts[4] > 30, "the rest on the side"
    assert starts[6] - starts[5] > 30, "the rest sitting"
    assert not Journal(room.folder / "data" / "journal.db").interrupted, "said again at every start"


def test_nobody_is_told_to_come_down_who_rests_already(room: Room) -> None:
    rests = "heartbeat.may_speak(); stay(heartbeat, Beat.RESTING, 1.0); os._exit(1)"
    program = Program(room, rests)
    assert program.process.wait(30) == 1
    assert heard(room, "fault.ending") > 0.8
    assert heard(room) < 0.3


@pytest.mark.parametrize("journal", [interrupted, unreadable, a_pipe])
def test_a_start_after_a_power_cut_says_it_first_whatever_else_is_broken(
    room: Room, journal: Callable[[Path], None]
) -> None:
    journal(room.folder / "data" / "journal.db")
    program = Program(room, "raise UserError('The model is gone.')")
    began = time.monotonic()
    until(lambda: heard(room) > 0.8, "the warning")
    assert audible_at(room) - began < 8.0
    program.process.terminate()
    assert program.process.wait(20) == 128 + signal.SIGTERM
    assert heard(room, "exit.alone") > 0.8, "the last words"


@contextlib.contextmanager
def a_stopped_terminal() -> Iterator[int]:
    """Yield a terminal on which somebody has pressed Ctrl-S."""
    screen, terminal = os.openpty()
    os.write(screen, b"\x13")
    yield terminal
    for end in (screen, terminal):
        os.close(end)


@contextlib.contextmanager
def a_full_pipe() -> Iterator[int]:
    """Yield a pipe whose reader stands still."""
    outlet, inlet = os.pipe()
    os.set_blocking(inlet, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(inlet, bytes(4096))
    os.set_blocking(inlet, True)
    yield inlet
    for end in (outlet, inlet):
        os.close(end)


@pytest.mark.parametrize("output", [a_stopped_terminal, a_full_pipe])
def test_what_takes_no_more_messages_holds_nobody_up(
    room: Room, output: Callable[[], contextlib.AbstractContextManager[int]]
) -> None:
    with output() as room.output:
        try:
            program = Program(room, COMES_DOWN, f"{LIES}; note('breaks off'); os._exit(1)")
        finally:
            room.output = None
        broke_off = program.at("breaks off")
        program.at("takes over", 30)
        assert heard(room) > 0.8
        assert audible_at(room) - broke_off < 3.5
        assert program.process.wait(20) == 0


def test_what_speaks_is_in_memory_when_the_package_is_taken_away(room: Room) -> None:
    """By an upgrade, or a disk that dies; the session dies of it."""
    package = room.folder / str(time.monotonic_ns()) / "legsup_voice"
    shutil.copytree(Path(way_out.__file__).parents[1], package, copy_function=os.link)
    taken = f"os.rename({str(package)!r}, {str(package.with_name('gone'))!r})"
    path = ("env", f"PYTHONPATH={package.parent}", "PYTHONSAFEPATH=1")
    program = Program(room, f"{LIES}; {taken}; os.kill(os.getpid(), signal.SIGKILL)", through=path)
    until(lambda: heard(room) > 0.8, "the warning", 30)
    assert not package.exists()
    program.end()


def test_settings_that_cannot_be_read_hold_the_warning_up_for_a_moment_only(room: Room) -> None:
    """A pipe is in their place, so that whoever reads them waits for ever."""
    interrupted(room.folder / "data" / "journal.db")
    settings = room.folder / "config" / "legsup_voice"
    settings.mkdir(parents=True)
    a_pipe(settings / "config.toml")
    try:
        program = room._start(sys.executable, "-m", "legsup_voice", "run")
        until(lambda: heard(room) > 0.8, "the warning", 30)
        program.kill()
        program.wait()
    finally:
        shutil.rmtree(settings)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_disk_that_does_not_answer_holds_the_warning_up_for_a_moment_only(room: Room) -> None:
    """The journal says that nobody lies there, but takes a minute to be opened."""
    path = room.folder / "data" / "journal.db"
    Journal(path, wait=30).close()
    calls = ("-e", "trace=openat", "-e", "inject=openat:delay_enter=60s", "-P", str(path))
    strace = ("strace", "-f", "--seccomp-bpf", "-o", str(room.folder / "trace"), *calls)
    program = Program(room, "time.sleep(60)", through=strace)
    until(lambda: heard(room) > 0.8, "the warning", 30)
    program.end()


def test_asked_to_end_while_loading_the_warning_is_said_whole(room: Room) -> None:
    program = after_a_power_cut(room)
    program.at("started")
    program.process.terminate()
    assert program.process.wait(40) == 128 + signal.SIGTERM
    assert heard(room) > 0.8
    assert heard(room, "exit.alone") > 0.8


def test_the_way_down_is_said_on_though_the_parent_is_killed(room: Room) -> None:
    """The session that loads leaves it alone; who is started next takes over from both."""
    interrupted(room.folder / "data" / "journal.db")
    program = Program(room, "time.sleep(4); heartbeat.may_speak(); note('speaks')")
    until(lambda: np.abs(room.heard).max(initial=0.0) > 0.01, "the warning")
    forked = children(program.process.pid)
    program.end()
    until(lambda: heard(room, "exit.knees") > 0.8, "the next line", 30)
    assert heard(room) > 0.95
    assert not any("speaks" in what for _, what in program.notes)
    following = Program(room, "note('follows'); os._exit(0)", notes="other.txt")
    following.at("follows")
    assert not any(command_line(process) for process in forked)
    following.end()


def test_a_session_that_loads_outlives_its_parent(room: Room) -> None:
    """Until it runs and can say its last words; nobody else would, once the voice has made way."""
    program = Program(
        room,
        "time.sleep(3); heartbeat.may_speak(); note('speaks'); time.sleep(2); note('runs')"
        "; stay(heartbeat, Beat.UP, 60)",
    )
    program.at("started")
    program.end()
    program.at("runs")
    until(lambda: not holders(room.folder / "legsup_voice" / "lock"), "the end")


def test_a_speaker_that_is_muted_is_turned_on(room: Room) -> None:
    room.pactl("set-sink-mute", "legsup_speaker", "1")
    program = after_a_power_cut(room)
    until(lambda: "no" in room.pactl("get-sink-mute", "legsup_speaker"), "sound")
    program.process.terminate()
    program.process.wait(30)


def test_a_speaker_that_hangs_is_given_up_for_another(room: Room) -> None:
    room.record("person")
    room.pactl("suspend-sink", "legsup_speaker", "1")
    try:
        program = after_a_power_cut(room)
        until(lambda: heard(room) > 0.8, "the other speaker", 60)
    finally:
        room.pactl("suspend-sink", "legsup_speaker", "0")
    program.process.terminate()
    program.process.wait(30)


RESTS = """
import time
from legsup_voice.live.way_out import WayOut, clips

voice = WayOut(clips(), (("sitting.rest", 30.0), ("stand.support", 0.5)), None)
while not voice.done:
    voice.look()
    time.sleep(0.1)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_nobody_is_told_to_stand_before_the_rest_is_over_though_the_voice_dies_in_it(
    room: Room, number: int
) -> None:
    process = room._start(sys.executable, "-c", RESTS)
    until(lambda: heard(room, "sitting.rest") > 0.95, "the line before", 30)
    ended = audible_at(room, "sitting.rest") + len(clip("sitting.rest")) / SPEAK_RATE
    time.sleep(2)
    (voice,) = children(process.pid)
    os.kill(voice, number)
    assert process.wait(60) == 0
    assert heard(room, "stand.support") > 0.8
    assert 30 < audible_at(room, "stand.support") - ended < 36
