"""Two clocks that run apart: a microphone and a speaker on different sound cards.

Their crystals differ by 10 to 100 parts in a million, so the echo comes up to 1.6 samples later
each second than it did, and a filter that learns it slowly never has it right. So what we play is
read a little later all the time, as the microphone's clock has it: for the filter nothing moves.

How much later is told by what the filter leaves: an echo that comes later than predicted leaves a
part of the prediction's own slope (as in Pawig, Enzner and Vary 2010). A Kalman filter of two
states, the lag and how fast it grows, follows that. Each band counts as much as its prediction
stands out of all else that is heard, so who speaks meanwhile makes it slower, not wrong. Clocks
that run together are left alone, to the bit.
"""

import numpy as np
from numpy.typing import NDArray

from legsup_voice.audio import HEAR_BLOCK, Samples

FRAME = HEAR_BLOCK // 2
"""10 ms: the frame of echo removal, and by how much it moves its filter where the delay grew."""

REACH = 16
"""Samples to each side of which one between two samples is made."""

MOST = 500e-6
"""Clocks differ by less."""

SURE = 3.5
"""Standard deviations of the mean lag from nothing at which the clocks surely run apart. Of clocks
that don't, 2.5 was the most seen in eight minutes of lines, half of them with a person; a drift of
10 parts in a million gave 4 to 24 within four seconds."""

RECENT = 0.99
"""Smoothing of that mean, per frame measured."""

GROWN = 15
"""Frames in which a lag may have grown that is noticed: the filter takes up what is older."""

ALIKE = 8
"""Frames that count as one. What is put right is heard only when it comes through the room, so
those before tell the same: with 1 too much is put right, by hundreds of parts in a million."""

PAUSE = 200
"""Frames after which the lag gets no less certain: a line that begins after a minute would be put
out by its first frames, which tell little, while the rate was right all the time."""

CERTAIN = 1000.0
"""Weight of one frame at most: what it tells of the lag is off by 0.03 samples, however quiet."""

WANDER, JITTER = 1.5e-5, 1e-5
"""How much rate and lag change by themselves, as variances per frame measured, and as parts of what
one frame usually tells: while the filter knows little, little is known of them."""

USUALLY = 0.995
"""Smoothing of what it usually tells, per frame measured."""

Spectrum = NDArray[np.complexfloating]
_AROUND = np.arange(-REACH, REACH)
_WINDOW = np.where(_AROUND % 2, -1.0, 1.0) * np.kaiser(2 * REACH + 1, 8.0)[:-1] / np.pi


class ClockDrift:
    """Follows how much later the microphone hears us, frame by frame; its only time is the blocks.

    Lags are in samples of the microphone, rates in samples a frame.
    """

    def __init__(self) -> None:
        self.follows = False
        """Whether the clocks were found to run apart."""
        self.delay = 0.0
        """Samples by which what we play is read later than it is given."""
        self._rate = 0.0
        self._stream = np.zeros(4 * HEAR_BLOCK, np.float32)
        self._lags = self._weights = 0.0
        self._usual = 10.0
        self._frames = 0
        self._lag_variance = self._rate_variance = self._covariance = 0.0

    @property
    def lags(self) -> bool:
        """Whether the echo surely comes later or sooner than the filter has it."""
        return self._lags**2 > SURE**2 * self._weights

    def step(self) -> int:
        """Go on by a block; return by how many frames the filter is to expect its echo later."""
        self._frames += 2
        if not self.follows:
            return 0
        self.delay += 2 * self._rate
        moved = int(self.delay > 2 * FRAME) - int(self.delay < REACH)
        self.delay -= moved * FRAME
        return moved

    def read(self, played: Samples, frames: int) -> Samples:
        """Take the next block; return the `frames` newest frames as the microphone's clock has it.

        There are two, and one more or less where `step` returned that.
        """
        self._stream = np.concatenate((self._stream[HEAR_BLOCK:], played))
        if not self.follows:
            return played
        return np.concatenate([self._frame(age) for age in reversed(range(frames))])

    def _frame(self, age: int) -> Samples:
        """Return the frame that is `age` frames old, from between the samples."""
        whole, part = divmod(self.delay - age * self._rate, 1.0)
        part = max(part, 1e-9)
        weights = _WINDOW * (np.sin(np.pi * part) / (_AROUND + part))
        end = len(self._stream) - age * FRAME - int(whole) + REACH - 1
        around = self._stream[end - FRAME - 2 * REACH + 1 : end]
        return np.correlate(around, weights.astype(np.float32))

    def measure(self, echo: Samples, error: Spectrum, noise: NDArray[np.float32]) -> None:
        """Learn from a frame: the `echo` predicted of it, and what that left.

        `error` is the spectrum of the latter behind a frame of zeros, `noise` the power expected.
        """
        slope = np.zeros(2 * FRAME, np.float32)
        slope[FRAME + 1 : -1] = 0.5 * (echo[2:] - echo[:-2])
        slopes = np.fft.rfft(slope)
        expected = slopes.conj() / noise
        weight = float(np.dot(expected, slopes).real)
        if weight > 0.0:
            lag = -float(np.dot(expected, error).real) / weight
            self._follow(lag, min(weight, CERTAIN))

    def _follow(self, lag: float, weight: float) -> None:
        """Take the lag that one frame tells; `weight` is one over its variance."""
        self._lags = RECENT * self._lags + weight * lag
        self._weights = RECENT * self._weights + weight
        self._usual = USUALLY * self._usual + (1.0 - USUALLY) * weight
        frames, self._frames = min(self._frames, PAUSE), 0
        if self.follows:
            self._predict(frames)
            self._correct(lag, ALIKE / weight)
        elif self.lags:
            self.follows = True
            self._lag_variance = (self._lags / self._weights) ** 2
            self._rate_variance = self._lag_variance / GROWN**2

    def _predict(self, frames: int) -> None:
        grown = self._covariance + frames * self._rate_variance
        self._lag_variance += frames * (self._covariance + grown) + JITTER / self._usual
        self._covariance = grown
        self._rate_variance += WANDER / self._usual

    def _correct(self, lag: float, variance: float) -> None:
        known = 1.0 / (self._lag_variance + variance)
        later, faster = self._lag_variance * known, self._covariance * known
        self.delay += later * lag
        self._rate = float(np.clip(self._rate + faster * lag, -MOST * FRAME, MOST * FRAME))
        self._rate_variance -= faster * self._covariance
        self._covariance -= faster * self._lag_variance
        self._lag_variance -= later * self._lag_variance
