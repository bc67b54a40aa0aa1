"""A microphone or speaker that may go away and come back.

`Port` owns one stream and is looked after by the watchdog's thread; the worker only reads `stream`
and `lost`. A stream counts as gone when the card asks for no more blocks, or when the sound server
has moved it to a device nobody chose.
"""

import contextlib
import time
from threading import Event, Thread
from typing import Final

from legsup_voice.devices import names
from legsup_voice.devices.names import Device
from legsup_voice.devices.pulse import NOWHERE, Direction, PulseDevice, SoundServer
from legsup_voice.devices.stream import SilentDeviceError, Stream
from legsup_voice.devices.transport import Condition
from legsup_voice.errors import UserError

PATIENCE = 2.0
"""Seconds without a block after which a device is lost."""

LOOK_EVERY = 0.5
FIRST_RETRY, LAST_RETRY = 0.5, 4.0
"""Seconds; every failed try doubles the wait for the next."""


class Port:
    """One direction of the sound card; opened when made.

    Raises:
        UserError: there is no such device, or it can't be opened.
    """

    def __init__(self, direction: Direction, wanted: str | None, server: SoundServer) -> None:
        self.direction: Final = direction
        self.wanted = wanted
        self.device: Device = names.find(direction, wanted, server)
        self._server = server
        self._retry_at = 0.0
        self._wait = FIRST_RETRY
        try:
            self.stream: Stream | None = Stream(direction, self.device)
        except (names.portaudio().PortAudioError, SilentDeviceError) as error:
            raise UserError(
                f"The {direction} “{self.device.name}” can't be used: {error.args[0]}."
            ) from error
        self._home: PulseDevice | None = server.ours(direction)
        self._good_at = time.monotonic()

    @property
    def description(self) -> str:
        """The device's name, and the sound server's for what is behind it, and the rate."""
        behind = f": {self._home.description}" if self._home and not self.device.source else ""
        return f"{self.device.name}{behind}, {self.device.rate / 1000:g} kHz"

    def lost(self, now: float) -> bool:
        """Return whether there has been no sound for too long (`now`: monotonic clock)."""
        return now - self._good_at > PATIENCE

    @property
    def condition(self) -> Condition:
        """How the device was when it was last looked at."""
        return Condition(self._good_at)

    def hears(self, speaker: "Port") -> bool:
        """Return whether this microphone, which nobody named, is but the monitor of `speaker`."""
        mine, its = self._home, speaker._home
        if mine is None or its is None or self.wanted is not None:
            return False
        return mine.monitors == its.name

    def look(self, now: float) -> bool:
        """Notice a stream that is gone, and try to open it again; False when that needs `refresh`.

        Called from the watchdog's thread only.
        """
        stream = self.stream
        if stream is not None:
            if stream.alive(now, PATIENCE) and self._at_home():
                self._good_at, self._wait = stream.beat_at, FIRST_RETRY
                return True
            self.drop()
            self._retry_at = now
        if now < self._retry_at:
            return True
        self._retry_at = now + self._wait
        self._wait = min(2 * self._wait, LAST_RETRY)
        return self._server_brings_it_back() or self._card_comes_back()

    def drop(self) -> None:
        """Close the stream, if any; the worker feeds and takes silence from now on."""
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()

    def find_again(self) -> None:
        """Look the device up anew, after PortAudio's list has been refreshed, and open it."""
        try:
            self.device = names.find(self.direction, self.wanted, self._server)
        except UserError:
            return
        self._open()

    def _at_home(self) -> bool:
        """Return whether the sound server still has our stream where it was opened."""
        if self._home is None:
            return True
        now_at = self._server.ours(self.direction)
        return now_at is not None and now_at.name == self._home.name

    def _server_brings_it_back(self) -> bool:
        """Open the server's device again if it is one; return whether it is."""
        if self._home is None:
            return False
        self._open()
        return True

    def _card_comes_back(self) -> bool:
        """Open the card if another process sees it; return False if it has moved to a new place."""
        there = names.names_there_now()
        if self.device.name in there:
            self._open()
            return True
        return names.model(self.device.name) not in {names.model(name) for name in there}

    def _open(self) -> None:
        try:
            stream = Stream(self.direction, self.device)
        except (names.portaudio().PortAudioError, SilentDeviceError):
            return
        at = self._server.ours(self.direction)
        if self._home is not None and not self._good_home(at):
            stream.close()
            return
        self._home = at
        self.stream = stream

    def _good_home(self, at: PulseDevice | None) -> bool:
        """Return whether it is a real device: no made-up sink, no speaker's monitor."""
        if at is None or at.name == NOWHERE:
            return False
        return at.monitors is None or (self._home is not None and at.name == self._home.name)


class Watchdog:
    """Looks after `ports` in a thread of its own, since opening a device can take long."""

    def __init__(self, *ports: Port) -> None:
        self._ports = ports
        self._end = Event()
        for port in ports:  # opening the last may have taken longer than the patience
            port.look(time.monotonic())
        self._thread = Thread(target=self._watch, name="device watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a device that hangs isn't waited for longer than a second."""
        self._end.set()
        self._thread.join(timeout=1.0)

    def _watch(self) -> None:
        while not self._end.wait(LOOK_EVERY):
            with contextlib.suppress(Exception):  # whatever it is, it must not be the last look
                looks = [port.look(time.monotonic()) for port in self._ports]
                if not all(looks):
                    self._refresh()

    def _refresh(self) -> None:
        """Have PortAudio list the devices anew, which needs every stream closed for a moment."""
        for port in self._ports:
            port.drop()
        names.refresh()
        for port in self._ports:
            port.find_again()
