"""Blocks between the engine and two cards that keep their own time.

The speaker is the master: breathing cues are exact to the sample on its clock, and a block is made
when the speaker is `lead` seconds from needing it and the microphone has given its own. Two cards
never run at quite the same speed: what comes too late for the speaker is a block of silence, and
what waits for nothing is left out, both counted. If the worker falls behind, the speaker plays
silence for what isn't there, the engine makes the blocks all the same, and those whose time is over
are left out: what is heard later is where it should be. And what becomes of every block is told: it
counts as heard only when the speaker was found well after the block had left it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from legsup_voice.audio import (
    BLOCKS_PER_SECOND,
    HEAR_BLOCK,
    HEAR_RATE,
    SPEAK_BLOCK,
    SPEAK_RATE,
    Resampler,
    Samples,
)
from legsup_voice.devices.clock import CardClock
from legsup_voice.devices.ring import RING_SECONDS, Ring

BLOCK = 1 / BLOCKS_PER_SECOND
LEAD, LONGEST_LEAD = 6 * BLOCK, 10 * BLOCK
"""Seconds of sound made before the speaker needs it; grows by a block whenever it was too short.

A microphone wakes us when it has given two blocks, or four while there is nothing to follow, and
the speaker when it has less than two left."""

FADE = 0.005
"""Seconds in which sound that is taken back falls to silence, so that it doesn't click."""

PATIENCE = 2 * BLOCK
"""Seconds for which a block waits for the microphone. What isn't waited for is heard later from
then on, by as much silence as goes in: on a busy machine that came to 40 ms."""

LONGEST_QUEUE = 6 * HEAR_BLOCK
"""Microphone samples that may wait; what is more goes at once."""

WAITS_FOR_NOTHING = 10.0
"""Seconds after which what has waited all the time goes: it only makes us late. Not while a line of
ours sounds, since its echo would come sooner from then on."""


DEAD_AFTER, DEAD_SOUND = 5.0, 2.0
"""Seconds of exact zeros, and of our own sound meanwhile, after which a microphone is dead. A live
one has noise; one behind a noise gate gives zeros too, but not while somebody speaks."""


NOTHING = 1e-7
"""Of full scale: the last bit of 24."""


@dataclass(frozen=True)
class Losses:
    """What went wrong in the sound, in seconds: nothing here stops the clock."""

    late: float
    """Sound made too late and left out."""
    silence: float
    """Silence heard in place of a microphone that had nothing."""
    left_out: float
    """What the microphone had too much."""


class Card(Protocol):
    """What a stream of a sound card is here: a ring at the card's rate."""

    rate: int
    ring: Ring

    @property
    def delay(self) -> float:
        """Seconds between the ring and the air."""
        ...


@dataclass(frozen=True)
class Condition:
    """How the speaker was when it was last looked at."""

    well_at: float
    """Monotonic time at which it last ran, where it should be, and could be heard."""
    audible: bool = True
    """False when it runs, but is muted or turned down to nothing."""


@dataclass
class _Sent:
    """A block on its way to the air; `end` of the ring's samples are written with it."""

    end: int
    lost: int
    out_at: float | None = None
    """Monotonic time at which it has left the card."""

    def known(self, well_at: float) -> bool:
        """Return whether its fate is known if the speaker was well at `well_at`."""
        return self.lost == SPEAK_BLOCK or (self.out_at is not None and self.out_at <= well_at)


