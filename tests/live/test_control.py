"""The control socket, with the real engine behind it and real clients before it."""

import json
import re
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from legsup_voice.audio import BLOCKS_PER_SECOND
from legsup_voice.bridges import guide
from legsup_voice.commands.cli import main
from legsup_voice.commands.status import DOES
from legsup_voice.config import control_socket
from legsup_voice.live.control import MOST_CLIENTS, MOST_LINES, Control, open_control
from legsup_voice.live.outward import SEEN_AS, TELLING, WHERE
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.log import CommandHeard, LineBegun, LineOver, StateEntered
from legsup_voice.protocol.states import State
from tests.bridges.flood import Flood, memory
from tests.bridges.house import House, health_words


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "run" / "control.sock", minutes=5, breathing="belly")
    yield house
    house.control.close()
    assert not house.path.exists()


def connected(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(str(path))
    client.settimeout(5)
    return client


def test_only_this_user_can_reach_it(house: House) -> None:
    assert stat.S_IMODE(house.path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(house.path.stat().st_mode) == 0o600


def test_it_greets_with_what_goes_on(house: House) -> None:
    hello = guide.snapshot(house.path)
    assert hello["kind"] == "hello"
    assert hello["state"] == "IDLE"
    assert hello["in_pose"] is False
    assert hello["hold_ends"] is None
    house.to_hold()
    house.block()
    hello = guide.snapshot(house.path)
    assert (hello["state"], hello["in_pose"]) == ("HOLD", True)
    assert hello["hold_ends"] - hello["t"] == pytest.approx(300, abs=1)


def test_a_session_can_be_begun_and_ended_from_outside(house: House) -> None:
    house.until(lambda: not house.engine.speaking)
    assert house.asked(command="start") == {"ok": True}
    assert house.asked(command="stop") == {"ok": True}
    house.block()
    states = [record.state for record in house.log if isinstance(record, StateEntered)]
    assert states == [State.IDLE, State.SCREENING, State.IDLE]


def test_come_down_during_a_line_is_silent_at_once_and_warns_first(house: House) -> None:
    house.to_hold()
    house.until(lambda: house.engine.speaking)
    house.until(lambda: isinstance(house.log[-1], LineBegun))
    for _ in range(3):
        house.block()
    asked = house.engine.now
    assert house.asked(command="stop") == {"ok": True}
    house.until(lambda: any(isinstance(r, LineBegun) and r.t > asked for r in house.log), 5)
    after = [record for record in house.log if record.t >= asked]
    over = next(record for record in after if isinstance(record, LineOver))
    begun = next(record for record in after if isinstance(record, LineBegun))
    assert over.cut
    assert over.end - asked <= 0.3
    assert begun.line == "exit.warning"


def test_the_way_down_can_neither_be_silenced_nor_taken_back(house: House) -> None:
    house.to_hold()
    assert house.asked(command="stop")["ok"]
    for command in ("stop", "resume", "start", "pause"):
        assert not house.asked(command=command)["ok"], command
    house.until(lambda: house.state is State.SIDE)
    warning = [r for r in house.log if isinstance(r, LineOver) and r.line == "exit.warning"]
    assert [record.cut for record in warning] == [False]


@pytest.mark.parametrize("command", sorted(set(Command) - set(WHERE)))
def test_no_other_command_comes_in(house: House, command: Command) -> None:
    house.until(lambda: not house.engine.speaking)
    house.say(Command.START)
    house.until(lambda: not house.engine.speaking)
    before = len(house.log)
    for _ in range(6):
        answer = house.asked(command=command)
        assert answer["ok"] is False
        assert answer["why"].endswith(".")
    assert house.state is State.SCREENING
    assert all(record.kind != "heard" for record in house.log[before:])


def test_volume_and_length_change(house: House) -> None:
    house.to_hold()
    ends = house.engine.session.hold_ends
    assert house.asked(command="volume", gain_db=-6)["ok"]
    assert house.engine.session.volume == -6
    assert house.asked(command="longer")["ok"]
    house.block()
    assert ends is not None
    assert house.engine.session.hold_ends == pytest.approx(ends + 60, abs=0.1)
    assert house.asked(command="duration", seconds=30)["ok"]
    for bad in (
        {"command": "volume", "gain_db": 60},
        {"command": "volume"},
        {"command": "duration"},
        {"command": "duration", "seconds": -1},
        {"command": "duration", "seconds": "many"},
        {"command": "stop", "seconds": 5},
        {"command": "dance"},
        {"command": ["stop"]},
        {"comand": "stop"},
        {},
    ):
        answer = house.asked(**bad)
        assert answer["ok"] is False
        assert answer["why"]


def test_the_outside_is_no_sign_of_life(tmp_path: Path) -> None:
    """Who doesn't answer check-ins counts as silent, however often the house turns the volume."""
    house = House(tmp_path / "control.sock", minutes=20, breathing="belly")
    house.to_hold()
    while house.state is State.HOLD and not house.engine.session.desk.visit.unanswered:
        turned = "louder" if house.engine.session.volume < 0 else "quieter"
        assert house.asked(command=turned)["ok"]
        again = house.engine.now + 6
        house.until(lambda again=again: house.engine.now >= again)  # type: ignore[misc]
    house.control.close()
    assert house.engine.session.desk.visit.unanswered == 1


def test_nobody_outside_learns_about_health(tmp_path: Path) -> None:
    """Every symptom and condition, before the pose, in it and after it: none can be read."""
    read: list[str] = []
    house = House(tmp_path / "control.sock", minutes=0.5, breathing="belly")
    told = [Heard(Command.SYMPTOM, "i feel dizzy", symptom=each) for each in Symptom]
    told += [Heard(Command.CONDITION, "blood pressure", condition=each) for each in Condition]
    client = connected(house.path)
    lines = client.makefile("r")
    try:
        for heard in told:
            house.ears.due.append(heard)
            for _ in range(40 * BLOCKS_PER_SECOND):
                house.block()
            house.control.record(StateEntered(house.engine.now, State.DONE))  # a mark to read to
            house.say(Command.REPEAT)
            if house.state is State.IDLE and heard is told[0]:
                house.to_hold()
        house.control.close()
        read += lines.readlines()
    finally:
        client.close()
    text = "".join(read)
    assert text.count("\n") > 20
    assert health_words(text) == []


def test_captions_come_only_to_who_asks(house: House) -> None:
    deaf, other = connected(house.path), connected(house.path)
    deaf.sendall(b'{"captions": true}\n')
    words, all_else = deaf.makefile("r"), other.makefile("r")
    assert json.loads(words.readline())["kind"] == "hello"
    assert json.loads(words.readline()) == {"ok": True}
    house.until(lambda: not house.engine.speaking)
    house.say(Command.START, text="let's begin")
    house.until(lambda: not house.engine.speaking)
    house.control.close()
    captions = [json.loads(line) for line in words if "caption" in line]
    assert {"guide", "person"} == {caption["who"] for caption in captions}
    assert "let's begin" in [caption["text"] for caption in captions]
    assert not any("caption" in line or "text" in line for line in all_else)
    deaf.close()
    other.close()


def test_a_flood_changes_nothing(house: House) -> None:
    """A million lines of garbage and of answers: no event, no memory, and a fair answer after."""
    house.until(lambda: not house.engine.speaking)
    house.say(Command.START)
    house.until(lambda: not house.engine.speaking)
    before, used = len(house.log), memory()
    with Flood(house.path) as flood:
        while flood.lines < 1_000_000:
            house.control.exchange(house.engine)
    assert len(house.log) == before
    assert memory() - used < 8e6
    assert house.asked(command="no")["ok"] is False
    assert house.state is State.SCREENING


def test_who_does_not_read_is_dropped_and_nobody_waits(house: House) -> None:
    deaf = connected(house.path)
    for number in range(20_000):
        house.control.record(LineBegun(float(number), "hold.reminder", "", float(number)))
        if number % 500 == 0:
            guide.snapshot(house.path)  # the thread has caught up
    deaf.settimeout(5)
    received = 0
    while data := deaf.recv(1 << 16):
        received += len(data)
    assert received < 1_000_000
    deaf.close()


def test_captions_and_a_command_in_one_request_are_both_done(house: House) -> None:
    house.to_hold()
    house.block()
    client = connected(house.path)
    client.sendall(b'{"captions": true, "command": "stop"}\n')
    while house.state is not State.LEAVING:
        house.block()
        time.sleep(0.001)
    house.until(
        lambda: any(r.line == "exit.warning" for r in house.log if isinstance(r, LineBegun))
    )
    house.control.close()
    told = [json.loads(line) for line in client.makefile("r")]
    assert [message["ok"] for message in told if "ok" in message] == [True]
    assert "caption" in [message.get("kind") for message in told]
    client.close()


def test_many_who_say_nothing_keep_nobody_from_saying_stop(house: House) -> None:
    house.to_hold()
    house.block()
    silent = [connected(house.path) for _ in range(MOST_CLIENTS)]
    first = silent[0].makefile("r")
    for _ in range(3):
        assert guide.snapshot(house.path)["state"] == "HOLD"
    assert house.asked(command="stop") == {"ok": True}
    assert json.loads(list(first)[-1]) == {"ok": False, "why": "Too many others are connected."}
    assert silent[-1].recv(1 << 16).endswith(b"\n"), "it is still there"
    for client in silent:
        client.close()


def test_more_lines_than_a_house_has_are_too_much(house: House) -> None:
    client = connected(house.path)
    client.sendall(b'{"command": "louder"}\n' * (MOST_LINES + 1))
    text = client.makefile("r").read()
    assert "too much" in text
    assert not any(record.kind == "heard" for record in house.log)
    client.close()


def test_a_dead_guides_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(str(path))
    dead.close()
    with pytest.raises(guide.NoGuideError):
        guide.snapshot(path)
    control = Control(path)
    assert guide.snapshot(path)["kind"] == "hello"
    control.close()


def test_what_is_seen_tells_nothing(house: House) -> None:
    assert {State.REFUSED, State.SEATED, State.LYING} <= set(SEEN_AS)
    assert not {State.REFUSED, State.SEATED, State.LYING} & set(SEEN_AS.values())
    assert not TELLING & set(WHERE)
    assert set(DOES) == {SEEN_AS.get(state, state) for state in State}


def test_a_stop_that_is_taken_back_is_one_hold(house: House) -> None:
    house.to_hold()
    began = next(r.t for r in house.log if isinstance(r, StateEntered) and r.state is State.HOLD)
    for _ in range(50):
        house.block()
    house.say(Command.STOP)
    house.say(Command.RESUME)
    assert house.state is State.HOLD
    for _ in range(50):
        house.block()
    house.say(Command.STOP)
    left = house.engine.now
    house.block()
    assert guide.snapshot(house.path)["last_hold"] == pytest.approx(left - began, abs=0.1)


def test_status_and_stop_ask_the_guide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for command in ("status", "stop"):
        assert main([command]) == 1
        assert capsys.readouterr().out == "No guide runs.\n"
    house = House(control_socket(), minutes=5, breathing="belly")
    assert main(["status"]) == 0
    assert "waits" in capsys.readouterr().out
    house.to_hold()
    house.block()
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "HOLD"
    assert main(["status"]) == 0
    assert re.search(r"\(HOLD\).* [45]:\d\d left\.$", capsys.readouterr().out)
    codes: list[int] = []
    stopping = threading.Thread(target=lambda: codes.append(main(["stop"])))
    stopping.start()
    while stopping.is_alive():
        house.control.exchange(house.engine)
    house.block()
    assert codes == [0]
    assert house.state is State.LEAVING
    house.control.close()


def test_captions_are_printed_until_the_guide_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with ExitStack() as stack:
        control = open_control(stack, captions=True)
        assert control is not None
        shown = ""
        while not shown:  # until the client that prints has come and asked
            control.record(LineBegun(1.0, "idle.begin", "Hello.", 1.0))
            time.sleep(0.01)
            shown = capsys.readouterr().out
        control.record(CommandHeard(2.0, Command.START, "begin", 0.9, 2.0))
    shown += capsys.readouterr().out
    assert shown.startswith("guide: Hello.\n")
    assert shown.endswith("you: begin\n")
