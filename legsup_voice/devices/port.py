"""A microphone or speaker that may go away and come back.

`Port` owns one stream and is looked after by a thread of its own, so that one device's trouble
never touches the other; the worker only reads `stream`, `condition` and `lost`. A stream counts as
gone when the card asks for no more blocks, or when the sound server has moved it to a device nobody
chose; as good as gone when it is muted or turned down to nothing.
"""

import contextlib
import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

from legsup_voice.devices import alsa, names
from legsup_voice.devices.names import Device, DeviceError
from legsup_voice.devices.pulse import NOWHERE, Direction, PulseDevice, SoundServer, is_silent
from legsup_voice.devices.stream import SilentDeviceError, Stream
from legsup_voice.devices.transport import Condition

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds without a block after which a device is lost."""

LOOK_EVERY = 0.25
"""Seconds; what a speaker played since the last good look is not yet known to have been heard. A
microphone is looked at half as often."""

FIRST_RETRY, LAST_RETRY = 0.5, 4.0
"""Seconds; every failed try doubles the wait for the next."""

BLINDLY_EVERY = 60.0
"""Seconds between two tries to open a microphone that gives no sound: some wake up only when they
are opened, but one that hangs takes half a processor core while it is open."""

ANY_AFTER = 10.0
"""Seconds after which any other speaker will do: as long as a plug takes that was pulled out by
mistake, and short enough for somebody who lies upside down."""

SEEK_EVERY = 2.5
"""Seconds between two looks for the wanted speaker while another stands in for it."""

TO_COME_BACK = 3.0
"""Seconds the wanted speaker has after one that stood in for it; then any other will do."""


class Port:
    """One direction of the sound card; opened when made.

    Raises:
        DeviceError: there is no such device, it can't be opened, or it can't be heard.
    """

    def __init__(
        self,
        direction: Direction,
        wanted: str | None,
        on_beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_beat` is told of each block, as `Stream` does."""
        self._on_beat = on_beat
        self.direction: Direction = direction
        self.wanted = wanted
        self.busy = Lock()
        """Held while a stream is opened or closed, however long that takes."""
        self.must_work = False
        """Somebody may lie in the pose: a muted device is turned on, not only reported."""
        self._server = SoundServer()
        self.device: Device = names.find(direction, wanted, self._server)
        self._ways = [self.device]
        """What may be the wanted device, when it was last looked for; nothing if it was gone."""
        self._stands_in, self._seek_at = False, 0.0
        """Whether another is open, and when the wanted one is to be looked for again."""
        self._retry_at = 0.0
        self._wait = FIRST_RETRY
        self._tries = self._among = 0
        self._blindly_at = 0.0
        self.gain_db: float | None = None
        """The gain its sound has on the way, when last looked at; None if nobody knows it."""
        try:
            self.stream: Stream | None = (stream := Stream(direction, self.device, on_beat))
        except (names.portaudio().PortAudioError, SilentDeviceError) as error:
            raise DeviceError(
                direction, f"The {direction} “{self.device.name}” can't be used: {error.args[0]}."
            ) from error
        self._server.may_be_there()
        self._home: PulseDevice | None = self._server.ours(direction)
        self._place = self._home
        self._wanted, self._wanted_home = self.device, self._home
        """The wanted device as it was last open: when another is, it is still this one."""
        self._well_at = self.looked_at = self._asked_at = time.monotonic()
        """`looked_at`: when the watchdog last looked; it stays where a library never returns."""
        self._refuse_what_is_no_use(stream)

    @property
    def description(self) -> str:
        """The device's name, and the sound server's for what is behind it, and the rate."""
        behind = f": {self._home.description}" if self._home and not self.device.source else ""
        return f"{self.device.name}{behind}, {self.device.rate / 1000:g} kHz"

    @property
    def condition(self) -> Condition:
        """How the device was when it was last looked at."""
        return Condition(self._well_at, not is_silent(self.gain_db))

    def lost(self, now: float) -> bool:
        """Return whether there has been no sound for too long (`now`: monotonic clock)."""
        return now - self._well_at > PATIENCE

    def hears(self, speaker: "Port") -> bool:
        """Return whether this microphone, which nobody named, is but the monitor of `speaker`."""
        mine, its = self._home, speaker._home
        if mine is None or its is None or self.wanted is not None:
            return False
        return mine.monitors == its.name

    def look(self, now: float) -> bool:
        """Notice a stream that is gone, and try to open it again; False when that needs `refresh`.

        Called from the watchdog's thread only, which holds `busy`.
        """
        stream, since, self.looked_at = self.stream, now - self.looked_at, now
        if stream is not None:
            if since > PATIENCE:  # this very process was stopped: nothing is known of the card
                stream.beat_at = now
            place = self._where(now)
            if stream.alive(now, PATIENCE) and self._at_home(place):
                if self._can_be_heard(stream, place):
                    self._well_at, self._wait, self._tries = stream.beat_at, FIRST_RETRY, 0
                    if not self._is_there_again(now):
                        return True
                elif not (self.must_work and now - self._well_at > ANY_AFTER):
                    return True
            self._give_up(now)
        if now < self._retry_at:
            return True
        self._retry_at = now + self._wait
        self._wait = min(2 * self._wait, LAST_RETRY)
        return self._server_brings_it_back(now) or self._card_comes_back(now)

    def drop(self) -> None:
        """Close the stream, if any; the worker feeds and takes silence from now on."""
        stream, self.stream, self._home = self.stream, None, self._wanted_home
        if stream is not None:
            stream.close()

    def find_again(self) -> None:
        """Look the device up anew, after PortAudio's list has been refreshed, and open it."""
        self._ways = names.find_again(self.direction, self.wanted, self._server)
        for device in self._ways[:1]:
            self._open(device)

    def _refuse_what_is_no_use(self, stream: Stream) -> None:
        trouble = ""
        if self._home is not None and self._home.name == NOWHERE:
            trouble = f"No {self.direction} was found: connect one and try again."
        elif not self._can_be_heard(stream, self._home) and not self._can_be_heard(
            stream, self._server.ours(self.direction)
        ):
            trouble = (
                f"The {self.direction} “{self.description}” is muted or turned down: turn it up."
            )
        if trouble:
            self.drop()
            raise DeviceError(self.direction, trouble)

    def _where(self, now: float) -> PulseDevice | None:
        """Return where the sound server has our stream; it is asked when that may be news."""
        place = self._place
        well = self._at_home(place) and not (place and is_silent(place.gain_db))
        if self._server.has_news() or not well or now - self._asked_at > PATIENCE:
            self._place, self._asked_at = self._server.ours(self.direction), now
        return self._place

    def _at_home(self, place: PulseDevice | None) -> bool:
        """Return whether the sound server still has our stream where it was opened."""
        if self._home is None:
            return True
        return place is not None and place.name == self._home.name

    def _can_be_heard(self, stream: Stream, place: PulseDevice | None) -> bool:
        """Notice whether the device is turned on, and turn on what is ours to turn on."""
        self.gain_db = stream.mixer.gain_db if place is None else place.gain_db
        if not is_silent(self.gain_db):
            return True
        self._server.make_audible(self.direction, device_too=self.must_work)
        if place is None and self.must_work:
            stream.mixer.make_audible()
        return False

    def _is_there_again(self, now: float) -> bool:
        """Return whether the wanted device, which was gone, is there while another stands in.

        One that was there all the time hangs: it would only hang again.
        """
        if not self._stands_in or now < self._seek_at:
            return False
        self._seek_at, was_gone = now + SEEK_EVERY, not self._ways
        if self._wanted_home is not None:
            self._ways = names.find_again(self.direction, self.wanted, self._server)
        else:
            self._ways = [self._wanted] if alsa.has_card_of(self._wanted.name) else []
        return was_gone and bool(self._ways)

    def _give_up(self, now: float) -> None:
        """Close the stream and look for the wanted device, after a stand-in in a moment.

        That moment it is lost: what was said in the pose, and may not have been heard, is said
        again. Then any other will do sooner.
        """
        self.drop()
        self._retry_at = now
        if self._stands_in:
            self._retry_at += FIRST_RETRY
            if self.must_work:
                self._well_at = min(self._well_at, now - ANY_AFTER + TO_COME_BACK)

    def _server_brings_it_back(self, now: float) -> bool:
        """Open the server's device again if it is one, under whatever name; return whether it is.

        After a while any other speaker will do.
        """
        if self._home is None:
            return False
        found = self._ways = names.find_again(self.direction, self.wanted, self._server)
        if self._any_will_do(now):
            found = names.find_again(self.direction, self.wanted, self._server, any_will_do=True)
        if found:
            self._try_next(found, now)
        else:
            self._wait = FIRST_RETRY  # a look costs nothing, only opening does
        return True

    def _card_comes_back(self, now: float) -> bool:
        """Open the card if another process sees it; return False if it has moved to a new place.

        After a while any other speaker will do.
        """
        there, name = names.names_there_now(), self._wanted.name
        here = [d for d in names.devices(self.direction) if d.name in there]
        self._ways = [d for d in here if d.name == name]
        if not self._ways and names.model(name) in {names.model(other) for other in there}:
            return False
        if not self._any_will_do(now):
            here = self._ways or [d for d in here if d.name == self.device.name]
        if here:
            self._try_next(sorted(here, key=lambda d: d.name != name), now)
        return True

    def _any_will_do(self, now: float) -> bool:
        """Return whether another device may speak; no microphone: it may hear another room."""
        return self.direction == "speaker" and now - self._well_at > ANY_AFTER

    def _try_next(self, found: list[Device], now: float) -> None:
        """Open one of those that may do, in turn."""
        if len(found) != self._among:  # others may be tried from now on: they come first
            self._among, self._tries = len(found), min(1, len(found) - 1)
        device = found[self._tries % len(found)]
        self._tries += 1
        if self._tries % len(found):
            self._wait = FIRST_RETRY  # only after a round
        if self._worth_a_try(device, now):
            self._open(device)

    def _worth_a_try(self, device: Device, now: float) -> bool:
        """Return whether `device` may be opened; what is known of a speaker only opening tells."""
        if self.direction == "speaker" or self._home is None:
            return True
        if self._server.gives_sound(device.source):
            return True
        if now < self._blindly_at:
            return False
        self._blindly_at = now + BLINDLY_EVERY
        return True

    def _open(self, device: Device) -> None:
        log.info("Opening the %s “%s” again.", self.direction, device.source or device.name)
        try:
            stream = Stream(self.direction, device, self._on_beat)
        except (names.portaudio().PortAudioError, SilentDeviceError) as error:
            log.info("It can't be used: %s.", error.args[0])
            return
        self._server.may_be_there()
        at = self._server.ours(self.direction)
        if self._home is not None and not self._good_home(at, device):
            stream.close()
            return
        self._home, self._place, self.device = at, at, device
        self._stands_in = device not in self._ways
        if not self._stands_in:
            self._wanted, self._wanted_home = device, at
        self.looked_at = time.monotonic()
        if self._can_be_heard(stream, at):
            self._well_at = self.looked_at
        self.stream = stream

    def _good_home(self, at: PulseDevice | None, device: Device) -> bool:
        """Return whether it is the device asked for, no made-up sink and no speaker's monitor."""
        if at is None or at.name == NOWHERE or device.source not in (None, at.name):
            return False
        return at.monitors is None or (self._home is not None and at.name == self._home.name)


