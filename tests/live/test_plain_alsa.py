"""ALSA itself, without a sound server.

Devices that are none end in a sentence, never in a wait; and whether a speaker is muted is what the
card's mixer says. The mixer here is that of ALSA's plug-in for a sound server which the program
can't find otherwise.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from legsup_voice.devices.port import ANY_AFTER, LOOK_EVERY
from tests.live.rooms import Rooms
from tests.live.sessions import Program, heard, interrupted
from tests.live.test_devices import (
    HOLE,
    Hummed,
    Of,
    hum,
    muted_is_refused,
    pactl,
    turned_down_is_lost_until_turned_up,
)
from tests.live.virtual import AlsaRoom, Room, until

pytestmark = pytest.mark.live

NULL = "pcm.!default { type null }\nctl.!default { type null }\n"
"""Takes and gives whatever is asked for, as fast as it is asked."""


@pytest.mark.parametrize(("command", "status"), [("doctor", 1), ("run", 2)])
@pytest.mark.parametrize(
    ("configuration", "why"),
    [(NULL, "keeps no time"), ("", "configuration is empty"), ("ctl.x {}", "is empty")],
)
def test_what_is_no_sound_card_is_refused(
    command: str, status: int, configuration: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "asound.conf").write_text(configuration)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PULSE")}
    kept |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    kept["ALSA_CONFIG_PATH"] = str(tmp_path / "asound.conf")
    tmp_path.chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-m", "legsup_voice", command],
        env=kept,
        capture_output=True,
        text=True,
        timeout=300,  # a hang; it takes seconds
    )
    assert done.returncode == status, done.stderr
    assert why in done.stdout + done.stderr
    assert ("What to do next" in done.stdout) is (command == "doctor")
    assert "Traceback" not in done.stderr


MUTE, TURN = ("set-sink-mute", "legsup_speaker"), ("set-sink-volume", "legsup_speaker")


def muted_in_the_pose(room: Room) -> Hummed:
    return hum(room, 8, [(3, pactl(*MUTE, "1"))], "--must-work")


def at_nothing_in_the_pose(room: Room) -> Hummed:
    return hum(room, 8, [(3, pactl(*TURN, "0"))], "--must-work")


def at_five_percent(room: Room) -> Hummed:
    return hum(room, 11, [(3, pactl(*TURN, "5%")), (8, pactl(*TURN, "80%"))])


def muted_from_the_start(room: Room) -> Hummed:
    room.pactl(*MUTE, "1")
    return hum(room, 3, [])


def hanging_speaker(room: Room) -> Hummed:
    room.pactl("set-default-sink", "person")
    room.record("person")
    return hum(room, 36, [(3, pactl("suspend-sink", "legsup_speaker", "1"))], "--named")


TROUBLES = [
    hanging_speaker,
    muted_in_the_pose,
    at_nothing_in_the_pose,
    at_five_percent,
    muted_from_the_start,
]


@pytest.fixture(scope="module")
def hummed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms[Hummed]]:
    with ThreadPoolExecutor(2) as pool:
        yield Rooms(TROUBLES, pool, tmp_path_factory, AlsaRoom)


@pytest.fixture
def of(hummed: Rooms[Hummed], request: pytest.FixtureRequest) -> Of:
    """What came of a trouble, by its name."""
    return lambda name: hummed.of(name, request)


@pytest.mark.parametrize("trouble", ["muted_in_the_pose", "at_nothing_in_the_pose"])
def test_with_somebody_in_the_pose_the_mixer_is_turned_up(of: Of, trouble: str) -> None:
    outcome = of(trouble)
    assert outcome.lost() < 2 * LOOK_EVERY + 2 * HOLE
    assert not outcome.faults
    assert outcome.heard_seconds > 6


def test_a_speaker_turned_down_to_nothing_is_lost_until_it_is_turned_up(of: Of) -> None:
    turned_down_is_lost_until_turned_up(of("at_five_percent"))


def test_after_a_while_any_other_speaker_will_do(of: Of) -> None:
    outcome = of("hanging_speaker")
    (lost, _), (back, at) = outcome.faults
    assert (lost, back) == ("speaker lost", "speaker back")
    assert 3 + ANY_AFTER - 1 < at < 3 + ANY_AFTER + 18  # who hangs is tried too, and twice each
    assert outcome.heard_seconds > 1


def test_a_muted_speaker_is_refused_at_the_start(of: Of) -> None:
    muted_is_refused(of("muted_from_the_start"))


def test_the_doctor_tells(tmp_path: Path) -> None:
    with AlsaRoom(tmp_path) as room:
        room.pactl(*MUTE, "1")
        done = subprocess.run(
            [sys.executable, "-m", "legsup_voice", "doctor"],
            env=room.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 1
    assert "none: ALSA itself" in done.stdout
    assert "is muted or turned down: turn it up" in done.stdout


@pytest.mark.parametrize("how", [(*MUTE, "1"), (*TURN, "5%")], ids=["muted", "at 5 %"])
def test_the_parent_turns_up_what_it_speaks_through(tmp_path: Path, how: tuple[str, ...]) -> None:
    with AlsaRoom(tmp_path) as room:
        interrupted(room.folder / "data" / "journal.db")
        room.pactl(*how)
        room.record()
        program = Program(room, "time.sleep(60)")
        until(lambda: heard(room) > 0.95, "the warning", 40)
        program.process.terminate()
        program.process.wait(30)
