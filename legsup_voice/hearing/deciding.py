"""Whether an utterance is a command, and how sure that is.

Two listen. The verifier says how well a meaning fits the sounds (`fit`) and by how much better than
any other meaning or filler (`lead`); the recogniser says by how much it prefers a reading of that
meaning to every other (`margin`). All are log-likelihood ratios, so they add up, each with its
weight. Every phone slips a little, so the fit counts by the phone: else long phrases would be other
talk. And other talk of many phones seldom fits anything, so the more there are, the surer. What
fits too badly is other talk whatever else speaks for it. How high the sum must be depends on the
command and on the situation: one table, `models/phones/thresholds.yaml`, which
`python -m training decision` fits.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from legsup_voice import yamlfile
from legsup_voice.hearing.attention import Situation
from legsup_voice.hearing.models import bundled
from legsup_voice.protocol.commands import Command

MARGIN_LIMIT = 8.0
"""Log-likelihood; beyond this, a ratio tells no more."""

FEWEST = 5
"""Phones that a fit is spread over at least: a slip of a short word is none of it."""

LONG = 14
"""Phones; more make a phrase no surer."""

URGENT = frozenset({Command.STOP, Command.SYMPTOM})
"""What is acted on at the first pause, whatever words may follow."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for a meaning; natural logarithms of likelihood ratios.

    `margin`: to the recogniser's best reading of another meaning; None where the recogniser has no
    reading of this one. `fit`: to the likeliest phones, a phone; `lead`: to any other meaning or
    filler; both None without a verifier. `phones`: how many were heard.
    """

    margin: float | None
    fit: float | None
    lead: float | None
    phones: int = 0

    @property
    def whole_fit(self) -> float:
        """The fit of all phones together."""
        return (self.fit or 0.0) * max(self.phones, FEWEST)


class Kind(StrEnum):
    """Commands that need to be equally sure."""

    URGENT = "urgent"
    """Missing it costs most."""
    NO = "no"
    """A false one passes a safety question."""
    ANSWER = "answer"
    USUAL = "usual"
    COSTLY = "costly"
    """A session ended or a length changed by mistake costs more than saying it again."""


KINDS: Mapping[Command, Kind] = {
    **dict.fromkeys(URGENT, Kind.URGENT),
    Command.CONDITION: Kind.URGENT,
    Command.NO: Kind.NO,
    Command.YES: Kind.ANSWER,
    Command.UNSURE: Kind.ANSWER,
    **dict.fromkeys(
        (Command.QUIT, Command.DURATION, Command.SHORTER, Command.LONGER, Command.SKIP),
        Kind.COSTLY,
    ),
}
"""What isn't named is usual."""


class Table(BaseModel):
    """Weights and thresholds; thresholds by situation and kind are least sums of evidence.

    `length` is what a phone adds, `unread` what the recogniser's silence costs; what fits worse
    than `least_fit` is never a command. `alone` are the thresholds of the recogniser's margin where
    there is no verifier. `read` are those of the fit of all words that are read as text, in
    situations where that is done; `fewest_read` is how many phones they have at least, and
    `least_fit_read` how well one fits. Words that templates cover whole may fit less well by
    `whole`, and each phone as badly as `least_fit_whole`. Of fewer phones, down to `fewest_whole`,
    only such words are read, and have to fit better by `surer`; so do those of an utterance that is
    heard again, as it is where its words are as `likely_again` in the mean.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    least_fit: float
    fit: float
    length: float
    margin: float
    unread: float
    thresholds: dict[Situation, dict[Kind, float]]
    alone: dict[Situation, dict[Kind, float]]
    fewest_read: int
    least_fit_read: float
    whole: float
    least_fit_whole: float
    likely_again: float
    surer: float
    fewest_whole: int
    read: dict[Situation, dict[Kind, float]]

    def score(self, evidence: Evidence) -> float:
        """Return the sum of evidence, -inf for what can't be meant."""
        if evidence.fit is None or evidence.lead is None:
            return -math.inf if evidence.margin is None else limited(evidence.margin)
        if evidence.fit < self.least_fit:
            return -math.inf
        score = limited(evidence.lead) + self.fit * min(evidence.fit, 0.0)
        score += self.length * min(evidence.phones, LONG)
        if evidence.margin is None:
            return score - self.unread
        return score + self.margin * limited(evidence.margin)

    def threshold(self, command: Command, situation: Situation, *, verified: bool) -> float:
        """Return the least score that makes `command` count."""
        table = self.thresholds if verified else self.alone
        return table[situation][KINDS.get(command, Kind.USUAL)]

    def reads(self, phones: int, situation: Situation) -> bool:
        """Tell whether so many phones are read as text at all."""
        return situation in self.read and phones >= self.fewest_whole

    def surely_read(
        self, fit: float, phones: int, command: Command, situation: Situation, *, whole: bool
    ) -> float:
        """Return how much better than it must words that read as `command` fit."""
        least = self.read[situation][KINDS.get(command, Kind.USUAL)]
        if whole:
            return fit - max(least - self.whole, self.least_fit_whole * phones)
        return fit - max(least, self.least_fit_read * phones)


def a_phone(fit: float, phones: int) -> float:
    """Return the part of a whole utterance's `fit` that falls to each of its `phones`."""
    return fit / max(phones, FEWEST)


def limited(ratio: float) -> float:
    """Return a log-likelihood ratio as far as it tells something."""
    return min(max(ratio, -MARGIN_LIMIT), MARGIN_LIMIT)


def confidence(score: float, threshold: float) -> float:
    """Return the score as a probability: a half at the threshold, by natural odds around it."""
    return 1 / (1 + math.exp(-max(score - threshold, -50.0)))


def table(path: Path | None = None) -> Table:
    """Return the bundled table, or that at `path`.

    Raises:
        UserError: the file is malformed.
    """
    return yamlfile.load(path or bundled("phones") / "thresholds.yaml", Table)
