"""The sound card as the engine sees it: a block in, a block out, on a clock that never lies.

The speaker is the master: breathing cues are exact to the sample on its clock, and a block is made
when the speaker is `lead` seconds from needing it. Two cards never run at quite the same speed, so
the microphone's blocks wait in a short queue; when it runs dry a block of silence goes in, when it
grows a block is left out, both counted. If the worker falls behind, the speaker plays silence for
what isn't there, the engine makes the blocks all the same, and those whose time is over are left
out: what is heard later is where it should be.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import soxr

from legsup_voice.audio import (
    BLOCKS_PER_SECOND,
    HEAR_BLOCK,
    HEAR_RATE,
    SPEAK_RATE,
    Samples,
)
from legsup_voice.devices import names
from legsup_voice.devices.clock import CardClock
from legsup_voice.devices.port import Port, Watchdog
from legsup_voice.devices.pulse import SoundServer
from legsup_voice.devices.ring import Ring
from legsup_voice.devices.stream import RING_SECONDS, Stream
from legsup_voice.errors import UserError
from legsup_voice.session.states import Fault

BLOCK = 1 / BLOCKS_PER_SECOND
LEAD, LONGEST_LEAD = 3 * BLOCK, 10 * BLOCK
"""Seconds of sound made before the speaker needs it; grows by a block whenever it was too short."""

START_QUEUE, LONGEST_QUEUE = 2 * HEAR_BLOCK, 6 * HEAR_BLOCK
"""Microphone samples that must wait before the first is used, and after which one block goes."""


@dataclass(frozen=True)
class Losses:
    """What went wrong in the sound, in seconds: nothing here stops the clock."""

    late: float
    """Sound made too late and left out."""
    silence: float
    """Silence heard in place of a microphone that had nothing."""
    left_out: float
    """What the microphone had too much."""
    glitches: int
    """How often the cards' own buffers ran dry or over."""


class Player:
    """The worker's end of the speaker."""

    def __init__(self) -> None:
        self.stream: Stream | None = None
        self.late = 0.0
        self._to_drop = 0

    def adopt(self, stream: Stream | None, ahead: float) -> None:
        """Play on `stream` from now on; `ahead` seconds of sound went to the one before."""
        self.stream = stream
        self._to_drop = 0
        if stream is not None:
            self._resampler = soxr.ResampleStream(SPEAK_RATE, stream.rate, 1, "float32", vr=True)
            stream.ring.write(np.zeros(round(ahead * stream.rate), np.float32))
            self._consumed = stream.ring.taken + stream.ring.underrun
            self._missed = stream.ring.underrun

    def played(self) -> float:
        """Return the seconds the card has played since this was last asked."""
        if self.stream is None:
            return 0.0
        ring = self.stream.ring
        missed, consumed = ring.underrun, ring.taken + ring.underrun
        since, self._consumed = consumed - self._consumed, consumed
        self._to_drop += missed - self._missed
        self._missed = missed
        return since / self.stream.rate

    @property
    def starved(self) -> bool:
        """Whether the card has played silence for sound that is still to come, and will be late."""
        return self._to_drop > 0

    def skip(self, seconds: float) -> None:
        """Leave out the next `seconds` of sound: their time has passed."""
        if self.stream is not None:
            self._to_drop += round(seconds * self.stream.rate)

    def push(self, block: Samples) -> None:
        """Play `block` after what is there, as far as its time isn't over."""
        if self.stream is None:
            self.late += BLOCK
            return
        samples = self._resampler.resample_chunk(block)
        drop = min(self._to_drop, len(samples))
        self._to_drop -= drop
        self.late += drop / self.stream.rate
        self.stream.ring.write(samples[drop:])


