"""What PulseAudio, or PipeWire in its place, knows about microphones and speakers.

PortAudio reaches a sound server through one nameless ALSA device. The server itself tells the names
people know, where it has moved our streams (when a microphone is unplugged it quietly connects us
to something else, even to the monitor of our own speaker), and how loud it plays them.
"""

import contextlib
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

Direction = Literal["microphone", "speaker"]
T = TypeVar("T")

try:
    import pulsectl
except (ImportError, OSError):  # no libpulse on this machine: there is no sound server either
    pulsectl = None

CHOSEN_BY: dict[Direction, str] = {"microphone": "PULSE_SOURCE", "speaker": "PULSE_SINK"}
"""The environment variable libpulse takes a stream's device from when it is opened."""

NEWS = ("sink", "source", "sink_input", "source_output")
"""What the server is to tell the changes of."""

NOWHERE = "auto_null"
"""The sink PulseAudio makes up where there is none."""


INAUDIBLE_DB = -40.0
"""A gain below this is nothing: of the 75 dB that a small speaker makes at a metre it leaves what a
quiet room has of its own. (PulseAudio's 5 % are -78 dB, 20 % are -42 dB.)"""

RAISED_DB = -13.0
"""The gain a speaker is raised to that somebody must hear; 60 % on people's scale."""


def is_silent(gain_db: float | None) -> bool:
    """Return whether nobody hears sound at this gain; one that isn't known is none to fear."""
    return gain_db is not None and gain_db < INAUDIBLE_DB


@dataclass(frozen=True)
class PulseDevice:
    """A source or a sink; `monitors` is the sink a monitor source listens to.

    `gain_db` is its loudest channel's gain, minus infinity when it is muted.
    """

    name: str
    description: str
    rate: int
    monitors: str | None = None
    gain_db: float = 0.0


MOMENT = 0.001
"""Seconds that the server's news get to come in; they have lain there before."""

AWAY = 2.0
"""Seconds for which a server that was not there isn't asked again."""

KNOCK = 0.5
"""Seconds a microphone is listened to before it is opened again."""


