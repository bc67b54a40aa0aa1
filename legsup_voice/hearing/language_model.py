"""How likely a word is, and after another: a bigram model of everything that can be said.

It is read off the templates themselves, and off sentences that people may say (`said.tsv`). A
template's ways to be said are taken for equally likely at every fork of it, which gives the
expected number of each pair of words without writing one phrase out. Words of other talk share a
part of what is left.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain, pairwise
from typing import TypeAlias, TypeVar

from legsup_voice.hearing.grammar.grammar import Grammar
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.hearing.grammar.templates import Choice, Expression, Rule, Slot

Shares: TypeAlias = dict[str, float]
Logs: TypeAlias = Mapping[str, float]
Key = TypeVar("Key")

FREE = 0.25
"""Share of any word after any other: people don't keep to templates."""

OTHER = 0.4
"""Share of the words of other talk in that."""

RARE = 2e-3
"""Expected numbers of a pair below which it isn't listed; two in five are."""


@dataclass(frozen=True)
class LanguageModel:
    """Natural logarithms of probabilities.

    `first` is of the words that something begins with, `after[word]` of those that follow `word`,
    `free` of each word wherever it stands.
    """

    first: Logs
    after: Mapping[str, Logs]
    free: Logs


@dataclass(frozen=True)
class Pairs:
    """What an expression is expected to hold, said once: its first and last word, pairs of words.

    `empty`: the probability that it is nothing at all.
    """

    empty: float = 0.0
    first: Shares = field(default_factory=dict)
    last: Shares = field(default_factory=dict)
    pairs: dict[tuple[str, str], float] = field(default_factory=dict)

    def then(self, other: "Pairs") -> "Pairs":
        """Return what this holds with `other` after it."""
        pairs = _sum((self.pairs, 1.0), (other.pairs, 1.0))
        for word, share in self.last.items():
            for following, theirs in other.first.items():
                pairs[word, following] = pairs.get((word, following), 0.0) + share * theirs
        return Pairs(
            self.empty * other.empty,
            _sum((self.first, 1.0), (other.first, self.empty)),
            _sum((other.last, 1.0), (self.last, other.empty)),
            pairs,
        )


def language_model(
    known: Grammar, others: Iterable[str], sentences: Iterable[Words] = ()
) -> LanguageModel:
    """Return the model of everything that `known` takes, one template as likely as another.

    `sentences`: what else people say, each as likely as a template. `others`: words of other talk.
    """
    first: Shares = defaultdict(float)
    after: dict[str, Shares] = defaultdict(lambda: defaultdict(float))
    ended: Shares = defaultdict(float)
    for each in chain(_said(known), map(_as_said, sentences)):
        spoken = 1 - each.empty
        for word, share in each.first.items():
            first[word] += share / spoken
        for word, share in each.last.items():
            ended[word] += share / spoken
        for (word, next_one), share in each.pairs.items():
            after[word][next_one] += share / spoken
    counts = dict.fromkeys({*ended, *after}, 1.0)
    for following in (first, *after.values()):
        for next_one, share in following.items():
            counts[next_one] = counts.get(next_one, 1.0) + share
    foreign = sorted(set(others) - counts.keys())
    ours = math.log((1 - OTHER if foreign else 1.0) / sum(counts.values()))
    free = {word: ours + math.log(share) for word, share in sorted(counts.items())}
    free |= {word: math.log(OTHER / len(foreign)) for word in foreign}
    onwards = {
        word: _logs(following, sum(following.values()) + ended.get(word, 0.0))
        for word, following in after.items()
    }
    return LanguageModel(_logs(first, sum(first.values())), onwards, free)


def _as_said(words: Words) -> Pairs:
    pairs: dict[tuple[str, str], float] = defaultdict(float)
    for pair in pairwise(words):
        pairs[pair] += 1.0
    return Pairs(0.0, {words[0]: 1.0}, {words[-1]: 1.0}, pairs)


def _said(known: Grammar) -> Iterator[Pairs]:
    """Yield what each template of `known`, with something polite around it, is expected to hold."""
    rules, lists = known.heard.rules, known.heard.lists
    kept: dict[Expression, Pairs] = {}
    around = (Rule("before"), Rule("leading"), Rule("after"))
    before, leading, after = (
        _either([Pairs(1.0), pairs_of(each, rules, lists, kept)]) for each in around
    )
    polite = before.then(leading)
    for template in known.templates:
        yield polite.then(pairs_of(template.expression, rules, lists, kept)).then(after)


def pairs_of(
    expression: Expression,
    rules: Mapping[str, Expression],
    lists: Mapping[str, Mapping[str, Expression]],
    kept: dict[Expression, Pairs],
) -> Pairs:
    """Return what `expression` is expected to hold; `kept` keeps what rules and lists hold."""
    if isinstance(expression, str):
        return Pairs(0.0, {expression: 1.0}, {expression: 1.0})
    if isinstance(expression, Rule | Slot):
        if expression not in kept:
            if isinstance(expression, Rule):
                items = [rules[expression.name]]
            else:
                items = list(lists[expression.name].values())
            kept[expression] = _either([pairs_of(each, rules, lists, kept) for each in items])
        return kept[expression]
    parts = [pairs_of(each, rules, lists, kept) for each in expression.items]
    if isinstance(expression, Choice):
        return _either(parts)
    return reduce(Pairs.then, parts, Pairs(1.0))


def _logs(following: Shares, whole: float) -> Logs:
    return {
        word: math.log((1 - FREE) * share / whole)
        for word, share in following.items()
        if share > RARE
    }


def _either(parts: list[Pairs]) -> Pairs:
    """Return what one of `parts`, one as likely as another, is expected to hold."""
    share = 1 / len(parts)
    return Pairs(
        share * sum(each.empty for each in parts),
        _sum(*((each.first, share) for each in parts)),
        _sum(*((each.last, share) for each in parts)),
        _sum(*((each.pairs, share) for each in parts)),
    )


def _sum(*weighed: tuple[Mapping[Key, float], float]) -> dict[Key, float]:
    found: dict[Key, float] = {}
    for shares, weight in weighed:
        for key, share in shares.items() if weight else ():
            found[key] = found.get(key, 0.0) + weight * share
    return found
