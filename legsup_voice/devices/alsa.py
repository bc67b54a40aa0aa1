"""ALSA itself: whether it has devices, and how loud the mixer of a sound card plays or hears.

The mixer counts where no sound server answers; where one does, it sets the mixer and tells more.
"""

import contextlib
import ctypes
import math
from collections.abc import Iterator
from ctypes import byref, c_char_p, c_int, c_long, c_void_p
from pathlib import Path
from types import ModuleType
from typing import Any

from legsup_voice.devices.pulse import RAISED_DB, Direction, is_silent
from legsup_voice.quiet import quiet

try:
    _alsa: Any = ctypes.CDLL("libasound.so.2")
    _alsa.snd_mixer_first_elem.restype = _alsa.snd_mixer_elem_next.restype = c_void_p
    _alsa.snd_mixer_selem_get_name.restype = c_char_p
except OSError:  # then there is no PortAudio either
    _alsa = None

WAYS: dict[Direction, str] = {"speaker": "playback", "microphone": "capture"}
"""ALSA's words for them."""

IN_LINE: dict[Direction, set[bytes]] = {
    "speaker": {b"Master", b"PCM", b"Digital", b"Playback"},
    "microphone": {b"Capture", b"Mic"},
}
"""Controls that all sound goes through, by the names that ALSA's drivers share
(Documentation/sound/designs/control-names.rst of the kernel; Digital and Playback are those of
boards for the Pi)."""

SIDE_BY_SIDE: dict[Direction, set[bytes]] = {
    "speaker": {
        *(b"Speaker", b"Headphone", b"Headset", b"Line Out", b"Lineout", b"Front"),
        *(b"Analogue", b"IEC958"),
    },
    "microphone": set(),
}
"""Controls of ways out of the card, of which one is enough: what isn't plugged in may be muted."""

OWN = ("/etc/asound.conf", "~/.asoundrc", "~/.config/alsa/asoundrc")
"""Where people write what their sound goes through."""

SURROUND = b"pcm.a52"
"""A device that codes surround sound. PortAudio opens whatever is set up once, and this brings the
76 libraries of a video player: 14 MB."""

CARDS = Path("/proc/asound/cards")
"""What the kernel tells of the cards there are: number, id, driver and name."""

CHANNELS = range(8)
"""More has no card that somebody guides a session with."""


def is_set_up() -> bool:
    """Return whether ALSA's configuration has devices; without any PortAudio ends the process."""
    if _alsa is None:
        return True
    if _alsa.snd_config_update() < 0:
        return False
    top, found = c_void_p.in_dll(_alsa, "snd_config"), c_void_p()
    return bool(_alsa.snd_config_search(top, b"pcm", byref(found)) >= 0)


def has_card_of(device: str) -> bool:
    """Return whether the card is there that `device` is of, by PortAudio's name for it.

    `Card: Part (hw:1,0)` is of a card, anything else of none; then it is not known to be away.
    """
    card, _, part = device.partition(": ")
    if "(hw:" not in part:
        return True
    try:
        return f" - {card}\n" in CARDS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True


def leave_surround_out() -> None:
    """Have PortAudio find no surround coder, unless somebody has set devices up as they like.

    ALSA forgets it when PortAudio ends.
    """
    with contextlib.suppress(RuntimeError):  # it is nobody's home
        if _alsa is None or any(Path(path).expanduser().exists() for path in OWN):
            return
    top, found = c_void_p.in_dll(_alsa, "snd_config"), c_void_p()
    if _alsa.snd_config_update() >= 0 and _alsa.snd_config_search(top, SURROUND, byref(found)) >= 0:
        _alsa.snd_config_delete(found)


