"""The guide in a real Home Assistant: found by itself, pressed there, and a lamp that follows."""

import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from legsup_voice.bridges import guide
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.log import LogRecord, StateEntered
from legsup_voice.protocol.states import State
from tests.bridges.assistant import BRIGHT, DIMMED, Flat, needs_home_assistant
from tests.bridges.broker import MOSQUITTO, until
from tests.bridges.house import RunningHouse

pytestmark = [
    pytest.mark.homeassistant,
    needs_home_assistant,
    pytest.mark.skipif(MOSQUITTO is None, reason="not run: there is no mosquitto here"),
]

ENTITIES = {
    "Phase": "sensor",
    "In the pose": "binary_sensor",
    "Hold ends": "sensor",
    "Last hold": "sensor",
    "Volume": "number",
    "Breathing": "select",
    "Needs someone": "binary_sensor",
    "Start": "button",
    "Come down": "button",
    "Pause": "button",
    "Resume": "button",
}
FOLLOWS = 1.0
"""Seconds within which the lamp follows the state."""

TURNS = 5
BEFORE_THE_END = 30
"""Seconds before the end of the hold at which the blueprint brings the light back."""


class TimedHouse(RunningHouse):
    """A house that notes when it comes into each state, on the wall's clock."""

    def __init__(self, path: Path, faster: float) -> None:
        self.entered: list[tuple[State, float]] = []
        super().__init__(path, faster, tells_need=True, minutes=1, breathing="belly")

    def block(self) -> None:
        before = len(self.log)
        super().block()
        new = [record.state for record in self.log[before:] if isinstance(record, StateEntered)]
        self.entered += [(state, time.time()) for state in new]

    def reached(self, state: State, times: int = 1) -> float:
        """Wait until it has come into `state` so many times; return when (Unix time)."""

        def when() -> list[float]:
            return [at for entered, at in self.entered if entered is state]

        until(lambda: len(when()) >= times, f"{state}, {times} times", 60)
        return when()[times - 1]


def test_it_is_found_and_steered_and_a_lamp_follows(tmp_path: Path) -> None:
    with ExitStack() as stack:
        flat = Flat(stack, tmp_path)
        house = stack.enter_context(TimedHouse(tmp_path / "legsup_voice" / "control.sock", 10))
        flat.meet("idle", len(ENTITIES))
        assistant = flat.assistant
        assert {name: entity.split(".")[0] for name, entity in flat.found.items()} == ENTITIES
        until(lambda: flat.state("Needs someone") == "off", "whether someone is needed")
        flat.make_a_lamp_follow()
        until(lambda: not house.engine.speaking, "silence")
        flat.press("Start")
        house.reached(State.SCREENING)
        while house.state is not State.HOLD:
            house.ears.due.append(Heard(house.answer()))
            until(lambda: not house.ears.due, "the answer")
            until(lambda: not house.engine.speaking or house.state is State.HOLD, "silence")
        house.keep_pace(1.0)

        delays = []
        for turn in range(1, TURNS + 1):
            began = house.reached(State.HOLD, turn)
            delays.append(assistant.lamp_is(DIMMED, since=began) - began)
            flat.press("Come down")
            left = house.reached(State.LEAVING, turn)
            delays.append(assistant.lamp_is(BRIGHT, since=left) - left)
            house.ears.due.append(Heard(Command.RESUME))
        print("the lamp follows after", [f"{1000 * d:.0f} ms" for d in delays])  # noqa: T201
        assert max(delays) <= FOLLOWS, delays
        _comes_back_before_the_end(flat, house, TURNS + 1)


def _comes_back_before_the_end(flat: Flat, house: TimedHouse, turn: int) -> None:
    began = house.reached(State.HOLD, turn)
    flat.assistant.lamp_is(DIMMED, since=began)
    now = guide.snapshot(house.path)
    elapsed = now["t"] - (now["hold_ends"] - 60)
    asked = {"command": "duration", "seconds": elapsed + BEFORE_THE_END + 5}
    assert guide.ask(asked, house.path)["ok"]
    ends = began + 60

    def ending() -> float:
        told = flat.state("Hold ends")
        return ends if told == "unknown" else datetime.fromisoformat(told).timestamp()

    until(lambda: ending() < ends - 5, "the new end")
    at = flat.assistant.lamp_is(BRIGHT, since=began)
    assert house.state is State.HOLD
    assert at == pytest.approx(ending() - BEFORE_THE_END, abs=FOLLOWS)


def test_kill_9_of_everything_in_hold_changes_no_event(tmp_path: Path) -> None:
    """Broker, bridge and Home Assistant are killed: every event is that of a session alone."""

    def session(folder: Path, kill: bool) -> list[LogRecord]:
        folder.mkdir(mode=0o700)
        path = folder / "legsup_voice" / "control.sock"
        house = RunningHouse(path, 10, tells_need=True, minutes=1, breathing="belly")
        house.to_hold()
        house.block()  # so that who connects is told of it
        with ExitStack() as stack:
            flat = Flat(stack, folder) if kill else None
            if flat is not None:
                flat.meet("hold", len(ENTITIES))
            stack.enter_context(house)
            if flat is not None:
                for victim in (flat.assistant, flat.broker, flat.bridge):
                    victim.process.kill()
                assert house.state is State.HOLD
            return house.until_sitting()

    alone = session(tmp_path / "alone", kill=False)
    assert len(alone) > 20
    assert session(tmp_path / "killed", kill=True) == alone
