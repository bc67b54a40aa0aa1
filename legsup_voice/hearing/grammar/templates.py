"""The language that the command templates are written in.

`(a|b)` is one of, `[a]` may be left out, `<name>` is a rule, `{name}` a list of values; all else
are words. It is the language of hassil, whose parser isn't used: it reads letters, not words
(`stop[ped]` is one word to it), and asserts where a person who writes their own phrases needs a
sentence.
"""

import itertools
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

LONGEST_TEMPLATE = 1200
"""Letters; a slip of the brackets is found early."""

DEEPEST = 20
"""Brackets within brackets."""

_TOKEN = re.compile(r"\s*(<[a-z_]+>|\{[a-z_]+\}|[()\[\]|]|[^\W\d_]+(?:'[^\W\d_]+)*'?)")
_CLOSES = {"(": ")", "[": "]"}


@dataclass(frozen=True)
class Sequence:
    """Everything, in order; words are plain text."""

    items: "tuple[Expression, ...]"


@dataclass(frozen=True)
class Choice:
    """One of several."""

    items: "tuple[Expression, ...]"


@dataclass(frozen=True)
class Rule:
    """What the rule `name` stands for."""

    name: str


@dataclass(frozen=True)
class Slot:
    """One value of the list `name`; which one becomes part of the meaning."""

    name: str


Expression: TypeAlias = str | Sequence | Choice | Rule | Slot
NOTHING = Sequence(())


@cache
def parse(template: str) -> Expression:
    """Return the expression that `template` writes.

    Raises:
        ValueError: its brackets don't match, it holds something else than words, or is too long.
    """
    if len(template) > LONGEST_TEMPLATE:
        raise ValueError(f'"{template[:20]}..." is longer than {LONGEST_TEMPLATE} letters')
    tokens, position = [], 0
    while position < len(template.rstrip()):
        match = _TOKEN.match(template, position)
        if match is None:
            odd = template[position:].strip()[:10]
            raise ValueError(f'"{template}" has "{odd}" where a word should be')
        tokens.append(match[1])
        position = match.end()
    if max(_depths(tokens), default=0) > DEEPEST:
        raise ValueError(f'"{template[:20]}..." has brackets within more than {DEEPEST} others')
    expression, used = _alternatives(tokens, 0, template)
    if used != len(tokens):
        raise ValueError(f'"{template}" has a closing bracket too many')
    return expression


def _depths(tokens: list[str]) -> Iterator[int]:
    return itertools.accumulate((each in _CLOSES) - (each in _CLOSES.values()) for each in tokens)


def _alternatives(tokens: list[str], at: int, template: str) -> tuple[Expression, int]:
    """Read from token `at` to the closing bracket or the end; return that place too."""
    choices: list[Expression] = []
    current: list[Expression] = []
    while at < len(tokens) and tokens[at] not in (")", "]"):
        token = tokens[at]
        at += 1
        if token == "|":  # noqa: S105
            choices.append(_sequence(current))
            current = []
        elif token in _CLOSES:
            inner, at = _alternatives(tokens, at, template)
            if at >= len(tokens) or tokens[at] != _CLOSES[token]:
                raise ValueError(f'"{template}" has a bracket that isn\'t closed')
            at += 1
            current.append(Choice((NOTHING, inner)) if token == "[" else inner)  # noqa: S105
        elif token[0] == "<":
            current.append(Rule(token[1:-1]))
        else:
            current.append(Slot(token[1:-1]) if token[0] == "{" else token)
    choices.append(_sequence(current))
    return (choices[0] if len(choices) == 1 else Choice(tuple(choices))), at


def _sequence(items: Iterable[Expression]) -> Expression:
    each = tuple(items)
    return each[0] if len(each) == 1 else Sequence(each)


def spoken(expression: Expression, other: Mapping[str, Expression]) -> Expression:
    """Return `expression` with each word that `other` knows said in its other way too."""
    return _changed(expression, lambda word: Choice((word, other[word])) if word in other else word)


def alike(expression: Expression, words: Mapping[str, str]) -> Expression:
    """Return `expression` with each word that `words` knows taken for what stands there."""
    return _changed(expression, lambda word: _sequence((words.get(word) or word).split()))


