"""Microphones and speakers by the names people give them.

A name is looked up among PortAudio's devices and, where a sound server runs, among its sources and
sinks. Any part of the name will do as long as it fits one device only.
"""

import importlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType

from legsup_voice.devices import alsa
from legsup_voice.devices.pulse import (
    CHOSEN_BY,
    NOWHERE,
    Direction,
    PulseDevice,
    SoundServer,
    is_silent,
)
from legsup_voice.errors import UserError
from legsup_voice.quiet import quiet

SERVER_DEVICES = ("pulse", "default")
"""PortAudio's names for the sound server, best first."""

SERVER_RATE = 48_000
"""What cards behind a sound server run at; PortAudio guesses 44.1 kHz: resampled twice."""

LISTED_WITHIN = 10.0
"""Seconds another process may take to list the devices."""

_PLACE = re.compile(r" \(hw:\d+,\d+\)$|\.\d+(?=\.|$)")


class DeviceError(UserError):
    """A microphone or a speaker that is no use as it is."""

    def __init__(self, direction: Direction, sentence: str) -> None:
        super().__init__(sentence)
        self.direction = direction


@dataclass(frozen=True)
class Device:
    """A device PortAudio can open: `rate` is the card's own, `source` the sound server's name."""

    index: int
    name: str
    rate: int
    channels: int
    source: str | None = None


@cache
def portaudio() -> ModuleType:
    """Return the sounddevice module.

    It opens every device when it is loaded, so that is left to the process that needs it.

    Raises:
        UserError: the PortAudio library is not installed, or ALSA is broken.
    """
    if not alsa.is_set_up():
        raise UserError(
            "ALSA's configuration is empty: sudo apt install --reinstall libasound2-data"
        )
    alsa.leave_surround_out()
    try:
        return importlib.import_module("sounddevice")
    except OSError as error:  # the Python package is there, the PortAudio library is not
        raise UserError(
            "PortAudio is missing: install it with `sudo apt install libportaudio2`."
        ) from error


def refresh() -> None:
    """Make PortAudio look for devices again. Every open stream of this process must be closed."""
    with quiet():
        portaudio()._terminate()
        alsa.leave_surround_out()
        portaudio()._initialize()


def devices(direction: Direction) -> list[Device]:
    """Return PortAudio's devices for `direction`."""
    key = "max_input_channels" if direction == "microphone" else "max_output_channels"
    return [
        Device(index, entry["name"], round(entry["default_samplerate"]), entry[key])
        for index, entry in enumerate(portaudio().query_devices())
        if entry[key] > 0
    ]


def model(name: str) -> str:
    """Return a device's name without its place, which changes when a card is plugged in again.

    `USB Audio (hw:1,0)`, `alsa_output.usb-Maker_Thing-00.2.analog-stereo`, `speaker.2` have one.
    """
    return _PLACE.sub("", name)


def names_there_now() -> set[str]:
    """Return the names another process finds: PortAudio's list in this one is as old as it is."""
    ask = "import json, sounddevice as s; print(json.dumps([d['name'] for d in s.query_devices()]))"
    try:
        answer = subprocess.run(  # noqa: S603 -- our own interpreter, fixed text
            [sys.executable, "-P", "-c", ask],
            capture_output=True,
            timeout=LISTED_WITHIN,
            check=True,
        )
        return set(json.loads(answer.stdout))
    except (subprocess.SubprocessError, OSError, ValueError):
        return set()


def find(direction: Direction, wanted: str | None, server: SoundServer) -> Device:
    """Return the device called `wanted`, or the default one.

    Raises:
        DeviceError: there is none, or the name fits several; the sentence lists them.
    """
    there = devices(direction)
    by_name = _by_name(there, server.devices(direction))
    if not there and server.devices(direction):
        raise DeviceError(
            direction, "The sound server can't be reached: sudo apt install libasound2-plugins"
        )
    if not there:
        raise DeviceError(direction, f"No {direction} was found: connect one and try again.")
    if wanted is None:
        return _default(direction, there, server)
    fits = [name for name in by_name if wanted.lower() in name.lower()] or [
        name for name, device in by_name.items() if wanted.lower() in device.name.lower()
    ]
    exact = [name for name in fits if name.lower() == wanted.lower()]
    if len(fits) == 1 or exact:
        return by_name[(exact or fits)[0]]
    trouble = f"fits more than one {direction}" if fits else f"is the name of no {direction}"
    there_are = ", ".join(fits or by_name)
    raise DeviceError(direction, f"“{wanted}” {trouble}; there are: {there_are}.")


def find_again(
    direction: Direction, wanted: str | None, server: SoundServer, *, any_will_do: bool = False
) -> list[Device]:
    """Return what may be the device called `wanted` under whatever name it came back, best first.

    With `any_will_do` every other device follows, those first that are not muted.
    """
    there = devices(direction)
    if wanted is None and there:
        default = _default(direction, there, server)
        others = choices(there, server.devices(direction), "", any_will_do=any_will_do)
        return [default, *(others if any_will_do else ())]
    return choices(there, server.devices(direction), wanted or "", any_will_do=any_will_do)


def choices(
    there: list[Device], behind: list[PulseDevice], wanted: str, *, any_will_do: bool
) -> list[Device]:
    """Return those of PortAudio's and the sound server's devices that may be called `wanted`."""
    by_name = _by_name(there, behind)
    part = model(wanted).lower()
    found = [d for name, d in by_name.items() if part and part in model(name).lower()]
    found = found or [d for d in by_name.values() if part and part in model(d.name).lower()]
    if any_will_do:
        loud = {device.name for device in behind if not is_silent(device.gain_db)}
        others = [d for d in by_name.values() if d not in found and d.source != NOWHERE]
        found += sorted(others, key=lambda d: (d.source not in loud, d.source is not None))
    return found


def choose(direction: Direction, device: Device) -> None:
    """Make libpulse connect the next stream to `device` if it is one of the sound server's."""
    if device.source is not None:
        os.environ[CHOSEN_BY[direction]] = device.source
    else:
        os.environ.pop(CHOSEN_BY[direction], None)


def _by_name(there: list[Device], behind: list[PulseDevice]) -> dict[str, Device]:
    """Return PortAudio's devices and, reached through one of them, the sound server's."""
    by_name = {device.name: device for device in there}
    front = next((by_name[name] for name in SERVER_DEVICES if name in by_name), None)
    if front is not None:
        for source in behind:
            described = Device(front.index, source.description, source.rate, 1, source.name)
            by_name.setdefault(source.name, described)
    return by_name


def _default(direction: Direction, there: list[Device], server: SoundServer) -> Device:
    number = portaudio().default.device[0 if direction == "microphone" else 1]
    device = next((d for d in there if d.index == number), there[0])
    if device.name in SERVER_DEVICES and server.devices(direction):
        return replace(device, rate=SERVER_RATE)
    return device
