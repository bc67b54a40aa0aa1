"""Voice activity: when somebody's voice begins and ends.

A small network (Silero's) gives each 32 ms a probability of voice. Four states turn it into events:
quiet, starting (may be a click), voiced, ending (may be a pause between words). The network sleeps
while nothing stands out of the background: in a quiet room, nearly always.

A whisper has no voice for it, and neither has a voice far across a room. So what clearly stands out
of the background for as long as a short word counts too, as a sound that may be words: the
recogniser's business, but nobody's interruption.
"""

from collections import deque
from enum import Enum, auto

import numpy as np

from legsup_voice.audio import HEAR_RATE, Samples, level_db
from legsup_voice.hearing.voice_network import CHUNK, VoiceNetwork


class Phase(Enum):
    """Where the detector is."""

    QUIET = auto()
    STARTING = auto()
    VOICED = auto()
    ENDING = auto()


BEGIN, SURE, END = 0.3, 0.5, 0.3
"""Probabilities of voice: from the first on it may begin, from the second it has, below the third
it pauses. What is no voice after all, the verifier rejects."""

BEGIN_CHUNKS = 2
"""A voice that is not sure has begun when it lasts so long."""


SOUND_DB = 12.0
"""How far a sound stands out of the background that may be words."""
SOUND_CHUNKS = 4
"""How many chunks (128 ms) of the last `SOUND_SPAN` it lasts."""
SOUND_SPAN = 5
SOUND_FALL_DB = 25.0
"""It pauses so far below its loudest chunk, or where it no longer stands out."""


class Background:
    """Follows the level of the background, and tells what stands out of it."""

    STANDS_OUT_DB = 3.0
    """With 6, a voice 9 dB over the noise of a kitchen stayed unheard."""
    RISE_DB = 0.02
    """A chunk: 0.6 dB a second. The background falls at once."""
    LEAST_DB = -75.0
    """Lower is no microphone's background but an empty file's."""

    def __init__(self) -> None:
        self._level = 0.0

    def above(self, level: float) -> float:
        """Take the next chunk's level in dB; return how far it is above the background."""
        self._level = max(min(level, self._level + self.RISE_DB), self.LEAST_DB)
        return level - self._level


AWAKE_CHUNKS = 16
"""Chunks (half a second) the detector looks at after one that stood out."""
STALE_CHUNKS = 300
"""Chunks (9.6 s) without a voice after which the detector begins afresh: what it remembers of long
noise makes it deaf. In ten minutes of an air conditioner, of washing up or of an exercise bike it
noticed 67, 45 and 29 of 90 commands that were 10 dB louder; beginning afresh, 89, 89 and 89."""
RUN_IN_CHUNKS = 16
"""Chunks (half a second) of what went before that it is shown then."""


class VoiceDetector:
    """Follows the voice; `at` of every change is in samples since the start."""

    def __init__(self) -> None:
        self._network = VoiceNetwork()
        self._background = Background()
        self._rest: Samples = np.zeros(0, np.float32)
        self._recent: deque[Samples] = deque(maxlen=RUN_IN_CHUNKS)
        self.reset(0)

    def reset(self, position: int) -> None:
        """Forget what was heard; the next sample is number `position`."""
        self._rest = self._rest[:0]
        self._recent.clear()
        self._awake = 0
        self._shown = STALE_CHUNKS
        self._position = position
        self._since = 0
        self.phase = Phase.QUIET
        self.by_sound = False
        """Whether only its level tells that it may be words."""
        self._loud: deque[bool] = deque(maxlen=SOUND_SPAN)
        self._loudest = 0.0
        self.voice_start = position
        self.voice_end = position
        """Sample where the last voiced chunk ended."""

    def listen(self, samples: Samples, *, sounds: bool = True) -> None:
        """Take any number of samples at 16 kHz and update `phase`, `voice_start`, `voice_end`.

        `sounds`: what only stands out counts too; not while something of ours does.
        """
        heard = np.concatenate((self._rest, samples))
        whole = len(heard) // CHUNK * CHUNK
        self._rest = heard[whole:]
        for chunk in heard[:whole].reshape(-1, CHUNK):
            self._position += CHUNK
            level = level_db(chunk)
            above = self._background.above(level)
            self._loud.append(sounds and above > SOUND_DB)
            self._step(self._probability(chunk, above), level, above)

    def _probability(self, chunk: Samples, above: float) -> float:
        """Return how likely `chunk` is voice; 0 without a look when the background goes on."""
        stands_out = above > Background.STANDS_OUT_DB
        self._awake = AWAKE_CHUNKS if stands_out else self._awake - 1
        if self._awake <= 0:
            self._recent.append(chunk)
            self._shown = STALE_CHUNKS
            return 0.0
        if self.phase is Phase.QUIET and self._shown >= STALE_CHUNKS:
            self._network.reset()
            for earlier in self._recent:
                self._network.probability(earlier)
            self._shown = 0
        self._recent.append(chunk)
        self._shown += 1
        return self._network.probability(chunk)

    def _step(self, probability: float, level: float, above: float) -> None:
        if self.phase in (Phase.QUIET, Phase.STARTING):
            self._begin(probability, level)
        elif self._goes_on(probability, level, above):
            self.phase, self.voice_end = Phase.VOICED, self._position
        else:
            self.phase = Phase.ENDING

    def _begin(self, probability: float, level: float) -> None:
        if probability >= BEGIN:
            if self.phase is Phase.QUIET:
                self.phase, self._since = Phase.STARTING, 0
                self.voice_start = self._position - CHUNK
            self._since += 1
            self.voice_end = self._position
            if probability >= SURE or self._since >= BEGIN_CHUNKS:
                self.phase, self.by_sound = Phase.VOICED, False
            return
        self.phase = Phase.QUIET
        if sum(self._loud) >= SOUND_CHUNKS:
            self.phase, self.by_sound = Phase.VOICED, True
            self.voice_start = self._position - len(self._loud) * CHUNK
            self.voice_end = self._position
            self._loudest = level

    def _goes_on(self, probability: float, level: float, above: float) -> bool:
        if probability >= SURE:
            self.by_sound = False
        if not self.by_sound or probability >= END:
            return probability >= END
        self._loudest = max(self._loudest, level)
        return above > SOUND_DB and level > self._loudest - SOUND_FALL_DB

    def quiet(self) -> None:
        """Call the voice over: the silence since `voice_end` was long enough."""
        self.phase = Phase.QUIET
        self._loud.clear()

    @property
    def silence(self) -> float:
        """Seconds since the last voiced chunk, as far as looked at."""
        return (self._position - self.voice_end) / HEAR_RATE
