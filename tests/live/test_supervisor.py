"""Live: the supervisor, on virtual devices, with sessions that end in every way there is.

Most sessions are small programs of their own, so that nothing but the supervisor can speak. What it
says is looked for in what the speaker has played.
"""

import os
import resource
import signal
import socket
import time

import numpy as np
import pytest

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.live import supervisor
from tests.live.sessions import (
    COMES_DOWN,
    CRASHES,
    ENDS,
    LIES,
    Program,
    audible_at,
    clip,
    heard,
    interrupted,
)
from tests.live.virtual import LegsUp, Room, children, until

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("fresh")]


@pytest.mark.parametrize("crash", CRASHES)
def test_however_a_session_breaks_off_the_way_down_is_said_at_once(room: Room, crash: str) -> None:
    program = Program(room, COMES_DOWN, f"{LIES}; note('breaks off'); {CRASHES[crash]}")
    broke_off = program.at("breaks off")
    took_over = program.at("takes over", 30)
    assert heard(room) > 0.8
    assert audible_at(room) - broke_off < 3.5
    assert took_over - audible_at(room) > len(clip("exit.warning")) / SPEAK_RATE - 0.5
    assert program.process.wait(20) == 0
    assert "started True True" in [what for _, what in program.notes]


def test_a_session_that_cannot_keep_up_with_its_sound_is_spoken_for(room: Room) -> None:
    """And no other, which would fare no better, takes over."""
    torn = f"{LIES}; note('torn'); heartbeat.beat(Beat.TORN); stay(heartbeat, Beat.UP, 60)"
    program = Program(room, COMES_DOWN, torn)
    torn_at = program.at("torn")
    until(lambda: heard(room, "exit.knees") > 0.8, "the next line", 40)
    assert heard(room) > 0.8
    assert audible_at(room) - torn_at < 3.5
    assert [what.split()[0] for _, what in program.notes] == ["started", "speaks", "torn"]
    program.process.terminate()
    program.process.wait(20)


def test_a_session_that_hangs_is_replaced(room: Room) -> None:
    hangs = f"{LIES}; note('breaks off'); os.kill(os.getpid(), signal.SIGSTOP)"
    program = Program(room, COMES_DOWN, hangs)
    broke_off = program.at("breaks off")
    program.at("takes over", 30)
    assert heard(room) > 0.8
    assert audible_at(room) - broke_off < supervisor.HANG + 2.0
    assert program.process.wait(20) == 0


def test_where_there_is_no_room_for_a_process_it_is_tried_until_there_is(room: Room) -> None:
    program = Program(room, COMES_DOWN, f"{LIES}; note('breaks off'); stay(heartbeat, Beat.UP, 60)")
    program.at("breaks off")
    (session,) = children(program.process.pid)
    files = resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, (0, files[1]))
    os.kill(session, signal.SIGKILL)
    time.sleep(supervisor.RETRY + 2)
    assert program.process.poll() is None
    assert np.abs(room.heard).max(initial=0.0) == 0.0
    resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, files)
    program.at("takes over", 30)
    assert heard(room) > 0.8
    assert program.process.wait(20) == 0


PLACES = {
    "in the pose": "heartbeat.may_speak(); note('is there'); stay(heartbeat, Beat.UP, 5)",
    "resting": "heartbeat.may_speak(); note('is there'); stay(heartbeat, Beat.RESTING, 5)",
    "opening the sound card": "heartbeat.may_speak(); note('is there'); time.sleep(3)",
}


@pytest.mark.parametrize("place", PLACES)
def test_whoever_stood_still_as_a_whole_goes_on_and_nobody_else_speaks(
    room: Room, place: str
) -> None:
    """The session is stopped first and goes on last: its parent finds it without a sign of life."""
    program = Program(room, PLACES[place], "heartbeat.beat(Beat.OVER); return 0")
    program.at("is there")
    time.sleep(0.5)
    (session,) = children(program.process.pid)
    for process in (session, program.process.pid):
        os.kill(process, signal.SIGSTOP)
        time.sleep(0.5)
    time.sleep(supervisor.OPENING + 2 if place.startswith("opening") else supervisor.HANG + 2)
    for process in (program.process.pid, session):
        os.kill(process, signal.SIGCONT)
        time.sleep(0.5)
    assert program.process.wait(20) == 0
    assert [what.split()[0] for _, what in program.notes] == ["started", "is"]
    assert np.abs(room.heard).max(initial=0.0) == 0.0


def test_nobody_lies_there_and_nothing_is_said(room: Room) -> None:
    program = Program(room, "heartbeat.may_speak(); stay(heartbeat, Beat.CLEAR, 1.0); os._exit(7)")
    assert program.process.wait(30) == 7
    assert np.abs(room.heard).max(initial=0.0) == 0.0


def test_a_session_wakes_a_parent_that_was_stopped(room: Room) -> None:
    """Else nobody would speak for a session that is killed meanwhile."""
    program = Program(room, COMES_DOWN, f"{LIES}; stay(heartbeat, Beat.UP, 60)")
    program.at("speaks")
    (session,) = children(program.process.pid)
    program.process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    os.kill(session, signal.SIGKILL)
    program.at("takes over", 30)
    assert heard(room) > 0.8
    assert program.process.wait(20) == 0


