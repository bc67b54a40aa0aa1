"""Sound to phones: a small network that hears which phones an utterance may hold, and when.

It was trained with CTC (Graves et al., 2006), so most of its steps are blank, and it speaks late:
an utterance that ends with its voice loses its last phones. Half a second of faint noise after it
cures that (`models/phones/README.md`).
"""

from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.hearing.models import bundled
from legsup_voice.hearing.networks import network

Floats: TypeAlias = npt.NDArray[np.float32]
Phones: TypeAlias = tuple[str, ...]

PHONES = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W "
    "Y Z ZH"
).split()
"""ARPAbet without stress; the index of a phone, counted from 1, is the network's output. 0 is
CTC's blank."""

OUTPUTS = {phone: output for output, phone in enumerate(PHONES, start=1)}
"""The network's output for each phone."""

LEVEL = 0.08
"""Root mean square that the network is given, whatever the microphone's."""

AFTER = np.random.default_rng(0).standard_normal(HEAR_RATE // 2).astype(np.float32)
"""What the network hears after an utterance, before its level is set."""

AFTER_RATIO = 10 ** (-40 / 20)
"""How loud that is against the utterance: 40 dB below it."""


LEAST = 1e-12
"""Share of the likeliest phone's probability under which none falls, so that a slip rules nothing
out."""

BLANK = 1e-3
"""Where no phone has more than this part of blank's probability nothing is said; such steps, two
thirds of all, are taken together."""


class PhoneNetwork:
    """The network of `models/phones`. Made once; keeps nothing from one utterance to the next."""

    def __init__(self, path: Path | None = None) -> None:
        """`path`: another file of the same kind.

        Raises:
            UserError: the file is missing or broken.
        """
        self._network = network(path or bundled("phones") / "phones.onnx")

    def log_posteriors(self, utterance: Samples) -> Floats:
        """Return the log-probability of blank and every phone (steps of 24 ms, 40).

        `utterance` is at 16 kHz, of any length and level.
        """
        given = self.prepared(utterance)[None]
        return np.asarray(self._network.run(None, {"samples": given})[0][0], np.float32)

    @staticmethod
    def prepared(utterance: Samples) -> Samples:
        """Return `utterance` as the network wants it: at its level, faint noise after it."""
        rms = float(np.sqrt(np.mean(np.square(utterance)))) if len(utterance) else 0.0
        samples = np.concatenate([utterance, AFTER * np.float32(max(rms, 1e-6) * AFTER_RATIO)])
        samples *= np.float32(LEVEL / float(np.sqrt(np.mean(np.square(samples)))))
        return np.asarray(np.clip(samples, -1, 1), np.float32)


def steps(log_posteriors: Floats) -> npt.NDArray[np.float64]:
    """Return the steps' probabilities against their likeliest output, stretches of blank as one."""
    rows = np.exp(log_posteriors.astype(np.float64))
    rows /= rows.max(axis=1, keepdims=True)
    silent = rows[:, 1:].max(axis=1) < BLANK
    # Within such a stretch a phone may come at any of its steps.
    begins = np.flatnonzero(~(silent & np.r_[False, silent[:-1]]))
    rows[:, 1:] = np.maximum(rows[:, 1:], LEAST)
    together = np.add.reduceat(rows, begins)
    together[:, 0] = np.maximum(rows[begins, 0], LEAST)
    return together


def phones_in(log_posteriors: Floats) -> int:
    """Return how many phones are heard, step by step the likeliest."""
    best = log_posteriors.argmax(axis=1)
    return int(np.count_nonzero(best[1:][np.diff(best) != 0]))


def mean(one: Floats, other: Floats) -> Floats:
    """Return the log of the mean probabilities of two that heard the same utterance."""
    return np.asarray(np.logaddexp(one, other) - np.log(2), np.float32)
