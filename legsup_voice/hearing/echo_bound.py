"""Who speaks, where the microphone hears too little of our own speaker to learn its echo.

With a headset, or a device that removes its echo itself, echo removal never knows enough to tell a
person from our own voice. But how little the microphone hears while we speak is an upper bound on
the echo, and what is clearly louder than that bound allows is a person.
"""

from collections import deque

import numpy as np

from legsup_voice.audio import BLOCKS_PER_SECOND, Samples
from legsup_voice.hearing.echo import PARTS

REACH = PARTS // 2
"""Blocks within which an echo comes and fades: what echo removal spans, two parts a block."""

MEMORY = 0.96
"""Smoothing of the levels that make the bound, per block: half a second."""

LATE_MEMORY = 0.8
"""Smoothing of what is heard now, per block: 0.1 s."""

SPEAKING = 10**-4.5
"""Mean square (-45 dBFS) of what we play above which it could be heard as an echo at all."""

FORGET = 2.0 ** (1 / (3 * BLOCKS_PER_SECOND))
"""The bound doubles in three seconds of speaking, so that a change of place is noticed."""

AUDIBLE = 10**-1.5
"""Energy of the echo, as a part of what we play (-15 dB), below which a person can stand out."""

CLEARLY = 4.0
"""How much louder than the loudest echo the bound allows a person is, in energy."""


class EchoBound:
    """Follows how much of the speaker the microphone can hear; its only time is the blocks.

    Nothing is known of the delay, so the bound compares what is heard with the least we may have
    been playing then, and a person with the most.
    """

    def __init__(self) -> None:
        self._played: deque[float] = deque([0.0] * REACH, REACH)
        self._played_levels: deque[float] = deque([0.0] * REACH, REACH)
        self._heard_level = self._lately = self._loudest = 0.0
        self._bound = np.inf

    def listen(self, microphone: Samples, speaker: Samples) -> None:
        """Take one block of each."""
        heard = float(np.dot(microphone, microphone)) / len(microphone)
        played = float(np.dot(speaker, speaker)) / len(speaker)
        level = self._played_levels[-1]
        self._played.append(played)
        self._played_levels.append(level + (1.0 - MEMORY) * (played - level))
        self._heard_level += (1.0 - MEMORY) * (heard - self._heard_level)
        self._lately += (1.0 - LATE_MEMORY) * (heard - self._lately)
        self._loudest = max(*self._played, LATE_MEMORY * self._loudest)
        least = min(self._played_levels)
        if least > SPEAKING:
            self._bound = min(self._bound * FORGET, self._heard_level / least)

    @property
    def small(self) -> bool:
        """Whether a person stands out of our echo, if there is any."""
        return self._bound <= AUDIBLE

    @property
    def person(self) -> bool:
        """Whether what is heard now can't be our own voice; False says nothing."""
        return self.small and self._lately > CLEARLY * self._bound * self._loudest
