"""Vosk, with one grammar of everything that can be said.

A whole utterance is decoded at once when its voice has paused: with this model that takes about a
hundredth of the utterance's length, so it costs less latency than the 360 ms (a chunk and the
network's look-ahead) that a running partial result lags behind, and a pause that turns out to be
inside an utterance costs nothing but a second decode.

Vosk's list of alternatives carries the log-likelihood of each, which its `conf` hides.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.hearing.letter_to_sound import pronounce
from legsup_voice.hearing.models import UNKNOWN, vosk

ALTERNATIVES = 20
"""Readings asked for; a command below twenty others is none to this recogniser."""

PADDING = np.zeros(HEAR_RATE * 3 // 20, np.float32)
"""Silence after the utterance, for the network's look-ahead of 160 ms."""


@dataclass(frozen=True)
class Alternative:
    """One reading of an utterance; `score` is its log-likelihood, language model included."""

    text: str
    score: float


class Recogniser:
    """One Vosk recogniser with one grammar, made once: Vosk leaks on changing grammars."""

    def __init__(
        self, model: "vosk.Model", phrases: Collection[str], others: Iterable[str]
    ) -> None:
        self._phrases = _spelled(model, phrases)
        known = [word for word in others if _knows(model, word)]
        grammar = json.dumps([*self._phrases, *known, UNKNOWN])
        self._vosk = vosk.KaldiRecognizer(model, HEAR_RATE, grammar)
        self._vosk.SetMaxAlternatives(ALTERNATIVES)

    def decode(self, utterance: Samples) -> list[Alternative]:
        """Return the readings of `utterance` (16 kHz), the likeliest first; [] for silence."""
        samples = np.concatenate([utterance, PADDING])
        self._vosk.AcceptWaveform((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        found = json.loads(self._vosk.FinalResult()).get("alternatives", [])
        return [
            Alternative(self._phrases.get(each["text"], each["text"]), float(each["confidence"]))
            for each in found
        ]


def _knows(model: "vosk.Model", word: str) -> bool:
    return bool(model.vosk_model_find_word(word) >= 0)


def _spelled(model: "vosk.Model", phrases: Collection[str]) -> dict[str, str]:
    """Return each phrase by how it is put in words of the model, in phones where it lacks one.

    Raises:
        UserError: a word can't be put so.
    """
    said = {word: phrase for phrase in phrases for word in phrase.split()}
    lacking = sorted(word for word in said if not _knows(model, word))
    sounds = pronounce(lacking)
    for word in lacking:
        if not sounds[word] or not all(_knows(model, phone) for phone in sounds[word]):
            raise UserError(
                f'The model doesn\'t know the word "{word}" of the phrase "{said[word]}" and '
                "can't spell it by its sound: say it in other words, or use another model."
            )
    return {
        " ".join(" ".join(sounds.get(word, (word,))) for word in phrase.split()): phrase
        for phrase in phrases
    }
