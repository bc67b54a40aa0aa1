"""A sound card whose library never comes back from a call."""

import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from legsup_voice.devices.soundcard import STUCK_AFTER, SoundCard
from legsup_voice.protocol.faults import Fault
from tests.devices.stand_ins import Machine

PATIENCE = 20.0
"""Seconds that a thread may take to come to what is waited for."""


class Trap:
    """A call that is never come back from, once it is set."""

    def __init__(self) -> None:
        self.call = ""
        self.caught, self.over = Event(), Event()

    def __call__(self, call: str) -> None:
        if call == self.call:
            self.caught.set()
            self.over.wait()


@pytest.fixture
def trap() -> Iterator[Trap]:
    made = Trap()
    yield made
    made.over.set()


@pytest.fixture
def machine(trap: Trap, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(["Mine: - (hw:0,0)"], server=False, hang=trap)
    made.install(monkeypatch)
    return made


def comes(condition: Callable[[], object]) -> bool:
    """Return whether it comes to that while the watchdogs look."""
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return bool(condition())


def test_a_card_that_is_looked_after_is_not_stuck(machine: Machine) -> None:
    """Not even when the whole program was stopped for a while."""
    card = SoundCard(None, None)
    for _ in range(3):
        machine.now += 2 * STUCK_AFTER
        assert comes(lambda: not card.stuck)
    card.close()


@pytest.mark.parametrize("call", ["close", "news"])
def test_a_call_that_never_returns_is_noticed(machine: Machine, trap: Trap, call: str) -> None:
    """To close a card that is gone, or to ask the sound server: nobody looks any more."""
    card = SoundCard(None, None)
    trap.call = call
    if call == "close":
        machine.plugged.clear()
        while not trap.caught.wait(0.02) and machine.now < 200:
            machine.sleep(0.1)
    assert trap.caught.wait(PATIENCE)
    assert not card.stuck
    list(card.faults())
    told = set[Fault]()
    for _ in range(round(STUCK_AFTER) + 1):
        machine.now += 1.0
        told |= set(card.faults())
    assert Fault.SPEAKER_LOST in told
    assert card.stuck
    trap.over.set()
    card.close()
