"""The live loop on a card that needs no hardware: what it tells of, and to whom."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import HEAR_BLOCK, Samples
from legsup_voice.devices.transport import Losses
from legsup_voice.engine.wiring import put_together
from legsup_voice.live.guard import GuardedEars
from legsup_voice.live.heartbeat import ASKED, Beat, Heartbeat
from legsup_voice.live.live import Live, _Writers
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.log import LogRecord, StateEntered, Trouble
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from legsup_voice.session.settings import Settings
from legsup_voice.speaking.voice import Voice
from tests.live.test_guard import Echo


class Card:
    """Takes a block whenever it is looked at, and plays all of it."""

    losses = Losses(0.0, 0.0, 0.0)

    def __init__(self, *faults: Fault, stuck: bool = False) -> None:
        self._faults = iter(faults)
        self.stuck = stuck

    def step(self, process: Callable[[Samples], Samples], settle: Callable[[int], None]) -> None:
        """Run one block."""
        process(np.zeros(HEAR_BLOCK, np.float32))
        settle(0)

    def wait(self, *, calm: bool) -> None:
        """Go four times as fast as a real one."""
        time.sleep(0.005)

    def must_work(self, in_pose: bool) -> None:
        """It always does."""

    def faults(self) -> Iterator[Fault]:
        """One after the other."""
        return self._faults


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Put back what the loop does with signals."""
    before = [signal.getsignal(number) for number in ASKED]
    yield
    for number, handler in zip(ASKED, before, strict=True):
        signal.signal(number, handler)


def run(
    path: Path,
    ears: GuardedEars,
    seconds: float,
    *faults: Fault,
    before: float = 0.0,
    stuck: bool = False,
    said: tuple[Command, ...] = (),
) -> tuple[int, list[LogRecord], list[Beat]]:
    """Run the loop until it is asked to end; return its status, its log and its signs of life.

    The session has heard what was `said`, and gone on for `before` seconds of sound.
    """
    mine, its = socket.socketpair()
    journal, writers = Journal(path / "journal.db", wait=30), _Writers(None, None)
    card = Card(*faults, stuck=stuck)
    live = Live(ears, journal, writers, Heartbeat(its))
    live.card = card  # type: ignore[assignment]
    log: list[LogRecord] = []
    interrupted = journal.interrupted
    live.engine = put_together(
        Settings(), ears, Voice(), log.append, journal, interrupted=interrupted
    )
    for command in said:
        live.engine.command(Heard(command))
    while live.engine.now < before:
        live.engine.process(np.zeros(HEAR_BLOCK, np.float32))
        live.engine.settle(0)
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGHUP)).start()
    status = live.run()
    journal.close()
    writers.close()
    beats = [Beat(bytes([value])) for value in mine.recv(1000)]
    mine.close()
    its.close()
    return status, log, beats


def test_ears_that_hang_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path))
    hanging = Echo()
    hanging.hang.set()
    made = iter([hanging, Echo()])
    status, log, _ = run(tmp_path, GuardedEars(lambda: next(made)), 4.0)
    hanging.hang.clear()
    assert Fault.RECOGNISER_STALLED in [it.what for it in log if isinstance(it, Trouble)]
    assert status == 128 + signal.SIGHUP


def test_signs_of_life_say_where_the_person_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path))
    journal = Journal(tmp_path / "journal.db", wait=30)
    journal.state(State.HOLD, 0.0, in_pose=True)
    journal.close()
    _, _, beats = run(tmp_path, GuardedEars(Echo), 3.0)
    assert beats[0] is Beat.UP, "somebody lies there from before"
    assert beats[-1] is Beat.OVER
    assert len(beats) > 3


@pytest.mark.parametrize(("before", "silent"), [(0.0, True), (60.0, False)])
def test_no_sign_of_life_comes_in_the_pose_once_the_sound_is_stuck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: float, silent: bool
) -> None:
    """But where the person is; so the parent ends it and speaks. Who rests needs no warning."""
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path))
    journal = Journal(tmp_path / "journal.db", wait=30)
    journal.state(State.HOLD, 0.0, in_pose=True)
    journal.close()
    _, _, beats = run(tmp_path, GuardedEars(Echo), 1.5, before=before, stuck=True)
    assert (beats == [Beat.UP, Beat.OVER]) is silent
    assert (len(beats) == 2) is silent


def test_a_microphone_that_is_back_begins_a_new_utterance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path))
    resets = []
    for fault in (Fault.MICROPHONE_LOST, Fault.MICROPHONE_BACK):
        ears = Echo()
        run(tmp_path, GuardedEars(iter([ears]).__next__), 1.0, fault)
        resets.append(ears.resets)
    assert resets == [0, 1]


def test_signs_of_life_say_that_somebody_rests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path))
    journal = Journal(tmp_path / "journal.db", wait=30)
    journal.state(State.HOLD, 0.0, in_pose=True)
    journal.close()
    _, log, beats = run(tmp_path, GuardedEars(Echo), 1.0, before=60.0)
    states = [record.state for record in log if isinstance(record, StateEntered)]
    assert states[-1] in (State.SIDE, State.SITTING)
    assert beats[0] is Beat.RESTING


@pytest.mark.parametrize(("said", "speechless"), [((), False), ((Command.START,), True)])
def test_a_speaker_lost_before_the_pose_is_told_of_once_a_session_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[Command, ...], speechless: bool
) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path))
    ears = GuardedEars(Echo)
    _, log, beats = run(tmp_path, ears, 1.0, Fault.SPEAKER_LOST, before=3.0, said=said)
    states = [record.state for record in log if isinstance(record, StateEntered)]
    assert (State.SCREENING in states) == speechless
    assert (Beat.SPEECHLESS in beats) == speechless