class Watchdog:
    """Looks after `port` in a thread of its own, since opening a device can take long."""

    def __init__(self, port: Port, refresh: Callable[[], None]) -> None:
        self._port = port
        self._refresh = refresh
        self._end = Event()
        self._thread = Thread(target=self._watch, name=f"{port.direction} watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a device that hangs isn't waited for longer than a second."""
        self._end.set()
        self._thread.join(timeout=1.0)

    def _watch(self) -> None:
        every = LOOK_EVERY if self._port.direction == "speaker" else 2 * LOOK_EVERY
        while not self._end.wait(every):
            try:
                with self._port.busy:
                    found = self._port.look(time.monotonic())
                if not found:
                    self._refresh()
            except Exception:  # whatever it is, it must not be the last look
                log.exception("Looking after the %s failed", self._port.direction)


def refresh(ports: tuple[Port, ...]) -> None:
    """Have PortAudio list the devices anew, which needs every stream closed for a moment.

    Not while one of them hangs: the next look asks again.
    """
    with contextlib.ExitStack() as held:
        for port in ports:
            if not port.busy.acquire(timeout=LOOK_EVERY):
                return
            held.callback(port.busy.release)
        for port in ports:
            port.drop()
        names.refresh()
        for port in ports:
            port.find_again()