@pytest.mark.parametrize(
    "name", ["SIGINT", "SIGQUIT", "SIGUSR1", "SIGXCPU", "SIGABRT", "SIGSYS", "SIGHUP"]
)
def test_any_signal_that_can_be_caught_asks_the_session_to_end(room: Room, name: str) -> None:
    """The session of this test knows nothing of signals, so its parent must speak for it."""
    program = Program(room, LIES + "; stay(heartbeat, Beat.UP, 30.0)")
    program.at("speaks")
    time.sleep(0.5)
    program.process.send_signal(signal.Signals[name])
    assert program.process.wait(30) == 128 + signal.Signals[name]
    assert heard(room) > 0.8


def test_ctrl_z_stops_nothing(room: Room) -> None:
    program = Program(room, f"heartbeat.may_speak(); note('speaks'); {ENDS}")
    program.at("speaks")
    os.killpg(program.process.pid, signal.SIGTSTP)  # as a terminal does
    assert program.process.wait(20) == 0


def test_a_second_guide_leaves_and_the_first_is_not_disturbed(room: Room) -> None:
    first = Program(room, f"heartbeat.may_speak(); note('speaks'); {ENDS}")
    first.at("speaks")
    second = Program(room, "note('is the second')", notes="other.txt")
    assert second.process.wait(20) == 2
    assert f"A guide is running already (process {first.process.pid})" in room.messages
    assert not second.notes
    assert first.process.wait(20) == 0


def test_whoever_comes_after_a_killed_supervisor_takes_over(room: Room) -> None:
    ignores = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    first = Program(room, f"{ignores}; {LIES}; stay(heartbeat, Beat.UP, 60)")
    first.at("speaks")
    first.process.kill()
    first.process.wait()
    second = Program(room, f"heartbeat.may_speak(); {ENDS}")
    assert second.process.wait(20) == 0


def test_systemd_is_told_every_second_that_all_is_well(room: Room) -> None:
    address = room.folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(5.0)
        room.environment["NOTIFY_SOCKET"] = str(address)
        try:
            program = Program(room, f"heartbeat.may_speak(); note('speaks'); {ENDS}")
        finally:
            del room.environment["NOTIFY_SOCKET"]
        told = [manager.recv(100) for _ in range(4)]
        assert told == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        program.at("speaks")
        program.process.terminate()
        while (last := manager.recv(100)) == b"WATCHDOG=1":
            pass
        assert last == b"STOPPING=1"
        program.process.wait(10)


def child_of(room: Room, program: LegsUp) -> int:
    """Return the session's process, once it speaks to somebody who lies there from before."""
    program.wait_for(lambda: program.of("say", line="exit.warning"), "the warning", 90)
    (child,) = program.children()
    return child


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1"])
def test_a_session_that_is_asked_to_end_says_its_last_words(room: Room, name: str) -> None:
    """A real session: only its own words are in the event log."""
    interrupted(room.folder / "data" / "journal.db")
    with LegsUp(room, "--minutes", "0.5") as program:
        os.kill(child_of(room, program), signal.Signals[name])
        assert program.process.wait(60) == 128 + signal.Signals[name], program.messages[-2000:]
        said = [event["line"] for event in program.of("say")]
        assert said[0] == "exit.warning"
        assert "exit.alone" in said
        assert not program.of("said", cut=True, line="exit.warning")


def test_a_session_that_crashes_in_the_pose_is_followed_by_another(room: Room) -> None:
    interrupted(room.folder / "data" / "journal.db")
    with LegsUp(room, "--minutes", "0.5") as program:
        os.kill(child_of(room, program), signal.SIGKILL)
        program.wait_for(lambda: len(program.of("state", state="LEAVING")) == 2, "the next", 90)
        program.wait_for(lambda: program.of("state", state="SIDE"), "SIDE", 60)
        program.process.terminate()
        program.process.wait(60)
    assert heard(room) > 0.8


def test_nothing_that_the_way_down_can_do_without_keeps_a_session_from_taking_over(
    room: Room,
) -> None:
    """No model, no bed, no place for a recording, and somebody lies there from before."""
    interrupted(room.folder / "data" / "journal.db")
    before = len(room.messages)
    (room.folder / "data" / "audio").touch()  # where the folder should be
    config = room.folder / "config" / "legsup_voice" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('model = "/gone"\nbed_file = "/gone.wav"\nkeep_audio = true\n')
    try:
        with LegsUp(room) as program:
            program.wait_for(lambda: program.of("state", state="SIDE"), "SIDE", 150)
            assert len(program.of("state", state="LEAVING")) == 1, program.messages[-2000:]
            said = [event["line"] for event in program.of("say")]
            assert said[0] == "exit.warning"
            assert "fault.microphone" in said, "nobody is heard"
            program.process.terminate()
            assert program.process.wait(60) == 128 + signal.SIGTERM
    finally:
        config.unlink()
    assert "broke off" not in room.messages[before:]
