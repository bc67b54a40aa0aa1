"""The decoding graph of a Vosk model for CTC phones, with any vocabulary.

Every phone is a word too (`AA`, in capitals as no other word is), so that a grammar can spell what
the vocabulary lacks: "N AA M AH S T EY".
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from legsup_voice.hearing.models import UNKNOWN
from training.lexicon import INDEX, PHONES, Pronunciation

UNKNOWN_COST = 3.0
"""Cost of one phone in `[unk]`'s loop: the higher, the rather a word is heard."""

_LOOP_COST = 3.0
_BLANK_ENTER, _BLANK_STAY = 2, 1


def enter(phone: str) -> int:
    """Return the transition-id of a phone's first step; repeats have one less.

    In this order Kaldi's lattice determinisation sees where phones start.
    """
    return 2 * (INDEX[phone] + 1)


class _Tree:
    """Prefix tree of pronunciations: per node a state in its phone and one in blank."""

    def __init__(self) -> None:
        import pywrapfst

        self.module: Any = pywrapfst
        self.fst: Any = pywrapfst.VectorFst()
        self.one: Any = pywrapfst.Weight.one("tropical")
        self.nodes: dict[int, tuple[int, int]] = {0: (self.fst.add_state(), self.fst.add_state())}
        self.children: dict[tuple[int, str], int] = {}
        self.ends: set[tuple[int, int]] = set()
        speech, blank = self.nodes[0]
        self.fst.set_start(speech)
        self.fst.set_final(speech, self.one)
        self.fst.set_final(blank, self.one)
        self.arc(speech, _BLANK_ENTER, 0, blank)
        self.arc(blank, _BLANK_STAY, 0, blank)

    def arc(self, start: int, label: int, word: int, end: int, cost: float = 0.0) -> None:
        weight = self.module.Weight("tropical", cost)
        self.fst.add_arc(start, self.module.Arc(label, word, weight, end))

    def child(self, node: int, phone: str) -> int:
        """Return the node behind ``phone``, making it when needed."""
        if (node, phone) not in self.children:
            number = len(self.nodes)
            speech, blank = self.fst.add_state(), self.fst.add_state()
            self.children[node, phone] = number
            self.nodes[number] = (speech, blank)
            self.arc(speech, enter(phone) - 1, 0, speech)
            self.arc(speech, _BLANK_ENTER, 0, blank)
            self.arc(blank, _BLANK_STAY, 0, blank)
            for before in self.nodes[node]:
                self.arc(before, enter(phone), 0, speech)
        return self.children[node, phone]

    def word(self, phones: Pronunciation, word: int, cost: float = 0.0) -> None:
        """Add one pronunciation of a word."""
        node = 0
        for phone in phones:
            node = self.child(node, phone)
        if (node, word) in self.ends:
            return
        self.ends.add((node, word))
        for state, root in zip(self.nodes[node], self.nodes[0], strict=True):
            self.arc(state, 0, word, root, cost)


def build(
    pronunciations: Mapping[str, Sequence[Pronunciation]],
    out: Path,
    unknown_cost: float = UNKNOWN_COST,
) -> None:
    """Write ``HCLr.fst``, ``Gr.fst``, ``words.txt`` and ``disambig_tid.int`` below ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    spoken = sorted(pronunciations)
    listed = [*spoken, *PHONES[1:], UNKNOWN]
    ids = {word: number for number, word in enumerate(listed, start=1)}
    tree = _Tree()
    for word, ways in pronunciations.items():
        for phones in ways:
            tree.word(phones, ids[word])
    for phone in PHONES[1:]:
        tree.word((phone,), ids[phone])
        tree.word((phone,), ids[UNKNOWN], unknown_cost)
    tree.fst.arcsort("olabel")
    relabelled = _convert(tree.fst, out / "HCLr.fst")
    ids = {word: relabelled[number] for word, number in ids.items()}
    lines = [f"{word} {number}\n" for word, number in sorted(ids.items(), key=lambda i: i[1])]
    (out / "words.txt").write_text("<eps> 0\n" + "".join(lines), encoding="utf8")
    _write_loop(tree.module, sorted(ids[word] for word in [*spoken, UNKNOWN]), out / "Gr.fst")
    (out / "disambig_tid.int").write_text("", encoding="utf8")


def _convert(fst: Any, path: Path) -> dict[int, int]:  # noqa: ANN401 - pywrapfst has no types
    """Write ``fst`` as ``olabel_lookahead``; return the new number of every word."""
    plugin = next(Path("/usr/lib").glob("*/fst/*/olabel_lookahead-fst.so"), None) or next(
        Path("/usr/lib").rglob("olabel_lookahead-fst.so")
    )
    environment = dict(os.environ, LD_LIBRARY_PATH=str(plugin.parent))
    with tempfile.TemporaryDirectory() as folder:
        plain, pairs = Path(folder) / "plain.fst", Path(folder) / "pairs"
        fst.write(str(plain))
        options = ["--fst_type=olabel_lookahead", f"--save_relabel_opairs={pairs}"]
        subprocess.run(  # noqa: S603 - a fixed program on files of our own
            ["fstconvert", *options, str(plain), str(path)],  # noqa: S607
            check=True,
            env=environment,
        )
        rows = [line.split() for line in pairs.read_text(encoding="utf8").splitlines()]
    return {int(old): int(new) for old, new in rows}


def _write_loop(module: Any, ids: list[int], path: Path) -> None:  # noqa: ANN401
    """Write the word loop that Vosk uses when no grammar is given."""
    loop = module.VectorFst()
    state = loop.add_state()
    loop.set_start(state)
    loop.set_final(state, module.Weight.one("tropical"))
    for number in ids:
        weight = module.Weight("tropical", _LOOP_COST)
        loop.add_arc(state, module.Arc(number, number, weight, state))
    loop.arcsort("ilabel")
    loop.write(str(path))
