"""Seconds passed, told by the speaker's card and kept honest by the machine's monotonic clock.

Breathing cues must be exact on the output, so the card that plays them is the clock. A card can
stop, though: unplugged, or starved on a busy machine. Then the monotonic clock carries time on, so
that the hold ends when it should, sound or no sound.

A service waits for days, in which two good crystals come apart by many seconds. That is no fault of
the card's, so the two are compared anew from time to time, and only what comes at once counts.
"""

SLACK = 0.25
"""Seconds the card may be behind the monotonic clock: crystals drift 0.12 s in 20 min (100 ppm),
and the end of a hold may be 0.25 s off."""

COMPARED_EVERY = 120.0
"""Seconds after which the drift so far is forgiven."""

DRIFT = 200e-6 * COMPARED_EVERY
"""Seconds a slow card may lose meanwhile: twice what crystals do. A lead is forgiven whatever it
is: without a speaker time would stand still until the monotonic clock has made up for it."""


class CardClock:
    """Seconds since `now`, a reading of the monotonic clock."""

    def __init__(self, now: float) -> None:
        self._start = self._compared = now
        self.seconds = 0.0
        self.skipped = 0.0
        """Seconds in which the card should have played and didn't."""

    def advance(self, played: float, now: float, playing: bool) -> float:
        """Add the seconds the card has `played` since the last call and return the time.

        `playing` is False while there is no speaker: then every second is the monotonic clock's.
        """
        self.seconds += played
        behind = now - self._start - self.seconds
        if behind > (SLACK if playing else 0.0):
            self.seconds += behind
            self.skipped += behind
        elif now - self._compared >= COMPARED_EVERY:
            self._start += min(behind, DRIFT)
            self._compared = now
        return self.seconds
