"""Synthetic people's clips."""

from pathlib import Path

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.soundfiles import read

VOICES = Path(__file__).parents[2] / "legsup_voice" / "simulation" / "voices"


def voice(text: str, name: str = "af_heart") -> Samples:
    """Return the clip of `text` by the voice `name`, at 16 kHz."""
    return read(VOICES / f"{text.replace(' ', '_')}-{name}.flac", HEAR_RATE)
