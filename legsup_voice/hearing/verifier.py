"""Verification: how well everything that can be said fits the sounds of an utterance.

Other talk seldom fits a phrase, however much likelier that is than the recogniser's other readings;
this is what rejects it. All figures are natural logarithms of likelihood ratios.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import soxr

from legsup_voice.audio import Samples
from legsup_voice.hearing.compiled import Compiled
from legsup_voice.hearing.dereverberation import dereverberated
from legsup_voice.hearing.grammar.graph import Labels
from legsup_voice.hearing.phone_graph import Fits
from legsup_voice.hearing.phones import Floats, PhoneNetwork, Phones, mean, phones_in

SPEEDS = (0.9, 1.1)
"""A short utterance is heard as it is, slower and faster, and the mean of these passes counts: a
slip of one is seldom one of the others."""

LONG = 6
"""Phones. What has as many is heard as well in one pass; in a room that echoes, though, its phones
run into each other, and it is heard once more without the echo."""

LEAST_FIT = -8.0
"""What fits worse than this in the first pass is other talk: further passes wouldn't change it."""


WORDS_HAVE = 3
"""Phones that are heard at least where somebody speaks: a cough or a plate gives one or two."""


SURE_FIT, SURE_LEAD = -1.5, 5.0
"""What fits so well in the first pass, and so much better than all else, needs no other: three of
four commands of people kept aside, of which the other two passes changed none."""


@dataclass(frozen=True)
class Verification:
    """How well an utterance fits.

    `fits`: for each of the verifier's labels, the best fit of a way to say it against the likeliest
    phones; about 0 for what was said, far below for anything else. `filler`: the same of the
    likeliest word that is no command. `heard`: the phones' log-probabilities in the first pass.
    """

    fits: Fits
    filler: float
    heard: Floats

    @property
    def phones(self) -> int:
        """How many phones were heard."""
        return phones_in(self.heard)

    @property
    def speech(self) -> bool:
        """Whether words were heard at all, ours or others."""
        return self.phones >= WORDS_HAVE


class Verifier:
    """Compares utterances with a whole grammar. Made once; keeps nothing between utterances."""

    def __init__(self, compiled: Compiled) -> None:
        assert compiled.phones is not None, "there is no verifier for this language"
        self._network = PhoneNetwork()
        self._words, self._ways, self._graph = compiled.spoken.graph, compiled.ways, compiled.phones

    @property
    def labels(self) -> tuple[Labels, ...]:
        """What can be meant, in the order of `Verification.fits`."""
        return self._graph.labels

    def verify(self, utterance: Samples, *, first: bool = False) -> Verification:
        """Compare `utterance` (16 kHz); `first`: as it is, whatever that leaves open."""
        heard = self._network.log_posteriors
        return self.compare([heard(utterance)] if first else self.passes(utterance))

    def passes(self, utterance: Samples) -> Iterator[Floats]:
        """Yield the phones' log-probabilities in each pass over `utterance` (16 kHz)."""
        heard = self._network.log_posteriors(utterance)
        if phones_in(heard) < LONG:
            yield heard
            yield from self.again(utterance)
            return
        dry = dereverberated(utterance)
        yield heard if dry is None else mean(heard, self._network.log_posteriors(dry))

    def again(self, utterance: Samples) -> Iterator[Floats]:
        """Yield the phones' log-probabilities of `utterance` (16 kHz) slower, and faster."""
        for speed in SPEEDS:
            yield self._network.log_posteriors(soxr.resample(utterance, speed, 1))

    def compare(self, passes: Iterable[Floats]) -> Verification:
        """Compare what was heard in each of `passes`; the later ones only if they can matter."""
        several = iter(passes)
        first = next(several)
        total, count = self._graph.fits(first), 1
        while total[:-1].max() >= LEAST_FIT * count and not (count == 1 and _sure(total)):
            rows = next(several, None)
            if rows is None:
                break
            total, count = total + self._graph.fits(rows), count + 1
        fits = total / count
        return Verification(fits[:-1], float(fits[-1]), first)

    def text(self, labels: Labels, heard: Floats) -> str:
        """Return the likeliest words that mean `labels`."""
        phones = self._graph.best(labels, heard)
        return " ".join(next(self._spelled(0, phones, labels), ()))

    def _spelled(self, node: int, phones: Phones, labels: Labels) -> Iterator[tuple[str, ...]]:
        """Yield the words from `node` on that sound like `phones` and mean `labels`."""
        if not phones and self._words.labels_at(node) == labels:
            yield ()
        for word, to in self._words.onwards(node):
            for way in self._ways[word]:
                if phones[: len(way)] == way:
                    for rest in self._spelled(to, phones[len(way) :], labels):
                        yield (word, *rest)


def _sure(fits: Fits) -> bool:
    """Tell whether the best of `fits`, the filler's among them, leaves no doubt."""
    second, best = np.partition(fits, -2)[-2:]
    return bool(best >= SURE_FIT and best - second >= SURE_LEAD and best > fits[-1])