def without(expression: Expression, words: Collection[str]) -> Expression:
    """Return `expression` with nothing where it has one of `words`."""
    return _changed(expression, lambda word: NOTHING if word in words else word)


def _changed(expression: Expression, change: Callable[[str], Expression]) -> Expression:
    """Return `expression` with what `change` makes of each word."""
    if isinstance(expression, str):
        return change(expression)
    if isinstance(expression, Rule | Slot):
        return expression
    return type(expression)(tuple(_changed(item, change) for item in expression.items))


def slots(expression: Expression, rules: Mapping[str, Expression]) -> tuple[str, ...]:
    """Return the names of the lists that `expression` takes a value from, each once.

    Raises:
        ValueError: it names a rule that isn't there, or rules go round in a circle.
    """
    return tuple(dict.fromkeys(_slots(expression, rules, ())))


def using(
    expression: Expression, rules: Mapping[str, Expression]
) -> Mapping[frozenset[str], Expression]:
    """Return, for each set of lists that a way to say `expression` takes values from, those ways.

    "start [for {duration}]" may be said with a duration or without: each means something else.
    """
    if not slots(expression, rules):
        return {frozenset(): expression}
    if isinstance(expression, Rule):
        return using(rules[expression.name], rules)
    if isinstance(expression, Slot):
        return {frozenset([expression.name]): expression}
    assert not isinstance(expression, str)
    found: dict[frozenset[str], list[Expression]] = {}
    if isinstance(expression, Choice):
        for item in expression.items:
            for names, ways_of_it in using(item, rules).items():
                found.setdefault(names, []).append(ways_of_it)
    else:
        for parts in itertools.product(*(using(it, rules).items() for it in expression.items)):
            names = frozenset[str]().union(*(each for each, _ in parts))
            found.setdefault(names, []).append(Sequence(tuple(part for _, part in parts)))
    return {
        names: each[0] if len(each) == 1 else Choice(tuple(each)) for names, each in found.items()
    }


def _slots(
    expression: Expression, rules: Mapping[str, Expression], inside: tuple[str, ...]
) -> Iterator[str]:
    if isinstance(expression, Slot):
        yield expression.name
    elif isinstance(expression, Rule):
        if expression.name not in rules:
            raise ValueError(f"there is no rule <{expression.name}>")
        if expression.name in inside:
            raise ValueError(f"the rule <{expression.name}> refers to itself")
        yield from _slots(rules[expression.name], rules, (*inside, expression.name))
    elif not isinstance(expression, str):
        for item in expression.items:
            yield from _slots(item, rules, inside)


def phrases(
    expression: Expression,
    rules: Mapping[str, Expression],
    values: Mapping[str, Expression],
) -> Iterator[tuple[str, ...]]:
    """Yield the word sequences of `expression`, the plainest first; `values` fill its slots."""
    if isinstance(expression, str):
        yield (expression,)
    elif isinstance(expression, Rule):
        yield from phrases(rules[expression.name], rules, values)
    elif isinstance(expression, Slot):
        yield from phrases(values[expression.name], rules, values)
    elif isinstance(expression, Choice):
        yield from in_turn([phrases(item, rules, values) for item in expression.items])
    elif not expression.items:
        yield ()
    else:
        first, rest = expression.items[0], Sequence(expression.items[1:])
        for head in phrases(first, rules, values):
            for tail in phrases(rest, rules, values):
                yield head + tail


def in_turn(sources: Iterable[Iterator[tuple[str, ...]]]) -> Iterator[tuple[str, ...]]:
    """Yield one of each source, then the next of each."""
    nothing = object()
    for row in itertools.zip_longest(*sources, fillvalue=nothing):
        for each in row:
            if isinstance(each, tuple):
                yield each


def ways(
    expression: Expression,
    rules: Mapping[str, Expression],
    lists: Mapping[str, Mapping[str, Expression]],
) -> int:
    """Return how many word sequences `expression` stands for, counting doubles."""
    if isinstance(expression, str):
        return 1
    if isinstance(expression, Rule):
        return ways(rules[expression.name], rules, lists)
    if isinstance(expression, Slot):
        return sum(ways(each, rules, lists) for each in lists[expression.name].values())
    counts = [ways(item, rules, lists) for item in expression.items]
    return sum(counts) if isinstance(expression, Choice) else math.prod(counts)