class Player:
    """The worker's end of the speaker."""

    def __init__(self) -> None:
        self.card: Card | None = None
        self.late = 0.0
        self._to_drop = 0
        self._rises = False
        self._sent: deque[_Sent] = deque()

    def adopt(self, card: Card | None, ahead: float) -> None:
        """Play on `card` from now on; `ahead` seconds of sound went to the one before.

        Whatever that one hadn't surely played is lost.
        """
        self.card = card
        for sent in self._sent:
            sent.lost = SPEAK_BLOCK
        self._to_drop = 0
        if card is not None:
            self._resampler = Resampler(SPEAK_RATE, card.rate)
            card.ring.write(np.zeros(round(ahead * card.rate), np.float32))
            self._consumed = card.ring.taken + card.ring.underrun
            self._missed = card.ring.underrun

    def played(self) -> float:
        """Return the seconds the card has played since this was last asked."""
        if self.card is None:
            return 0.0
        ring = self.card.ring
        missed, consumed = ring.underrun, ring.taken + ring.underrun
        since, self._consumed = consumed - self._consumed, consumed
        self._to_drop += missed - self._missed
        self._missed = missed
        return since / self.card.rate

    @property
    def starved(self) -> bool:
        """Whether the card has played silence for sound that is still to come, and will be late."""
        return self._to_drop > 0

    def skip(self, seconds: float) -> None:
        """Leave out the next `seconds` of sound: their time has passed."""
        if self.card is not None:
            self._to_drop += round(seconds * self.card.rate)

    def silence(self) -> None:
        """Take back what the card hasn't got yet; what comes next rises from silence."""
        if self.card is not None:
            self.card.ring.silence(round(FADE * self.card.rate))
            self._rises = True

    def push(self, block: Samples) -> None:
        """Play `block` after what is there, as far as its time isn't over."""
        if self.card is None:
            self.late += BLOCK
            self._sent.append(_Sent(end=0, lost=SPEAK_BLOCK))
            return
        samples = self._resampler.process(block)
        if self._rises:
            # What was cut falls to silence in the first half: nobody is to hear that end of it.
            rise = np.linspace(-1.0, 1.0, len(samples), dtype=np.float32)
            samples = samples * np.maximum(0.0, rise)
            self._rises = False
        drop = min(self._to_drop, len(samples))
        self._to_drop -= drop
        self.late += drop / self.card.rate
        fitted = self.card.ring.write(samples[drop:])
        share = 1 - fitted / len(samples) if len(samples) else 0.0
        self._sent.append(_Sent(self.card.ring.written, round(share * SPEAK_BLOCK)))

    def settled(self, now: float, condition: Condition) -> Iterator[int]:
        """Yield how many samples of each further block never left the speaker, in order.

        `now` is on the monotonic clock. A block is heard when the speaker was well after it left.
        """
        if self.card is not None:
            for sent in self._sent:
                if sent.end > self.card.ring.taken:
                    break
                if sent.out_at is None:
                    sent.out_at = now + self.card.delay
                if not condition.audible:
                    sent.lost = SPEAK_BLOCK
        while self._sent and self._sent[0].known(condition.well_at):
            yield self._sent.popleft().lost


class Listener:
    """The worker's end of the microphone."""

    def __init__(self) -> None:
        self.card: Card | None = None
        self.silence = 0.0
        self.left_out = 0.0
        self._queue = Ring(HEAR_RATE * RING_SECONDS)
        self._missing = True
        self._least, self._watched = LONGEST_QUEUE, 0.0
        self._zeros = self._zeros_while_sounding = 0.0

    def adopt(self, card: Card | None) -> None:
        """Listen to `card` from now on."""
        self.card = card
        self._zeros = self._zeros_while_sounding = 0.0
        self._queue.read(self._queue.fill)
        self._least, self._watched = LONGEST_QUEUE, WAITS_FOR_NOTHING  # of the start nothing waits
        if card is not None:
            self._resampler = Resampler(card.rate, HEAR_RATE)
            card.ring.read(card.ring.fill)

    @property
    def late(self) -> bool:
        """Whether the microphone is still to give the next block."""
        self._pull()
        return self.card is not None and self._queue.fill < HEAR_BLOCK

    def block(self) -> Samples:
        """Return the next 320 samples; silence, counted, where the microphone has nothing."""
        self._missing = self._queue.fill < HEAR_BLOCK
        if self._missing:
            self.silence += BLOCK
            return np.zeros(HEAR_BLOCK, np.float32)
        return self._queue.read(HEAR_BLOCK)

    def notice(self, heard: Samples, spoken: Samples) -> None:
        """Compare a block of the microphone with the one that we speak meanwhile."""
        if self._missing:  # that block was none of the microphone's
            return
        if np.abs(heard).max() > NOTHING:
            self._zeros = self._zeros_while_sounding = 0.0
            return
        self._zeros += BLOCK
        self._zeros_while_sounding += BLOCK if spoken.any() else 0.0

    @property
    def dead(self) -> bool:
        """Whether it has given nothing but exact zeros for too long."""
        return self._zeros > DEAD_AFTER and self._zeros_while_sounding > DEAD_SOUND

    def trim(self, seconds: float, *, sounding: bool) -> None:
        """Leave out what waits for nothing: this card is the faster one, or has been late once.

        To be called when all that is due has been made: `seconds` of sound, and whether that was
        any of ours.
        """
        self._least = min(self._least, self._queue.fill)
        self._watched += seconds
        extra = self._queue.fill if self._queue.fill > LONGEST_QUEUE else 0
        if self._watched >= WAITS_FOR_NOTHING and not sounding:
            extra = max(extra, self._least)
            self._least, self._watched = LONGEST_QUEUE, 0.0
        extra -= extra % HEAR_BLOCK
        self.left_out += extra / HEAR_RATE
        self._queue.read(extra)

    def _pull(self) -> None:
        if self.card is not None and self.card.ring.fill:
            samples = self.card.ring.read(self.card.ring.fill)
            if not np.abs(samples).max() <= 1.0:
                # Some drivers hand over what they never filled, not even with numbers.
                samples = np.clip(np.nan_to_num(samples), -1.0, 1.0)
            self._queue.write(self._resampler.process(samples))


