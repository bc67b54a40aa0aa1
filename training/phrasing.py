"""Phrases and words that the model must know: product phrases, numbers, common other words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from training.lexicon import words

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred half quarter hour hours minute minutes second seconds and a an oh"
).split()
#: Lengths of time spoken to the product, for synthetic voices.
DURATIONS = (
    *("thirty seconds", "forty five seconds", "sixty seconds", "ninety seconds", "one minute"),
    *("two minutes", "two and a half minutes", "three minutes", "four minutes", "five minutes"),
    *("six minutes", "seven minutes", "eight minutes", "nine minutes", "ten minutes"),
    *("twelve minutes", "fifteen minutes", "twenty minutes", "half a minute", "half an hour"),
    *("a minute and a half", "a quarter of an hour", "eighteen minutes", "five and a half minutes"),
)
_TOKEN = re.compile(r"[(\[|\])]|[^(\[|\])]+")


def expand(pattern: str) -> list[str]:
    """Write out a phrase pattern: ``(a|b)`` is one of, ``[a]`` may be left out."""
    tokens = _TOKEN.findall(pattern.replace("{duration}", "(" + "|".join(DURATIONS) + ")"))
    found, rest = _alternatives(tokens)
    assert not rest, f"unbalanced brackets in {pattern!r}"
    return sorted({" ".join(phrase.split()) for phrase in found} - {""})


def _alternatives(tokens: list[str]) -> tuple[list[str], list[str]]:
    """Read alternatives up to a closing bracket; give them and the tokens left."""
    done: list[str] = []
    current = [""]
    while tokens and tokens[0] not in (")", "]"):
        token, *tokens = tokens
        if token in {"|"}:
            done, current = done + current, [""]
            continue
        inner = [token]
        if token in ("(", "["):
            inner, tokens = _alternatives(tokens)
            tokens = tokens[1:]
            inner = [*inner, ""] if token in {"["} else inner
        current = [a + b for a, b in itertools.product(current, inner)]
    return done + current, tokens


def read_phrases(path: Path) -> list[str]:
    """Read phrases from a text file (one a line, # comments) or from any YAML file.

    In YAML every string in a list called ``phrases`` counts, as a pattern for `expand`; a
    plain list of strings does too.
    """
    text = path.read_text(encoding="utf8")
    if path.suffix in (".yaml", ".yml"):
        patterns = list(_strings(YAML(typ="safe", pure=True).load(text), listed=True))
        return list(dict.fromkeys(p for pattern in patterns for p in expand(pattern)))
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def _strings(node: object, listed: bool) -> Iterator[str]:
    """Walk a YAML document for phrases."""
    if isinstance(node, str):
        if listed:
            yield node
    elif isinstance(node, list):
        for item in node:
            yield from _strings(item, listed)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _strings(value, listed=key == "phrases")


def vocabulary(files: list[Path]) -> list[str]:
    """Collect every word of the given phrase and word lists, and the numbers."""
    found = set(NUMBERS)
    for path in files:
        for phrase in read_phrases(path):
            found.update(words(phrase))
    return sorted(found)
