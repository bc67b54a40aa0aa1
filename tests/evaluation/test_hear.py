"""What `legsup hear --bench` prints."""

import pytest

from legsup_voice.evaluation.bench import Result, Tally
from legsup_voice.evaluation.hear import show

ODD = "well [/b] [red]:smile:"


def test_what_people_wrote_is_printed_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    false = {"file": ODD, "said": ODD, "situation": "hold", "text": ODD, "kind": "talk"}
    missed = {"said": ODD, "heard": "", "condition": "clean"}
    show(Result({ODD: {"clean": Tally(1, 1, 1)}}, [false], [missed]))
    assert capsys.readouterr().out.count(ODD) >= 4
