"""Whether an utterance is a command, and how sure that is.

The whole text must be a phrase. Two listen: the recogniser says how much likelier a phrase is than
its best reading that means something else, and the verifier says how well the phrase fits the
sounds, and how much better than any other text. What fits badly is other talk. For the rest, a
logistic curve, fitted to people's commands and other people's talk, makes a probability of the two
differences; each kind of command has its own threshold.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from legsup_voice.hearing.intents import Intent, Intents
from legsup_voice.hearing.recogniser import Alternative
from legsup_voice.hearing.verifier import LEAST_FIT, Verification
from legsup_voice.protocol.commands import Command

MARGIN_LIMIT = 8.0
"""Log-likelihood; beyond this, margin and lead tell no more."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for a phrase; natural logarithms of likelihoods.

    `margin`: to the recogniser's best reading of another meaning; None where the recogniser has no
    reading of this meaning. `fit`: see `Verification`. `lead`: of its fit over that of any other
    text. None where the verifier can't compare the phrase.
    """

    margin: float | None
    fit: float | None
    lead: float | None

    @property
    def misfit(self) -> bool:
        """It fits too badly to be what was said."""
        return self.fit is not None and self.fit < LEAST_FIT


@dataclass(frozen=True)
class Calibration:
    """Weights in the log-odds of a command; `python -m training decision` fits them.

    `usual_lead` stands for the lead of a phrase that can't be compared: less than what people's
    commands mostly have.
    """

    bias: float = 1.27
    unread: float = -2.25
    margin: float = 0.76
    lead: float = 1.06
    usual_lead: float = 1.7

    def confidence(self, evidence: Evidence) -> float:
        """Return the probability that the phrase is what was meant."""
        if evidence.misfit:
            return 0.0
        lead = self.usual_lead if evidence.lead is None else evidence.lead
        odds = self.bias + self.lead * limited(lead)
        if evidence.margin is None:
            odds += self.unread
        else:
            odds += self.margin * limited(evidence.margin)
        return 1 / (1 + math.exp(-odds))


def limited(margin: float) -> float:
    """Return a margin or lead as far as it tells something."""
    return min(max(margin, -MARGIN_LIMIT), MARGIN_LIMIT)


@dataclass(frozen=True)
class Thresholds:
    """The confidence a command needs.

    Missing a stop or a symptom costs more than one too many; a session ended or a length changed
    by mistake costs more than saying it again.
    """

    urgent: float = 0.4
    usual: float = 0.84
    costly: float = 0.9

    def of(self, intent: Intent) -> float:
        """Return the threshold of `intent`."""
        if intent.command in URGENT:
            return self.urgent
        return self.costly if intent.command in COSTLY else self.usual


URGENT = frozenset({Command.STOP, Command.SYMPTOM})
"""What is acted on at the first pause, whatever words may follow."""

COSTLY = frozenset({Command.QUIT, Command.DURATION, Command.SHORTER, Command.LONGER, Command.SKIP})


@dataclass(frozen=True)
class Decision:
    """What an utterance was; `intent` is None when it is no command, and `why` says why not."""

    text: str
    intent: Intent | None
    confidence: float
    why: str = ""
    prefix: bool = False


class Decider:
    """Decides what two listeners heard."""

    def __init__(self, phrases: Intents, thresholds: Thresholds | None = None) -> None:
        """`phrases`: the texts of an `Verification` are these, in their order."""
        self._phrases = phrases
        self._texts = list(phrases.phrases)
        self._intents = list(dict.fromkeys(phrases.phrases.values()))
        self._place = {intent: at for at, intent in enumerate(self._intents)}
        self._text_place = {text: at for at, text in enumerate(self._texts)}
        self._owner = np.array([self._place[intent] for intent in phrases.phrases.values()])
        self._thresholds = thresholds or Thresholds()
        self._calibration = Calibration()

    def decide(self, readings: Sequence[Alternative], verification: Verification) -> Decision:
        """Return the likeliest command, if it is sure enough."""
        heard = readings[0].text if readings else ""
        confidence, text, intent = max(
            (
                (self._calibration.confidence(evidence), text, intent)
                for text, intent, evidence in self.evidence(readings, verification)
            ),
            key=lambda weighed: weighed[0],
        )
        if confidence < self._thresholds.of(intent):
            return Decision(heard, None, confidence, "unsure" if heard == text else "unknown")
        return Decision(text, intent, confidence, "", self._phrases.may_go_on(text))

    def evidence(
        self, readings: Sequence[Alternative], verification: Verification
    ) -> list[tuple[str, Intent, Evidence]]:
        """Return each meaning that either listener names, with its text and what speaks for it."""
        fits = np.full(len(self._intents), -np.inf)
        np.fmax.at(fits, self._owner, verification.fits)
        best = int(np.nanargmax(verification.fits))
        named = {self._intents[self._owner[best]]: self._texts[best]}
        meant = [(each, self._phrases.meaning(each.text)) for each in readings]
        margins: dict[Intent, float] = {}
        for each, intent in meant:
            if intent is not None and intent not in margins:
                rivals = [other.score for other, meaning in meant if meaning != intent]
                margins[intent] = each.score - max(rivals) if rivals else MARGIN_LIMIT
                named[intent] = each.text
        found = []
        for intent, text in named.items():
            evidence = Evidence(margins.get(intent), None, None)
            if not np.isnan(verification.fits[self._text_place[text]]):
                at = self._place[intent]
                fit, rival = (
                    float(fits[at]),
                    max(float(np.delete(fits, at).max()), verification.other),
                )
                evidence = replace(evidence, fit=fit, lead=fit - rival)
            found.append((text, intent, evidence))
        return found
