"""A watchdog whose port stumbles, and the names of devices that come back."""

import subprocess
import sys
from threading import Event, Lock

import pytest

from legsup_voice.devices import names
from legsup_voice.devices.names import Device
from legsup_voice.devices.port import Port, Watchdog
from legsup_voice.devices.pulse import NOWHERE, Direction, PulseDevice, SoundServer


class Stumbling(Port):
    """A port whose first look fails."""

    def __init__(self) -> None:
        self.direction = "speaker"
        self.busy = Lock()
        self.looks = 0
        self.looked_again = Event()

    def look(self, now: float) -> bool:
        """Fail once, then ask for a new list of devices."""
        self.looks += 1
        if self.looks == 1:
            raise RuntimeError("whatever it is")
        return False


def test_a_watchdog_looks_again_whatever_happens() -> None:
    port = Stumbling()
    dog = Watchdog(port, port.looked_again.set)
    assert port.looked_again.wait(timeout=20)
    dog.stop()
    assert not port.busy.locked()


def test_a_watchdog_leaves_a_hanging_port_alone() -> None:
    """The port is held for ever; stopping takes a moment, not for ever."""
    port = Stumbling()
    port.busy.acquire()
    dog = Watchdog(port, port.looked_again.set)
    dog.stop()
    assert port.looks == 0


class Server(SoundServer):
    """A sound server with these sinks."""

    def __init__(self, *sinks: str, muted: str = "") -> None:
        super().__init__()
        self.sinks = [
            PulseDevice(name, f"The {name}", 48_000, gain_db=-200.0 if name == muted else 0.0)
            for name in sinks
        ]

    def devices(self, direction: Direction) -> list[PulseDevice]:
        """Return them."""
        return self.sinks


def found(server: Server, wanted: str, *, any_will_do: bool = False) -> list[str | None]:
    front = Device(0, "pulse", 44_100, 32)
    devices = names.choices([front], server.devices("speaker"), wanted, any_will_do=any_will_do)
    return [device.source or device.name for device in devices]


@pytest.mark.parametrize(
    ("wanted", "now"),
    [
        ("legsup_speaker", "legsup_speaker.2"),
        ("LEGSUP_SPEAKER", "legsup_speaker.2"),
        ("legsup_speaker.2", "legsup_speaker"),
        ("usb-Maker-00.analog-stereo", "alsa_output.usb-Maker-00.2.analog-stereo"),
        ("alsa_output.usb-Maker-00.3.analog-stereo", "alsa_output.usb-Maker-00.analog-stereo"),
    ],
)
def test_a_device_is_found_by_the_same_part_of_its_name(wanted: str, now: str) -> None:
    assert found(Server("other", now), wanted) == [now]


def test_any_other_speaker_follows_the_loud_ones_first_and_no_made_up_one() -> None:
    server = Server("far", "near", NOWHERE, "mine.2", muted="far")
    assert found(server, "mine", any_will_do=True) == ["mine.2", "near", "pulse", "far"]
    assert found(server, "none") == []


def test_several_threads_may_want_quiet_at_once_and_stderr_comes_back() -> None:
    script = """
import os, threading
from legsup_voice.quiet import quiet
first, second = quiet(), quiet()
first.__enter__(); second.__enter__()
os.write(2, b"ALSA lib: hidden")
first.__exit__(None, None, None)
os.write(2, b"ALSA lib: hidden too")
second.__exit__(None, None, None)
os.write(2, b"said")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stderr == b"said"
