"""An echo that comes all at once later or sooner is found within the word."""

import numpy as np
import pytest

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, Samples
from legsup_voice.evaluation.surroundings import drifted
from legsup_voice.hearing.echo import EchoCanceller
from tests.hearing.echoes import echo_of, hiss, level, room, syllables

BLOCKS, AT = 900, 600
"""18 s; the echo jumps after 12."""


def jumping(echo: Samples, later: int) -> Samples:
    """`echo` that comes so many samples later from then on, or sooner."""
    at = AT * HEAR_BLOCK
    return np.concatenate((echo[:at], np.roll(echo, later)[at:])).astype(np.float32)


def of_blocks(samples: Samples, blocks: slice) -> Samples:
    part: Samples = samples.reshape(-1, HEAR_BLOCK)[blocks]
    return part


@pytest.mark.parametrize(
    ("later_ms", "room_seconds", "ppm"),
    [(20, 0.4, 0), (-20, 0.05, 0), (20, 0.05, 100), (-20, 0.4, -100), (40, 0.1, 0), (7.3, 0.2, 50)],
)
def test_it_is_removed_again_after_a_quarter_of_a_second(
    later_ms: float, room_seconds: float, ppm: float
) -> None:
    speaker = syllables(BLOCKS, 1)
    echo = drifted(echo_of(speaker, 0, 100, room(room_seconds, 2)), ppm)
    microphone = jumping(echo, round(later_ms * HEAR_RATE / 1000)) + hiss(BLOCKS)
    canceller = EchoCanceller()
    out, persons, lost = [], [], []
    before = None
    blocks = zip(microphone.reshape(-1, HEAR_BLOCK), speaker.reshape(-1, SPEAK_BLOCK), strict=True)
    for block, (heard, played) in enumerate(blocks):
        before = canceller.delay_ms if block == AT else before
        out.append(canceller.process(heard, played))
        persons.append(canceller.person)
        lost.append(canceller.lost)
    again = slice(AT + 14, AT + 250)
    taken_off = level(of_blocks(microphone, again)) - level(of_blocks(np.concatenate(out), again))
    assert taken_off > 25
    assert before is not None
    assert canceller.delay_ms == pytest.approx(before + later_ms - 6 * ppm / 1000, abs=0.5)
    assert set(persons[again]) == {False}
    # What was taken for a person at first is soon known not to have been one.
    assert any(lost[AT : AT + 10])