class Listener:
    """The worker's end of the microphone."""

    def __init__(self) -> None:
        self.stream: Stream | None = None
        self.silence = 0.0
        self.left_out = 0.0
        self._queue = Ring(HEAR_RATE * RING_SECONDS)
        self._filling = True

    def adopt(self, stream: Stream | None) -> None:
        """Listen to `stream` from now on."""
        self.stream = stream
        self._queue.read(self._queue.fill)
        self._filling = True
        if stream is not None:
            self._resampler = soxr.ResampleStream(stream.rate, HEAR_RATE, 1, "float32", vr=True)
            stream.ring.read(stream.ring.fill)

    def block(self) -> Samples:
        """Return the next 320 samples; silence, counted, where the microphone has nothing."""
        self._pull()
        needed = START_QUEUE if self._filling else HEAR_BLOCK
        self._filling = self._queue.fill < needed
        if self._filling:
            self.silence += BLOCK
            return np.zeros(HEAR_BLOCK, np.float32)
        return self._queue.read(HEAR_BLOCK)

    def trim(self) -> None:
        """Leave out what has piled up because this card is faster than the speaker's."""
        self._pull()
        if self._queue.fill > LONGEST_QUEUE:
            extra = self._queue.fill - START_QUEUE
            self.left_out += extra / HEAR_RATE
            self._queue.read(extra)

    def _pull(self) -> None:
        if self.stream is not None:
            samples = self.stream.ring.read(self.stream.ring.fill)
            self._queue.write(self._resampler.resample_chunk(samples))


def check(mic: str | None, speaker: str | None) -> None:
    """Look for both devices without opening them.

    Raises:
        UserError: one of them isn't there.
    """
    server = SoundServer()
    names.find("speaker", speaker, server)
    names.find("microphone", mic, server)
    server.close()


class SoundCard:
    """The microphone and the speaker by name, None for the system's default; opened when made.

    Raises:
        UserError: one of them isn't there or can't be opened.
    """

    def __init__(self, mic: str | None, speaker: str | None) -> None:
        self._server = SoundServer()
        self._speaker = Port("speaker", speaker, self._server)
        try:
            self._microphone = Port("microphone", mic, self._server)
        except UserError:
            self._speaker.drop()
            self._server.close()
            raise
        if self._microphone.hears(self._speaker):
            self._let_go()
            raise UserError("There is no microphone, only the speaker's own sound: connect one.")
        self._player, self._listener = Player(), Listener()
        self._clock = CardClock(time.monotonic())
        self._lead = LEAD
        self._made = 0
        self._lost = {Fault.SPEAKER_LOST: False, Fault.MICROPHONE_LOST: False}
        self._watchdog = Watchdog(self._speaker, self._microphone)

    def step(self, process: Callable[[Samples], Samples]) -> int:
        """Run `process` for every block that is due now and return how many there were."""
        if not self._made:
            self._clock = CardClock(time.monotonic())
        self._adopt()
        skipped = self._clock.skipped
        seconds = self._clock.advance(
            self._player.played(), time.monotonic(), playing=self._player.stream is not None
        )
        self._player.skip(self._clock.skipped - skipped)
        if self._player.starved and self._made:
            self._lead = min(self._lead + BLOCK, LONGEST_LEAD)
        blocks = 0
        while self._made * BLOCK < seconds + self._lead:
            self._player.push(process(self._listener.block()))
            self._made += 1
            blocks += 1
        self._listener.trim()
        return blocks

    def faults(self) -> Iterator[Fault]:
        """Yield what has been lost, or has come back, since this was last asked."""
        now = time.monotonic()
        for port, lost, back in (
            (self._speaker, Fault.SPEAKER_LOST, Fault.SPEAKER_BACK),
            (self._microphone, Fault.MICROPHONE_LOST, Fault.MICROPHONE_BACK),
        ):
            is_lost = port.lost(now)
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
    def losses(self) -> Losses:
        """What went wrong in the sound so far."""
        streams = (self._player.stream, self._listener.stream)
        return Losses(
            late=self._player.late,
            silence=self._listener.silence,
            left_out=self._listener.left_out,
            glitches=sum(stream.glitches for stream in streams if stream is not None),
        )

    def close(self) -> None:
        """Let go of both devices."""
        self._watchdog.stop()
        self._let_go()

    def _let_go(self) -> None:
        self._speaker.drop()
        self._microphone.drop()
        self._server.close()

    def _adopt(self) -> None:
        if self._player.stream is not self._speaker.stream:
            self._player.adopt(
                self._speaker.stream, ahead=max(0.0, self._made * BLOCK - self._clock.seconds)
            )
        if self._listener.stream is not self._microphone.stream:
            self._listener.adopt(self._microphone.stream)
