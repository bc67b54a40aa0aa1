"""One button: it begins a session, or ends it by the slow exit; nothing else, ever."""

import os
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero import LED, Device
from gpiozero.pins.mock import MockFactory

from legsup_voice.bridges import button
from legsup_voice.errors import UserError
from legsup_voice.protocol.log import LineOver
from legsup_voice.protocol.states import State
from tests.bridges.broker import until
from tests.bridges.house import RunningHouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[RunningHouse]:
    with RunningHouse(tmp_path / "control.sock", 10, minutes=1, breathing="belly") as house:
        until(lambda: not house.engine.speaking, "silence")
        yield house


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    factory = MockFactory()
    Device.pin_factory = factory
    yield factory
    factory.reset()
    Device.pin_factory = None


def test_a_press_begins_a_session_and_the_next_ends_it(
    house: RunningHouse, pins: MockFactory
) -> None:
    switch = button.watch_pin(17, lambda: button.press(house.path))
    pin = pins.pin(17)
    pin.drive_low()
    until(lambda: house.state is State.SCREENING, "the questions")
    pin.drive_high()
    threading.Event().wait(2 * button.DEBOUNCE)
    pin.drive_low()
    until(lambda: house.state is State.IDLE, "the end")
    del switch


def test_in_the_hold_a_press_is_the_slow_exit_and_on_the_way_down_nothing(tmp_path: Path) -> None:
    house = RunningHouse(tmp_path / "control.sock", 10, minutes=5, breathing="belly")
    house.to_hold()
    with house:
        for _ in range(5):
            button.press(house.path)
        until(lambda: State.SIDE in house.states(), "the rest")
        button.press(house.path)
    over = [r for r in house.log if isinstance(r, LineOver) and r.line.startswith("exit.")]
    assert over[0].line == "exit.warning"
    assert not any(record.cut for record in over)
    assert house.states().count(State.LEAVING) == 1


def test_without_a_guide_a_press_is_harmless(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    button.press(tmp_path / "none.sock")
    assert "No guide runs." in caplog.text


def test_any_key_or_one_key_of_an_input_device(tmp_path: Path) -> None:
    """A pipe stands for the kernel's device: the same bytes come out of it."""
    device = tmp_path / "event0"
    events = struct.Struct("llHHi")
    key, release, repeat, other, moved = (
        events.pack(0, 0, kind, code, value)
        for kind, code, value in ((1, 28, 1), (1, 28, 0), (1, 28, 2), (1, 30, 1), (2, 28, 1))
    )
    for code, expected in ((28, 2), (None, 3), (99, 0)):
        os.mkfifo(device)
        everything = key + release + key + repeat + other + moved
        writer = threading.Thread(target=device.write_bytes, args=(everything,))
        writer.start()
        assert len(list(button.presses(device, code, grab=False))) == expected
        writer.join()
        device.unlink()


def test_the_light_follows_the_state(pins: MockFactory) -> None:
    light = LED(27)
    pin = pins.pin(27)
    button.show({"state": "HOLD"}, light)
    assert pin.state == 1
    button.show({"state": "LEAVING"}, light)
    assert light._blink_thread is not None
    for message in ({"state": "IDLE"}, None):
        button.show(message, light)
        assert pin.state == 0
    light.close()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "--gpio"),
        ({"gpio": 99}, "Pin 99 can't be used"),
        ({"key": Path("/dev/input/none")}, "can't be opened"),
    ],
)
def test_a_wrong_button_is_one_sentence(
    options: dict[str, object], says: str, pins: MockFactory
) -> None:
    everything = {"gpio": None, "key": None, "code": None, "led": None} | options
    with pytest.raises(UserError, match=says):
        button.button(**everything)  # type: ignore[arg-type]
