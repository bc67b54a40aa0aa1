"""The bigram model: what templates are expected to hold, and probabilities that add up."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.templates import Choice, Expression, Sequence
from legsup_voice.hearing.language_model import FREE, OTHER, RARE, language_model, pairs_of

expressions: st.SearchStrategy[Expression] = st.recursive(
    st.sampled_from(["a", "b", "c"]),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda items: Sequence(tuple(items))),
        st.lists(parts, min_size=1, max_size=3).map(lambda items: Choice(tuple(items))),
    ),
    max_leaves=6,
)


def said(expression: Expression) -> list[tuple[float, tuple[str, ...]]]:
    """Write out every way to say `expression`, with its probability."""
    if isinstance(expression, str):
        return [(1.0, (expression,))]
    assert isinstance(expression, Sequence | Choice)
    parts = [said(item) for item in expression.items]
    if isinstance(expression, Choice):
        return [(share / len(parts), words) for part in parts for share, words in part]
    return [
        (math.prod(share for share, _ in row), tuple(itertools.chain(*(words for _, words in row))))
        for row in itertools.product(*parts)
    ]


@given(expressions)
def test_the_expected_pairs_are_those_of_all_that_is_written_out(expression: Expression) -> None:
    found = pairs_of(expression, {}, {}, {})
    expected: dict[object, float] = {}
    for share, words in said(expression):
        for key in [*itertools.pairwise(words), ("first", *words[:1]), ("last", *words[-1:])]:
            expected[key] = expected.get(key, 0.0) + share
    empty = sum(share for share, words in said(expression) if not words)
    assert found.empty == pytest.approx(empty)
    kinds = {("first",), ("last",)}
    got = found.pairs | {("first", word): share for word, share in found.first.items()}
    got |= {("last", word): share for word, share in found.last.items()}
    assert got == pytest.approx({key: share for key, share in expected.items() if key not in kinds})


MODEL = language_model(grammar(), ["xylophone", "stop"])


def test_what_may_be_said_next_adds_up_to_one_at_most() -> None:
    for word, following in [("", MODEL.first), *MODEL.after.items()]:
        whole = sum(map(math.exp, following.values()))
        assert whole <= 1 - FREE + 1e-9, word
    assert sum(map(math.exp, MODEL.first.values())) > (1 - FREE) * (1 - len(MODEL.first) * RARE)
    assert sum(map(math.exp, MODEL.free.values())) == pytest.approx(1.0)


def test_words_of_other_talk_share_their_part() -> None:
    assert math.exp(MODEL.free["xylophone"]) == pytest.approx(OTHER)
    assert "xylophone" not in MODEL.after
    assert math.exp(MODEL.free["stop"]) < OTHER / 5


def test_what_templates_say_often_is_likely() -> None:
    assert MODEL.after["how"]["long"] > MODEL.free["long"] + 2.0
    assert MODEL.first["stop"] > MODEL.first["box"]
