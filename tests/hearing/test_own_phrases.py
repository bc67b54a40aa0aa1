"""A person's own phrases: no file makes a session hear what it can't carry out."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legsup_voice.errors import UserError
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.protocol.commands import Command

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
        f"intents: [{{command: stop, phrases: ['{'[' * 500}x{']' * 500}']}}]",
        "intents: [{command: stop, phrases: ['[namaste]']}]",
        "intents: [{command: stop, phrases: ['namaste {duration}']}]",
        "intents: [{command: stop, phrases: ['namaste <nobody>']}]",
        "intents: [{command: duration, phrases: ['namaste']}]",
        "intents: [{command: duration, seconds: .nan, phrases: ['namaste']}]",
        "intents: [{command: duration, seconds: -5, phrases: ['namaste']}]",
        "intents: [{command: duration, seconds: 1.0e300, phrases: ['namaste']}]",
        "intents: [{command: stop, seconds: 60, phrases: ['namaste']}]",
        "intents: [5]",
        "intents: [{command: stop, phrases: [5]}]",
        f"intents: [{{command: stop, phrases: ['{'(a|b)' * 50}']}}]",
        "intents: [{command: stop, phrases: [start]}]",
    ],
)
def test_what_cannot_be_meant_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(UserError, match=f"{path}, line 1"):
        grammar(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.lists(ENTRIES, max_size=3))
def test_any_phrases_are_taken_or_named(path: Path, entries: list[dict[str, object]]) -> None:
    plain = [{key: str(v) if key == "command" else v for key, v in e.items()} for e in entries]
    path.write_text(json.dumps({"intents": plain}))
    try:
        taken = grammar(path)
    except UserError:
        return
    for template in taken.templates:
        if template.document.path == path:
            template.check()
            assert template.entry.command in Command


HERE = Path(__file__).parent / "own_phrases"
NAMASTE = Intent(Command.STOP)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bom", "namaste"),
        ("cr_only", "namaste"),
        ("upper", "namaste"),
        ("curly", "that'll do"),
        ("hyphen", "wind down"),
        ("punct", "stop please now"),
        ("question", "can we stop"),
    ],
)
def test_phrases_are_taken_as_people_write_them(name: str, said: str) -> None:
    taken = grammar(HERE / f"{name}.yaml")
    assert taken.reader.read(said) == NAMASTE
    assert taken.spoken.meaning(said) == NAMASTE


@pytest.mark.parametrize("name", ["comment_only", "intents_empty", "intents_null", "phrases_null"])
def test_a_file_without_phrases_is_fine(name: str) -> None:
    assert grammar(HERE / f"{name}.yaml").templates == grammar().templates


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("list_top", 'list_top.yaml, line 1: write "intents:" above it'),
        ("pattern_missing", 'the command breathing needs a line "pattern:" beside it, with one of'),
    ],
)
def test_the_sentence_says_what_to_write(name: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        grammar(HERE / f"{name}.yaml")


def test_a_refusal_names_line_and_what_the_phrase_means_already(path: Path) -> None:
    path.write_text(
        "intents:\n- command: stop\n  phrases:\n  - namaste\n  - Help me!\n", encoding="utf-8"
    )
    with pytest.raises(UserError, match=r'line 5: "help me" can\'t mean stop.*symptom \(help\)'):
        grammar(path)


def test_what_means_the_same_is_not_refused(path: Path) -> None:
    path.write_text("intents: [{command: stop, phrases: ['Please stop!']}]")
    assert grammar(path).spoken.meaning("please stop") == NAMASTE
