"""The verifier: what it makes of voices and of what isn't one."""

import numpy as np
import pytest
import soxr

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.evaluation import clips
from legsup_voice.evaluation.surroundings import in_room
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.compiled import of
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.phones import PHONES
from legsup_voice.hearing.verifier import LEAST_FIT, SPEEDS, Verification, Verifier
from tests.hearing.voices import voice

GRAMMAR = grammar()
PHRASES = GRAMMAR.phrases(1000)
COMPILED = of(GRAMMAR, tuple(PHRASES))
SPOKEN, FILLERS = COMPILED.spoken, COMPILED.fillers


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(COMPILED)


def utterance(text: str, name: str = "af_heart") -> Samples:
    return clips.quiet_around(voice(text, name))


def best(verifier: Verifier, found: Verification) -> Intent:
    return SPOKEN.senses[verifier.labels[int(found.fits.argmax())][0]][0].intent


@pytest.mark.parametrize("name", ["af_heart", "am_michael", "bf_emma"])
@pytest.mark.parametrize("text", ["stop", "how long left", "i feel dizzy", "ten minutes"])
def test_a_phrase_fits_its_own_sounds_best(verifier: Verifier, text: str, name: str) -> None:
    found = verifier.verify(utterance(text, name))
    assert best(verifier, found) == SPOKEN.meaning(text)
    assert found.fits.max() > -4
    assert found.filler < found.fits.max() - 1


def test_noise_fits_no_phrase_well(verifier: Verifier) -> None:
    noise = np.random.default_rng(2).standard_normal(HEAR_RATE).astype(np.float32) * 0.1
    long = np.concatenate([utterance("what are the benefits"), noise, utterance("pause")])
    assert verifier.verify(long).fits.max() < LEAST_FIT


@pytest.mark.parametrize("speed", SPEEDS)
def test_every_pass_knows_the_phrase(verifier: Verifier, speed: float) -> None:
    at_speed = soxr.resample(utterance("how long left", "bf_emma"), speed, 1)
    assert verifier.verify(at_speed, first=True).fits.max() > -4


def test_a_short_word_has_several_passes_and_a_long_phrase_one(verifier: Verifier) -> None:
    assert len(list(verifier.passes(utterance("stop")))) == 1 + len(SPEEDS)
    assert len(list(verifier.passes(utterance("what are the benefits")))) == 1


def test_in_a_room_a_long_phrase_fits_better_without_the_echo(verifier: Verifier) -> None:
    meant = SPOKEN.meaning("what are the benefits")
    better = 0.0
    for name in ("af_heart", "am_michael", "bf_emma"):
        echoing = in_room(utterance("what are the benefits", name), name)
        as_it_is, without = verifier.verify(echoing, first=True), verifier.verify(echoing)
        assert best(verifier, without) == meant
        better += float(without.fits.max() - as_it_is.fits.max())
    assert better > 0


def test_the_level_changes_nothing(verifier: Verifier) -> None:
    samples = utterance("easier")
    quiet = verifier.verify(samples * np.float32(0.05)).fits
    assert best(verifier, verifier.verify(samples)) == SPOKEN.meaning("easier")
    assert quiet.max() == pytest.approx(verifier.verify(samples).fits.max(), abs=0.05)


def test_a_very_short_utterance_is_compared_too(verifier: Verifier) -> None:
    assert len(verifier.verify(np.zeros(10, np.float32)).fits) == len(verifier.labels)


def test_words_are_told_from_sounds(verifier: Verifier) -> None:
    click = np.zeros(HEAR_RATE, np.float32)
    click[8000:8400] = 0.3 * np.random.default_rng(1).standard_normal(400)
    assert verifier.verify(utterance("louder")).speech
    assert not verifier.verify(click).speech


def test_a_word_outside_the_lexicon_is_pronounced_by_its_spelling() -> None:
    ways = pronunciations.of_words(["namaste"])["namaste"]
    assert tuple("N AA M AA S T EY".split()) in ways


def test_no_two_meanings_sound_the_same() -> None:
    texts = [*PHRASES, *FILLERS]
    heard: dict[tuple[str, ...], str] = {}
    for text, ways in zip(texts, pronunciations.of_texts(texts), strict=True):
        for way in ways:
            other = heard.setdefault(way, text)
            assert SPOKEN.meaning(other) == SPOKEN.meaning(text), f"{other} sounds like {text}"


def test_the_lexicon_holds_every_word_of_the_product() -> None:
    ways = pronunciations.of_texts(sorted({*SPOKEN.words, *FILLERS}))
    assert all(ways)
    assert {phone for each in ways for way in each for phone in way} <= set(PHONES)


def test_a_clear_command_needs_one_pass_and_so_does_silence(verifier: Verifier) -> None:
    def passes(samples: Samples) -> int:
        heard = list(verifier.passes(samples))
        taken = iter(heard)
        verifier.compare(taken)
        return len(heard) - len(list(taken))

    assert passes(utterance("stop")) == 1
    assert passes(np.zeros(HEAR_RATE, np.float32)) == 1
