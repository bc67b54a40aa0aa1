"""Packing a model: network, configuration, graph and card in one folder."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from legsup_voice.hearing.compiled import compiled
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.pronunciations import of_words
from training import graph
from training.lexicon import learn, pronunciations
from training.phrasing import read_phrases, vocabulary

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
LISTS = (HERE / "phrases.txt", HERE / "common_words.txt")
"""Word and phrase lists every model knows."""

SPOKEN = 3000
"""The product's phrases that a model is made for."""


def pack(checkpoint: Path, out: Path, blank_prior: float) -> float:
    """Write ``am`` and ``conf`` from a checkpoint; return the difference to the trainer.

    It is that of a file with all bits of the weights; the one that is left is rounded. Raises
    ``ValueError`` when a posterior is off by more than 1e-3.
    """
    # Only this step needs PyTorch; fitting the decision has to do without.
    from training import export
    from training.network import load_network

    net = load_network(checkpoint)
    path = out / "am" / "final.mdl"
    export.write(net, path, blank_prior)
    export.write_conf(out)
    noise = np.random.default_rng(1).standard_normal((200, 40)).astype(np.float32) * 10
    difference = export.parity(net, path, noise)
    log.info("%s: posteriors differ by %.1e from the trainer's", path, difference)
    if difference > export.TOLERANCE:
        raise ValueError(f"{path}: posteriors differ by {difference:.1e} from the trainer's")
    export.write(net, path, blank_prior, export.MANTISSA)
    return difference


def texts() -> list[str]:
    """Return every phrase of the product and every word that its model knows."""
    phrases = [phrase for path in LISTS for phrase in read_phrases(path)]
    phrases += grammar().phrases(SPOKEN)
    return list(dict.fromkeys([*phrases, *vocabulary([*LISTS]), *grammar().spoken.words]))


def write_graph(out: Path, lists: list[Path], unknown_cost: float) -> int:
    """Write the graph of a model folder; return the number of words."""
    words = sorted({*vocabulary([*LISTS, *lists]), *grammar().spoken.words})
    guessed = learn(words)
    spoken = {w: pronunciations(w) for w in words if guessed[w]}
    graph.build(spoken, out / "graph", unknown_cost)
    return len(spoken)


def write_foreign_graph(out: Path, language: str, unknown_cost: float) -> int:
    """Write the graph of another language's words in the nearest phones of English.

    With ``am`` and ``conf`` of the English model it is a model that tries what a language has, as
    long as there is none that has learned it. Returns the number of words.
    """
    made = compiled(None, language)
    ways = dict(made.ways) | of_words(made.fillers, language)
    spoken = {word: each for word, each in ways.items() if each[0]}
    graph.build(spoken, out / "graph", unknown_cost)
    return len(spoken)


def size(folder: Path) -> float:
    """Return the size of a folder in MB."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6
