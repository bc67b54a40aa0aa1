"""Who doesn't answer after a hold is called, louder each time, until they do or it is long enough.

The calls go on through the way down and the rests; whatever is answered ends them, and whoever
falls silent after that is called anew.
"""

from legsup_voice.protocol.actions import Ring
from legsup_voice.session.handler import Handler
from legsup_voice.session.timers import Timer

CALL_EVERY = 60.0
CALLS_OFTEN = 10
"""Seconds between the first calls, and how many follow the first at that distance: 10 min."""

CALL_LATER = 300.0
MOST_CALLS = 15
"""Seconds between the later ones, and how many there are in all: 30 min."""

LOUDER_STEP = 3.0
LOUDEST = 12.0
"""Decibels above the voice's normal level; the peak limit holds besides."""


class Caller(Handler):
    """What the states share in which someone may have fallen asleep."""

    @property
    def called_enough(self) -> bool:
        """Whether somebody has been called for as long as anybody is."""
        return self.visit.calls >= MOST_CALLS

    def call_again(self) -> None:
        """Ask a sleeper again, who says something that isn't understood, as loud as before."""
        louder = LOUDER_STEP * (self.visit.calls - 1)
        self.ask_again("exit.are_you_down", gain_db=min(LOUDEST, louder))

    def call(self) -> None:
        """Ring, and ask whether they are down, unless that was done for long enough."""
        if self.called_enough:
            return
        gain_db = min(LOUDEST, LOUDER_STEP * self.visit.calls)
        self.visit.calls += 1
        often = self.visit.calls <= CALLS_OFTEN
        self.desk.start(Timer.CALL, CALL_EVERY if often else CALL_LATER)
        self.desk.act(Ring(gain_db))
        self.desk.say("exit.are_you_down", gain_db=gain_db)
