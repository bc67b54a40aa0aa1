"""Live: one device's trouble, seen by the sound card and by the recording of the virtual speaker.

A program hums through the sound card all the time and says what became of every block; what it says
must be what was heard. All times are of the blocks, of the recording, or of the program's faults.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

from legsup_voice.audio import BLOCKS_PER_SECOND, SPEAK_BLOCK, SPEAK_RATE
from legsup_voice.devices.port import ANY_AFTER, LOOK_EVERY, PATIENCE, SEEK_EVERY
from tests.live.rooms import Rooms, skip_where_missing
from tests.live.virtual import STARTING, PipeWireRoom, Room, hurry

pytestmark = pytest.mark.live

Act = Callable[[Room, "subprocess.Popen[str]"], object]

HOLE = 0.5
"""Seconds that a busy machine may tear out of the sound here without being what is tested."""


@dataclass
class Hummed:
    """What came of a hum."""

    status: int
    told: list[dict[str, object]]
    heard_seconds: float

    @property
    def refused(self) -> str:
        return str(self.told[0].get("refused", ""))

    @property
    def faults(self) -> list[tuple[str, float]]:
        return [(str(t["fault"]), float(str(t["at"]))) for t in self.told if "fault" in t]

    def openings(self, device: str) -> int:
        """Return how often the device was opened after the start."""
        logged = [str(line.get("logged", "")) for line in self.told]
        return sum(f"Opening the {device} " in text for text in logged)

    def lost(self, since: float = 0.0, until: float = 1e9) -> float:
        """Return the seconds of the blocks between two times that were lost."""
        lost = self.told[-1]["lost"]
        assert isinstance(lost, list)
        part = lost[round(since * BLOCKS_PER_SECOND) : round(min(until, 1e6) * BLOCKS_PER_SECOND)]
        return float(sum(part)) / SPEAK_RATE

    @property
    def sounded(self) -> float:
        """Seconds of blocks that are told to have been heard."""
        lost = self.told[-1]["lost"]
        assert isinstance(lost, list)
        return len(lost) / BLOCKS_PER_SECOND - self.lost()


def hum(room: Room, seconds: float, acts: list[tuple[float, Act]], *options: str) -> Hummed:
    command = [sys.executable, "-m", "tests.live.hum", str(seconds), *options]
    with subprocess.Popen(
        command, env=room.environment, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        with STARTING:
            first = program.stdout.readline()
            hurry(program.pid)
        began = time.monotonic()
        for at, act in acts:
            time.sleep(max(0.0, began + at - time.monotonic()))
            act(room, program)
        told = [json.loads(line) for line in (first, *program.stdout)]
    recorded = np.abs(room.heard)
    blocks = recorded[: len(recorded) // SPEAK_BLOCK * SPEAK_BLOCK]
    loud = blocks.reshape(-1, SPEAK_BLOCK).max(axis=1) > 0.02
    return Hummed(program.returncode, told, float(np.count_nonzero(loud)) / BLOCKS_PER_SECOND)


def pactl(*words: str) -> Act:
    return lambda room, _: room.pactl(*words)


def unplug(device: str) -> Act:
    return lambda room, _: room.unplug(device)


def send(number: signal.Signals) -> Act:
    return lambda _, program: program.send_signal(number)


def our_stream(*words: str) -> Act:
    """Do something to the program's own stream."""

    def act(room: Room, _: object) -> None:
        stream = room.pactl("list", "short", "sink-inputs").splitlines()[-1].split()[0]
        room.pactl(words[0], stream, *words[1:])

    return act


def plug_anew(room: Room, _: object) -> None:
    room.plug("legsup_speaker")
    room.record()


NULL = "module-null-sink"


def stopped(room: Room) -> Hummed:
    return hum(room, 20, [(3, send(signal.SIGSTOP)), (15, send(signal.SIGCONT))])


def hanging_microphone(room: Room) -> Hummed:
    hang = ("suspend-source", "legsup_mic")
    return hum(room, 26, [(3, pactl(*hang, "1")), (20, pactl(*hang, "0"))])


def hanging_speaker(room: Room) -> Hummed:
    return hum(room, 22, [(3, pactl("suspend-sink", "legsup_speaker", "1"))], "--named")


def muted_for_a_second(room: Room) -> Hummed:
    mute = ("set-sink-mute", "legsup_speaker")
    return hum(room, 8, [(3, pactl(*mute, "1")), (4, pactl(*mute, "0"))])


def at_five_percent(room: Room) -> Hummed:
    turn = ("set-sink-volume", "legsup_speaker")
    return hum(room, 11, [(3, pactl(*turn, "5%")), (8, pactl(*turn, "80%"))])


def muted_in_the_pose(room: Room) -> Hummed:
    return hum(room, 8, [(3, pactl("set-sink-mute", "legsup_speaker", "1"))], "--must-work")


def at_nothing_in_the_pose(room: Room) -> Hummed:
    turned = pactl("set-sink-volume", "legsup_speaker", "0")
    return hum(room, 8, [(3, turned)], "--must-work")


