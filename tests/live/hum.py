"""Hums through the sound card of its environment and tells, as JSON lines, what became of it.

`python -m tests.live.hum SECONDS [--named] [--must-work]`: first `{"started": …}`, every fault
as it is noticed, what is logged, and at the end what each block of the hum lost.
"""

import json
import logging
import sys
import time

import numpy as np

from legsup_voice.audio import SPEAK_BLOCK, SPEAK_RATE, Samples
from legsup_voice.devices.soundcard import SoundCard
from legsup_voice.errors import UserError

HUM = (0.1 * np.sin(2 * np.pi * 250 * np.arange(SPEAK_BLOCK) / SPEAK_RATE)).astype(np.float32)
"""A whole number of turns: blocks join without a click."""


def tell(**what: object) -> None:
    """Print one line."""
    sys.stdout.write(json.dumps(what) + "\n")  # at once: another thread may tell something too
    sys.stdout.flush()


class Teller(logging.Handler):
    """Tells what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it."""
        tell(logged=record.getMessage())


def main(seconds: float, named: bool, must_work: bool) -> int:
    """Hum for so long on the monotonic clock."""
    made, turns, lost = 0, 0, list[int]()

    def process(_: Samples) -> Samples:
        nonlocal made
        made += 1
        return HUM

    logging.basicConfig(level=logging.INFO, handlers=[Teller()])
    mic, speaker = ("legsup_mic", "legsup_speaker") if named else (None, None)
    try:
        card = SoundCard(mic, speaker)
    except UserError as error:
        tell(refused=str(error))
        return 2
    card.must_work(must_work)
    began = time.monotonic()
    tell(started=card.speaker_name)
    while time.monotonic() < began + seconds:
        card.step(process, lost.append)
        for fault in card.faults():
            tell(fault=fault.value, at=time.monotonic() - began)
        turns += 1
        card.wait()
    name = card.speaker_name
    card.close()
    tell(made=made, turns=turns, lost=lost, speaker=name)
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), "--named" in sys.argv, "--must-work" in sys.argv))
