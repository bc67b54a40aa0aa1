"""Whether a language is ready: a folder of recordings, each named by what is said in it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from legsup_voice.audio import HEAR_RATE
from legsup_voice.config import phrases_path
from legsup_voice.content import locale
from legsup_voice.errors import UserError
from legsup_voice.evaluation import bench, clips
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.grammar.reading import Reader
from legsup_voice.hearing.readiness import note_ready
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.soundfiles import read

SOUNDS = {".wav", ".flac", ".ogg", ".opus", ".mp3"}

RIGHT = 0.98
"""The part of each group that must be right: product.md asks the same of English."""

LENGTHS = 5
"""Different lengths of time that must be among the recordings."""

MUST: dict[str, frozenset[str]] = {
    "stop": frozenset({"stop"}),
    "symptoms": frozenset(Symptom),
    "conditions": frozenset(Condition),
    "numbers": frozenset(),
}
"""The groups that must be right, and what must be among the recordings of each."""


@dataclass(frozen=True)
class Take:
    """One recording: what its name says, what that means, and what was heard."""

    path: Path
    text: str
    meant: Intent
    heard: tuple[Intent, ...]

    @property
    def group(self) -> str:
        """Where it counts; all that isn't named in `MUST` is "other"."""
        groups = {
            Command.STOP: "stop",
            Command.SYMPTOM: "symptoms",
            Command.CONDITION: "conditions",
            Command.DURATION: "numbers",
        }
        return groups.get(self.meant.command, "other")

    @property
    def right(self) -> bool:
        """Whether what is meant, and nothing else, was heard."""
        return set(self.heard) == {self.meant}

    @property
    def kind(self) -> str:
        """What of its group it is."""
        meant = self.meant
        return str(meant.symptom or meant.condition or meant.seconds or meant.command)


def check(folder: Path, language: str, model: str | None) -> int:
    """Hear every recording below `folder`; say what is right and whether the language is ready.

    A file's name is what is said in it; who says it may be told by a folder. That the language is
    ready is kept. Returns the exit status: 1 where it isn't.

    Raises:
        UserError: there is no recording, one can't be heard, or a name is no command.
    """
    takes = list(_heard(folder, language, model))
    console = Console(markup=False, emoji=False)
    console.print(_table(takes))
    for take in takes:
        if not take.right:
            heard = ", ".join(map(_said, take.heard)) or "nothing"
            console.print(f"{take.path.relative_to(folder)}: heard {heard}", highlight=False)
    lacking = list(lacks(takes))
    name = locale(language).name
    if lacking:
        typer.echo(f"{name} isn't ready: {'; '.join(lacking)}.")
        return 1
    note_ready(language, model)
    typer.echo(f"{name} is ready with this model.")
    return 0


def lacks(takes: list[Take]) -> Iterator[str]:
    """Yield what keeps the language from being ready."""
    for group, kinds in MUST.items():
        ours = [take for take in takes if take.group == group]
        there = {take.kind for take in ours}
        if missing := sorted(kinds - there):
            yield f"there is no recording of {', '.join(missing)}"
        if group == "numbers" and len(there) < LENGTHS:
            yield f"there are recordings of {len(there)} lengths, not of {LENGTHS}"
        if ours and sum(take.right for take in ours) < RIGHT * len(ours):
            yield f"too many {group} are not heard right"
    passed = [take for take in takes if _passes(take)]
    if passed:
        yield f'"{passed[0].text}" would pass a safety question'


def _passes(take: Take) -> bool:
    no = Command.NO
    return take.meant.command is not no and any(each.command is no for each in take.heard)


def _heard(folder: Path, language: str, model: str | None) -> Iterator[Take]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS)
    if not paths:
        raise UserError(f"There is no recording in {folder}.")
    phrases = phrases_path()
    reader = grammar(phrases, language).reader
    meant = [(path, path.stem, _meaning(reader, path)) for path in paths]
    listener = bench.Listener(Ears(model, phrases, language=language))
    for path, text, intent in meant:
        # What the session asks for where this is said: a bare number is a length there.
        attention = Attention(frozenset(Command), asks=frozenset({intent.command}))
        found = listener.hear(clips.quiet_around(read(path, HEAR_RATE)), attention)
        heard = [bench.intent_of(each.report) for each in found if isinstance(each.report, Heard)]
        yield Take(path, text, intent, tuple(each for each in heard if each is not None))


def _meaning(reader: Reader, path: Path) -> Intent:
    intent = reader.read(path.stem)
    if intent is None:
        raise UserError(f'{path}: what its name says, "{path.stem}", is no command.')
    return intent


def _said(intent: Intent) -> str:
    details = (str(value) for value in intent.details().values())
    return " ".join([intent.command, *details])


def _table(takes: list[Take]) -> Table:
    table = Table("said", "recordings", "right", "another", "nothing")
    for group in (*MUST, "other"):
        ours = [take for take in takes if take.group == group]
        counts = Counter(
            "right" if take.right else "another" if take.heard else "nothing" for take in ours
        )
        numbers = (counts[name] for name in ("right", "another", "nothing"))
        table.add_row(group, str(len(ours)), *map(str, numbers))
    return table
