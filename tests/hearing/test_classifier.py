"""What words that no template says are guessed to mean."""

from pathlib import Path

import numpy as np
import pytest

from legsup_voice.errors import UserError
from legsup_voice.hearing.grammar.classifier import (
    BUCKETS,
    Classifier,
    classifier,
    features,
    read,
    write,
)
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.models import bundled
from legsup_voice.protocol.commands import Bed, Command, Symptom

READER = grammar().reader


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    classes = (None, Intent(Command.BELL, on=False), Intent(Command.BED, bed=Bed.RAIN))
    weights = rng.integers(-127, 127, (BUCKETS, 3)).astype(np.int8)
    made = Classifier(classes, weights, np.full(3, 0.02, np.float32), np.zeros(3, np.float32))
    write(made, tmp_path / "some.npz")
    for words in (("ring", "the", "bell"), ("drip", "drop")):
        assert read(tmp_path / "some.npz").classify(words) == made.classify(words)


def test_kinds_of_a_command_agree_on_the_command() -> None:
    words = ("it", "hurts")
    classes = (
        Intent(Command.SYMPTOM, symptom=Symptom.PAIN),
        Intent(Command.SYMPTOM, symptom=Symptom.CRAMP),
        Intent(Command.WHY),
    )
    weights = np.zeros((BUCKETS, 3), np.int8)
    weights[features(words)] = 2, 3, 4
    scale, bias = np.full(3, 0.01, np.float32), np.zeros(3, np.float32)
    intent, sure = Classifier(classes, weights, scale, bias).classify(words)
    assert intent == Intent(Command.SYMPTOM, symptom=Symptom.CRAMP)
    odds = np.exp(np.array([2, 3, 4]) * 0.01 * np.sqrt(len(features(words))))
    assert sure == pytest.approx(odds[:2].sum() / odds.sum())


def test_the_order_of_words_is_a_feature() -> None:
    assert set(features(("no", "more"))) != set(features(("more", "no")))
    assert len(features(("no", "more"))) == len(set(features(("no", "more"))))


def test_another_language_has_none() -> None:
    assert classifier("xx") is None


@pytest.mark.parametrize("kept", [0, 100, 5000])
def test_a_broken_one_is_told_and_left_out(
    tmp_path: Path, kept: int, caplog: pytest.LogCaptureFixture
) -> None:
    whole = (bundled("meanings") / "en.npz").read_bytes()
    (tmp_path / "en.npz").write_bytes(whole[:kept])
    with pytest.raises(UserError, match="install legsup-voice again"):
        read(tmp_path / "en.npz")
    assert classifier("en", tmp_path) is None
    assert "missing or broken" in caplog.text


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("get rid of that wretched dinging", Intent(Command.BELL, on=False)),
        ("can you give these legs a bit more of a pull", Intent(Command.HARDER)),
        ("keep me company with a bit of chatter, would you", Intent(Command.MORE_TALK)),
        ("how much more of this have I got to go", Intent(Command.HOW_LONG)),
        ("the lamp's gone all blurry", Intent(Command.SYMPTOM, symptom=Symptom.EYES)),
        ("that cramp under my instep won't budge", Intent(Command.SYMPTOM, symptom=Symptom.CRAMP)),
    ],
)
def test_what_no_template_says_is_guessed(said: str, intent: Intent) -> None:
    assert READER.read(said, whole=True) is None
    assert READER.read(said) == intent


@pytest.mark.parametrize(
    "said",
    [
        "my chest doesn't hurt",
        "nobody in the family has glaucoma",
        "the doctor said his blood pressure's through the roof",
        "that bell again",
        "my dad has glaucoma",
        "my son is diabetic",
        "my aunt had a blood clot in her leg",
        "my wife gets dizzy on boats",
        "I had a headache yesterday",
        "last time my feet went all tingly",
        "what if my feet start tingling",
        "are legs supposed to go numb",
        "what if someone with high blood pressure did this",
        "my back has stopped hurting",
        "last year I had chest pain",
        "the pressure in my head has died down",
        "the tension in my neck is melting",
        "the room has stopped spinning",
        "my eyes have cleared and I can see perfectly",
        "remind me to come down when it's finished",
        "start once I say I'm ready",
    ],
)
def test_what_is_denied_over_or_said_of_others_is_not(said: str) -> None:
    assert READER.read(said) is None


def test_no_answer_is_ever_guessed() -> None:
    known = classifier()
    assert known is not None
    said = ("there", "is", "nothing", "of", "the", "kind", "in", "our", "house", "madam")
    assert known.classify(said)[0] != Intent(Command.YES)
    for text in ("pregnant at my age you must be joking", "touch wood I'm as sound as a bell"):
        intent = READER.read(text, {Command.NO, Command.YES})
        assert intent is None


def test_words_that_were_heard_have_to_be_surer() -> None:
    said = "is there a briefer version"
    assert READER.read(said) is not None
    assert READER.read(said, heard=True) is None