def our_stream_muted(room: Room) -> Hummed:
    return hum(room, 8, [(3, our_stream("set-sink-input-mute", "1"))])


def muted_from_the_start(room: Room) -> Hummed:
    room.pactl("set-sink-mute", "legsup_speaker", "1")
    return hum(room, 3, [])


def away_for_a_second(room: Room) -> Hummed:
    return hum(room, 12, [(3, unplug("legsup_speaker")), (4, plug_anew)], "--named")


def back_under_another_name(room: Room) -> Hummed:
    remap = ("module-remap-source", "source_name=legsup_mic.2", "master=person.monitor")
    acts = [
        (3.0, unplug("legsup_speaker")),
        (3.1, unplug("legsup_mic")),
        (6.0, pactl("load-module", NULL, "sink_name=legsup_speaker.2", "rate=48000")),
        (6.1, pactl("load-module", *remap)),
    ]
    return hum(room, 14, acts, "--named")


def gone_for_good(room: Room) -> Hummed:
    return hum(room, 20, [(3, unplug("legsup_speaker"))], "--named")


def back_after_another_spoke(room: Room) -> Hummed:
    acts = [(3.0, unplug("legsup_speaker")), (17.0, plug_anew)]
    return hum(room, 27, acts, "--named", "--must-work")


def only_a_made_up_sink_left(room: Room) -> Hummed:
    """What the sound server makes up where there is no speaker takes the sound and loses it."""
    acts = [
        (2.0, pactl("load-module", NULL, "sink_name=auto_null")),
        (3.0, unplug("legsup_speaker")),
        (3.1, unplug("legsup_mic")),
        (3.2, unplug("person")),
    ]
    return hum(room, 18, acts)


def dead_microphone(room: Room) -> Hummed:
    return hum(room, 10, [(2, pactl("set-sink-mute", "person", "1"))])


def no_microphone(room: Room) -> Hummed:
    """What is left of it is the monitor of our own speaker."""
    room.unplug("legsup_mic")
    room.unplug("person")
    return hum(room, 3, [])


def muted_microphone(room: Room) -> Hummed:
    return hum(room, 7, [(3, pactl("set-source-mute", "legsup_mic", "1"))])


TROUBLES: list[Callable[[Room], Hummed]] = [
    stopped,
    back_after_another_spoke,
    gone_for_good,
    hanging_microphone,
    hanging_speaker,
    only_a_made_up_sink_left,
    back_under_another_name,
    away_for_a_second,
    at_five_percent,
    dead_microphone,
    muted_for_a_second,
    muted_in_the_pose,
    at_nothing_in_the_pose,
    our_stream_muted,
    muted_microphone,
    muted_from_the_start,
    no_microphone,
]


UNLIKE = (
    muted_from_the_start,
    back_after_another_spoke,
    back_under_another_name,
    only_a_made_up_sink_left,
    hanging_speaker,
    no_microphone,
)
"""Whose sound is not, or not all, in the recording."""


SERVERS = {"PulseAudio": Room, "PipeWire": PipeWireRoom}
Of = Callable[[str], Hummed]


@pytest.fixture(scope="module", params=["PulseAudio", "PipeWire"])
def hummed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rooms[Hummed]]:
    server = SERVERS[request.param]
    skip_where_missing(server)
    with ThreadPoolExecutor(4) as pool:
        yield Rooms(TROUBLES, pool, tmp_path_factory, server)


@pytest.fixture
def of(hummed: Rooms[Hummed], request: pytest.FixtureRequest) -> Of:
    """What came of a trouble, by its name."""
    return lambda name: hummed.of(name, request)


@pytest.mark.parametrize(
    "trouble",
    [t.__name__ for t in TROUBLES if t not in UNLIKE],
)
def test_what_counts_as_heard_was_heard(of: Of, trouble: str) -> None:
    """Never more than the speaker played; and not much less, else lines would be said in vain."""
    outcome = of(trouble)
    played_elsewhere = 5.0 if trouble == "gone_for_good" else 0.0  # on the person's own sink
    if trouble != "away_for_a_second":  # whose recording begins anew
        assert outcome.sounded <= outcome.heard_seconds + played_elsewhere + HOLE
    assert outcome.sounded >= outcome.heard_seconds - 2 * LOOK_EVERY - 2 * HOLE


def test_a_stopped_program_loses_what_it_could_not_play_and_blames_no_device(of: Of) -> None:
    outcome = of("stopped")
    assert 12 - HOLE < outcome.lost() < 12 + 2 * HOLE
    assert outcome.lost(since=16) < HOLE
    assert not outcome.faults


def test_a_microphone_that_hangs_does_not_touch_the_speaker(
    of: Of, request: pytest.FixtureRequest
) -> None:
    """PipeWire wakes a source that is suspended in use at once: there it doesn't hang."""
    outcome = of("hanging_microphone")
    hangs = request.node.callspec.params["hummed"] == "PulseAudio"
    expected = ["microphone lost", "microphone back"] if hangs else []
    assert [fault for fault, _ in outcome.faults] == expected
    assert outcome.lost(since=3, until=20) < PATIENCE
    if hangs:  # once without much hope, and once when it gives sound again
        assert outcome.openings("microphone") == 2


