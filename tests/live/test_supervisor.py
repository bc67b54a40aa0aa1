"""Live: the supervisor, on virtual devices, with sessions that end in every way there is.

The sessions are small programs of their own, so that nothing but the supervisor can speak. What it
says is looked for in what the speaker has played.
"""

import contextlib
import io
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.live import supervisor, way_out
from legsup_voice.live.lock import holders
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from tests.live.virtual import LegsUp, Room, children, find, heard_share, hurry, until, whole_lines

pytestmark = pytest.mark.live

SESSION = """
import os, signal, sys, time
from pathlib import Path
from legsup_voice.config import journal_path
from legsup_voice.errors import UserError
from legsup_voice.live.heartbeat import Beat
from legsup_voice.live.supervisor import supervise
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal

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
    return now - len(recorded) / SPEAK_RATE + find(recorded, clip(line)[: 2 * SPEAK_RATE])[0]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with Room(tmp_path_factory.mktemp("room")) as made:
        yield made


@pytest.fixture(autouse=True)
def fresh(room: Room) -> Iterator[None]:
    """Leave nothing of the test before: no journal, no guide, an empty recording."""
    shutil.rmtree(room.folder / "data", ignore_errors=True)
    room.record()
    yield
    lock = room.folder.resolve() / "legsup_voice" / "lock"
    for process in holders(lock):  # a test that failed may have left some
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)
    until(lambda: not holders(lock), "the end")


CRASHES = {
    "status 0": "os._exit(0)",
    "status 2": "raise UserError('The model is gone.')",
    **{
        name: f"os.kill(os.getpid(), signal.{name})"
        for name in "SIGSEGV SIGKILL SIGABRT SIGQUIT SIGUSR1 SIGXCPU SIGSYS SIGTRAP".split()
    },
}


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


def test_the_way_down_is_said_in_the_language_that_is_set(room: Room) -> None:
    program = Program(room, COMES_DOWN, f"{LIES}; os._exit(1)", language="de")
    program.at("takes over", 30)
    assert heard(room, language="de") > 0.8
    assert heard(room) < 0.3
    assert program.process.wait(20) == 0


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


def test_a_line_that_has_begun_needs_no_more_of_the_processor(room: Room) -> None:
    """The process that speaks it, and its parent, stand still from its first second to its end."""
    interrupted(room.folder / "data" / "journal.db")
    program = Program(room, "time.sleep(60)")
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
    interrupted(room.folder / "data" / "journal.db")
    program = Program(room, "time.sleep(60)")
    until(lambda: np.abs(room.heard).max(initial=0.0) > 0.01, "the warning")
    room.pactl("set-sink-mute", "legsup_speaker", "1")
    room.record()
    until(lambda: heard(room) > 0.95, "the warning, whole", 30)
    program.process.terminate()
    program.process.wait(30)


def test_a_session_that_hangs_is_replaced(room: Room) -> None:
    hangs = f"{LIES}; note('breaks off'); os.kill(os.getpid(), signal.SIGSTOP)"
    program = Program(room, COMES_DOWN, hangs)
    broke_off = program.at("breaks off")
    program.at("takes over", 30)
    assert heard(room) > 0.8
    assert audible_at(room) - broke_off < supervisor.HANG + 2.0
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


def test_nobody_lies_there_and_nothing_is_said(room: Room) -> None:
    program = Program(room, "heartbeat.may_speak(); stay(heartbeat, Beat.CLEAR, 1.0); os._exit(7)")
    assert program.process.wait(30) == 7
    assert np.abs(room.heard).max(initial=0.0) == 0.0


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
    interrupted(room.folder / "data" / "journal.db")
    program = Program(room, "time.sleep(60)")
    program.at("started")
    program.process.terminate()
    assert program.process.wait(40) == 128 + signal.SIGTERM
    assert heard(room) > 0.8
    assert heard(room, "exit.alone") > 0.8


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


def refused(room: Room, *sessions: str) -> list[Program]:
    """Have sessions that can't begin, one after the other; return them."""
    programs = []
    for session in sessions:
        programs.append(Program(room, session))
        assert programs[-1].process.wait(40) == 2
    return programs


