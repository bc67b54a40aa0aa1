"""Whether an utterance is a command, and how sure that is.

The whole text of a reading must be a phrase. Three numbers then tell a command from other talk: how
much likelier it is than the best reading that means something else, how likely it is at all (CTC's
blank lets one word stand alone inside other talk, but such a reading is a poor one), and how long
the phrase is. A logistic curve through them, fitted to people's commands and other people's talk,
makes them a probability; each kind of command has its own bar.
"""

import math
from dataclasses import dataclass

from legsup_voice.audio import Samples
from legsup_voice.hearing.intents import Intent, Intents
from legsup_voice.hearing.recogniser import Alternative, Recogniser
from legsup_voice.session.states import Command

MARGIN_LIMITS = (-6.0, 8.0)
"""Log-likelihood; beyond these a margin tells no more."""

LETTERS_LIMIT = 10
"""Longer phrases are no likelier still to be meant."""


@dataclass(frozen=True)
class Calibration:
    """Weights in the log-odds of a command; fitted to people's commands and other people's talk.

    `margin` and `score` are natural logarithms; `behind` is added to `margin` where another reading
    is likelier. `letters` is for each letter of the phrase: a long one is hardly ever found by
    chance. The shortest words, said as clearly as they come, get back half of what they lack.
    """

    bias: float = 4.6
    margin: float = 0.56
    behind: float = -0.28
    score: float = 0.38
    letters: float = 0.69
    shortest: float = 0.7

    def confidence(self, text: str, margin: float, score: float) -> float:
        """Return the probability that the phrase `text`, read with these two, is what was meant."""
        low, high = MARGIN_LIMITS
        margin, letters = min(max(margin, low), high), len(text.replace(" ", ""))
        odds = self.bias + self.margin * margin + self.behind * min(margin, 0) + self.score * score
        odds += self.letters * min(letters, LETTERS_LIMIT)
        odds += self.shortest * (letters <= SHORTEST_LETTERS)
        return 1 / (1 + math.exp(-min(max(odds, -50), 50)))


@dataclass(frozen=True)
class Bars:
    """The confidence a command needs.

    Missing a stop or a symptom costs more than one too many; a session ended or a length changed
    by mistake costs more than saying it again.
    """

    urgent: float = 0.6
    usual: float = 0.8
    costly: float = 0.85

    def of(self, intent: Intent) -> float:
        """Return the bar of `intent`."""
        if intent.command in URGENT:
            return self.urgent
        return self.costly if intent.command in COSTLY else self.usual


URGENT = frozenset({Command.STOP, Command.SYMPTOM})
"""What is acted on at the first pause, whatever words may follow."""

COSTLY = frozenset({Command.QUIT, Command.DURATION, Command.SHORTER, Command.LONGER, Command.SKIP})
SHORTEST_LETTERS = 2


@dataclass(frozen=True)
class Decision:
    """What an utterance was; `intent` is None when it is no command, and `why` says why not."""

    text: str
    intent: Intent | None
    confidence: float
    why: str = ""
    prefix: bool = False


class Judge:
    """Decodes utterances and decides."""

    def __init__(self, recogniser: Recogniser, phrases: Intents, bars: Bars | None = None) -> None:
        self._recogniser = recogniser
        self._phrases = phrases
        self._bars = bars or Bars()
        self._calibration = Calibration()

    def decide(self, utterance: Samples) -> Decision:
        """Return what `utterance` (16 kHz) was."""
        return self.judge(self._recogniser.decode(utterance))

    def judge(self, readings: list[Alternative]) -> Decision:
        """Return the likeliest command among `readings`, if it is sure enough."""
        heard = readings[0].text if readings else ""
        found = self._best(readings)
        if found is None:
            return Decision(heard, None, 0.0, "unknown")
        reading, intent = found
        rivals = [each.score for each in readings if self._phrases.meaning(each.text) != intent]
        margin = reading.score - max(rivals) if rivals else MARGIN_LIMITS[1]
        confidence = self._calibration.confidence(reading.text, margin, reading.score)
        if confidence < self._bars.of(intent):
            why = "unsure" if heard == reading.text else "unknown"
            return Decision(heard, None, confidence, why)
        return Decision(reading.text, intent, confidence, "", self._phrases.may_go_on(reading.text))

    def _best(self, readings: list[Alternative]) -> tuple[Alternative, Intent] | None:
        for each in readings:
            intent = self._phrases.meaning(each.text)
            if intent is not None:
                return each, intent
        return None
