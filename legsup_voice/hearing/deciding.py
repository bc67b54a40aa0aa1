"""Whether an utterance is a command, and how sure that is.

Two listen. The verifier says how well a meaning fits the sounds (`fit`) and by how much better than
any other meaning or filler (`lead`); the recogniser says by how much it prefers a reading of that
meaning to every other (`margin`). All are log-likelihood ratios, so they add up, each with its
weight; what fits too badly is other talk whatever else speaks for it. How high the sum must be
depends on the command and on the situation: one table, `models/phones/thresholds.yaml`, which
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

URGENT = frozenset({Command.STOP, Command.SYMPTOM})
"""What is acted on at the first pause, whatever words may follow."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for a meaning; natural logarithms of likelihood ratios.

    `margin`: to the recogniser's best reading of another meaning; None where the recogniser has no
    reading of this one. `fit`: to the likeliest phones; `lead`: to any other meaning or filler;
    both None without a verifier.
    """

    margin: float | None
    fit: float | None
    lead: float | None


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

    `unread` is what the recogniser's silence costs, `least_fit` what fits worse than is never a
    command. `alone` are the thresholds of the recogniser's margin where there is no verifier.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    least_fit: float
    fit: float
    margin: float
    unread: float
    thresholds: dict[Situation, dict[Kind, float]]
    alone: dict[Situation, dict[Kind, float]]

    def score(self, evidence: Evidence) -> float:
        """Return the sum of evidence, -inf for what can't be meant."""
        if evidence.fit is None or evidence.lead is None:
            return -math.inf if evidence.margin is None else limited(evidence.margin)
        if evidence.fit < self.least_fit:
            return -math.inf
        score = limited(evidence.lead) + self.fit * min(evidence.fit, 0.0)
        if evidence.margin is None:
            return score - self.unread
        return score + self.margin * limited(evidence.margin)

    def threshold(self, command: Command, situation: Situation, *, verified: bool) -> float:
        """Return the least score that makes `command` count."""
        table = self.thresholds if verified else self.alone
        return table[situation][KINDS.get(command, Kind.USUAL)]


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
