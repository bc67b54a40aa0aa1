"""The verifier: the forward algorithm against brute force, and what it makes of voices."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.evaluation import clips
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.fillers import fillers
from legsup_voice.hearing.intents import intents
from legsup_voice.hearing.phones import PHONES, Floats
from legsup_voice.hearing.verifier import LEAST_FIT, SPEEDS, Spellings, Verifier
from legsup_voice.soundfiles import read

VOICES = Path(__file__).parents[2] / "legsup_voice" / "simulation" / "voices"
INTENTS = intents()
FILLERS = fillers(INTENTS.phrases)
FEW = ("AA", "B", "K")


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(INTENTS.phrases, FILLERS)


def utterance(text: str, voice: str = "af_heart") -> Samples:
    name = f"{text.replace(' ', '_')}-{voice}.flac"
    return clips.quiet_around(read(VOICES / name, HEAR_RATE))


def brute_force(posteriors: Floats, spelling: tuple[str, ...]) -> float:
    """Sum over every way to say a phone or nothing at each step that collapses to `spelling`."""
    wanted, total = [PHONES.index(phone) + 1 for phone in spelling], 0.0
    outputs = [0, *(PHONES.index(phone) + 1 for phone in FEW)]
    for path in itertools.product(outputs, repeat=len(posteriors)):
        collapsed = [label for label, _ in itertools.groupby(path) if label]
        if collapsed == wanted:
            total += float(
                np.prod([row[label] for row, label in zip(posteriors, path, strict=True)])
            )
    return total


spellings = st.lists(st.sampled_from(FEW), min_size=1, max_size=3).map(tuple)


@given(st.lists(spellings, min_size=1, max_size=6), st.integers(1, 6), st.integers(0, 999))
def test_a_spellings_fit_is_the_sum_over_all_ways_to_say_it(
    spelled: list[tuple[str, ...]], steps: int, seed: int
) -> None:
    posteriors = np.zeros((steps, len(PHONES) + 1), np.float32)
    known = [0, *(PHONES.index(phone) + 1 for phone in FEW)]
    posteriors[:, known] = np.random.default_rng(seed).dirichlet(np.ones(4), steps)
    wanted = [brute_force(posteriors, each) for each in spelled]
    with np.errstate(divide="ignore"):
        log_posteriors = np.log(posteriors)
    found = np.exp(Spellings(spelled).fits(log_posteriors)) * posteriors.max(axis=1).prod()
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-9)


def test_long_utterances_do_not_underflow() -> None:
    posteriors = np.full((400, len(PHONES) + 1), 1e-6, np.float32)
    posteriors[:, 0] = 1
    (found,) = Spellings([("S", "T", "AA", "P")]).fits(np.log(posteriors))
    assert -80 < found < -30


@pytest.mark.parametrize("voice", ["af_heart", "am_michael", "bf_emma"])
@pytest.mark.parametrize("text", ["stop", "how long left", "i feel dizzy", "ten minutes"])
def test_a_phrase_fits_its_own_sounds_best(verifier: Verifier, text: str, voice: str) -> None:
    found = verifier.verify(utterance(text, voice))
    best = list(INTENTS.phrases)[int(found.fits.argmax())]
    assert INTENTS.meaning(best) == INTENTS.meaning(text)
    assert found.fits.max() > -4
    assert found.other < found.fits.max() - 1


def test_a_phrase_with_an_unknown_word_is_not_compared() -> None:
    found = Verifier(["stop", "tadasana please"], FILLERS).verify(utterance("stop"))
    assert found.fits[0] > -2
    assert np.isnan(found.fits[1])


def test_noise_fits_no_phrase_well(verifier: Verifier) -> None:
    noise = np.random.default_rng(2).standard_normal(HEAR_RATE).astype(np.float32) * 0.1
    long = np.concatenate([utterance("what are the benefits"), noise, utterance("pause")])
    assert verifier.verify(long).fits.max() < LEAST_FIT


@pytest.mark.parametrize("speed", SPEEDS)
def test_every_pass_knows_the_phrase(verifier: Verifier, speed: float) -> None:
    assert verifier.verify(utterance("how long left", "bf_emma"), [speed]).fits.max() > -4


def test_verifying_stops_when_nothing_can_fit_any_more(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    tone = np.sin(np.arange(3 * HEAR_RATE) * 0.2).astype(np.float32)
    talk = np.concatenate([utterance("what are the benefits"), tone, utterance("my head hurts")])
    found = verifier.verify(talk)
    monkeypatch.setattr("legsup_voice.hearing.verifier.LEAST_FIT", -1e9)
    patient = verifier.verify(talk)
    assert patient.fits.max() < found.fits.max() < LEAST_FIT


def test_the_level_changes_nothing(verifier: Verifier) -> None:
    samples = utterance("easier")
    quiet = verifier.verify(samples * np.float32(0.05)).fits
    np.testing.assert_allclose(quiet, verifier.verify(samples).fits, atol=0.05)


def test_a_very_short_utterance_is_compared_too(verifier: Verifier) -> None:
    assert np.isfinite(verifier.verify(np.zeros(10, np.float32)).fits.max())


def test_no_two_meanings_sound_the_same() -> None:
    texts = [*INTENTS.phrases, *FILLERS]
    heard: dict[tuple[str, ...], str] = {}
    for text, ways in zip(texts, pronunciations.of_texts(texts), strict=True):
        for way in ways:
            other = heard.setdefault(way, text)
            assert INTENTS.meaning(other) == INTENTS.meaning(text), f"{other} sounds like {text}"


def test_the_lexicon_holds_every_word_of_the_product() -> None:
    words = {word for phrase in INTENTS.phrases for word in phrase.split()} | set(FILLERS)
    ways = pronunciations.of_texts(sorted(words))
    assert all(ways)
    assert {phone for each in ways for way in each for phone in way} <= set(PHONES)