class CardMixer:
    """The mixer of the card that a stream of PortAudio's is open on."""

    def __init__(self, direction: Direction, portaudio: ModuleType, stream: Any, name: str) -> None:  # noqa: ANN401
        """Look which card `stream`, of the device that PortAudio calls `name`, is on."""
        self._direction = direction
        self._control = _control(direction, portaudio, stream, name)
        self._handle: c_void_p | None = None
        self._tells = _alsa is not None
        """False when there is no mixer, or one that can't be turned: it has nothing to say then."""

    @property
    def gain_db(self) -> float | None:
        """The gain from the sound to the card's socket, minus infinity if muted; None if unknown.

        It is that of the loudest channel, and 0 dB is as loud as the card goes, or louder.
        """
        if not self._look():
            return None
        in_line = [control.gain_db for control in self._controls(IN_LINE)]
        ways_out = [control.gain_db for control in self._controls(SIDE_BY_SIDE)]
        if not in_line and not ways_out:
            return None
        return sum(in_line) + max(ways_out, default=0.0)

    def make_audible(self) -> None:
        """Unmute and raise what is below `INAUDIBLE_DB`; a mixer that can't be turned is forgotten.

        It may be one that the sound doesn't go through.
        """
        if not is_silent(self.gain_db):
            return
        for kind in (IN_LINE, SIDE_BY_SIDE):
            for control in self._controls(kind):
                control.make_audible()
        if is_silent(self.gain_db):
            self.close()

    def close(self) -> None:
        """Let go of it for good."""
        self._tells = False
        if self._handle is not None:
            _alsa.snd_mixer_close(self._handle)
            self._handle = None

    def _look(self) -> bool:
        """Take in what has been turned; return whether anything is known."""
        if self._tells and self._handle is None:
            self._open()
        if self._handle is not None and _alsa.snd_mixer_handle_events(self._handle) < 0:
            self.close()
        return self._handle is not None

    def _open(self) -> None:
        self._handle = c_void_p()
        with quiet():
            if _alsa.snd_mixer_open(byref(self._handle), 0) < 0:
                self._handle, self._tells = None, False
            elif (
                _alsa.snd_mixer_attach(self._handle, self._control.encode()) < 0
                or _alsa.snd_mixer_selem_register(self._handle, None, None) < 0
                or _alsa.snd_mixer_load(self._handle) < 0
            ):
                self.close()

    def _controls(self, kind: dict[Direction, set[bytes]]) -> "Iterator[_Control]":
        """Yield the controls of one kind there are now: one may be taken away at any time."""
        element = _alsa.snd_mixer_first_elem(self._handle)
        while element:
            if _alsa.snd_mixer_selem_get_name(c_void_p(element)) in kind[self._direction]:
                control = _Control(element, WAYS[self._direction])
                if control.has("switch") or control.has("volume"):
                    yield control
            element = _alsa.snd_mixer_elem_next(c_void_p(element))


class _Control:
    """One control of a mixer (ALSA's simple element) in one direction."""

    def __init__(self, element: int, way: str) -> None:
        self._element = element
        self._way = way

    def has(self, what: str) -> bool:
        """Return whether it has a `switch` or a `volume`."""
        return self._call("has", what) > 0

    @property
    def gain_db(self) -> float:
        """The gain of its loudest channel, minus infinity when it is muted."""
        channels = (channel for channel in CHANNELS if self._call("has", "channel", channel))
        return max(map(self._channel_db, channels), default=0.0)

    def make_audible(self) -> None:
        """Unmute it and raise it to `RAISED_DB` if it is below that."""
        self._call("set", "switch_all", 1)
        if self.gain_db >= RAISED_DB:
            return
        if (most := self._most("dB")) is not None:
            self._call("set", "dB_all", c_long(round(100 * RAISED_DB) + min(0, most)), 1)
        elif most := self._most("volume"):
            self._call("set", "volume_all", c_long(round(most * 10 ** (RAISED_DB / 60))))

    def _channel_db(self, channel: int) -> float:
        on, value = c_int(1), c_long()
        self._call("get", "switch", channel, byref(on))
        if not on.value:
            return -math.inf
        if (most := self._most("dB")) is not None:
            self._call("get", "dB", channel, byref(value))
            return (value.value - min(0, most)) / 100  # hundredths; some cards end below 0
        if not (most := self._most("volume")):
            return 0.0
        self._call("get", "volume", channel, byref(value))
        # as PulseAudio's, which reckons with cubes where a card has no decibels
        return 60 * math.log10(value.value / most) if value.value > 0 else -math.inf

    def _most(self, unit: str) -> int | None:
        """Return the top of its range of `volume` or `dB`, None where there is no such range."""
        least, most = c_long(), c_long()
        known = self._call("get", f"{unit}_range", byref(least), byref(most)) == 0
        return most.value if known and most.value > least.value else None

    def _call(self, verb: str, what: str, *arguments: object) -> int:
        function = getattr(_alsa, f"snd_mixer_selem_{verb}_{self._way}_{what}")
        return int(function(c_void_p(self._element), *arguments))


def _control(direction: Direction, portaudio: ModuleType, stream: Any, name: str) -> str:  # noqa: ANN401
    """Return what ALSA calls the mixer of the card a stream is on: `hw:1`, or as the device.

    A plug-in that is on no card says 0, as the first card does: then the name decides.
    """
    number = c_int()
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(portaudio._libname)
        ask = f"PaAlsa_GetStream{'Input' if direction == 'microphone' else 'Output'}Card"
        pointer = int(portaudio._ffi.cast("intptr_t", stream._ptr))
        getattr(library, ask)(c_void_p(pointer), byref(number))
    return f"hw:{number.value}" if number.value > 0 or "(hw:0," in name else name
