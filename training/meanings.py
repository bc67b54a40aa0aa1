"""Fitting the classifier of written meanings (`legsup_voice/hearing/grammar/classifier.py`).

It learns from what people may say (`content/en/said.tsv`), from the lists that the templates were
fitted to, from what the templates say themselves, and, as what means nothing to us, from other talk
and from what the people read aloud whom the phone network learns from. The lists that tests call
fresh, own, terse and kept stay out: they tell what it is worth.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from legsup_voice import content
from legsup_voice.hearing.grammar.classifier import BUCKETS, Classifier, features
from legsup_voice.hearing.grammar.grammar import Grammar, grammar
from legsup_voice.hearing.grammar.intent import KINDS, MAY_CARRY, Intent
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.protocol.commands import Command

TESTS = Path(__file__).parent.parent / "tests" / "hearing"
LISTS = (content.path("said.tsv"), TESTS / "phrasings.tsv", TESTS / "phrasings_fitted.tsv")
OTHERS = (
    Path(__file__).parent / "other_talk.txt",
    TESTS / "other_talk.txt",
    TESTS / "near_misses.txt",
)

PHRASES = 3000
"""Of what the templates say, the plainest."""

KNOWN_BY = {
    Command.SYMPTOM: "symptom",
    Command.CONDITION: "condition",
    Command.BREATHING: "pattern",
    Command.BED: "bed",
    Command.BELL: "on",
}
"""What has to be known of some commands; of others only what no number says is kept."""

FEWEST = 4
"""Sentences that a meaning needs to be learnt."""

EPOCHS, BATCH, RATE, DECAY = 30, 64, 0.02, 2e-6
SLIGHT = 1
"""Of 127; weights up to this decide nothing and fill a fifth of the file."""

LEFT_OUT = 0.2
"""Share of a sentence's features that one lesson leaves out, so that no single one decides."""

Example = tuple[Words, Intent | None]


def examples(known: Grammar, read_aloud: Path) -> list[Example]:
    """Return what is learnt; `read_aloud`: a table of the texts that people read."""
    found = [each for path in LISTS for each in _listed(path, known)]
    found += [
        (_words(text, known), kept)
        for text, intent in known.phrases(PHRASES).items()
        if (kept := _kept(intent)) is not None
    ]
    for path in OTHERS:
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [(_words(line, known), None) for line in lines]
    with read_aloud.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        texts = {row["text"] for row in rows}
    for text in sorted(texts):
        if len(text.split()) > 2 and known.reader.read(text, whole=True) is None:
            found.append((_words(text, known), None))
    return found


def _listed(path: Path, known: Grammar) -> Iterator[Example]:
    """Yield the sentences of a list whose meaning is known with all that it has to carry."""
    for row in path.read_text(encoding="utf-8").splitlines():
        if row.startswith(("#", "command\t")):
            continue
        command, *carries, said = row.split("\t")
        intents = [_labelled(each, " ".join(carries)) for each in command.split("|")]
        read = known.reader.read(said, whole=True)
        meant = next((each for each in intents if read and each.command is read.command), None)
        kept = _kept(read) if meant and read and not meant.carried() else _kept(intents[0])
        if kept is not None:
            yield _words(said, known), kept


def _labelled(command: str, carries: str) -> Intent:
    named = dict(each.split("=") for each in carries.split())
    details: dict[str, Any] = {
        name: value == "True" if KINDS[name] is bool else KINDS[name](value.split("|")[0])
        for name, value in named.items()
        if Command(command) in MAY_CARRY[name]
    }
    return Intent(Command(command), **details)


def _kept(intent: Intent) -> Intent | None:
    """Return what is learnt of `intent`: no lengths, which only templates read."""
    known_by = KNOWN_BY.get(intent.command)
    if known_by is not None:
        value = getattr(intent, known_by)
        return None if value is None else Intent(intent.command, **{known_by: value})
    kept = Intent(intent.command)
    return replace(kept, speech=intent.speech) if intent.speech else kept


def _words(text: str, known: Grammar) -> Words:
    return next(known.written.spelling.ways(text))


def fit(learnt: list[Example], seed: int) -> Classifier:
    """Return the classifier of what is `learnt`."""
    counts: dict[Intent | None, int] = {}
    for _, intent in learnt:
        counts[intent] = counts.get(intent, 0) + 1
    classes = tuple(sorted((c for c, n in counts.items() if n >= FEWEST), key=str))
    place = {each: at for at, each in enumerate(classes)}
    learnt = [(words, intent) for words, intent in learnt if words and intent in place]
    found = [torch.from_numpy(features(words)) for words, _ in learnt]
    meant = torch.tensor([place[intent] for _, intent in learnt])
    weights, bias = _trained(found, meant, len(classes), seed)
    scale = np.maximum(np.abs(weights).max(0), 1e-6).astype(np.float32) / 127
    rounded = np.round(weights / scale).astype(np.int8)
    return Classifier(classes, np.where(np.abs(rounded) <= SLIGHT, 0, rounded), scale, bias)


def _trained(
    found: list[Tensor], meant: Tensor, classes: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (buckets by classes) and bias of a softmax regression."""
    torch.manual_seed(seed)
    table = nn.EmbeddingBag(BUCKETS, classes, mode="sum")
    nn.init.zeros_(table.weight)
    bias = nn.Parameter(torch.zeros(classes))
    optimiser = torch.optim.Adam([table.weight, bias], lr=RATE)
    steps = EPOCHS * (len(found) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for some in torch.randperm(len(found)).split(BATCH):
            bags = [found[i][torch.rand(len(found[i])) >= LEFT_OUT] for i in some.tolist()]
            sizes = torch.tensor([len(bag) for bag in bags])
            offsets = sizes.cumsum(0) - sizes
            score = table(torch.cat(bags), offsets) / sizes.clamp(min=1).sqrt()[:, None] + bias
            loss = nn.functional.cross_entropy(score, meant[some])
            loss = loss + DECAY * table.weight.square().sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return table.weight.detach().numpy(), bias.detach().numpy()


def learn(read_aloud: Path, seed: int) -> Classifier:
    """Return the classifier of all there is to learn from."""
    return fit(examples(grammar(), read_aloud), seed)
