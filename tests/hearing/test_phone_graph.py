"""The graph of phones: the forward algorithm against brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.hearing.grammar.graph import PLAIN, Graph, Network
from legsup_voice.hearing.phone_graph import ADDED, Around, PhoneGraph
from legsup_voice.hearing.phones import PHONES, Floats, Phones

FEW = ("AA", "B", "K")
WAYS: dict[str, tuple[Phones, ...]] = {
    "a": (("AA",), ("B", "AA")),
    "b": (("B",),),
    "k": (("K", "B"),),
}
phrases = st.lists(
    st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=3).map(tuple),
    min_size=1,
    max_size=4,
    unique=True,
)


def graph(said: list[tuple[str, ...]]) -> Graph:
    """A graph in which every phrase means something else."""
    network = Network()
    for number, words in enumerate(said):
        node = 0
        for word in words:
            after = network.node()
            network.arcs[node].append((word, after))
            node = after
        network.finals[node] = PLAIN, number
    return network.minimal()


def brute_force(posteriors: Floats, words: tuple[str, ...]) -> list[float]:
    """Return, for each way to pronounce `words`, the sum over every path through its phones.

    Of two equal phones in a row the second may follow at once: people say one long one.
    """
    return [
        _through(posteriors, [phone for way in ways for phone in way])
        for ways in itertools.product(*(WAYS[word] for word in words))
    ]


def _through(posteriors: Floats, phones: list[str]) -> float:
    states = [0, *itertools.chain.from_iterable((PHONES.index(p) + 1, 0) for p in phones)]
    now = np.zeros(len(states))
    now[0] = 1.0  # before the first step, in the blank before all phones
    for row in posteriors:
        after = np.zeros(len(states))
        for at, chance in enumerate(now):
            # A phone is left for the next at once; a blank for the phone after it.
            for to in range(at, min(at + 2 + at % 2, len(states))):
                after[to] += chance * row[states[to]]
        now = after
    return float(now[-1] + now[-2])


@given(phrases, st.integers(2, 7), st.integers(0, 999))
def test_a_fit_lies_between_the_best_way_and_all_together(
    said: list[tuple[str, ...]], steps: int, seed: int
) -> None:
    posteriors = np.full((steps, len(PHONES) + 1), 1e-12, np.float32)
    known = [0, *(PHONES.index(phone) + 1 for phone in FEW)]
    posteriors[:, known] = np.random.default_rng(seed).dirichlet(np.ones(4), steps) + 1e-3
    words = graph(said)
    phones = PhoneGraph.made(words, WAYS, [], Around())
    found = np.exp(phones.fits(np.log(posteriors))) * float(posteriors.max(axis=1).prod())
    for likelihood, (number,) in zip(found[:-1], phones.labels, strict=True):
        ways = brute_force(posteriors, said[number])
        assert 0.999 * max(ways) <= likelihood + 1e-9
        assert likelihood <= 1.001 * sum(ways) + 1e-9


@given(st.integers(2, 7), st.integers(0, 999))
def test_one_way_fits_as_well_as_all_its_paths_together(steps: int, seed: int) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.ones(len(PHONES) + 1), steps)
    found = PhoneGraph.made(graph([("b", "k")]), WAYS, [], Around()).fits(
        np.log(rows).astype(np.float32)
    )
    (wanted,) = brute_force(rows.astype(np.float32), ("b", "k"))
    assert np.exp(found[0]) * rows.max(axis=1).prod() == pytest.approx(wanted, rel=0.01, abs=1e-12)


def test_fillers_are_the_last_column() -> None:
    phones = PhoneGraph.made(graph([("a",)]), WAYS, [("K",)], Around())
    rows = np.full((6, len(PHONES) + 1), -20.0, np.float32)
    rows[:, 0] = 0.0
    rows[3] = -20.0
    rows[3, PHONES.index("K") + 1] = 0.0
    found = phones.fits(rows)
    assert len(found) == len(phones.labels) + 1
    assert found[-1] > -0.1
    assert found[0] < -15


def test_stretches_of_blank_change_nothing() -> None:
    phones = PhoneGraph.made(graph([("a",), ("b", "k")]), WAYS, [], Around())
    rng = np.random.default_rng(1)
    rows = np.log(rng.dirichlet(np.ones(len(PHONES) + 1), 8)).astype(np.float32)
    silence = np.full((1, len(PHONES) + 1), -14.0, np.float32)
    silence[0, 0] = 0.0
    longer = np.concatenate([silence] * 9 + [rows] + [silence] * 30)
    np.testing.assert_allclose(phones.fits(longer), phones.fits(rows), atol=0.05)


def test_long_utterances_do_not_underflow() -> None:
    posteriors = np.full((400, len(PHONES) + 1), -14.0, np.float32)
    posteriors[:, 0] = 0.0
    posteriors[::2, 5] = -1.0
    found = PhoneGraph.made(graph([("a",)]), WAYS, [], Around()).fits(posteriors)
    assert np.isfinite(found[0])


def test_the_best_way_to_say_something_is_found() -> None:
    phones = PhoneGraph.made(graph([("a", "k"), ("b",)]), WAYS, [], Around())
    rows = np.full((9, len(PHONES) + 1), -12.0, np.float32)
    said = [0, "B", "B", "AA", 0, "K", "K", 0, "B"]
    for row, phone in zip(rows, said, strict=True):
        row[PHONES.index(str(phone)) + 1 if phone else 0] = 0.0
    assert phones.best((0,), rows) == ("B", "AA", "K", "B")


def test_a_word_around_a_phrase_makes_it_less_likely() -> None:
    words = graph([("a",), ("k", "a"), ("a", "b")])
    around = Around(frozenset("k"), frozenset("b"))
    rows = np.random.default_rng(1).uniform(0.5, 1.0, (6, len(PHONES) + 1)).astype(np.float32)
    plain, added = (PhoneGraph.made(words, WAYS, [], each) for each in (Around(), around))
    difference = plain.fits(np.log(rows))[:-1] - added.fits(np.log(rows))[:-1]
    expected = [0.0 if each == (0,) else ADDED for each in plain.labels]
    assert difference == pytest.approx(expected, abs=1e-6)
