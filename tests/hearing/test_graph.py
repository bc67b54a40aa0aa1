"""Templates and the graph of words made of them (pure, fast)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.hearing.grammar.graph import PLAIN, Graph, Labels, Network
from legsup_voice.hearing.grammar.templates import parse, phrases, slots, ways

TEMPLATES = st.recursive(
    st.sampled_from("abc"),
    lambda inner: st.one_of(
        inner.map("[{}]".format),
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
    ),
    max_leaves=8,
)


def _network(*templates: str) -> Network:
    network = Network()
    for label, template in enumerate(templates):
        network.finals[network.add(parse(template), {}, {}, 0)] = PLAIN, label
    return network


def _labels(graph: Graph, *words: str) -> Labels:
    """Return what `words` as a whole mean."""
    node = graph.follow(list(words))
    assert node is not None
    return graph.labels_at(node)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("stop", ["stop"]),
        ("(pause|hold on) [please]", ["pause", "pause please", "hold on", "hold on please"]),
        ("[make it] easier", ["easier", "make it easier"]),
        ("a (b|c [d]) e", ["a b e", "a c e", "a c d e"]),
    ],
)
def test_a_template_stands_for_phrases(template: str, said: list[str]) -> None:
    found = [" ".join(words) for words in phrases(parse(template), {}, {})]
    assert found == said
    assert ways(parse(template), {}, {}) == len(said)


@pytest.mark.parametrize("template", ["(a", "a)", "[a", "(a]", "a&b", "(a|b" * 9, "<a", "{a b}"])
def test_a_bad_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"bracket|where a word"):
        parse(template)


def test_a_rule_made_of_itself_is_refused() -> None:
    rules = {"one": parse("a <other>"), "other": parse("[<one>]")}
    with pytest.raises(ValueError, match="refers to itself"):
        slots(parse("<one>"), rules)
    with pytest.raises(ValueError, match="no rule <third>"):
        slots(parse("<third>"), rules)


@given(st.lists(TEMPLATES, min_size=1, max_size=3))
def test_the_graph_accepts_what_the_templates_say_and_nothing_else(templates: list[str]) -> None:
    network = Network()
    for template in templates:
        network.finals[network.add(parse(template), {}, {}, 0)] = PLAIN, 0
    graph = network.minimal()
    said = {words for template in templates for words in phrases(parse(template), {}, {})}
    assert graph.ways == len(said)
    assert all(_labels(graph, *words) == (0,) for words in said)


@given(st.lists(TEMPLATES, min_size=1, max_size=3))
def test_no_two_nodes_are_alike_and_arcs_lead_onwards(templates: list[str]) -> None:
    network = Network()
    for template in templates:
        network.finals[network.add(parse(template), {}, {}, 0)] = PLAIN, 0
    graph = network.minimal()
    kinds = {(graph.labels_at(at), *graph.onwards(at)) for at in range(len(graph))}
    assert len(kinds) == len(graph)
    assert all(to > at for at in range(len(graph)) for _, to in graph.onwards(at))


def test_beginnings_and_ends_are_shared() -> None:
    graph = _network("(a|b) (c|d) (e|f)").minimal()
    assert (len(graph), graph.ways) == (4, 8)


def test_a_lower_rank_comes_foremost() -> None:
    network = _network("a b")
    network.finals[network.add(parse("a [b]"), {}, {}, 0)] = PLAIN + 1, 7
    assert _labels(network.minimal(), "a", "b") == (0, 7)
