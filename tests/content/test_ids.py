"""What the program says is what the data has: no line is missing, and none is dead."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import legsup_voice
from legsup_voice.content import FAMILIES, content
from legsup_voice.content.ids import SAID_BY_PROGRAM
from legsup_voice.protocol.commands import Command

ID = re.compile(rf"(?:{'|'.join(FAMILIES)})\.[a-z_]+")
PACKAGE = Path(legsup_voice.__file__).parent


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for file in PACKAGE.rglob("*.py"):
        if "content" not in file.relative_to(PACKAGE).parts:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            yield from ((f"{file.name}:{getattr(n, 'lineno', 0)}", n) for n in ast.walk(tree))


def test_the_ids_that_the_program_says_are_listed() -> None:
    said = {
        node.value
        for _, node in _nodes()
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and ID.fullmatch(node.value)
    }
    assert sorted(said) == sorted(SAID_BY_PROGRAM), "legsup_voice/content/ids.py isn't up to date"


def test_an_id_is_written_out_so_that_it_can_be_found() -> None:
    made = [
        (where, ast.unparse(node))
        for where, node in _nodes()
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and str(node.values[0].value).partition(".")[0] in FAMILIES
        and "." in str(node.values[0].value)
    ]
    assert not made


def said_by_data() -> set[str | None]:
    """Return the lines that the session says because the data names them."""
    data = content()
    questions = [*data.screening.questions, data.screening.combined]
    steps = [*data.setup.steps, data.setup.ready]
    ladders = (data.setup.easier, data.setup.harder)
    rungs = [rung for on in ladders for rung in (*on.standing, *on.floor, *on.pose)]
    patterns = data.breathing.patterns.values()
    facts = [fact for fact in data.facts.facts.values() if fact.asked.command is Command.MORE]
    return {
        *(line for q in questions for line in (q.lead, q.line, q.refusal)),
        *(line for step in steps for line in (step.line, step.why)),
        *(rung.line for rung in rungs),
        *(step.line for step in data.setup.exit),
        *data.setup.scan,
        *(line for pattern in patterns for line in (pattern.line, pattern.how)),
        data.breathing.how_own,
        *(line for fact in facts for line in fact.lines),
    }


def test_every_line_is_said_by_somebody() -> None:
    assert sorted(set(content().lines) - {*SAID_BY_PROGRAM} - said_by_data()) == []
