"""Live: why no session begins is said aloud, and nobody's speaker is turned up for that."""

import numpy as np
import pytest

from tests.live.sessions import Program, heard
from tests.live.virtual import Room, until

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("fresh")]


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


CRASH = "os.kill(os.getpid(), signal.SIGSEGV)"
BUG = "1 / 0"


@pytest.mark.parametrize(("session", "line"), [(DEAF, "fault.deaf"), (WRONG, "fault.unable")])
def test_why_no_session_begins_is_said_aloud(room: Room, session: str, line: str) -> None:
    refused(room, session)
    assert heard(room, line) > 0.8
    assert heard(room) < 0.3


@pytest.mark.parametrize("session", [CRASH, BUG])
def test_that_no_session_begins_is_said_whatever_the_reason(room: Room, session: str) -> None:
    assert Program(room, session).process.wait(40) != 0
    assert heard(room, "fault.unable") > 0.8
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
