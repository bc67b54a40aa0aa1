"""Vosk, with one grammar of the plainest ways to say everything.

A whole utterance is decoded at once when its voice has paused: with this model that takes about a
hundredth of the utterance's length, so it costs less latency than the 360 ms (a chunk and the
network's look-ahead) that a running partial result lags behind, and a pause that turns out to be
inside an utterance costs nothing but a second decode.

Vosk's list of alternatives carries the log-likelihood of each, which its `conf` hides.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.hearing.compiled import Compiled
from legsup_voice.hearing.models import UNKNOWN, knows, vosk

ALTERNATIVES = 20
"""Readings asked for; a command below twenty others is none to this recogniser."""

PADDING = np.zeros(HEAR_RATE * 3 // 20, np.float32)
"""Silence after the utterance, for the network's look-ahead of 160 ms."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alternative:
    """One reading of an utterance; `score` is its log-likelihood, language model included."""

    text: str
    score: float


class Recogniser:
    """One Vosk recogniser with one grammar, made once: Vosk leaks on changing grammars."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - the package has no types
        compiled: Compiled,
    ) -> None:
        """A phrase with a word that the model lacks is listened for by its phones.

        Where it lacks these too, the phrase is left out, and so are fillers that it lacks.

        Raises:
            UserError: the model knows no phrase at all.
        """
        spelled = dict(_spelled(model, compiled))
        if not spelled:
            raise UserError("The model knows no word of any command: use one for this language.")
        self._spelled = {put: phrase for put, phrase in spelled.items() if put != phrase}
        self._ways = compiled.ways
        known = [word for word in (*compiled.fillers, UNKNOWN) if knows(model, word)]
        grammar = json.dumps([*spelled, *known])
        self._vosk = vosk.KaldiRecognizer(model, HEAR_RATE, grammar)
        self._vosk.SetMaxAlternatives(ALTERNATIVES)

    def decode(self, utterance: Samples) -> list[Alternative]:
        """Return the readings of `utterance` (16 kHz), the likeliest first; [] for silence."""
        samples = np.concatenate([utterance, PADDING])
        self._vosk.AcceptWaveform((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        found = json.loads(self._vosk.FinalResult()).get("alternatives", [])
        return [
            Alternative(self._spelled.get(each["text"], each["text"]), float(each["confidence"]))
            for each in found
        ]

    def alike(self, one: str, other: str) -> bool:
        """Tell whether two readings sound the same: "know" is no rival of "no"."""
        words, others = one.split(), other.split()
        return len(words) == len(others) and all(
            word == their or not set(self._ways.get(word, ())).isdisjoint(self._ways.get(their, ()))
            for word, their in zip(words, others, strict=True)
        )


def _spelled(model: Any, compiled: Compiled) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield how each phrase is put in words of the model, in phones where it lacks one, and it."""
    ways: dict[str, tuple[str, ...]] = {}
    for word in {word for phrase in compiled.phrases for word in phrase.split()}:
        phones = compiled.ways[word][0]
        if knows(model, word):
            ways[word] = (word,)
        elif phones and all(knows(model, phone) for phone in phones):
            ways[word] = phones
        else:
            log.debug("The model can't hear the word %s.", word)
    for phrase in compiled.phrases:
        words = phrase.split()
        if ways.keys() >= set(words):
            yield " ".join(" ".join(ways[word]) for word in words), phrase
