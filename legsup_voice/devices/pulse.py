"""What PulseAudio, or PipeWire in its place, knows about microphones and speakers.

PortAudio reaches a sound server through one nameless ALSA device. The server itself tells the names
people know, and where it has moved our streams: when a microphone is unplugged it quietly connects
us to something else, even to the monitor of our own speaker.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

Direction = Literal["microphone", "speaker"]
T = TypeVar("T")

try:
    import pulsectl
except (ImportError, OSError):  # no libpulse on this machine: there is no sound server either
    pulsectl = None

CHOSEN_BY: dict[Direction, str] = {"microphone": "PULSE_SOURCE", "speaker": "PULSE_SINK"}
"""The environment variable libpulse takes a stream's device from when it is opened."""

NOWHERE = "auto_null"
"""The sink PulseAudio makes up where there is none."""


@dataclass(frozen=True)
class PulseDevice:
    """A source or a sink; `monitors` is the sink a monitor source listens to."""

    name: str
    description: str
    rate: int
    monitors: str | None = None


class SoundServer:
    """A connection that comes back by itself; every question has an answer when there is none."""

    def __init__(self) -> None:
        self._pulse: pulsectl.Pulse | None = None

    def devices(self, direction: Direction) -> list[PulseDevice]:
        """Return all sources or sinks; nothing when no server answers."""
        return self._ask(lambda pulse: _devices(pulse, direction), [])

    def ours(self, direction: Direction) -> PulseDevice | None:
        """Return the device that this process's stream is connected to, None if to none."""

        def find(pulse: "pulsectl.Pulse") -> PulseDevice | None:
            mic = direction == "microphone"
            for stream in pulse.source_output_list() if mic else pulse.sink_input_list():
                if stream.proplist.get("application.process.id") == str(os.getpid()):
                    place = stream.source if mic else stream.sink
                    there = pulse.source_list() if mic else pulse.sink_list()
                    return next((_device(d) for d in there if d.index == place), None)
            return None

        return self._ask(find, None)

    def close(self) -> None:
        """Hang up."""
        if self._pulse is not None:
            with contextlib.suppress(pulsectl.PulseError):
                self._pulse.close()
            self._pulse = None

    def _ask(self, question: "Callable[[pulsectl.Pulse], T]", otherwise: T) -> T:
        if pulsectl is None:
            return otherwise
        try:
            if self._pulse is None:
                pulse = pulsectl.Pulse("legsup", connect=False)
                pulse.connect(autospawn=False)
                self._pulse = pulse
            return question(self._pulse)
        except pulsectl.PulseError:
            self.close()
            return otherwise


def _devices(pulse: "pulsectl.Pulse", direction: Direction) -> list[PulseDevice]:
    there = pulse.source_list() if direction == "microphone" else pulse.sink_list()
    return [_device(device) for device in there]


def _device(device: "pulsectl.PulseSourceInfo | pulsectl.PulseSinkInfo") -> PulseDevice:
    return PulseDevice(
        name=device.name,
        description=device.description,
        rate=device.sample_spec.rate,
        monitors=getattr(device, "monitor_of_sink_name", None),
    )
