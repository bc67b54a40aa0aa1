"""`legsup hear --text`: what written lines mean."""

import json
from pathlib import Path

import pytest

from legsup_voice.errors import UserError
from legsup_voice.evaluation.written import hear_text


def test_each_line_is_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text(
        "No, I’m fine.\n\nStart ten minutes of box breathing\nI feel faint\nthe bus stop\n",
        encoding="utf-8",
    )
    hear_text(lines)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said == [
        {"said": "No, I’m fine.", "command": "no"},
        {
            "said": "Start ten minutes of box breathing",
            "command": "start",
            "seconds": 600.0,
            "pattern": "box",
        },
        {"said": "I feel faint", "command": "symptom", "symptom": "faint"},
        {"said": "the bus stop", "command": None},
    ]


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't be read: No such file"):
        hear_text(tmp_path / "nothing.txt")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not UTF-8"):
        hear_text(tmp_path / "bytes")
