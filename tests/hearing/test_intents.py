"""Phrases and what they mean (data and pure functions, fast)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.errors import UserError
from legsup_voice.evaluation import clips
from legsup_voice.hearing.intents import Intent, expand, intents
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom

VOICES = Path(__file__).parents[2] / "legsup_voice" / "simulation" / "voices" / "manifest.tsv"
INTENTS = intents()

MEANT = {
    "start": Intent(Command.START),
    "let's begin": Intent(Command.START),
    "go": Intent(Command.NEXT),
    "go on": Intent(Command.NEXT),
    "okay": Intent(Command.NEXT),
    "i feel better": Intent(Command.NEXT),
    "i'm fine": Intent(Command.NEXT),
    "done": Intent(Command.NEXT),
    "i'm done": Intent(Command.STOP),
    "i want to get up": Intent(Command.STOP),
    "yes please": Intent(Command.YES),
    "none of those": Intent(Command.NO),
    "help": Intent(Command.SYMPTOM, symptom=Symptom.HELP),
    "emergency": Intent(Command.SYMPTOM, symptom=Symptom.EMERGENCY),
    "i can't breathe": Intent(Command.SYMPTOM, symptom=Symptom.BREATH),
    "what can i say": Intent(Command.HELP),
    "pins and needles": Intent(Command.TINGLING),
    "i have glaucoma": Intent(Command.CONDITION, condition=Condition.GLAUCOMA),
    "high blood pressure": Intent(Command.CONDITION, condition=Condition.BLOOD_PRESSURE),
    "even breathing": Intent(Command.BREATHING, pattern=Pattern.BELLY),
    "stop counting": Intent(Command.BREATHING, pattern=Pattern.NONE),
    "four seven eight": Intent(Command.BREATHING, pattern=Pattern.FOUR_SEVEN_EIGHT),
    "quiet please": Intent(Command.LESS_TALK),
    "quieter": Intent(Command.QUIETER),
    "two and a half minutes please": Intent(Command.DURATION, seconds=150),
    "how long left": Intent(Command.HOW_LONG),
}


@pytest.mark.parametrize("text", MEANT)
def test_a_phrase_means(text: str) -> None:
    assert INTENTS.meaning(text) == MEANT[text]


@pytest.mark.parametrize("text", ["up", "down", "left", "right", "on", "off", "", "stop go", "the"])
def test_other_talk_means_nothing(text: str) -> None:
    assert INTENTS.meaning(text) is None


def test_every_recorded_phrase_has_a_meaning() -> None:
    assert all(INTENTS.meaning(clip.text) for clip in clips.manifest(VOICES))


def test_every_command_can_be_said() -> None:
    assert {intent.command for intent in INTENTS.phrases.values()} == set(Command)


def test_more_words_may_follow_the_beginning_of_a_longer_phrase() -> None:
    assert all(INTENTS.may_go_on(text) for text in ("how long", "go", "stop"))
    assert not any(INTENTS.may_go_on(text) for text in ("louder", "how long left", "pause"))


@pytest.mark.parametrize(
    ("template", "phrases"),
    [
        ("stop", ["stop"]),
        ("(pause|hold on) [please]", ["pause please", "pause", "hold on please", "hold on"]),
        ("[make it] easier", ["make it easier", "easier"]),
        ("a (b|c [d]) e", ["a b e", "a c d e", "a c e"]),
    ],
)
def test_a_template_expands(template: str, phrases: list[str]) -> None:
    assert list(expand(template)) == phrases


@pytest.mark.parametrize("template", ["(a", "a)", "[a", "(a]", "[a]", "", "A", "a&b", "(a|b" * 9])
def test_a_bad_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"bracket|small-letter|empty"):
        expand(template)


def test_a_template_that_explodes_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        expand("[a] [b] [c] [d] [e] [f] [g] [h] [i] j")


@given(st.text(alphabet="ab ()[]|{}'", max_size=30))
def test_any_text_expands_or_is_refused(template: str) -> None:
    try:
        phrases = expand(template)
    except ValueError:
        return
    assert phrases
    assert all(phrase == " ".join(phrase.split()) for phrase in phrases)


def test_own_phrases_are_added(tmp_path: Path) -> None:
    own = tmp_path / "phrases.yaml"
    own.write_text('intents:\n- command: stop\n  phrases: ["enough [already]"]\n')
    assert intents(own).meaning("enough already") == Intent(Command.STOP)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('intents:\n- command: stop\n  phrases: ["go"]\n', '"go" can\'t mean stop.*means next'),
        ('intents:\n- command: dance\n  phrases: ["go"]\n', "line 2"),
        ('intents:\n- command: stop\n  phrases: ["(go"]\n', "bracket"),
        ('intents:\n- command: stop\n  pattern: box\n  phrases: ["x"]\n', "pattern belongs"),
        ("intents: 5\n", "line 1"),
        ("- [", "not valid YAML"),
    ],
)
def test_bad_own_phrases_are_refused_in_one_sentence(
    tmp_path: Path, text: str, message: str
) -> None:
    own = tmp_path / "phrases.yaml"
    own.write_text(text)
    with pytest.raises(UserError, match=message):
        intents(own)