class SoundServer:
    """A connection that comes back by itself; every question has an answer when there is none."""

    def __init__(self) -> None:
        self._pulse: pulsectl.Pulse | None = None
        self._news = False
        self._ask_at = 0.0
        """Monotonic time before which nobody is there to be asked."""

    @property
    def name(self) -> str | None:
        """What the server calls itself; None when none answers."""
        return self._ask(lambda pulse: str(pulse.server_info().server_name), None)

    def devices(self, direction: Direction) -> list[PulseDevice]:
        """Return all sources or sinks; nothing when no server answers."""
        return self._ask(lambda pulse: _devices(pulse, direction), [])

    def ours(self, direction: Direction) -> PulseDevice | None:
        """Return the device that this process's stream is connected to, None if to none.

        Its `gain_db` is what the stream's own gain and the device's make together.
        """

        def look(pulse: "pulsectl.Pulse") -> PulseDevice | None:
            stream, device = _found(pulse, direction)
            if stream is None or device is None:
                return None
            there = _device(device)
            return replace(there, gain_db=there.gain_db + _heard_db(stream))

        return self._ask(look, None)

    def has_news(self) -> bool:
        """Return whether any device or stream may have changed since this was last asked.

        It costs a tenth of what looking does. Nothing is news without a server.
        """

        def listen(pulse: "pulsectl.Pulse") -> bool:
            pulse.event_listen(timeout=MOMENT, raise_on_disconnect=False)
            if not pulse.connected:
                raise pulsectl.PulseError("the server has gone")
            news, self._news = self._news, False
            return news

        return self._pulse is not None and self._ask(listen, True)

    def make_audible(self, direction: Direction, *, device_too: bool) -> None:
        """Unmute our stream and raise it to its full gain.

        With `device_too` unmute the device as well, and raise it when it is below `INAUDIBLE_DB`.
        """

        def turn(pulse: "pulsectl.Pulse") -> None:
            stream, device = _found(pulse, direction)
            for thing, least, gain_db in (
                (stream, 0.0, 0.0),
                (device if device_too else None, INAUDIBLE_DB, RAISED_DB),
            ):
                if thing is not None:
                    pulse.mute(thing, False)
                    if _gain_db(thing.volume) < least:
                        pulse.volume_set_all_chans(thing, 10 ** (gain_db / 60))

        self._ask(turn, None)

    def gives_sound(self, source: str | None) -> bool:
        """Return whether the source (None: the default one) gives more than zeros within `KNOCK`.

        Asked of the server itself, since PortAudio's thread turns over all the time while a source
        gives nothing.
        """

        def listen(pulse: "pulsectl.Pulse") -> bool:
            try:
                return bool(pulse.get_peak_sample(source, KNOCK))
            except pulsectl.PulseError:
                raise
            except Exception as error:  # libpulse's own, which has no public name
                raise pulsectl.PulseError(str(error)) from error

        return self._ask(listen, False)

    def may_be_there(self) -> None:
        """Have the next question asked even so: a stream that was opened may have started it."""
        self._ask_at = 0.0

    def close(self) -> None:
        """Hang up."""
        if self._pulse is not None:
            with contextlib.suppress(pulsectl.PulseError):
                self._pulse.close()
            self._pulse = None

    def _take_news(self, _: object) -> None:
        self._news = True

    def _ask(self, question: "Callable[[pulsectl.Pulse], T]", otherwise: T) -> T:
        if pulsectl is None or time.monotonic() < self._ask_at:
            return otherwise
        try:
            if self._pulse is None:
                self._pulse = self._connected()
            return question(self._pulse)
        except pulsectl.PulseError:
            self.close()
            return otherwise

    def _connected(self) -> "pulsectl.Pulse":
        pulse = pulsectl.Pulse("legsup", connect=False)
        try:
            pulse.connect(autospawn=False)
            pulse.event_callback_set(self._take_news)
            pulse.event_mask_set(*NEWS)
        except Exception:
            self._ask_at = time.monotonic() + AWAY
            pulse.close()  # nobody else would: three files would stay open
            raise
        return pulse


def _devices(pulse: "pulsectl.Pulse", direction: Direction) -> list[PulseDevice]:
    there = pulse.source_list() if direction == "microphone" else pulse.sink_list()
    return [_device(device) for device in there]


def _found(pulse: "pulsectl.Pulse", direction: Direction) -> tuple[Any, Any]:
    """Return this process's stream and the device it is connected to; None for what isn't there."""
    mic, pid = direction == "microphone", str(os.getpid())
    streams = pulse.source_output_list() if mic else pulse.sink_input_list()
    ours = (s for s in streams if s.proplist.get("application.process.id") == pid)
    stream = next(ours, None)
    if stream is None:
        return None, None
    place = stream.source if mic else stream.sink
    there = pulse.source_list() if mic else pulse.sink_list()
    return stream, next((device for device in there if device.index == place), None)


def _gain_db(volume: "pulsectl.PulseVolumeInfo") -> float:
    """Return a volume as a gain; PulseAudio's are cubic (pa_sw_volume_to_dB)."""
    loudest = max(volume.values, default=0.0)
    return 60 * math.log10(loudest) if loudest else -math.inf


def _heard_db(thing: Any) -> float:  # noqa: ANN401 -- pulsectl's infos have no common type
    """Return the gain that a stream or a device has now."""
    return -math.inf if thing.mute else _gain_db(thing.volume)


def _device(device: "pulsectl.PulseSourceInfo | pulsectl.PulseSinkInfo") -> PulseDevice:
    return PulseDevice(
        name=device.name,
        description=device.description,
        rate=device.sample_spec.rate,
        monitors=getattr(device, "monitor_of_sink_name", None),
        gain_db=_heard_db(device),
    )
