"""One open stream of the sound card; its callback moves samples through a ring and nothing else."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from legsup_voice.audio import BLOCKS_PER_SECOND
from legsup_voice.devices.alsa import CardMixer
from legsup_voice.devices.names import Device, choose, portaudio
from legsup_voice.devices.pulse import Direction
from legsup_voice.devices.ring import AHEAD_SECONDS, RING_SECONDS, Buffer, Ring
from legsup_voice.quiet import quiet

FIRST_BEAT = 3.0
"""Seconds a card may take to begin; a sound server's idle sink sleeps for up to two."""

PERIOD: dict[Direction, int] = {"microphone": 2, "speaker": 1}
"""Blocks that a card gives or takes at a time. Each time wakes PortAudio's thread, that of the
sound server's library and, for a microphone, ours: that costs more than what is done with a quiet
block. A speaker has three periods ahead at least, for which a line that is cut goes on: with two
blocks at a time "stop" was followed by silence 90 ms later."""

LATENCY = 0.04
"""Seconds PortAudio may buffer besides: a period, so that one can be late."""

PROOF: dict[Direction, int] = {"microphone": 1, "speaker": 10}
"""Periods after which a card surely runs. One that hangs takes as many as its buffers hold: a sink
that was suspended took 3."""

TRIAL, MOST_SECONDS = 0.05, 0.5
"""Seconds of running, and of sound that a card may ask for in them: half a second of sound is more
than any buffer that is filled ahead. One that asks for more keeps no time, like ALSA's `null`: a
session on it would run away."""


class SilentDeviceError(Exception):
    """The device could be opened, but is no sound card: it stands still, or keeps no time."""


class Stream:
    """A microphone or speaker that runs; `beats` grows with every block the card asks for."""

    def __init__(
        self, direction: Direction, device: Device, on_beat: Callable[[], None] = lambda: None
    ) -> None:
        """Open and start `device`, and wait until it surely runs.

        `on_beat` is called in the card's thread when a microphone has given something and when a
        speaker has less than two periods left; it must not wait for anything.

        Raises:
            sounddevice.PortAudioError: it can't be opened (now).
            SilentDeviceError: it can, but gives or takes nothing, or far too much.
        """
        self.device = device
        self.rate = device.rate
        self.beats = 0
        self._on_beat = on_beat
        self._seen = 0
        sd = portaudio()
        mic = direction == "microphone"
        channels = 1 if mic else min(2, device.channels)
        self.ring = Ring(device.rate * (RING_SECONDS if mic else AHEAD_SECONDS), channels)
        self._most_beats = MOST_SECONDS * BLOCKS_PER_SECOND / PERIOD[direction]
        choose(direction, device)
        with quiet():
            self._stream: Any = (sd.RawInputStream if mic else sd.RawOutputStream)(
                device=device.index,
                channels=channels,
                samplerate=device.rate,
                blocksize=device.rate * PERIOD[direction] // BLOCKS_PER_SECOND,
                latency=LATENCY,
                dtype="float32",
                callback=self._heard if mic else self._played,
            )
            self._stream.start()
        self.mixer = CardMixer(direction, sd, self._stream, device.name)
        """What tells how loud it is where no sound server does."""
        self._await_beats(PROOF[direction])

    def _await_beats(self, enough: int) -> None:
        deadline = time.monotonic() + FIRST_BEAT
        while self.beats < enough:
            if time.monotonic() > deadline or not self._stream.active:
                self.close()
                raise SilentDeviceError(f"{self.device.name} stands still")
            time.sleep(0.01)
        before = self.beats
        time.sleep(TRIAL)
        if self.beats - before > self._most_beats:
            self.close()
            raise SilentDeviceError(f"{self.device.name} keeps no time, so it is no sound card")
        self.beat_at = time.monotonic()
        """When the last beat was noticed, on the monotonic clock."""

    def _heard(self, data: Buffer, frames: int, _time: object, _status: object) -> None:
        self.ring.take(data, frames)
        self.beats += 1
        self._on_beat()

    def _played(self, data: Buffer, frames: int, _time: object, _status: object) -> None:
        self.ring.give(data, frames)
        self.beats += 1
        if self.ring.fill < 2 * frames:
            self._on_beat()

    @property
    def delay(self) -> float:
        """Seconds between the ring and the air, as PortAudio tells it."""
        return float(self._stream.latency)

    def alive(self, now: float, patience: float) -> bool:
        """Return whether the card has asked for a block within `patience` seconds."""
        if self.beats != self._seen:
            self._seen, self.beat_at = self.beats, now
        return bool(self._stream.active) and now - self.beat_at < patience

    def close(self) -> None:
        """Stop at once and let go of the device; a device that is gone already is no error."""
        self.mixer.close()
        with quiet(), contextlib.suppress(portaudio().PortAudioError):
            self._stream.abort()
        with quiet(), contextlib.suppress(portaudio().PortAudioError):
            self._stream.close()
