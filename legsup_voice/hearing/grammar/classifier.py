"""What words that no template says most resemble of what people say.

Templates know for certain what they say; people say more than they foresee. This is a linear
classifier of the words, of two and three in a row and of parts of a word, fitted to some thousands
of sentences that are labelled with what their speaker meant, and to sentences that mean nothing to
us (`python -m training meanings`). What of its guesses counts is told by `guessing.py`.
"""

import json
import logging
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from legsup_voice.content import LANGUAGE
from legsup_voice.errors import UserError
from legsup_voice.hearing.grammar.intent import KINDS, Intent
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.hearing.models import broken, bundled
from legsup_voice.protocol.commands import Command

BUCKETS = 2**15
"""Places for features; those that share one by chance are told apart by the others."""

PARTS = (4, 5)
"""Letters in a part of a word, whose beginning and end count as one."""

_PACKED = zipfile.BadZipFile, zlib.error
"""What a packed file that is damaged may raise, beside much else."""

Features = npt.NDArray[np.intp]

log = logging.getLogger(__name__)


class Classifier:
    """`classes`: what each column of `weights` (buckets by classes) stands for; None: nothing."""

    def __init__(
        self,
        classes: tuple[Intent | None, ...],
        weights: npt.NDArray[np.int8],
        scale: npt.NDArray[np.float32],
        bias: npt.NDArray[np.float32],
    ) -> None:
        """`scale`: what a one of each column's weights is worth."""
        self.classes = classes
        self._commands = [None if intent is None else intent.command for intent in classes]
        self._weights, self._scale, self._bias = weights, scale, bias

    def classify(self, words: Words) -> tuple[Intent | None, float]:
        """Return what `words` resemble most, and how probably they mean it."""
        found = features(words)
        score = self._weights[found].sum(0, dtype=np.int32) * self._scale / np.sqrt(len(found))
        score += self._bias
        odds = np.exp(score - score.max())
        # Kinds of one command agree on the command.
        sums: dict[Command | None, float] = {}
        for command, one in zip(self._commands, odds, strict=True):
            sums[command] = sums.get(command, 0.0) + float(one)
        likeliest = max(sums, key=lambda command: sums[command])
        best = max(
            (at for at, command in enumerate(self._commands) if command is likeliest),
            key=lambda at: float(odds[at]),
        )
        return self.classes[best], sums[likeliest] / float(odds.sum())


@cache
def classifier(language: str = LANGUAGE, folder: Path | None = None) -> Classifier | None:
    """Return that of `language` in `folder` or the package; None where there is none.

    It is first asked for in the middle of a session: a broken one is left out, for templates know
    every way out of the pose.
    """
    path = (folder or bundled("meanings")) / f"{language}.npz"
    try:
        return read(path) if path.exists() else None
    except UserError as error:
        log.warning("%s", error)
        return None


def read(path: Path) -> Classifier:
    """Return what `write` wrote.

    Raises:
        UserError: the file is broken.
    """
    try:
        with path.open("rb") as file, np.load(file) as stored:
            classes = json.loads(stored["classes"].tobytes())
            return Classifier(
                tuple(each and _intent(each) for each in classes),
                stored["weights"],
                stored["scale"],
                stored["bias"],
            )
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, *_PACKED) as error:
        raise broken(path) from error


def write(made: Classifier, path: Path) -> None:
    """Write `made` to one file."""
    classes = [each and {"command": each.command, **each.details()} for each in made.classes]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            classes=np.frombuffer(json.dumps(classes).encode(), np.uint8),
            weights=made._weights,
            scale=made._scale,
            bias=made._bias,
        )


def _intent(stored: dict[str, Any]) -> Intent:
    command = Command(stored.pop("command"))
    return Intent(command, **{name: KINDS[name](value) for name, value in stored.items()})


def features(words: Words) -> Features:
    """Return the buckets of what is in `words`, each once."""
    named = {zlib.crc32(each.encode()) % BUCKETS for each in _named(words)}
    return np.array(sorted(named), np.intp)


def _named(words: Words) -> Iterator[str]:
    yield from words
    framed = ("<", *words, ">")
    yield from (f"{one} {two}" for one, two in pairwise(framed))
    for one, two, three in zip(framed, framed[1:], framed[2:], strict=False):
        yield f"{one} {two} {three}"
        yield f"{one} _ {three}"
    for word in words:
        whole = f"<{word}>"
        for length in PARTS:
            yield from (f"#{whole[at : at + length]}" for at in range(len(whole) - length + 1))
