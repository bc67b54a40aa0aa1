"""Pronunciations: everything that is built in is in the lexicon, so that a start asks nobody."""

from pathlib import Path

import pytest

from legsup_voice.errors import UserError
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.fillers import listed, wake_words
from legsup_voice.hearing.grammar.grammar import grammar


def test_every_word_that_is_built_in_is_in_the_lexicon() -> None:
    called = {word for name in wake_words() for word in name.split()}
    lacking = {*grammar().spoken.words, *listed(), *called} - pronunciations.lexicon().keys()
    assert not lacking, "python -m training lexicon --out models/phones"


def test_a_start_needs_no_synthesiser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    own = tmp_path / "phrases.yaml"
    own.write_text("intents: [{command: stop, phrases: [enough of the wall now]}]")
    assert Ears(own_phrases=own).spoken.meaning("enough of the wall now")
    own.write_text("intents: [{command: stop, phrases: [namaste everybody]}]")
    with pytest.raises(UserError, match="espeak-ng"):
        Ears(own_phrases=own)


def test_is_may_be_one_sound_between_others() -> None:
    ways = pronunciations.of_words(["foot", "is"])
    assert ways["is"] == (("IH", "Z"), ("Z",), ("S",))
