"""Verification: how well every phrase fits the sounds of an utterance.

CTC's forward algorithm (Graves et al., 2006) compares every phrase with the likeliest phones that
`phones.PhoneNetwork` hears. Other talk seldom fits a phrase, however much likelier that is than the
recogniser's other readings; this is what rejects it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from legsup_voice.audio import Samples
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.phones import PHONES, Floats, PhoneNetwork, Phones

SPEEDS = (1.0, 0.9, 1.1)
"""An utterance is heard as it is, slower and faster, and the mean of these passes counts: a slip of
one is seldom one of the others."""

LEAST_FIT = -6.0
"""What fits worse is other talk, whatever else speaks for it."""

LEAST = 1e-12
"""Share of the likeliest phone's probability under which none falls, so that a slip rules nothing
out."""


@dataclass(frozen=True)
class Verification:
    """What an utterance sounds like.

    `fits`: of every phrase, in the order they were given, its log-likelihood less that of the
    likeliest phones; about 0 for what was said, less than `LEAST_FIT` (or -inf) for other talk, not
    a number where a word of the phrase is not in the lexicon. `other`: the same of the likeliest
    word that is no command.
    """

    fits: npt.NDArray[np.float64]
    other: float


class Verifier:
    """Compares utterances with all phrases. Made once; keeps nothing from one to the next."""

    def __init__(self, phrases: Iterable[str], others: Iterable[str]) -> None:
        """`others`: words that are no command.

        A person's own phrase may hold a word that the lexicon lacks. What its spelling suggests is
        often not what is said ("namaste"), so such a phrase is not compared.
        """
        self._network = PhoneNetwork()
        texts = list(phrases)
        self._phrases = len(texts)
        ways = pronunciations.of_texts([*texts, *others])
        self._owner = np.array([at for at, each in enumerate(ways) for _ in each])
        self._fits = np.array([-np.inf if each else np.nan for each in ways])
        """Where to begin: texts that can be compared, and texts that can't."""
        self._spelled = Spellings([way for each in ways for way in each])

    def verify(self, utterance: Samples, speeds: Sequence[float] = SPEEDS) -> Verification:
        """Compare `utterance` (16 kHz), as it sounds at each of `speeds`; 1 is its own."""
        total = np.zeros(len(self._owner))
        for speed in speeds:
            seen = utterance if speed == 1 else soxr.resample(utterance, speed, 1)
            total += self._spelled.fits(self._network.log_posteriors(seen))
            # No fit is far above 0: below this, none can have a mean of `LEAST_FIT` any more.
            if total[self._owner < self._phrases].max() < LEAST_FIT * len(speeds):
                break
        fits = self._fits.copy()
        np.maximum.at(fits, self._owner, total / len(speeds))
        return Verification(fits[: self._phrases], float(np.nanmax(fits[self._phrases :])))


class Spellings:
    """CTC's forward algorithm for many spellings at once, in a tree of their beginnings."""

    def __init__(self, spellings: Iterable[Phones]) -> None:
        number = {phone: at for at, phone in enumerate(PHONES, start=1)}
        nodes: dict[Phones, int] = {(): 0}
        self._ends = np.array([self._grow(nodes, spelling) for spelling in spellings])
        self._phone = np.array([number[node[-1]] if node else 0 for node in nodes])
        self._before = np.array([nodes[node[:-1]] for node in nodes])
        # A step may go past the blank between two phones, unless they are the same.
        self._differs = (self._phone != self._phone[self._before]).astype(np.float64)

    @staticmethod
    def _grow(nodes: dict[Phones, int], spelling: Phones) -> int:
        for length in range(1, len(spelling) + 1):
            nodes.setdefault(spelling[:length], len(nodes))
        return nodes[spelling]

    def fits(self, log_posteriors: Floats) -> npt.NDArray[np.float64]:
        """Return each spelling's log-likelihood less that of the likeliest phones.

        It is -inf for what is longer than the sounds.
        """
        relative = np.exp(log_posteriors - log_posteriors.max(axis=1, keepdims=True))
        phone, blank = np.zeros(len(self._phone)), np.zeros(len(self._phone))
        blank[0] = 1.0
        for row in np.maximum(relative.astype(np.float64), LEAST):
            begun = blank[self._before] + phone[self._before] * self._differs
            blank = (blank + phone) * row[0]
            phone = (phone + begun) * row[self._phone]
            phone[0] = 0.0
        with np.errstate(divide="ignore"):
            return np.asarray(np.log((phone + blank)[self._ends]))
