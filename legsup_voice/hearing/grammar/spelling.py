"""The words of a text as the templates spell them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from legsup_voice.hearing.grammar.words import in_words

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Spelling:
    """How a language writes what is said.

    `numbers`: how they are said. `alike`: what text takes each of certain words for; `short`: the
    words that the end of one may be short for; `small`: words that text may do without. `left_out`:
    words of a template that need not be said; `left_out_first`: at its beginning. `known`: words of
    the templates with such an end; each counts as a word first.
    """

    numbers: Mapping[int, str] = field(default_factory=dict)
    alike: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    small: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    left_out_first: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()

    def ways(self, text: str) -> Iterator[Words]:
        """Yield the words of `text`; "foot's" is "foot is", then "foot has"."""
        words = self._spelled(in_words(text, self.numbers))
        ways = [self._written_out(word) for word in words]
        for which in range(max(map(len, ways), default=1)):
            yield tuple(part for each in ways for part in each[min(which, len(each) - 1)])

    def are_numbers(self, words: Words) -> bool:
        """Tell whether `words` are nothing but numbers."""
        known = {part for said in self.numbers.values() for part in said.split()}
        return known.issuperset(words)

    def is_short(self, word: str) -> bool:
        """Tell whether `word` ends with what is short for a word of its own."""
        return word.endswith(tuple(self.short))

    def _spelled(self, words: Iterable[str]) -> Words:
        """Return `words` with those that text takes them for."""
        return tuple(self._alike.sub(lambda found: self.alike[found[1]], " ".join(words)).split())

    @cached_property
    def _alike(self) -> re.Pattern[str]:
        longest = sorted(self.alike, key=len, reverse=True)
        return re.compile(rf"(?<!\S)({'|'.join(longest)})(?!\S)")

    def _written_out(self, word: str) -> list[Words]:
        ways: list[Words] = [
            self._spelled((word.removesuffix(end), verb))
            for end, verbs in self.short.items()
            for verb in verbs
            if word.endswith(end)
        ]
        return [(word,), *ways] if word in self.known or not ways else ways
