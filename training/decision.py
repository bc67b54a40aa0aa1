"""Fitting the decision: weights and thresholds of `models/phones/thresholds.yaml`.

They are fitted to one half of the people and of the talk that the phone network never heard, and
what they are worth is told on the other. False commands are few, so the least score is not read off
the few highest: how often other talk reaches a score falls exponentially with it, and the fall is
fitted to the highest `TAIL` of them.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legsup_voice.evaluation import bench
from legsup_voice.hearing.attention import Situation
from legsup_voice.hearing.deciding import Kind, Table
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.interpreter import Candidate, Interpreter
from legsup_voice.hearing.verifier import Verifier
from training.corpus import UNTRANSCRIBED, kept_aside
from training.evidence import Take

TAIL = 20
"""False scores that the fall is fitted to: fewer are chance, more are another kind of talk."""

FALSE_PER_HOUR = {
    Situation.IDLE: 0.05,
    Situation.SESSION: 0.2,
    Situation.QUESTION: 0.2,
    Situation.SPEAKING: 0.1,
}
"""Goals: product.md section 5, and less where talk goes on for hours or our own voice may be it."""

LENIENCE = {Kind.URGENT: -1.0, Kind.NO: 0.5, Kind.ANSWER: 0.0, Kind.USUAL: 0.0, Kind.COSTLY: 0.5}
"""How much less sure, in natural logarithms, a command may be than the usual one."""

FITS = (1.0, 3.0, 5.0)
LENGTHS = (0.0, 0.3, 0.6)
MARGINS = (0.3, 0.5, 0.7)
UNREADS = (1.0, 2.0, 4.0)
WEIGHTS = ("least_fit", "fit", "length", "margin", "unread")
READ = (
    "fewest_read",
    "least_fit_read",
    "whole",
    "least_fit_whole",
    "likely_again",
    "surer",
    "fewest_whole",
)


@dataclass(frozen=True)
class Weighed:
    """One take with the candidates of its utterances."""

    take: Take
    wanted: Intent | None
    utterances: list[list[Candidate]]


def fitting(take: Take) -> bool:
    """Tell whether `take` belongs to the half that is fitted to.

    By the speaker; by the file where many share a name.
    """
    many = take.speaker.split("-")[0] in ("s2i", "pc") or not take.speaker
    name = take.file if many else take.speaker
    return hashlib.sha1(name.encode(), usedforsecurity=False).digest()[1] % 2 == 0


def unheard(speaker: str, file: str) -> bool:
    """Tell whether the phone network never heard the speaker of the recording `file`."""
    return kept_aside(speaker) or any(f"-{source}-" in file for source in UNTRANSCRIBED)


def weigh(
    takes: Iterable[Take], interpreter: Interpreter, verifier: Verifier, situation: Situation
) -> list[Weighed]:
    """Return what each of `takes` may mean in a situation."""
    name = "question" if situation is Situation.QUESTION else "session"
    attention = bench.attention_in(name)
    found = []
    for take in takes:
        meant = interpreter.meaning(take.text, attention) if take.kind == "command" else None
        wanted = meant and meant[0]
        utterances = [
            interpreter.candidates(one.readings, verifier.compare(one.passes), attention)
            for one in take.utterances
        ]
        found.append(Weighed(take, wanted, utterances))
    return found


def scores(weighed: Weighed, table: Table) -> Iterator[tuple[float, Intent]]:
    """Yield the best score of each utterance and what it is for."""
    for candidates in weighed.utterances:
        taken = [each for each in candidates if each.taken]
        if taken:
            yield max(
                ((table.score(each.evidence), each.intent) for each in taken),
                key=lambda scored: scored[0],
            )


def least(talk: Iterable[Weighed], table: Table, per_hour: float) -> float:
    """Return the score that other talk reaches `per_hour` times an hour, by the tail's fall."""
    hours, false = 0.0, []
    for each in talk:
        hours += each.take.seconds / 3600
        false += [score for score, _ in scores(each, table) if np.isfinite(score)]
    false.sort(reverse=True)
    start = false[min(TAIL, len(false) - 1)]
    above = np.array([score for score in false if score > start])
    # The median, because one false score far above all others is another kind of mistake.
    fall = float(np.median(above - start)) / float(np.log(2))
    return start + fall * float(np.log(len(above) / (hours * per_hour)))


