"""Phrases and words that the model must know: product phrases, numbers, common other words."""

from __future__ import annotations

from pathlib import Path

from training.lexicon import words

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred half quarter hour hours minute minutes second seconds and a an oh"
).split()


def read_phrases(path: Path) -> list[str]:
    """Return the phrases in a text file: one a line, # comments."""
    lines = (line.strip() for line in path.read_text(encoding="utf8").splitlines())
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def vocabulary(files: list[Path]) -> list[str]:
    """Collect every word of the given phrase and word lists, and the numbers."""
    found = set(NUMBERS)
    for path in files:
        for phrase in read_phrases(path):
            found.update(words(phrase))
    return sorted(found)
