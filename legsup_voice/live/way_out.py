"""What the supervisor says when the session can't: the way down, or why no session begins.

A speaker is all that it needs.

The clips are part of the package and held in memory from the start, and so is the code that plays
them: an upgrade, or a disk that dies, takes neither away. No configuration, journal, cache, model,
microphone or synthesiser has a say in it. A process of its own plays them on one speaker; where
that fails or hangs, the next one tries the next speaker there is, from the line that was not heard
to its end. Only PortAudio is left to that process: it opens every device there is, may hang or
crash in that, and knows no devices but those of its start.

`python -m legsup_voice.live.way_out LANGUAGE` makes the clips anew from the lines of a language.
"""

import contextlib
import io
import logging
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from socket import socket

import numpy as np
import soundfile
import soxr

from legsup_voice.devices.ahead import AHEAD, LEAD, FarAhead
from legsup_voice.devices.names import SERVER_DEVICES, Device, devices, find, portaudio
from legsup_voice.devices.pulse import SoundServer
from legsup_voice.errors import UserError
from legsup_voice.live.heartbeat import Forked
from legsup_voice.speaking.way_out import ENGLISH, FOLDERS, folder

log = logging.getLogger(__name__)

Script = tuple[tuple[str, float], ...]
"""Lines in order, each with the seconds of quiet after it in which to do what it says."""

DOWN: Script = (
    ("exit.warning", 1.0),
    ("exit.knees", 6.0),
    ("exit.feet", 8.0),
    ("exit.roll", 8.0),
    ("side.rest", 30.0),
    ("sitting.rest", 30.0),
    ("stand.support", 0.5),
)
ENDING: Script = (("exit.alone", 0.5),)
"""For somebody in the pose, when the program must end soon."""
RESTING: Script = (("fault.ending", 0.5),)
"""For somebody who is down already and rests."""
DEAF: Script = (("fault.deaf", 0.5),)
MUTE: Script = (("fault.mute", 0.5),)
UNABLE: Script = (("fault.unable", 0.5),)
"""For somebody who waits for a session that can't begin."""

HANG = 6.0
"""Seconds without a sign of life after which another speaker is tried. A sound server's idle
speaker sleeps for up to two; a small computer takes as long to load each part of what plays."""
BUSY_SHARE = 0.1
"""What counts of the time in which it waits for nothing but the processor: it is on its way."""
AGAIN, LATER = 0.5, 4.0
"""Seconds between one try and the next: each waits longer, up to the latter."""
GIVE_UP = 1800.0
"""Seconds after which nobody lies there any more, whether or not there was a speaker."""
REPEATS = 2
"""How often a line that was muted somewhere is said again, before another speaker is tried."""
TOLD = 5
"""Tries whose trouble is worth a sentence; those that follow find the same."""


_SCRIPTS = (*DOWN, *ENDING, *RESTING, *DEAF, *MUTE, *UNABLE)
_NO_OTHER = 3
"""The exit status when there is no other speaker to try."""


def clips(language: str = ENGLISH) -> dict[str, bytes]:
    """Return the clips as they are in the package, Ogg Opus files, by line.

    They are English where there are none in `language`.
    """
    there = folder(language)
    return {line: (there / f"{line}.opus").read_bytes() for line, _ in _SCRIPTS}


