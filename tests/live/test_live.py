"""Live: `legsup run` on the virtual devices of a PulseAudio of our own, in real time.

Some conversations take place at once, each in a room of its own; the tests look at what came of
them. Times are those of the event log, and of the samples that the virtual speaker played.
"""

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from legsup_voice.audio import Samples
from legsup_voice.content import content
from legsup_voice.devices.clock import SLACK
from legsup_voice.speaking.lead_in import SHORT_TONE_SECONDS
from legsup_voice.speaking.voice import Voice
from tests.live.rooms import Rooms
from tests.live.virtual import LegsUp, Room, began, heard_share, until

pytestmark = pytest.mark.live

OPTIONS = ("--minutes", "0.5", "--breathing", "four_six")
BY_NAME = ("--mic", "legsup_mic", "--speaker", "LEGSUP_SPEAKER")
PEOPLE = Path(__file__).parents[3] / "shared" / "speech" / "command"


@dataclass
class Outcome:
    """What came of a conversation."""

    events: list[dict[str, Any]]
    heard: Samples
    status: int
    messages: str

    def all(self, kind: str, **values: object) -> list[dict[str, Any]]:
        """Return the events of one kind that have these values."""
        return [e for e in self.events if e["kind"] == kind and values.items() <= e.items()]

    def time(self, kind: str, **values: object) -> float:
        """Return when the first such event happened."""
        return float(self.all(kind, **values)[0]["t"])


def answers() -> dict[str, list[str | Path]]:
    """What to say after which line: people's recordings where they are on this machine."""
    start: list[str | Path] = [*sorted(PEOPLE.glob("start-an4-*"))[:3], "start", "let's begin"]
    no: list[str | Path] = [*sorted(PEOPLE.glob("no-an4-*"))[:3], "nope", "no"]
    return {"idle": start, "screening": no, "setup": ["next", "i'm ready"], "sitting.dizzy": no}


def finish(program: LegsUp, seconds: float) -> Outcome:
    status = program.process.wait(timeout=seconds)
    return Outcome(program.events, program.room.heard, status, program.messages)


def whole_session(room: Room) -> Outcome:
    with LegsUp(room, *OPTIONS) as program:
        skip: list[str | Path] = ["skip this", "skip"]
        program.converse(answers() | {"setup.sit": skip}, goal="DONE", seconds=400)
        return finish(program, seconds=40)


def into_the_hold(program: LegsUp) -> None:
    program.converse(answers(), goal="SETUP", seconds=200)
    program.converse({"setup": ["skip this", "skip"]}, goal="HOLD", seconds=120)
    program.wait_for(lambda: program.of("cue"), "breathing", seconds=60)


def unplugged(room: Room) -> Outcome:
    with LegsUp(room, *OPTIONS, *BY_NAME) as program:
        into_the_hold(program)
        room.unplug("legsup_mic")
        program.wait_for(lambda: program.of("said", line="fault.microphone"), "the loss", 15)
        room.plug("legsup_mic")
        program.wait_for(lambda: program.of("said", line="fault.microphone_back"), "hearing", 15)
        room.unplug("legsup_speaker")
        program.wait_for(lambda: program.of("error", what="speaker lost"), "silence", 15)
        room.plug("legsup_speaker")
        room.record()
        program.wait_for(lambda: program.of("error", what="speaker back"), "sound", 15)
        program.converse(answers(), goal="DONE", seconds=200)
        return finish(program, seconds=40)


def terminated(room: Room) -> Outcome:
    with LegsUp(room, *OPTIONS) as program:
        into_the_hold(program)
        program.process.send_signal(signal.SIGTERM)
        return finish(program, seconds=60)


def crashed(room: Room) -> Outcome:
    with LegsUp(room, *OPTIONS) as program:
        into_the_hold(program)
        (child,) = program.children()
        os.kill(child, signal.SIGSEGV)
        program.wait_for(lambda: program.of("state", state="SIDE"), "SIDE", seconds=120)
        program.process.send_signal(signal.SIGTERM)
        return finish(program, seconds=60)


def killed(room: Room) -> Outcome:
    with LegsUp(room, *OPTIONS) as program:
        into_the_hold(program)
        program.process.kill()
        until(lambda: not program.children(), "the child's end with its parent")
    with LegsUp(room, *OPTIONS) as program:
        program.wait_for(lambda: program.of("said"), "the first words", seconds=60)
        program.process.send_signal(signal.SIGTERM)
        return finish(program, seconds=60)


def without_a_speaker(room: Room) -> Outcome:
    room.unplug("legsup_mic")
    room.unplug("person")
    room.unplug("legsup_speaker")
    with LegsUp(room, *OPTIONS) as program:
        return finish(program, seconds=60)


def examined(room: Room) -> Outcome:
    room.loop_back()
    with LegsUp(room, *BY_NAME, command="doctor") as program:
        return finish(program, seconds=120)


def examined_in_silence(room: Room) -> Outcome:
    room.pactl("set-sink-mute", "person", "1")  # not even the noise that a microphone has
    with LegsUp(room, "--json", command="doctor") as program:
        return finish(program, seconds=120)


CONVERSATIONS: list[Callable[[Room], Outcome]] = [
    whole_session,
    unplugged,
    killed,
    crashed,
    terminated,
    without_a_speaker,
    examined,
    examined_in_silence,
]
AT_ONCE = 3
"""On two processors more would hold up each other's sound."""


Of = Callable[[str], Outcome]


