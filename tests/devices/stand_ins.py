"""A machine with speakers that need no hardware: PortAudio, the sound server and the clock.

Time passes when somebody sleeps, or is moved by hand; then the cards play.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from legsup_voice.devices import names, port, soundcard, stream
from legsup_voice.devices.pulse import Direction, PulseDevice, SoundServer

STEP = 0.01
RATE = 48_000


class PortAudioError(Exception):
    """What PortAudio says when a device can't be opened."""


def forget(_: str) -> None:
    """Hang at nothing."""


@dataclass
class Machine:
    """Its clock, what is plugged in, and a stand-in for each library that asks it."""

    plugged: list[str]
    """Sinks of a sound server or, where there is none, PortAudio's names of cards."""
    server: bool = True
    now: float = 100.0
    hanging: set[str] = field(default_factory=set)
    """What can be opened, but plays nothing."""
    hang: Callable[[str], None] = forget
    """Told of every call that a library may never come back from: `close` and `news`."""
    every_tick: Callable[[], None] = lambda: None
    open: "list[Output]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listed = list(self.plugged)
        """Cards as PortAudio of this process knows them."""
        self.PortAudioError = PortAudioError
        self.SubprocessError = RuntimeError
        self.default = SimpleNamespace(device=(0, 0))

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have it asked in place of this computer."""
        for module in (port, soundcard, stream):
            monkeypatch.setattr(module, "time", self)
        monkeypatch.setattr(port, "SoundServer", lambda: Server(self))
        for module in (names, stream):
            monkeypatch.setattr(module, "portaudio", lambda: self)
        monkeypatch.setattr(names, "subprocess", self)
        monkeypatch.setenv("PULSE_SINK", "")

    # --- the clock ---------------------------------------------------------------------------

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the cards play for so long."""
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            for output in list(self.open):
                output.play(STEP)
            self.every_tick()

    # --- PortAudio ---------------------------------------------------------------------------

    def query_devices(self) -> list[dict[str, Any]]:
        """List one device for the sound server, or one a card."""
        there = ["pulse"] if self.server else self.listed
        numbers = {"default_samplerate": RATE, "max_output_channels": 2, "max_input_channels": 1}
        return [{"name": name, **numbers} for name in there]

    def _initialize(self) -> None:
        self.listed = list(self.plugged)

    def _terminate(self) -> None:
        assert not self.open, "a stream is open"

    def RawOutputStream(self, **how: Any) -> "Output":  # noqa: N802 -- as PortAudio's
        """Open the sink that libpulse is told to, or the card by its number."""
        name = self.listed[how["device"]]
        if self.server:
            name = os.environ.get("PULSE_SINK") or next(iter(self.plugged), "")
        if name not in self.plugged:
            raise PortAudioError("Device unavailable")
        return Output(self, name, how["callback"], how["blocksize"])

    RawInputStream = RawOutputStream

    # --- another process that lists the devices -------------------------------------------------

    def run(self, *_: object, **__: object) -> SimpleNamespace:
        """List what is plugged in now."""
        return SimpleNamespace(stdout=json.dumps(self.plugged))


@dataclass
class Output:
    """An open speaker, or microphone."""

    machine: Machine
    name: str
    callback: Callable[[memoryview, int, None, int], None]
    frames: int
    active = True
    latency = 0.04
    _owed = 0.0

    def start(self) -> None:
        self.machine.open.append(self)

    def play(self, seconds: float) -> None:
        """Ask for what is played in that time, unless it hangs or is gone."""
        if self.name in self.machine.hanging or self.name not in self.machine.plugged:
            return
        self._owed += seconds * RATE
        while self._owed >= self.frames:
            self._owed -= self.frames
            self.callback(memoryview(bytearray(self.frames * 8)), self.frames, None, 0)

    def abort(self) -> None:
        """Stop, if it ever comes back from that."""
        self.machine.hang("close")
        self.machine.open.remove(self)

    def close(self) -> None:
        """Nothing is left to do."""


class Server(SoundServer):
    """The machine's sound server, which moves the stream of a sink that goes to another."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine

    def devices(self, _: Direction) -> list[PulseDevice]:
        """Return what is plugged in."""
        there = self._machine.plugged if self._machine.server else []
        return [PulseDevice(name, f"The {name}", RATE) for name in there]

    def ours(self, direction: Direction) -> PulseDevice | None:
        """Return where our stream is."""
        there = {device.name: device for device in self.devices(direction)}
        for output in self._machine.open:
            return there.get(output.name) or next(iter(there.values()), None)
        return None

    def has_news(self) -> bool:
        """Return that there may be some, if it ever comes back from that."""
        self._machine.hang("news")
        return True
