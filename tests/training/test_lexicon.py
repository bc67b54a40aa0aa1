"""Pronunciations. Needs the dictionary of the pocketsphinx wheel and espeak-ng."""

import shutil

import pytest

from training.lexicon import INDEX, PHONES, cmudict, learn, pronunciations, targets


def test_phones_are_those_of_the_dictionary() -> None:
    listed = {phone for ways in cmudict().values() for way in ways for phone in way}
    assert sorted(listed) == PHONES[1:]


def test_pots_can_be_a_word_or_letters() -> None:
    assert ("P", "AA", "T", "S") in pronunciations("pots")
    assert ("P", "IY", "OW", "T", "IY", "EH", "S") in pronunciations("pots")


def test_targets_are_phone_numbers_in_order() -> None:
    lexicon = learn(["stop no"])
    assert targets("stop no", lexicon) == [INDEX[p] for p in ("S", "T", "AA", "P", "N", "OW")]
    assert targets("xyzzy", {}) is None


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_unknown_words_are_guessed() -> None:
    assert learn(["quilp"])["quilp"] == ("K", "W", "IH", "L", "P")
