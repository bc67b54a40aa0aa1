"""How late our own voice comes back is found, whatever the room; and only where it is late."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legsup_voice.audio import BLOCKS_PER_SECOND, HEAR_BLOCK, SPEAK_BLOCK, Samples
from legsup_voice.hearing.echo_delay import IN_REACH, REACH, EchoDelay
from tests.hearing.echoes import BLOCKS, echo_of, hiss, room, syllables


def listened(microphone: Samples, speaker: Samples, *, speech: bool = True) -> EchoDelay:
    delay = EchoDelay()
    pairs = zip(microphone.reshape(-1, HEAR_BLOCK), speaker.reshape(-1, SPEAK_BLOCK), strict=True)
    for heard, played in pairs:
        delay.listen(heard, played, speech=speech, learnt=False)
    return delay


@settings(max_examples=25, deadline=None)
@given(
    delay_ms=st.floats(320, 1150),
    gain_db=st.floats(-25, 5),
    reverberation=st.floats(0.05, 0.5),
    seed=st.integers(0, 99),
)
def test_a_late_echo_is_found(
    delay_ms: float, gain_db: float, reverberation: float, seed: int
) -> None:
    speaker = syllables(BLOCKS, seed)
    echo = echo_of(speaker, gain_db, delay_ms, room(reverberation, seed)) + hiss(BLOCKS)
    delay = listened(echo, speaker)
    left = delay_ms / 1000 - delay.blocks / BLOCKS_PER_SECOND
    assert 0.02 <= left <= IN_REACH  # a room's strongest echo may be a later one
    assert delay.reach == delay.blocks


@settings(max_examples=25, deadline=None)
@given(
    delay_ms=st.floats(22, 220),
    gain_db=st.floats(-40, 5),
    seed=st.integers(0, 99),
)
def test_what_echo_removal_reaches_is_left_to_it(
    delay_ms: float, gain_db: float, seed: int
) -> None:
    speaker = syllables(BLOCKS, seed)
    echo = echo_of(speaker, gain_db, delay_ms, room(0.3, seed)) + hiss(BLOCKS)
    delay = listened(echo, speaker)
    assert (delay.blocks, delay.reach) == (0, 0)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 99), others=st.integers(100, 199))
def test_a_person_who_speaks_meanwhile_is_no_echo(seed: int, others: int) -> None:
    person = echo_of(syllables(BLOCKS, others), 0, 22, None)
    delay = listened(person, syllables(BLOCKS, seed))
    assert delay.known
    assert delay.blocks == 0


def test_a_person_who_speaks_meanwhile_does_not_hide_it() -> None:
    speaker = syllables(BLOCKS, 1)
    person = echo_of(syllables(BLOCKS, 101), 0, 22, None)
    delay = listened(echo_of(speaker, 0, 700, room(0.3, 2)) + person, speaker)
    assert delay.blocks == pytest.approx(30, abs=1)


@pytest.mark.parametrize("speech", [True, False])
def test_until_enough_was_said_an_echo_may_come_any_time(speech: bool) -> None:
    silence = np.zeros(BLOCKS * HEAR_BLOCK, np.float32)
    nothing = np.zeros(BLOCKS * SPEAK_BLOCK, np.float32)
    speaker = nothing if speech else syllables(BLOCKS, 1)
    delay = listened(silence, speaker, speech=speech)
    assert not delay.known
    assert delay.reach == REACH


def test_a_headset_is_found_and_so_is_the_loudspeaker_that_takes_its_place() -> None:
    speaker = syllables(3 * BLOCKS, 1)
    headset = hiss(2 * BLOCKS)
    loudspeaker = echo_of(speaker, -20, 80, room(0.3, 2))[2 * BLOCKS * HEAR_BLOCK :]
    microphone = np.concatenate([headset, loudspeaker]) + hiss(3 * BLOCKS)
    delay, heard, anew = EchoDelay(), [], []
    pairs = zip(microphone.reshape(-1, HEAR_BLOCK), speaker.reshape(-1, SPEAK_BLOCK), strict=True)
    for block, (heard_now, played) in enumerate(pairs):
        if delay.listen(heard_now, played, speech=True, learnt=False):
            anew.append(block)
        heard.append(delay.heard)
    assert not heard[8 * BLOCKS_PER_SECOND]
    assert not heard[2 * BLOCKS - 1]
    (at,) = anew
    assert 2 * BLOCKS < at <= 2 * BLOCKS + 3 * BLOCKS_PER_SECOND
    assert all(heard[at:])
