"""A speaker that is given whole lines at once, far ahead of their time.

A line that has begun lies with the sound server, or in the card's own buffer as far as it fits, and
is heard to its end however busy the computer is. It can't be taken back: who wants silence ends the
process.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from legsup_voice.audio import Samples
from legsup_voice.devices.alsa import CardMixer
from legsup_voice.devices.names import Device, choose, portaudio
from legsup_voice.devices.pulse import NOWHERE, PulseDevice, SoundServer, is_silent
from legsup_voice.quiet import quiet

AHEAD = 8.0
"""Seconds of sound the speaker may get at once: the longest line."""

LEAD = 0.5
"""Seconds of silence the speaker has ahead between lines: it never runs dry."""

TICK = 0.25
"""Seconds between two looks at the speaker."""


class FarAhead:
    """A speaker that plays what it is given to its end."""

    def __init__(
        self, device: Device, server: SoundServer, *, ahead: float = AHEAD, turns_up: bool
    ) -> None:
        """Open `device` with room for `ahead` seconds; `turns_up` what is muted.

        Raises:
            sounddevice.PortAudioError: it can't be opened.
            OSError: nobody can hear it.
        """
        choose("speaker", device)
        with quiet():
            self._stream: Any = portaudio().RawOutputStream(
                device=device.index,
                channels=min(2, device.channels),
                samplerate=device.rate,
                dtype="float32",
                latency=ahead,
            )
            self._stream.start()
        self._mixer = CardMixer("speaker", portaudio(), self._stream, device.name)
        self._rate = device.rate
        self._server = server
        self._turns_up = turns_up
        self._room: int = self._stream.write_available
        self._tick = min(TICK, self._room / self._rate / 4)
        self._given = 0
        self._told = (-1, False)
        self._ends = time.monotonic()
        """When all that was given will have sounded."""
        self._turn_up(server.ours("speaker"))
        if not self._can_be_heard() and not turns_up:
            raise OSError("it is muted")

    def say(self, line: Samples, pause: float, tell: Callable[[bool], None]) -> bool:
        """Play `line` and `pause` seconds of silence; return whether it could be heard throughout.

        `tell` is called whenever the speaker has taken something, and at the line's end, with
        whether it may still sound: it does until the speaker has taken all of it and its time is
        over.

        Raises:
            sounddevice.PortAudioError, OSError: the speaker is gone.
        """
        self._turn_up(self._server.ours("speaker"))
        audible = True
        while len(line):
            line = line[self._give(line) :]
            audible &= self._wait(tell, sounding=True)
        goal, ends = self._given, self._ends
        while self._taken < goal or time.monotonic() < ends:
            self._stay_ahead()
            audible &= self._wait(tell, sounding=True)
        next_at = time.monotonic() + pause - LEAD
        while time.monotonic() < next_at:
            self._stay_ahead()
            self._wait(tell, sounding=False)
        return audible

    def _give(self, samples: Samples) -> int:
        """Hand over as many samples as there is room for; return how many."""
        part = samples[: self._stream.write_available]
        if len(part):
            self._stream.write(np.repeat(part[:, np.newaxis], self._stream.channels, axis=1))
            self._given += len(part)
            self._ends = max(self._ends, time.monotonic()) + len(part) / self._rate
        return len(part)

    def _stay_ahead(self) -> None:
        if self._ends < time.monotonic() + LEAD:
            self._give(np.zeros(round(LEAD * self._rate), np.float32))

    @property
    def _taken(self) -> int:
        """Samples that are no longer in our own buffer."""
        free: int = self._stream.write_available
        return self._given - max(0, self._room - free)

    def _wait(self, tell: Callable[[bool], None], *, sounding: bool) -> bool:
        """Wait for a moment and tell what has been taken; return whether it can be heard."""
        time.sleep(self._tick)
        if (told := (self._taken, sounding)) != self._told:
            self._told = told
            tell(sounding)
        return self._can_be_heard()

    def _can_be_heard(self) -> bool:
        """Look whether it can be heard, and turn up what may be turned up."""
        home = self._server.ours("speaker")
        if home is not None and home.name == NOWHERE:
            raise OSError("there is no speaker")
        if not is_silent(self._mixer.gain_db if home is None else home.gain_db):
            return True
        self._turn_up(home)
        return False

    def _turn_up(self, home: PulseDevice | None) -> None:
        """Turn up what may be turned up, wherever the sound is."""
        self._server.make_audible("speaker", device_too=self._turns_up)
        if home is None and self._turns_up:
            self._mixer.make_audible()
