"""Whether an utterance is a command: the whole text is a phrase, and nothing else is as likely."""

import math
from dataclasses import dataclass

from legsup_voice.audio import Samples
from legsup_voice.hearing.intents import Intent, Intents
from legsup_voice.hearing.recogniser import Alternative, Recogniser

UNSURE = 0.5
"""Confidence under which a command is not taken."""


@dataclass(frozen=True)
class Decision:
    """What an utterance was; `intent` is None when it is no command, and `why` says why not."""

    text: str
    intent: Intent | None
    confidence: float
    why: str = ""
    prefix: bool = False


def decide(recogniser: Recogniser, utterance: Samples, phrases: Intents) -> Decision:
    """Decode `utterance` and judge the readings."""
    return judge(recogniser.decode(utterance), phrases)


def judge(readings: list[Alternative], phrases: Intents) -> Decision:
    """Return the command of the likeliest reading, if it is one and is likely enough."""
    if not readings:
        return Decision("", None, 0.0, "unknown")
    text = readings[0].text
    intent = phrases.meaning(text)
    if intent is None:
        return Decision(text, None, 0.0, "unknown")
    weights = [math.exp(each.score - readings[0].score) for each in readings]
    same = [phrases.meaning(each.text) == intent for each in readings]
    confidence = sum(w for w, s in zip(weights, same, strict=True) if s) / sum(weights)
    if confidence < UNSURE:
        return Decision(text, None, confidence, "unsure")
    return Decision(text, intent, confidence, "", phrases.may_go_on(text))