class Transport:
    """Runs the engine for every block that is due."""

    def __init__(self) -> None:
        self._player, self._listener = Player(), Listener()
        self._clock: CardClock | None = None
        self._lead = LEAD
        self._made = 0

    def run(
        self,
        speaker: Card | None,
        microphone: Card | None,
        now: float,
        process: Callable[[Samples], Samples],
        settle: Callable[[int], None],
        condition: Condition,
    ) -> None:
        """Run `process` for the blocks due `now` (monotonic clock), with the cards there are.

        `settle` is told, block by block, how many samples of it were never heard.
        """
        # What is said first takes its time to make, and is to begin whole.
        count = 0 if self._made else round(LEAD / BLOCK)
        first = [process(self._listener.block()) for _ in range(count)]
        clock = self._clock = self._clock or CardClock(now)
        self._adopt(speaker, microphone, clock.seconds)
        for block in first:
            self._player.push(block)
        self._made += count
        skipped = clock.skipped
        seconds = clock.advance(self._player.played(), now, playing=speaker is not None)
        self._player.skip(clock.skipped - skipped)
        if self._player.starved and self._made:
            self._lead = min(self._lead + BLOCK, LONGEST_LEAD)
        made, sounding = self._made, False
        while self._due(seconds):
            microphone_block = self._listener.block()
            speaker_block = process(microphone_block)
            self._player.push(speaker_block)
            self._listener.notice(microphone_block, speaker_block)
            sounding |= bool(speaker_block.any())
            self._made += 1
        if self._made > made:
            self._listener.trim((self._made - made) * BLOCK, sounding=sounding)
        for lost in self._player.settled(now, condition):
            settle(lost)

    def _due(self, seconds: float) -> bool:
        """Return whether a block is to be made now, `seconds` after the start."""
        needed = seconds + self._lead
        if self._listener.late:
            needed -= PATIENCE
        return self._made * BLOCK < needed

    def silence(self) -> None:
        """Take back the sound that was made ahead: who is told to be silent is so at once.

        To be called from `process`, and only for what somebody wants to hear no more.
        """
        self._player.silence()

    @property
    def microphone_is_dead(self) -> bool:
        """Whether the microphone gives exact zeros even while we speak, as a muted one does."""
        return self._listener.dead

    @property
    def losses(self) -> Losses:
        """What went wrong in the sound so far."""
        return Losses(self._player.late, self._listener.silence, self._listener.left_out)

    def _adopt(self, speaker: Card | None, microphone: Card | None, seconds: float) -> None:
        if self._player.card is not speaker:
            self._player.adopt(speaker, ahead=max(0.0, self._made * BLOCK - seconds))
        if self._listener.card is not microphone:
            self._listener.adopt(microphone)
