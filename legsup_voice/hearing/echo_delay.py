"""How late our own voice comes back, where that is later than echo removal reaches.

Bluetooth, a television or a sound server on the network may sound most of a second after they were
given a block. Echo removal spans 440 ms; what comes later it would take for a person. So what we
play is compared with what is heard in windows of two seconds, by a generalised cross-correlation
with phase transform (Knapp and Carter 1976): where both agree most, that late is the echo.
"""

from collections import deque

import numpy as np

from legsup_voice.audio import (
    BLOCKS_PER_SECOND,
    HEAR_BLOCK,
    SPEAK_BLOCK,
    Samples,
)
from legsup_voice.hearing.echo_bound import SPEAKING

REACH = 60
"""Blocks; an echo is looked for up to 1.2 s later."""

WINDOW = 100
"""Blocks of the microphone that are compared: 2 s."""

EVERY = 50
"""Blocks from one comparison to the next: a second."""

ENOUGH = 50
"""Blocks of a window in which we spoke at least."""

BAND = (200.0, 2000.0)
"""Hertz; loudspeakers play it, and a clock that drifts a little doesn't blur it."""

CLEARLY, LIKELY = 20.0, 10.0
"""How far above the root mean square of the correlation its peak is: 30 to 100 of an echo, less in
a room that blurs it; 5 of nothing, 10 once where a pause was heard. What is only likely counts when
it is found twice."""

MISSES = 5
"""Comparisons in a row that find nothing likely, after which nothing is heard of us: by a headset
or a device that removes its echo itself, say. Beside an echo as loud as the noise it was two."""

AGAIN = 0.02
"""Seconds within which two are the same."""

IN_REACH = 0.3
"""Seconds of delay that echo removal bears with room for the echo's end."""

LEAD = 0.1
"""Seconds that are left to echo removal of a delay that is longer."""

_SPAN = WINDOW + REACH
_LOWEST, _HIGHEST = (round(hertz * _SPAN / BLOCKS_PER_SECOND) for hertz in BAND)


class EchoDelay:
    """Follows how late our own voice is heard; its only time is the blocks."""

    def __init__(self) -> None:
        self._played: deque[Samples] = deque([np.zeros(SPEAK_BLOCK, np.float32)] * _SPAN, _SPAN)
        self._heard: deque[Samples] = deque([np.zeros(HEAR_BLOCK, np.float32)] * WINDOW, WINDOW)
        self._audible: deque[bool] = deque([False] * _SPAN, _SPAN)
        self._since = 0
        self._likely: float | None = None
        self._missed = 0
        self.known = False
        """Whether enough of what was played has been compared, or echo removal has learnt it."""
        self.blocks = 0
        """By how many blocks what we play is to be delayed before it is echo removal's."""

    @property
    def reach(self) -> int:
        """How many blocks ago something may have been played of which an echo comes only now."""
        return self.blocks if self.known else REACH

    @property
    def heard(self) -> bool:
        """Whether anything may be heard of us."""
        return self._missed < MISSES

    @property
    def speaker(self) -> Samples:
        """What we played `blocks` blocks ago."""
        return self._played[-1 - self.blocks]

    def listen(self, microphone: Samples, speaker: Samples, *, speech: bool, learnt: bool) -> bool:
        """Take one block of each; return whether echo removal has to begin anew.

        `blocks` is another then, or something is heard of us again.

        `speech`: a line of ours sounds (a bed's tones are alike at any delay). `learnt`: echo
        removal knows the echo already.
        """
        self._heard.append(microphone)
        self._played.append(speaker)
        loud = speech and float(np.dot(speaker, speaker)) > SPEAKING * len(speaker)
        self._audible.append(loud)
        self._since += 1
        self.known = self.known or learnt
        if learnt or self._since < EVERY:
            return False
        # An echo of the window's first words has to have come by now.
        if sum(list(self._audible)[:WINDOW]) < ENOUGH:
            return False
        self._since = 0
        seconds, clearness = self._find()
        before, self._likely = self._likely, seconds if clearness > LIKELY else None
        if self._likely is None:
            self._missed += 1
            self.known = True
            return False
        again = before is not None and abs(seconds - before) < AGAIN
        if not again and clearness <= CLEARLY:
            return False  # somebody's voice is like ours now and then
        anew, self._missed = not self.heard, 0
        self.known = True
        return self._delay_by(seconds) or anew

    def _delay_by(self, seconds: float) -> bool:
        late = seconds > IN_REACH
        before, self.blocks = self.blocks, int((seconds - LEAD) * BLOCKS_PER_SECOND) * late
        return self.blocks != before

    def _find(self) -> tuple[float, float]:
        """Return how many seconds later the echo is likeliest heard, and how clearly."""
        quiet = np.zeros(REACH * HEAR_BLOCK, np.float32)
        heard = np.fft.rfft(np.concatenate((quiet, *self._heard)))[_LOWEST:_HIGHEST]
        played = np.fft.rfft(np.concatenate(self._played))[_LOWEST:_HIGHEST]
        both = heard * played.conj()
        both /= np.abs(both) + 1e-12
        spectrum = np.zeros(_HIGHEST + 1, np.complex128)
        spectrum[_LOWEST:_HIGHEST] = both
        agreement = np.abs(np.fft.irfft(spectrum))
        rate = len(agreement) * BLOCKS_PER_SECOND / _SPAN
        within = agreement[: round(REACH / BLOCKS_PER_SECOND * rate)]
        at = int(within.argmax())
        chance = float(np.sqrt(np.mean(np.square(agreement)))) + 1e-12
        return at / rate, float(within[at]) / chance
