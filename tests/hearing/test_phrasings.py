"""Ways of putting things, as text (data and pure functions, fast).

`phrasings.tsv` was at hand while the templates were written; `phrasings_own.tsv` was written before
them and not looked at. `other_talk.txt` is nobody's command.
"""

from pathlib import Path

import pytest

from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.protocol.commands import Command, Condition, Symptom

HERE = Path(__file__).parent
READER = grammar().reader


def _cases(name: str) -> list[tuple[Command, dict[str, str], str]]:
    """Return (command, what it carries, said) of each row."""
    rows = (HERE / name).read_text(encoding="utf-8").splitlines()
    split = [row.split("\t") for row in rows if not row.startswith(("#", "command\t"))]
    return [
        (Command(row[0]), dict(each.split("=") for each in " ".join(row[1:-1]).split()), row[-1])
        for row in split
    ]


def _right(intent: Intent | None, command: Command, carries: dict[str, str]) -> bool:
    """Whether `intent` is the command and carries at least what it should."""
    if intent is None or intent.command is not command:
        return False
    details = intent.details()
    return all(str(details.get(name)) in (value, f"{value}.0") for name, value in carries.items())


@pytest.mark.parametrize(("name", "least"), [("phrasings.tsv", 0.99), ("phrasings_own.tsv", 0.85)])
def test_people_are_understood_where_what_they_mean_is_taken(name: str, least: float) -> None:
    cases = _cases(name)
    wrong = [
        (said, command, carries)
        for command, carries, said in cases
        if not _right(READER.read(said, {command}), command, carries)
    ]
    assert 1 - len(wrong) / len(cases) >= least, wrong


@pytest.mark.parametrize("name", ["phrasings.tsv", "phrasings_own.tsv"])
def test_nothing_but_a_no_is_a_no(name: str) -> None:
    passed = [
        said
        for command, _, said in _cases(name)
        if command not in (Command.NO, Command.BREATHING)
        and READER.read(said, {Command.NO}) is not None
    ]
    assert not passed


@pytest.mark.parametrize("name", ["phrasings.tsv", "phrasings_own.tsv"])
def test_what_hurts_is_never_taken_for_something_else(name: str) -> None:
    missed = [
        said
        for command, _, said in _cases(name)
        if command is Command.SYMPTOM
        and (intent := READER.read(said)) is not None
        and intent.command not in (Command.SYMPTOM, Command.CONDITION)
    ]
    assert not missed


def test_other_talk_is_no_command() -> None:
    lines = (HERE / "other_talk.txt").read_text(encoding="utf-8").splitlines()
    taken = [line for line in lines if READER.read(line) is not None]
    assert len(taken) <= len(lines) // 100, taken


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("No, I’m fine.", Intent(Command.NO)),
        ("Okay... next!", Intent(Command.NEXT)),
        ("5", Intent(Command.DURATION, seconds=300)),
        ("Call 911!", Intent(Command.SYMPTOM, symptom=Symptom.EMERGENCY)),
        ("no, I feel sick", Intent(Command.SYMPTOM, symptom=Symptom.SICK)),
        ("stop, my chest hurts", Intent(Command.SYMPTOM, symptom=Symptom.CHEST)),
        ("I think I might be about to pass out", Intent(Command.SYMPTOM, symptom=Symptom.FAINT)),
        ("no but I'm pregnant", Intent(Command.CONDITION, condition=Condition.PREGNANCY)),
        ("no I don't have glaucoma", Intent(Command.NO, condition=Condition.GLAUCOMA)),
        ("my chest doesn't hurt", None),
        ("she said her chest hurts", None),
        ("yes no", None),
        ("yeah no", None),
        ("maybe no", Intent(Command.UNSURE)),
        ("i don't think so", Intent(Command.UNSURE)),
    ],
)
def test_said_means(said: str, intent: Intent | None) -> None:
    assert READER.read(said) == intent


def test_long_talk_is_no_command() -> None:
    assert READER.read("stop " * 50) is None
