"""The words of a text as the templates spell them."""

import re
from collections.abc import Collection, Iterator
from typing import TypeAlias

from legsup_voice.hearing.grammar.meaning import Language
from legsup_voice.hearing.grammar.words import in_words

Words: TypeAlias = tuple[str, ...]


class Spelling:
    """How a language writes what is said, where templates know a `vocabulary`."""

    def __init__(self, language: Language, vocabulary: Collection[str]) -> None:
        self._language = language
        self._vocabulary = vocabulary
        longest = sorted(language.alike, key=len, reverse=True)
        self._alike = re.compile(rf"(?<!\S)({'|'.join(longest)})(?!\S)")

    def ways(self, text: str) -> Iterator[Words]:
        """Yield the words of `text`; "foot's" is "foot is", then "foot has".

        What is a word of the templates counts as that first.
        """
        said = " ".join(in_words(text, self._language.numbers))
        words = self._alike.sub(lambda found: self._language.alike[found[1]], said).split()
        ways = [self._written_out(word) for word in words]
        for which in range(max(map(len, ways), default=1)):
            yield tuple(part for each in ways for part in each[min(which, len(each) - 1)])

    def is_short(self, word: str) -> bool:
        """Tell whether `word` ends with what is short for a word of its own."""
        return word.endswith(tuple(self._language.short))

    def _written_out(self, word: str) -> list[Words]:
        ways: list[Words] = [
            (word.removesuffix(end), verb)
            for end, verbs in self._language.short.items()
            for verb in verbs
            if word.endswith(end)
        ]
        return [(word,), *ways] if word in self._vocabulary or not ways else ways
