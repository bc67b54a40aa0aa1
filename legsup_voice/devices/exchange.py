"""Play a sound through the sound card and hear what comes in meanwhile, for measuring."""

import numpy as np

from legsup_voice.audio import HEAR_BLOCK, SPEAK_BLOCK, Samples
from legsup_voice.devices.soundcard import SoundCard


def exchange(card: SoundCard, played: Samples) -> Samples:
    """Play `played` (24 kHz) and return as many seconds of the microphone, at 16 kHz."""
    count = -(-len(played) // SPEAK_BLOCK)
    padded: Samples = np.pad(played, (0, count * SPEAK_BLOCK - len(played)))
    blocks = padded.reshape(count, SPEAK_BLOCK)
    heard = np.zeros((count, HEAR_BLOCK), np.float32)
    silence = np.zeros(SPEAK_BLOCK, np.float32)
    at = 0

    def process(microphone: Samples) -> Samples:
        nonlocal at
        if at >= count:
            return silence
        heard[at] = microphone
        at += 1
        block: Samples = blocks[at - 1]
        return block

    while at < count:
        card.step(process)
        card.wait()
    flat: Samples = heard.reshape(-1)
    return flat
