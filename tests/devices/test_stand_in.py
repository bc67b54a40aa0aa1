"""Another speaker stands in for the wanted one, until that is there again."""

from pathlib import Path

import pytest

from legsup_voice.devices import alsa
from legsup_voice.devices.port import ANY_AFTER, LOOK_EVERY, SEEK_EVERY, Port, refresh
from tests.devices.stand_ins import Machine

WANTED, OTHER = "USB Audio Device: - (hw:1,0)", "bcm2835 Headphones: - (hw:0,0)"
MOVED = "USB Audio Device: - (hw:2,0)"
CARDS = """\
 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
"""
WITH_WANTED = f"""{CARDS} 1 [Device         ]: USB-Audio - USB Audio Device
                      C-Media USB Audio Device at usb-3f980000.usb-1.2, full speed
"""


@pytest.fixture(params=[True, False], ids=["sound server", "ALSA"])
def made(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Machine:
    """Return a machine with both speakers."""
    machine = Machine([OTHER, WANTED], server=request.param)
    machine.install(monkeypatch)
    monkeypatch.setattr(alsa, "CARDS", tmp_path / "cards")
    plug(machine, WANTED)
    return machine


def plug(machine: Machine, *others: str) -> None:
    """Have the speaker for headphones and these."""
    machine.plugged[:] = [OTHER, *others]
    alsa.CARDS.write_text(WITH_WANTED if others else CARDS)


class Watched:
    """The port of the wanted speaker, looked after, and what the session is told of it."""

    def __init__(self, machine: Machine, *, must_work: bool = True) -> None:
        self._machine = machine
        self.port = Port("speaker", WANTED)
        self.port.must_work = must_work
        self.told: list[tuple[str, float]] = []
        machine.every_tick = self._listen

    def _listen(self) -> None:
        lost = self.port.lost(self._machine.now)
        if lost != bool(self.told and self.told[-1][0] == "lost"):
            self.told.append(("lost" if lost else "back", self._machine.now))

    def run(self, seconds: float) -> str:
        """Look after it for so long; return what is open then."""
        until = self._machine.now + seconds
        while self._machine.now < until:
            self._machine.sleep(LOOK_EVERY)
            if not self.port.look(self._machine.now):
                refresh((self.port,))
        return " ".join(output.name for output in self._machine.open)

    @property
    def faults(self) -> list[str]:
        """What was told, without when."""
        return [what for what, _ in self.told]


def test_the_wanted_speaker_speaks_again_as_soon_as_it_is_there(made: Machine) -> None:
    """It is told as lost and back, so that what the other one said is said again."""
    watched = Watched(made)
    assert watched.run(5) == WANTED
    plug(made)
    assert watched.run(ANY_AFTER + 5) == OTHER
    assert watched.faults == ["lost", "back"]
    plugged_at = made.now
    plug(made, WANTED)
    assert watched.run(SEEK_EVERY + 2) == WANTED
    assert watched.faults == ["lost", "back", "lost", "back"]
    assert watched.told[-1][1] - plugged_at < SEEK_EVERY + 2
    assert watched.run(60) == WANTED
    assert len(watched.told) == 4


def test_a_server_that_moves_the_sound_back_by_itself_is_noticed(made: Machine) -> None:
    """PipeWire does so with the stream of a speaker nobody named."""
    watched = Watched(made)
    plug(made)
    assert watched.run(ANY_AFTER + 5) == OTHER
    made.plugged[:] = [WANTED]
    assert watched.run(SEEK_EVERY + 2) == WANTED
    assert watched.faults == ["lost", "back"] * 2


def test_it_is_found_at_another_place(made: Machine) -> None:
    watched = Watched(made)
    plug(made)
    assert watched.run(ANY_AFTER + 5) == OTHER
    plug(made, MOVED)
    assert watched.run(SEEK_EVERY + 3) == MOVED
    plug(made)
    assert watched.run(ANY_AFTER + 5) == OTHER
    plug(made, WANTED)
    assert watched.run(SEEK_EVERY + 3) == WANTED


def test_one_that_hangs_but_was_never_gone_is_left_alone(made: Machine) -> None:
    """To open it once more would be silence for seconds, again and again."""
    watched = Watched(made)
    made.hanging.add(WANTED)
    assert watched.run(ANY_AFTER + 10) == OTHER
    assert watched.run(60) == OTHER
    assert watched.faults == ["lost", "back"]


def test_one_that_hangs_when_it_is_back_is_given_up_for_the_other(made: Machine) -> None:
    watched = Watched(made)
    plug(made)
    assert watched.run(ANY_AFTER + 5) == OTHER
    made.hanging.add(WANTED)
    plug(made, WANTED)
    plugged_at = made.now
    assert watched.run(SEEK_EVERY + 8) == OTHER
    assert watched.faults == ["lost", "back"] * 2
    assert watched.told[-1][1] - plugged_at < SEEK_EVERY + 8
    assert watched.run(60) == OTHER
    assert len(watched.told) == 4


def test_before_the_pose_it_comes_back_unnoticed(made: Machine) -> None:
    """A speaker that is lost would end the set-up."""
    watched = Watched(made, must_work=False)
    plug(made)
    assert watched.run(ANY_AFTER + 5) == OTHER
    plug(made, WANTED)
    assert watched.run(SEEK_EVERY + 2) == WANTED
    assert watched.faults == ["lost", "back"]


def test_a_wanted_speaker_is_looked_for_when_the_other_goes_too(made: Machine) -> None:
    watched = Watched(made)
    plug(made)
    assert watched.run(ANY_AFTER + 5) == OTHER
    made.plugged.clear()
    assert watched.run(3) in ("", OTHER)
    made.plugged[:] = [WANTED]
    assert watched.run(3) == WANTED
