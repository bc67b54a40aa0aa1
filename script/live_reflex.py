"""A tone that falls silent as soon as the microphone hears anything, and comes back later.

What passes from click to silence is the room's own, and the sound cards': nothing is decided here.
`live_latency.py` runs it in its virtual room.

    python -m script.live_reflex server      libpulse alone, 5 ms at a time: the room's least
    python -m script.live_reflex cards       the streams that a live session opens
"""

import ctypes
import sys
import time
from collections.abc import Callable
from threading import Thread

import numpy as np

from legsup_voice.audio import Samples
from legsup_voice.devices.names import find
from legsup_voice.devices.pulse import SoundServer
from legsup_voice.devices.stream import Stream

RATE = 48_000
LOUD = 0.05
"""Of full scale: what the microphone hears then is a click, and no noise."""

REST = 0.7
"""Seconds of silence after a click."""

PIECE = RATE // 200
"""Samples that libpulse gives at a time, and a quarter of what it has ahead."""

SPEAKER, MICROPHONE = "legsup_speaker", "legsup_mic"


class Tone:
    """The tone, and whether it is to be silent now."""

    def __init__(self) -> None:
        self._silent_until = 0.0
        self._at = 0

    @property
    def silent(self) -> bool:
        """Whether a click was heard just now."""
        return time.monotonic() < self._silent_until

    def hear(self, samples: Samples) -> bool:
        """Fall silent if there is a click in `samples`; return whether there is."""
        loud = len(samples) > 0 and float(np.abs(samples).max()) > LOUD
        if loud:
            self._silent_until = time.monotonic() + REST
        return loud

    def next(self, count: int) -> Samples:
        """Return the next `count` samples."""
        at = np.arange(self._at, self._at + count)
        self._at += count
        tone: Samples = (0.2 * np.sin(2 * np.pi * 500 * at / RATE)).astype(np.float32)
        return np.zeros_like(tone) if self.silent else tone


class _Spec(ctypes.Structure):
    """pa_sample_spec."""

    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _Buffer(ctypes.Structure):
    """pa_buffer_attr."""

    _fields_ = tuple(
        (name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    )


FLOAT32, PLAYBACK, RECORD, BY_ITSELF = 5, 1, 2, 2**32 - 1  # pulse/sample.h, def.h


def server() -> None:
    """Run on libpulse alone."""
    pulse = ctypes.CDLL("libpulse-simple.so.0")
    pulse.pa_simple_new.restype = ctypes.c_void_p
    piece = 4 * PIECE
    attributes = _Buffer(BY_ITSELF, 4 * piece, 0, piece, piece)

    def opened(direction: int, device: str) -> ctypes.c_void_p:
        spec, error = _Spec(FLOAT32, RATE, 1), ctypes.c_int()
        names = (None, b"reflex", direction, device.encode(), b"tone")
        stream = pulse.pa_simple_new(
            *names, ctypes.byref(spec), None, ctypes.byref(attributes), ctypes.byref(error)
        )
        assert stream, f"pa_simple_new: error {error.value}"
        return ctypes.c_void_p(stream)

    speaker, microphone = opened(PLAYBACK, SPEAKER), opened(RECORD, MICROPHONE)
    tone, heard = Tone(), bytearray(piece)
    into = (ctypes.c_char * piece).from_buffer(heard)

    def play() -> None:
        while True:
            pulse.pa_simple_write(speaker, tone.next(PIECE).tobytes(), piece, None)

    Thread(target=play, daemon=True).start()
    while True:
        pulse.pa_simple_read(microphone, into, piece, None)
        tone.hear(np.frombuffer(heard, np.float32))


def cards() -> None:
    """Run on the streams that a live session opens."""
    here = SoundServer()
    speaker = Stream("speaker", find("speaker", SPEAKER, here))
    microphone = Stream("microphone", find("microphone", MICROPHONE, here))
    tone, ring = Tone(), speaker.ring
    while True:
        if tone.hear(microphone.ring.read(microphone.ring.fill)):
            ring.silence(0)
        if ring.fill < speaker.rate // 50:
            ring.write(tone.next(speaker.rate // 50))
        time.sleep(0.001)


WAYS: dict[str, Callable[[], None]] = {"server": server, "cards": cards}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
