"""Gains that move in straight lines, so that nothing ever jumps."""

import numpy as np

from legsup_voice.audio import SPEAK_RATE, Samples


class Fader:
    """A gain that moves to where it is told over a given time, sample by sample."""

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain
        self._target = gain
        self._left = 0

    def move(self, target: float, seconds: float) -> None:
        """Reach `target` in `seconds`, starting with the next sample; a move under way is kept."""
        if target != self._target:
            self._target = target
            self._left = max(1, round(seconds * SPEAK_RATE))

    @property
    def moving(self) -> bool:
        """The gain is on its way."""
        return self._left > 0

    @property
    def silent(self) -> bool:
        """The gain is 0 and stays there."""
        return self._left == 0 and self.gain == 0.0

    def apply(self, samples: Samples) -> Samples:
        """Return `samples` with the gain on them, and move on by as many samples."""
        if self._left == 0:
            return samples if self.gain == 1.0 else samples * np.float32(self.gain)
        moving = min(self._left, len(samples))
        reached = self.gain + (self._target - self.gain) * moving / self._left
        line = np.full(len(samples), reached, np.float32)
        line[:moving] = np.linspace(self.gain, reached, moving + 1, dtype=np.float32)[1:]
        self._left -= moving
        self.gain = self._target if self._left == 0 else reached
        return samples * line
