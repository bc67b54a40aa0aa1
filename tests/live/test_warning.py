"""Live: the speaker or the microphone is in trouble while the real program says the exit warning.

Its journal says that somebody lies in the pose, so the warning is the first thing it says. One room
after the other, and what counts is what the virtual speaker has played since the trouble began.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from legsup_voice.content import content
from legsup_voice.devices.port import LOOK_EVERY
from legsup_voice.speaking.voice import Voice
from tests.live.sessions import interrupted
from tests.live.virtual import LegsUp, Room, heard_share, until

pytestmark = pytest.mark.live

Trouble = Callable[[Room, LegsUp], None]


def all_stopped(room: Room, program: LegsUp) -> None:
    everyone = (program.process.pid, *program.children())
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for process in everyone:
            os.kill(process, number)
        time.sleep(12 if number is signal.SIGSTOP else 0)


def muted_for_two_seconds(room: Room, _: LegsUp) -> None:
    room.pactl("set-sink-mute", "legsup_speaker", "1")
    time.sleep(2)
    room.pactl("set-sink-mute", "legsup_speaker", "0")


def muted_for_good(room: Room, _: LegsUp) -> None:
    room.pactl("set-sink-mute", "legsup_speaker", "1")


def at_five_percent(room: Room, _: LegsUp) -> None:
    room.pactl("set-sink-volume", "legsup_speaker", "5%")


def away_for_a_second(room: Room, _: LegsUp) -> None:
    room.unplug("legsup_speaker")
    time.sleep(1)
    room.plug("legsup_speaker")
    room.pactl("set-default-sink", "legsup_speaker")
    room.record()


TROUBLES: list[Trouble] = [
    muted_for_two_seconds,
    muted_for_good,
    at_five_percent,
    away_for_a_second,
    all_stopped,
]


def warning_under_way(room: Room) -> LegsUp:
    """Start the program and wait for the middle of its warning."""
    interrupted(room.folder / "data" / "journal.db")
    return LegsUp(room)


def share(room: Room, program: LegsUp) -> float:
    """Return how much of the warning has been heard in the recording."""
    text = program.of("say", line="exit.warning")[0]["text"]
    clip = Voice().clip(text, content().lines["exit.warning"].pace)
    recorded = room.heard
    return heard_share(recorded, clip) if len(recorded) > len(clip) else 0.0


def wait_for_the_middle(program: LegsUp) -> None:
    until(lambda: program.of("say", line="exit.warning"), "the warning", 120)
    time.sleep(1.5)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
def test_the_warning_is_heard_whole_after_whatever_happened_in_it(
    tmp_path: Path, trouble: Trouble
) -> None:
    with Room(tmp_path) as room, warning_under_way(room) as program:
        wait_for_the_middle(program)
        room.record()
        trouble(room, program)
        until(lambda: share(room, program) > 0.8, f"the warning after {trouble.__name__}", 60)


def test_a_hanging_microphone_lets_the_warning_come_to_its_end(tmp_path: Path) -> None:
    with Room(tmp_path) as room, warning_under_way(room) as program:
        wait_for_the_middle(program)
        room.pactl("suspend-source", "legsup_mic", "1")
        until(lambda: program.of("say", line="exit.knees"), "the knees", 60)
        until(lambda: program.of("say", line="exit.feet"), "the feet", 60)
        assert not program.of("error", what="speaker lost")
        *_, said = program.of("said", line="exit.warning")
        assert (said["cut"], said["lost"] < LOOK_EVERY) == (False, True)
