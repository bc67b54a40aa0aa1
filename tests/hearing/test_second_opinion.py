"""The second opinion: the forward algorithm against brute force, and what it makes of voices."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.evaluation import clips
from legsup_voice.hearing.decoys import decoys
from legsup_voice.hearing.intents import intents
from legsup_voice.hearing.models import bundled
from legsup_voice.hearing.second_opinion import (
    LEAST_FIT,
    PHONES,
    SPEEDS,
    Encoder,
    Floats,
    PhoneNetwork,
    SecondOpinion,
    Spellings,
    _sayings,
)

VOICES = Path(__file__).parents[2] / "legsup_voice" / "simulation" / "voices"
INTENTS = intents()
LEXICON = bundled("second-opinion") / "lexicon.txt"
FEW = ("AA", "B", "K")


@pytest.fixture(scope="module")
def second() -> SecondOpinion:
    return SecondOpinion(INTENTS.phrases, decoys())


def utterance(text: str, voice: str = "af_heart") -> Samples:
    name = f"{text.replace(' ', '_')}-{voice}.flac"
    return clips.quiet_around(clips.read(VOICES / name))


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
    found = np.exp(Spellings(spelled).fits(posteriors)) * posteriors.max(axis=1).prod()
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-9)


def test_long_utterances_do_not_underflow() -> None:
    posteriors = np.full((400, len(PHONES) + 1), 1e-6, np.float32)
    posteriors[:, 0] = 1
    (found,) = Spellings([("S", "T", "AA", "P")]).fits(posteriors)
    assert -80 < found < -30


@pytest.mark.parametrize("voice", ["af_heart", "am_michael", "bf_emma"])
@pytest.mark.parametrize("text", ["stop", "how long left", "i feel dizzy", "ten minutes"])
def test_a_phrase_fits_its_own_sounds_best(second: SecondOpinion, text: str, voice: str) -> None:
    opinion = second.of(utterance(text, voice))
    best = list(INTENTS.phrases)[int(opinion.fits.argmax())]
    assert INTENTS.meaning(best) == INTENTS.meaning(text)
    assert opinion.fits.max() > -2
    assert opinion.other < opinion.fits.max() - 1


def test_a_phrase_with_an_unknown_word_is_not_compared() -> None:
    opinion = SecondOpinion(["stop", "tadasana please"], decoys()).of(utterance("stop"))
    assert opinion.fits[0] > -2
    assert np.isnan(opinion.fits[1])


def test_noise_fits_no_phrase_well(second: SecondOpinion) -> None:
    noise = np.random.default_rng(2).standard_normal(HEAR_RATE).astype(np.float32) * 0.1
    long = np.concatenate([utterance("what are the benefits"), noise, utterance("pause")])
    assert second.of(long).fits.max() < -8


@pytest.mark.parametrize("speed", SPEEDS)
def test_every_look_knows_the_phrase(second: SecondOpinion, speed: float) -> None:
    assert second.of(utterance("how long left", "bf_emma"), [speed]).fits.max() > -2


def test_looking_stops_when_nothing_can_fit_any_more(
    second: SecondOpinion, monkeypatch: pytest.MonkeyPatch
) -> None:
    tone = np.sin(np.arange(3 * HEAR_RATE) * 0.2).astype(np.float32)
    talk = np.concatenate([utterance("what are the benefits"), tone, utterance("my head hurts")])
    opinion = second.of(talk)
    monkeypatch.setattr("legsup_voice.hearing.second_opinion.LEAST_FIT", -1e9)
    patient = second.of(talk)
    assert patient.fits.max() < opinion.fits.max() < LEAST_FIT


def test_the_level_changes_nothing(second: SecondOpinion) -> None:
    samples = utterance("easier")
    quiet = second.of(samples * np.float32(0.05)).fits
    np.testing.assert_allclose(quiet, second.of(samples).fits, atol=0.05)


def test_a_very_short_utterance_is_compared_too(second: SecondOpinion) -> None:
    assert np.isfinite(second.of(np.zeros(10, np.float32)).fits.max())


def test_no_two_meanings_sound_the_same() -> None:
    texts = [*INTENTS.phrases, *decoys()]
    heard: dict[tuple[str, ...], str] = {}
    for text, ways in zip(texts, _sayings(texts, LEXICON), strict=True):
        for way in ways:
            other = heard.setdefault(way, text)
            assert INTENTS.meaning(other) == INTENTS.meaning(text), f"{other} sounds like {text}"


def test_the_lexicon_holds_every_word_of_the_product() -> None:
    words = {word for phrase in INTENTS.phrases for word in phrase.split()} | set(decoys())
    ways = _sayings(sorted(words), LEXICON)
    assert all(ways)
    assert {phone for each in ways for way in each for phone in way} <= set(PHONES)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_a_broken_network_is_said_plainly(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "network.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="install legsup-voice again"):
        PhoneNetwork.read(path)


def test_a_missing_encoder_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(UserError, match=r"pip install moonshine-voice==0\.1\.0"):
        Encoder()