def test_a_speaker_that_hangs_is_not_taken_for_one_that_is_back(
    of: Of, request: pytest.FixtureRequest
) -> None:
    """Another one speaks after a while. PipeWire wakes it at once."""
    faults = of("hanging_speaker").faults
    hangs = request.node.callspec.params["hummed"] == "PulseAudio"
    assert [fault for fault, _ in faults] == (["speaker lost", "speaker back"] if hangs else [])
    assert all(at > 3 + ANY_AFTER - 1 for fault, at in faults if fault == "speaker back")


def test_a_second_of_mute_is_a_second_lost(of: Of) -> None:
    outcome = of("muted_for_a_second")
    assert 1.0 - HOLE < outcome.lost() < 1.0 + 2 * LOOK_EVERY + HOLE
    assert not outcome.faults


def turned_down_is_lost_until_turned_up(outcome: Hummed) -> None:
    (lost, at), (back, later) = outcome.faults
    assert (lost, back) == ("speaker lost", "speaker back")
    assert at < 3 + PATIENCE + 2 * LOOK_EVERY
    assert 8 - HOLE < later < 8 + 2 * LOOK_EVERY + HOLE


def muted_is_refused(outcome: Hummed) -> None:
    assert outcome.status == 2
    assert "is muted or turned down" in outcome.refused


def test_a_speaker_turned_down_to_nothing_is_lost_until_it_is_turned_up(of: Of) -> None:
    turned_down_is_lost_until_turned_up(of("at_five_percent"))


@pytest.mark.parametrize("trouble", ["muted_in_the_pose", "at_nothing_in_the_pose"])
def test_with_somebody_in_the_pose_a_silent_speaker_is_turned_on(of: Of, trouble: str) -> None:
    outcome = of(trouble)
    assert outcome.lost() < 2 * LOOK_EVERY + 2 * HOLE
    assert not outcome.faults


def test_the_worker_wakes_when_a_block_is_due_and_hardly_else(of: Of) -> None:
    end = of("our_stream_muted").told[-1]
    assert int(str(end["turns"])) < 1.3 * int(str(end["made"]))


def test_our_own_stream_is_turned_on_at_once(of: Of) -> None:
    outcome = of("our_stream_muted")
    assert outcome.lost() < 2 * LOOK_EVERY + 2 * HOLE
    assert outcome.heard_seconds > 6.5


def test_a_muted_speaker_is_refused_at_the_start(of: Of) -> None:
    muted_is_refused(of("muted_from_the_start"))


def test_the_speakers_own_monitor_is_no_microphone(of: Of) -> None:
    outcome = of("no_microphone")
    assert outcome.status == 2
    assert "microphone" in outcome.refused


def test_what_a_speaker_missed_in_a_second_away_is_known(of: Of) -> None:
    outcome = of("away_for_a_second")
    assert outcome.lost(since=2.5, until=9) > 0.9  # a busy machine unplugs late
    assert outcome.lost(since=9) < HOLE


def test_devices_are_found_under_their_new_names(of: Of) -> None:
    outcome = of("back_under_another_name")
    faults = [fault for fault, _ in outcome.faults]
    assert sorted(faults) == [
        *("microphone back", "microphone lost", "speaker back", "speaker lost"),
    ]
    assert outcome.lost(since=11) < HOLE


def test_after_a_while_any_speaker_will_do(of: Of) -> None:
    outcome = of("gone_for_good")
    (lost, _), (back, at) = outcome.faults
    assert (lost, back) == ("speaker lost", "speaker back")
    assert 3 + ANY_AFTER - 1 < at < 3 + ANY_AFTER + 3


def test_the_wanted_speaker_speaks_again_though_another_stood_in(of: Of) -> None:
    """And that is told, so that what the other one said in the pose is said again."""
    outcome = of("back_after_another_spoke")
    faults = [(fault, at) for fault, at in outcome.faults if fault.startswith("speaker")]
    assert [fault for fault, _ in faults] == ["speaker lost", "speaker back"] * 2
    assert 17 < faults[2][1] < 17 + SEEK_EVERY + 2
    assert outcome.lost(since=24) < HOLE
    assert outcome.heard_seconds > 2.5  # the recording begins when it is plugged in again


def test_a_made_up_sink_is_no_speaker(of: Of) -> None:
    outcome = of("only_a_made_up_sink_left")
    assert "speaker lost" in [fault for fault, _ in outcome.faults]
    assert "speaker back" not in [fault for fault, _ in outcome.faults]


@pytest.mark.parametrize("trouble", ["dead_microphone", "muted_microphone"])
def test_a_microphone_that_gives_nothing_is_noticed(of: Of, trouble: str) -> None:
    (fault, at), *more = of(trouble).faults
    assert fault == "microphone lost"
    assert at < 9
    assert not more
    assert of(trouble).lost(since=2) < 2 * HOLE
