"""A person's own phrases: no file makes a session hear what it can't carry out."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legsup_voice.errors import UserError
from legsup_voice.hearing.intents import intents
from legsup_voice.protocol.commands import Command

BUILT_IN = {
    (intent.command, intent.pattern, intent.symptom, intent.condition)
    for intent in intents().phrases.values()
}
DETAILS = st.sampled_from(["belly", "dizzy", "glaucoma", "zzz", ""])
PHRASES = st.text("ab{}()[]| '\n", max_size=12) | st.sampled_from(["foo {duration}", "stop", "["])
ENTRIES = st.fixed_dictionaries(
    {"command": st.sampled_from([*Command, "zzz"]), "phrases": st.lists(PHRASES, max_size=3)},
    optional={"pattern": DETAILS, "symptom": DETAILS, "condition": DETAILS},
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own") / "phrases.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "intents: [{command: breathing, pattern: zzz, phrases: [foo bar]}]",
        "intents: [{command: condition, condition: zzz, phrases: [foo bar]}]",
        "intents: [{command: symptom, symptom: '', phrases: [foo bar]}]",
        f"intents: [{{command: stop, phrases: ['{'[' * 3000}']}}]",
        f"intents: [{{command: stop, phrases: ['{'(a|b)' * 50}']}}]",
        "intents: [{command: stop, phrases: [start]}]",
    ],
)
def test_what_cannot_be_meant_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(UserError, match=str(path)):
        intents(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.lists(ENTRIES, max_size=3))
def test_any_phrases_are_taken_or_named(path: Path, entries: list[dict[str, object]]) -> None:
    plain = [{key: str(v) if key == "command" else v for key, v in e.items()} for e in entries]
    path.write_text(json.dumps({"intents": plain}))
    try:
        taken = intents(path)
    except UserError:
        return
    for intent in taken.phrases.values():
        assert (intent.command, intent.pattern, intent.symptom, intent.condition) in BUILT_IN