DEAF = (
    "from legsup_voice.devices.names import DeviceError; raise DeviceError('microphone', 'Gone.')"
)
SPEECHLESS = DEAF.replace("microphone", "speaker")
WRONG = "raise UserError('The model is gone.')"


@pytest.mark.parametrize(("session", "line"), [(DEAF, "fault.deaf"), (WRONG, "fault.unable")])
def test_why_no_session_begins_is_said_aloud(room: Room, session: str, line: str) -> None:
    refused(room, session)
    assert heard(room, line) > 0.8
    assert heard(room) < 0.3


def test_a_muted_speaker_is_told_of_on_another_and_stays_muted(room: Room) -> None:
    room.pactl("set-sink-mute", "legsup_speaker", "1")
    room.record("person")
    try:
        refused(room, SPEECHLESS)
        assert heard(room, "fault.mute") > 0.8
        assert "yes" in room.pactl("get-sink-mute", "legsup_speaker")
    finally:
        room.pactl("set-sink-mute", "legsup_speaker", "0")


def test_a_session_that_lost_its_voice_before_the_pose_has_it_said_for_it(room: Room) -> None:
    """And goes on: whether somebody lies there is its word, not the refusal's."""
    room.pactl("set-sink-mute", "legsup_speaker", "1")
    room.record("person")
    goes_on = "stay(heartbeat, Beat.CLEAR, 1); heartbeat.beat(Beat.SPEECHLESS)"
    pose = "stay(heartbeat, Beat.UP, 6); time.sleep(4.5); os._exit(1)"  # the refusal ends meanwhile
    try:
        program = Program(room, f"heartbeat.may_speak(); {goes_on}; {pose}")
        until(lambda: heard(room, "fault.mute") > 0.8, "the refusal", 20)
        until(lambda: "no" in room.pactl("get-sink-mute", "legsup_speaker"), "the warning")
        program.end()
    finally:
        room.pactl("set-sink-mute", "legsup_speaker", "0")


def test_where_nothing_can_be_heard_nothing_is_turned_up_and_it_ends(room: Room) -> None:
    sinks = ("legsup_speaker", "person")
    for sink in sinks:
        room.pactl("set-sink-mute", sink, "1")
    try:
        refused(room, SPEECHLESS)
        assert all("yes" in room.pactl("get-sink-mute", sink) for sink in sinks)
    finally:
        for sink in sinks:
            room.pactl("set-sink-mute", sink, "0")


def test_a_service_that_is_started_again_and_again_says_it_once(room: Room) -> None:
    room.environment["NOTIFY_SOCKET"] = str(room.folder / "nobody")
    try:
        refused(room, DEAF)
        assert heard(room, "fault.deaf") > 0.8
        room.record()
        refused(room, DEAF, DEAF)
        assert np.abs(room.heard).max(initial=0.0) == 0.0
    finally:
        del room.environment["NOTIFY_SOCKET"]


def test_ctrl_z_stops_nothing(room: Room) -> None:
    program = Program(room, f"heartbeat.may_speak(); note('speaks'); {ENDS}")
    program.at("speaks")
    program.process.send_signal(signal.SIGTSTP)
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


def test_a_speaker_that_is_muted_is_turned_on(room: Room) -> None:
    interrupted(room.folder / "data" / "journal.db")
    room.pactl("set-sink-mute", "legsup_speaker", "1")
    program = Program(room, "time.sleep(60)")
    until(lambda: "no" in room.pactl("get-sink-mute", "legsup_speaker"), "sound")
    program.process.terminate()
    program.process.wait(30)


def test_a_speaker_that_hangs_is_given_up_for_another(room: Room) -> None:
    interrupted(room.folder / "data" / "journal.db")
    room.record("person")
    room.pactl("suspend-sink", "legsup_speaker", "1")
    try:
        program = Program(room, "time.sleep(60)")
        until(lambda: heard(room) > 0.8, "the other speaker", 60)
    finally:
        room.pactl("suspend-sink", "legsup_speaker", "0")
    program.process.terminate()
    program.process.wait(30)


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
