"""How likely 32 ms of sound hold a voice: Silero's network (`models/voice/README.md`)."""

from pathlib import Path

import numpy as np

from legsup_voice.audio import Samples
from legsup_voice.hearing.models import bundled
from legsup_voice.hearing.networks import network

CHUNK = 512
"""Samples (at 16 kHz) that it takes at a time."""

NOTHING = np.zeros((1, 1, 128), np.float32)
"""What it keeps in mind before it has heard anything, in each of two parts."""


class VoiceNetwork:
    """The network of `models/voice`, with its memory of the chunks before."""

    def __init__(self, path: Path | None = None) -> None:
        """`path`: another file of the same kind.

        Raises:
            UserError: the file is missing or broken.
        """
        self._network = network(path or bundled("voice") / "voice.onnx")
        self.reset()

    def reset(self) -> None:
        """Forget the chunks before."""
        self._said = self._cell = NOTHING

    def probability(self, chunk: Samples) -> float:
        """Take the next 512 samples; return how likely they hold a voice, 0 to 1."""
        given = {"samples": chunk, "said": self._said, "cell": self._cell}
        likely, self._said, self._cell = self._network.run(None, given)
        return float(likely[0])