class WayOut:
    """Says a script; `look` is to be called often."""

    def __init__(
        self, held: dict[str, bytes], script: Script, speaker: str | None, *, turns_up: bool = True
    ) -> None:
        """Begin; without `turns_up` only speakers that can be heard as they are, and each once."""
        self.done = False
        self.between_lines = False
        """A line has been said to its end and the next has not begun."""
        self._held = held
        self._script = script
        self._speaker = speaker
        self.turns_up = turns_up
        """Whether a speaker that is muted is turned on for it."""
        self._at = self._tries = 0
        self._next_at = 0.0
        """When what the line before it asked for has been done, and the next line may begin."""
        self._began = time.monotonic()
        self._again_at = 0.0
        self._process: Forked | None = None
        self.look()

    def look(self) -> None:
        """See how far it is, and have another speaker tried where one fails."""
        now = time.monotonic()
        self.done = self.done or now - self._began > GIVE_UP
        if self.done or now < self._again_at:
            return
        try:
            process = self._process = self._process or self._start()
        except OSError as error:
            self._again_at = now + AGAIN
            log.info("Nothing can be said yet: %s", error)
            return
        ended = process.ended()  # before its last bytes are read
        for beat in process.beats():
            self._follow(*divmod(beat, 2))
        if process.silent(BUSY_SHARE) > HANG:
            process.kill()
            self._complain("it hangs")
            ended = True
        if ended:
            self._at_its_end(process)

    def _follow(self, line: int, sounding: int) -> None:
        if not sounding and line >= self._at:  # it has just been said to its end
            self._next_at = time.monotonic() + self._script[line][1]
        self._at, self.between_lines = line + (not sounding), not sounding

    def finish(self) -> None:
        """The program must end: after the line that sounds, say only what is needed most.

        Call it until `done`.
        """
        if not self.turns_up:
            self.stop()
        elif self._script is DOWN and (self.between_lines or self._process is None):
            self.stop()
            self._script = (*DOWN[: self._at == 0], *ENDING)
            self._at, self._next_at, self.done = 0, 0.0, False

    def stop(self) -> None:
        """Be silent at once."""
        self.done = True
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _start(self) -> Forked:
        process = Forked()
        if not process.pid:
            status = 1
            try:
                status = self._speak(process.end)
            except BaseException as error:  # whatever it is, the next speaker is tried
                self._complain(error)
            os._exit(status)
        return process

    def _complain(self, why: object) -> None:
        level = logging.WARNING if self._tries < TOLD else logging.INFO
        log.log(level, "Nothing could be said here: %s", why)

    def _at_its_end(self, process: Forked) -> None:
        process.end.close()
        self._process = None
        self.between_lines = False
        self._tries += 1
        self._again_at = time.monotonic() + min(AGAIN * self._tries, LATER)
        self.done = process.status in (0, _NO_OTHER) or self._at >= len(self._script)

    def _speak(self, end: socket) -> int:
        """Play the script from the line on that was not heard to its end; return the exit status.

        Whenever the speaker has taken something, that is a byte to `end`: twice the line, plus one
        in sound.
        """

        def tell(line: int, sounding: bool) -> None:
            with contextlib.suppress(OSError):  # nobody listens: it speaks to its end all the same
                end.send(bytes([2 * line + sounding]))

        end.setblocking(False)
        alive = partial(tell, self._at, True)
        alive()
        with contextlib.suppress(UserError):  # then there is no speaker
            portaudio()
        alive()
        server = SoundServer()
        there = list(_speakers(self._speaker, server))
        if self._tries >= len(there) and not self.turns_up:
            return _NO_OTHER
        if not there:
            raise OSError("there is no speaker")
        device = there[self._tries % len(there)]
        ahead = AHEAD if self._tries < len(there) else LEAD  # not every card has much room
        alive()
        speaker = FarAhead(device, server, ahead=ahead, turns_up=self.turns_up)
        alive()
        nothing = np.zeros(0, np.float32)
        rest = self._next_at - time.monotonic() + LEAD  # of a pause in which another died
        speaker.say(nothing, rest, partial(tell, self._at - 1))
        for number, (line, pause) in list(enumerate(self._script))[self._at :]:
            sound = nothing
            with contextlib.suppress(soundfile.SoundFileError, ValueError, MemoryError):  # damaged
                samples, rate = soundfile.read(io.BytesIO(self._held[line]), dtype="float32")
                sound = soxr.resample(samples, rate, device.rate)
            told = partial(tell, number)
            if not any(speaker.say(sound, pause, told) for _ in range(1 + REPEATS)):
                raise OSError("it stays silent")
        return 0


def _speakers(wanted: str | None, server: SoundServer) -> Iterator[Device]:
    """Yield the speakers to try: the wanted one, the default, then every other."""
    for name in (wanted, None) if wanted else (None,):
        try:
            yield find("speaker", name, server)
        except UserError as error:
            log.info("%s", error)
    try:
        there = devices("speaker")
    except UserError as error:
        log.info("%s", error)
        return
    for device in there:
        if device.name in SERVER_DEVICES:
            for sink in server.devices("speaker"):
                yield replace(device, rate=sink.rate, source=sink.name)
        yield device


def _make(language: str = ENGLISH) -> None:
    """Render the clips of `language` from its content, with the voice that is installed."""
    from legsup_voice.audio import SPEAK_RATE
    from legsup_voice.content import capitalised, content
    from legsup_voice.speaking.voice import Voice

    voice, made = Voice(language=language), FOLDERS / language
    made.mkdir(exist_ok=True)
    for name, _ in _SCRIPTS:
        line = content(language).lines[name]
        text = capitalised(line.say[0])
        with soundfile.SoundFile(
            made / f"{name}.opus", "w", SPEAK_RATE, 1, "OPUS", format="OGG"
        ) as file:
            file.title = text
            file.write(voice.clip(text, line.pace))


if __name__ == "__main__":
    _make(*sys.argv[1:])