def right(people: Iterable[Weighed], table: Table, threshold: float) -> dict[str, float]:
    """Return the share of commands that are heard, by condition."""
    found: dict[str, list[bool]] = defaultdict(list)
    for each in people:
        heard = [intent for score, intent in scores(each, table) if score >= threshold]
        found[each.take.condition].append(heard[:1] == [each.wanted])
    return {condition: float(np.mean(row)) for condition, row in found.items()}


def fit(takes: list[Take], interpreter: Interpreter, verifier: Verifier, usual: Table) -> Table:
    """Return the table that hears most of the fitting half at the wanted rate of false commands."""
    half = [take for take in takes if fitting(take)]
    session = weigh(half, interpreter, verifier, Situation.SESSION)
    best, most = usual, -1.0
    for each in itertools.product(FITS, LENGTHS, MARGINS, UNREADS):
        weights = dict(zip(WEIGHTS[1:], each, strict=True))
        table = usual.model_copy(update=weights)
        talk = [w for w in session if w.take.kind != "command"]
        threshold = least(talk, table, FALSE_PER_HOUR[Situation.SESSION])
        people = (w for w in session if w.take.kind == "command")
        shares = right(people, table, threshold)
        found = float(np.mean([shares[name] for name in bench.CONDITIONS]))
        if found > most:
            best, most = table, found
    thresholds = {}
    for situation in Situation:
        talk = [w for w in weigh(half, interpreter, verifier, situation) if w.wanted is None]
        talk = [each for each in talk if each.take.kind != "command"]
        threshold = least(talk, best, FALSE_PER_HOUR[situation])
        thresholds[situation] = {
            kind: round(threshold + more, 2) for kind, more in LENIENCE.items()
        }
    return best.model_copy(update={"thresholds": thresholds})


def report(takes: list[Take], interpreter: Interpreter, verifier: Verifier, table: Table) -> str:
    """Return what `table` is worth on the half that it wasn't fitted to, as a Markdown table."""
    half = [take for take in takes if not fitting(take)]
    lines = ["| situation | " + " | ".join((*bench.CONDITIONS, *bench.HARD)) + " | false/h |"]
    lines.append("|---" * (len(bench.CONDITIONS) + len(bench.HARD) + 2) + "|")
    for situation in Situation:
        rights: dict[str, list[bool]] = defaultdict(list)
        false, hours = 0, 0.0
        for each in weigh(half, interpreter, verifier, situation):
            heard = [
                intent
                for score, intent in scores(each, table)
                if score >= table.threshold(intent.command, situation, verified=True)
            ]
            if each.take.kind != "command":
                false += len(heard)
                hours += each.take.seconds / 3600
            elif situation is not Situation.QUESTION or each.take.text in ("yes", "no"):
                rights[each.take.condition].append(heard[:1] == [each.wanted])
        shares = (
            f"{100 * float(np.mean(rights[name])):.1f}" if rights[name] else "-"
            for name in (*bench.CONDITIONS, *bench.HARD)
        )
        lines.append(f"| {situation} | {' | '.join(shares)} | {false / max(hours, 1e-9):.2f} |")
    return "\n".join(lines)


def write(table: Table, path: Path) -> None:
    """Write `table` as the product reads it."""
    lines = [
        "# How sure a command must be (`legsup_voice/hearing/deciding.py`), in natural logarithms",
        "# of likelihood ratios. Made by `python -m training decision`, but `alone` (without a",
        "# verifier) and what is read as text, which are set by hand.",
        *(f"{name}: {getattr(table, name)}" for name in (*WEIGHTS, *READ)),
    ]
    for name in ("thresholds", "alone", "read"):
        rows = getattr(table, name)
        lines.append(f"{name}:")
        for situation, row in rows.items():
            cells = ", ".join(f"{kind}: {value}" for kind, value in row.items())
            lines.append(f"  {situation}: {{{cells}}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
