"""Echo removal on made-up echo paths: what it takes away, and what it must leave alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, Samples
from legsup_voice.evaluation.surroundings import drifted
from legsup_voice.hearing import echo as echo_module
from legsup_voice.hearing.clock_drift import FRAME
from legsup_voice.hearing.echo import EchoCanceller
from legsup_voice.speaking.breath import sound
from tests.hearing.echoes import BLOCKS, echo_of, hiss, level, room, syllables


def cleaned(canceller: EchoCanceller, microphone: Samples, speaker: Samples) -> Samples:
    pairs = zip(microphone.reshape(-1, HEAR_BLOCK), speaker.reshape(-1, SPEAK_BLOCK), strict=True)
    return np.concatenate([canceller.process(heard, spoken) for heard, spoken in pairs])


@pytest.mark.parametrize(
    ("gain_db", "delay_ms", "room_seconds", "least_db"),
    [(0, 22, None, 30), (0, 180, 0.25, 30), (-10, 80, 0.1, 25), (-20, 80, 0.25, 15)],
)
def test_echo_is_gone_after_five_seconds(
    gain_db: float, delay_ms: float, room_seconds: float | None, least_db: float
) -> None:
    speaker = syllables(BLOCKS, 1)
    impulse = None if room_seconds is None else room(room_seconds, 2)
    microphone = echo_of(speaker, gain_db, delay_ms, impulse) + hiss(BLOCKS)
    canceller = EchoCanceller()
    out = cleaned(canceller, microphone, speaker)
    late = slice(5 * HEAR_RATE, None)
    assert level(microphone[late]) - level(out[late]) >= least_db
    assert canceller.delay_ms == pytest.approx(delay_ms, abs=1.0)


def test_it_never_adds_to_the_echo_while_it_learns() -> None:
    speaker = syllables(BLOCKS, 1)
    microphone = echo_of(speaker, 0, 80, room(0.25, 2)) + hiss(BLOCKS)
    out = cleaned(EchoCanceller(), microphone, speaker)
    for second in range(1, BLOCKS // 50):
        part = slice(second * HEAR_RATE, (second + 1) * HEAR_RATE)
        assert level(out[part]) < level(microphone[part])


def test_the_person_is_left_alone_when_we_are_silent() -> None:
    person = echo_of(syllables(BLOCKS, 3), -6, 22, None)
    silence = np.zeros(BLOCKS * SPEAK_BLOCK, np.float32)
    canceller = EchoCanceller()
    out = cleaned(canceller, person, silence)
    np.testing.assert_allclose(out[FRAME:], person[:-FRAME], atol=1e-6)
    assert canceller.delay_ms is None


def test_the_person_is_left_alone_by_a_speaker_that_can_not_be_heard() -> None:
    person = echo_of(syllables(BLOCKS, 3), -6, 22, None)
    out = cleaned(EchoCanceller(), person, syllables(BLOCKS, 4))
    late = slice(5 * HEAR_RATE, None)
    assert abs(level(out[late]) - level(person[late])) < 0.5


def test_the_person_is_heard_while_we_speak() -> None:
    speaker = syllables(BLOCKS, 1)
    person = echo_of(syllables(BLOCKS, 3), -6, 22, None)
    person[: 5 * HEAR_RATE] = 0.0
    microphone = person + echo_of(speaker, 0, 80, room(0.1, 2)) + hiss(BLOCKS)
    out = cleaned(EchoCanceller(), microphone, speaker)
    late = slice(5 * HEAR_RATE + FRAME, None)
    wanted = person[5 * HEAR_RATE : -FRAME]
    assert abs(level(out[late]) - level(wanted)) < 1.0
    assert np.corrcoef(out[late], wanted)[0, 1] > 0.95


def test_a_speaker_that_is_moved_is_learnt_anew() -> None:
    speaker = syllables(2 * BLOCKS, 1)
    here, there = (
        echo_of(speaker, 0, delay_ms, room(0.2, seed)) for delay_ms, seed in ((80, 2), (130, 5))
    )
    half = BLOCKS * HEAR_BLOCK
    microphone = np.concatenate([here[:half], there[half:]]) + hiss(2 * BLOCKS)
    canceller = EchoCanceller()
    out = cleaned(canceller, microphone, speaker)
    late = slice(half + 6 * HEAR_RATE, None)
    assert level(microphone[late]) - level(out[late]) >= 20
    assert canceller.delay_ms == pytest.approx(130, abs=1.0)


def test_our_voice_is_still_known_after_minutes_of_breathing_sounds() -> None:
    breaths = np.tile(np.concatenate([sound("in", 5000), sound("out", 5000)]), 6)
    line = syllables(BLOCKS, 4)
    speaker = np.concatenate([syllables(2 * BLOCKS, 1), breaths, line])
    microphone = echo_of(speaker, 0, 80, room(0.5, 2)) + hiss(len(speaker) // SPEAK_BLOCK)
    canceller = EchoCanceller()
    begin, again = 2 * BLOCKS, len(speaker) // SPEAK_BLOCK - BLOCKS
    pairs = zip(microphone.reshape(-1, HEAR_BLOCK), speaker.reshape(-1, SPEAK_BLOCK), strict=True)
    out = [
        canceller.process(heard, spoken, speech=not begin <= block < again)
        for block, (heard, spoken) in enumerate(pairs)
    ]
    two_seconds = slice(again * HEAR_BLOCK, again * HEAR_BLOCK + 2 * HEAR_RATE)
    assert level(microphone[two_seconds]) - level(np.concatenate(out)[two_seconds]) > 25


def test_breathing_sounds_are_followed_where_clocks_drift() -> None:
    breaths = np.tile(np.concatenate([sound("in", 5000), sound("out", 5000)]), 4)
    echo = echo_of(breaths, 0, 80, room(0.2, 2))
    microphone = drifted(echo, 100) + hiss(len(echo) // HEAR_BLOCK)
    canceller = EchoCanceller()
    pairs = zip(microphone.reshape(-1, HEAR_BLOCK), breaths.reshape(-1, SPEAK_BLOCK), strict=True)
    out = [canceller.process(heard, spoken, speech=False) for heard, spoken in pairs]
    late = slice(10 * HEAR_RATE, None)
    assert level(microphone[late]) - level(np.concatenate(out)[late]) > 6


def test_the_same_blocks_give_the_same_samples() -> None:
    speaker = syllables(50, 1)
    microphone = echo_of(speaker, -6, 40, None)
    first, second = (cleaned(EchoCanceller(), microphone, speaker) for _ in range(2))
    np.testing.assert_array_equal(first, second)


SIGNALS = st.sampled_from(["silence", "dc", "negative", "square", "noise", "overload"])


def signal(kind: str, length: int, block: int) -> Samples:
    shapes = {
        "silence": np.zeros(length),
        "dc": np.ones(length),
        "negative": -np.ones(length),
        "square": np.where(np.arange(length) // 20 % 2, 1.0, -1.0),
        "noise": np.random.default_rng(block).uniform(-1, 1, length),
        "overload": np.full(length, 8.0),
    }
    return shapes[kind].astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(SIGNALS, SIGNALS, st.integers(1, 30)), min_size=1, max_size=6))
def test_any_sound_gives_whole_blocks_of_finite_samples(
    stretches: list[tuple[str, str, int]],
) -> None:
    canceller = EchoCanceller()
    for heard, spoken, blocks in stretches:
        for block in range(blocks):
            out = canceller.process(
                signal(heard, HEAR_BLOCK, block), signal(spoken, SPEAK_BLOCK, block + 1)
            )
            assert out.shape == (HEAR_BLOCK,)
            assert out.dtype == np.float32
            assert np.isfinite(out).all()
            assert np.abs(out).max() <= 1.0


def test_resting_in_silence_changes_no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines come and go; a canceller that never rests gives the same."""
    rng = np.random.default_rng(1)
    resting, restless = EchoCanceller(), EchoCanceller()
    for block in range(300):
        loud = 0.1 if block % 150 < 40 else 0.0
        speaker = (loud * rng.standard_normal(SPEAK_BLOCK)).astype(np.float32)
        microphone = (0.05 * rng.standard_normal(HEAR_BLOCK)).astype(np.float32)
        out = resting.process(microphone, speaker)
        with monkeypatch.context() as never:
            never.setattr(echo_module, "FORGOTTEN_BLOCKS", 10**9)
            np.testing.assert_allclose(out, restless.process(microphone, speaker), atol=1e-6)
