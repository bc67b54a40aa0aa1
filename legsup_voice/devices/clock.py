"""Seconds passed, told by the speaker's card and kept honest by the machine's monotonic clock.

Breathing cues must be exact on the output, so the card that plays them is the clock. A card can
stop, though: unplugged, or starved on a busy machine. Then the monotonic clock carries time on, so
that the hold ends when it should, sound or no sound.
"""

SLACK = 0.25
"""Seconds the card may be behind the monotonic clock: crystals drift 0.12 s in 20 min (100 ppm),
and the end of a hold may be 0.25 s off."""


class CardClock:
    """Seconds since `now`, a reading of the monotonic clock."""

    def __init__(self, now: float) -> None:
        self._start = now
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
        return self.seconds