@pytest.fixture(scope="module")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms[Outcome]]:
    """Have all conversations, `AT_ONCE` at a time."""
    Voice().render_all(content().spoken(), lambda *_: None)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield Rooms(CONVERSATIONS, pool, tmp_path_factory)


@pytest.fixture
def of(conversations: Rooms[Outcome], request: pytest.FixtureRequest) -> Of:
    """What came of a conversation, by its name."""
    return lambda name: conversations.of(name, request)


def heard_warning(outcome: Outcome) -> float:
    """Return how much of the exit warning that was said the speaker has played."""
    (said,) = outcome.all("say", line="exit.warning")
    clip = Voice().clip(said["text"], content().lines["exit.warning"].pace)
    return heard_share(outcome.heard, clip)


def test_a_whole_session_by_voice(of: Of) -> None:
    outcome = of("whole_session")
    assert outcome.status == 0, outcome.messages
    states = [event["state"] for event in outcome.all("state")]
    assert states == [
        *("IDLE", "SCREENING", "SETUP", "HOLD", "LEAVING", "SIDE", "SITTING", "DONE", "IDLE")
    ]
    assert heard_warning(outcome) > 0.8
    hold, leaving = outcome.time("state", state="HOLD"), outcome.time("state", state="LEAVING")
    assert leaving - hold == pytest.approx(30, abs=0.25)
    side, sitting = outcome.time("state", state="SIDE"), outcome.time("state", state="SITTING")
    assert sitting - side >= 30
    assert outcome.time("state", state="DONE") - sitting >= 30


def test_the_speaker_keeps_the_log_s_time(of: Of) -> None:
    """Lines minutes apart sound as far apart as the event log says.

    While the first one sounds the other programs start and may tear holes into it; the log's time
    makes up for them beyond `SLACK`. A line of the way out begins with its lead-in tone.
    """
    outcome = of("whole_session")
    lines = content().lines
    offsets = []
    for name in ("idle.begin", "exit.warning", "done.close"):
        (said,) = outcome.all("say", line=name)[:1]
        clip = Voice().clip(said["text"], lines[name].pace)
        offsets.append(began(outcome.heard, clip) - said["start"])
    first, warning, close = offsets
    assert abs(close - warning) < 0.1 + SHORT_TONE_SECONDS
    assert abs(warning - first) < SLACK + 0.1 + SHORT_TONE_SECONDS


def test_microphone_and_speaker_go_and_come_back(of: Of) -> None:
    outcome = of("unplugged")
    assert outcome.status == 0, outcome.messages
    faults = [event["what"] for event in outcome.all("error")]
    assert faults == ["microphone lost", "microphone back", "speaker lost", "speaker back"]
    hold, leaving = outcome.time("state", state="HOLD"), outcome.time("state", state="LEAVING")
    assert leaving - hold == pytest.approx(30, abs=0.25)
    assert heard_warning(outcome) > 0.8
    assert outcome.time("state", state="DONE") > leaving + 60


def test_the_exit_is_spoken_before_the_program_ends(of: Of) -> None:
    outcome = of("terminated")
    assert outcome.status == 128 + signal.SIGTERM, outcome.messages
    assert heard_warning(outcome) > 0.8
    asked = outcome.time("error", what="asked to end")
    assert outcome.time("say", line="exit.warning") < asked + 1.0
    assert all(not event["cut"] for event in outcome.all("said") if event["t"] > asked + 0.1)
    assert outcome.events[-1]["t"] < asked + 30


def test_after_a_crash_the_exit_is_spoken_at_once(of: Of) -> None:
    outcome = of("crashed")
    states = [event["state"] for event in outcome.all("state")]
    assert states[3:] == ["HOLD", "LEAVING", "SIDE"], outcome.messages
    assert outcome.time("state", state="LEAVING") < outcome.time("state", state="HOLD") + 30
    assert heard_warning(outcome) > 0.8


def test_started_after_a_kill_it_first_says_the_exit(of: Of) -> None:
    outcome = of("killed")
    assert outcome.all("say")[0]["line"] == "exit.warning"
    assert outcome.all("say")[0]["t"] < 1.0
    assert heard_warning(outcome) > 0.8


def test_without_a_speaker_it_refuses_to_start(of: Of) -> None:
    outcome = of("without_a_speaker")
    assert outcome.status == 2
    assert "legsup: The speaker “default” can't be used" in outcome.messages
    assert not outcome.events


def test_doctor_measures_the_loop(of: Of) -> None:
    outcome = of("examined")
    too_busy = "The computer is too busy" in outcome.messages  # the one thing that may be wrong
    assert outcome.status == int(too_busy), outcome.messages
    found = re.search(r"comes after (\d+) ms at (-\d+) dBFS", outcome.messages)
    assert found, outcome.messages
    assert 100 < int(found[1]) < 600
    assert int(found[2]) == pytest.approx(-18, abs=2)  # digitally, nothing gets lost on the way


def test_doctor_finds_the_dead_microphone(of: Of) -> None:
    outcome = of("examined_in_silence")
    assert outcome.status == 1
    printed = outcome.messages[outcome.messages.index("[\n") :]
    findings = json.JSONDecoder().raw_decode(printed)[0]
    (levels,) = [finding for finding in findings if finding["check"] == "levels"]
    assert levels["fix"].startswith("The microphone gives no sound")
    assert all(finding["found"] for finding in findings)
    clip = Voice().clip(
        "The microphone gives no sound: switch it on, or choose another with --mic.", "setup"
    )
    assert heard_share(outcome.heard, clip) > 0.8
