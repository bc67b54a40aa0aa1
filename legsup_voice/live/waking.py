"""Whether a speaker sleeps: `legsup doctor` plays a tone after silence and listens for its start.

Speakers on Bluetooth, HDMI and some USB cards fall asleep in digital silence and cut off the
beginning of what comes next: a first "Come down slowly" would begin at "slowly".
"""

import numpy as np

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE, Samples
from legsup_voice.speaking.lead_in import WAKE_DB, WAKE_SECONDS, KeepAwake, floor, noise

SILENCE_SECONDS, TONE_SECONDS = 8.0, 1.5
"""A speaker that sleeps at all was seen to do so within some seconds."""

CUT = 0.12
"""Seconds cut off that are worth doing something about: about a syllable."""

_FREQUENCY = 1000.0
_FRAME = HEAR_RATE // 50
_LOST, _FAINT = 0.5, 2.0  # of the tone's level; of the silence's


def probe(keep_awake: KeepAwake) -> Samples:
    """Return the silence, as it is with that setting, and the tone after it, at 24 kHz."""
    count = round(SILENCE_SECONDS * SPEAK_RATE)
    silence = np.zeros(count, np.float32)
    if keep_awake is KeepAwake.FLOOR:
        silence = np.resize(floor(), count)
    elif keep_awake is KeepAwake.LEAD_IN:
        silence[-round(WAKE_SECONDS * SPEAK_RATE) :] = noise(WAKE_SECONDS, WAKE_DB)
    at = np.arange(round(TONE_SECONDS * SPEAK_RATE)) / SPEAK_RATE
    edge = np.minimum(1.0, np.minimum(at, TONE_SECONDS - at) / 0.01)
    tone = 0.1 * edge * np.sin(2 * np.pi * _FREQUENCY * at)
    return np.concatenate([silence, tone.astype(np.float32)])


def cut_off(heard: Samples, delay: float) -> float | None:
    """Return how many seconds of the tone's beginning are missing; None when it isn't heard.

    `heard` is what the microphone took (16 kHz) while the probe was played; `delay` is the time in
    seconds from the speaker to it.
    """
    frames = heard[: len(heard) // _FRAME * _FRAME].reshape(-1, _FRAME)
    turn = np.exp(-2j * np.pi * _FREQUENCY * np.arange(_FRAME) / HEAR_RATE)
    levels = np.abs(frames @ turn)
    start = round((SILENCE_SECONDS + delay) * HEAR_RATE / _FRAME)
    end = start + round((TONE_SECONDS - 0.1) * HEAR_RATE / _FRAME)
    if start < 20 or end > len(levels):
        return None
    late = float(np.median(levels[(start + end) // 2 : end]))
    if late < _FAINT * float(np.percentile(levels[10 : start - 5], 95)):
        return None
    first = int(np.argmax(levels[start - 3 : end] > _LOST * late)) - 3
    return max(0.0, first * _FRAME / HEAR_RATE)


def advice(seconds: float, keep_awake: KeepAwake) -> str:
    """Return what to do about a speaker that cuts off so much with that setting; empty: nothing."""
    if seconds <= CUT:
        return ""
    if keep_awake is KeepAwake.LEAD_IN:
        return "The speaker cuts off words even when woken first: connect it by a cable."
    better = KeepAwake.FLOOR if keep_awake is KeepAwake.OFF else KeepAwake.LEAD_IN
    return f'The speaker falls asleep: set keep_awake = "{better}" and check again.'
