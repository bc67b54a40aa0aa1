"""The sound card as the engine sees it: a block in, a block out, on a clock that never lies."""

import contextlib
import time
from collections.abc import Callable, Iterator
from threading import Lock, Thread

from legsup_voice.audio import Samples
from legsup_voice.devices import names
from legsup_voice.devices.names import DeviceError
from legsup_voice.devices.port import PATIENCE, Port, Watchdog, refresh
from legsup_voice.devices.pulse import Direction, SoundServer
from legsup_voice.devices.transport import BLOCK, Losses, Transport
from legsup_voice.protocol.faults import Fault

LONGEST_WAIT = 5 * BLOCK
"""Seconds after which the worker looks by itself: a card that is gone wakes nobody."""

STUCK_AFTER = 15.0
"""Seconds without a look at the speaker after which that look will never end: to list the devices
anew and to open one takes up to thirteen."""


class Turn:
    """Wakes the worker when a block is due, so that it need not look all the time."""

    def __init__(self) -> None:
        # A bare lock, since the card's callback may neither wait nor allocate to release it.
        self._not_yet = Lock()
        self._periods, self._given = 1, 0

    def given(self) -> None:
        """Wake the worker if that was what it waits for of the microphone."""
        self._given += 1
        if self._given >= self._periods:
            self.come()

    def come(self) -> None:
        """Wake the worker, now or as soon as it waits."""
        with contextlib.suppress(RuntimeError):  # it has been told already
            self._not_yet.release()

    def wait(self, periods: int) -> None:
        """Wait until the turn has come since this was last called, or `LONGEST_WAIT`.

        It comes when the microphone has given so many periods, or the speaker has little left.
        """
        self._periods = periods
        self._not_yet.acquire(timeout=LONGEST_WAIT)
        self._given = 0


def check(mic: str | None, speaker: str | None) -> None:
    """Look for both devices without opening them.

    Raises:
        DeviceError: one of them isn't there.
    """
    server = SoundServer()
    names.find("speaker", speaker, server)
    names.find("microphone", mic, server)
    server.close()


class SoundCard:
    """The microphone and the speaker by name, None for the system's default; opened when made.

    Raises:
        DeviceError: one of them isn't there, can't be opened, or can't be heard.
    """

    def __init__(self, mic: str | None, speaker: str | None) -> None:
        self._turn = Turn()
        self._speaker = Port("speaker", speaker, self._turn.come)
        try:
            self._microphone = Port("microphone", mic, self._turn.given)
        except DeviceError:
            self._speaker.drop()
            raise
        if self._microphone.hears(self._speaker):
            self._let_go()
            raise DeviceError(
                "microphone", "There is no microphone, only the speaker's own sound: connect one."
            )
        self._transport = Transport()
        self._lost = {Fault.SPEAKER_LOST: False, Fault.MICROPHONE_LOST: False}
        self._asked_at = self._awake_since = time.monotonic()
        ports = (self._speaker, self._microphone)
        self._watchdogs = [Watchdog(port, lambda: refresh(ports)) for port in ports]

    def step(
        self,
        process: Callable[[Samples], Samples],
        settle: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Run `process` for every block that is due now; tell `settle` what became of each."""
        self._transport.run(
            self._speaker.stream,
            self._microphone.stream,
            time.monotonic(),
            process,
            settle,
            self._speaker.condition,
        )

    def silence(self) -> None:
        """Take back the sound that was made ahead; to be called from `process`."""
        self._transport.silence()

    def wait(self, *, calm: bool = False) -> None:
        """Wait until other blocks may be due; with `calm` for twice as many."""
        self._turn.wait(2 if calm else 1)

    def must_work(self, in_pose: bool) -> None:
        """With somebody in the pose, turn on what is muted; else only say that it is."""
        self._speaker.must_work = self._microphone.must_work = in_pose

    @property
    def stuck(self) -> bool:
        """Whether a library never comes back from a call, to close a card that is gone for one.

        What becomes of the sound is not known any more, no other speaker is tried, and only the
        end of this process ends the call.
        """
        known_at = max(self._speaker.looked_at, self._awake_since)
        return time.monotonic() - known_at > STUCK_AFTER

    def faults(self) -> Iterator[Fault]:
        """Yield what has been lost, or has come back, since this was last asked.

        Lost is what is gone, hangs, is muted or turned down, and a microphone that gives nothing.
        """
        now = time.monotonic()
        if now - self._asked_at > PATIENCE:  # this very process was stopped, not the devices
            self._awake_since = now
        self._asked_at = now
        if now - self._awake_since < PATIENCE:
            return
        for is_lost, lost, back in (
            (self._speaker.lost(now), Fault.SPEAKER_LOST, Fault.SPEAKER_BACK),
            (
                self._microphone.lost(now) or self._transport.microphone_is_dead,
                Fault.MICROPHONE_LOST,
                Fault.MICROPHONE_BACK,
            ),
        ):
            if is_lost != self._lost[lost]:
                self._lost[lost] = is_lost
                yield lost if is_lost else back

    @property
    def speaker_name(self) -> str:
        """What the speaker is called, and at which rate it runs."""
        return self._speaker.description

    @property
    def microphone_name(self) -> str:
        """What the microphone is called, and at which rate it runs."""
        return self._microphone.description

    @property
    def gains_db(self) -> dict[Direction, float]:
        """The gain that sound has on its way, as far as somebody knows it."""
        ports = (self._microphone, self._speaker)
        return {port.direction: port.gain_db for port in ports if port.gain_db is not None}

    @property
    def losses(self) -> Losses:
        """What went wrong in the sound so far."""
        return self._transport.losses

    def close(self) -> None:
        """Let go of both devices; one that hangs isn't waited for longer than a few seconds."""
        for watchdog in self._watchdogs:
            watchdog.stop()
        self._let_go()

    def _let_go(self) -> None:
        ports = (self._speaker, self._microphone)
        closing = [Thread(target=port.drop, daemon=True) for port in ports]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join(timeout=1.0)
