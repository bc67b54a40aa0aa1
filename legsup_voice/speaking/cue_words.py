"""Words along with the breathing sounds: "in" and "out", or counted, "in, two, three"."""

from enum import StrEnum

import numpy as np

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.protocol.breathing import Phase
from legsup_voice.speaking.loudness import at_loudness
from legsup_voice.speaking.voice import Voice

WORD_LUFS = -24.0
"""How loud a word of the cues is: 6 LU below the voice, 4 above the breathing sounds."""

PACE = "hold"
"""The class such words are spoken in."""

_NAMES = {"in": "In.", "out": "Out.", "hold": "Hold."}
_COUNTS = ("Two.", "Three.", "Four.", "Five.", "Six.", "Seven.", "Eight.", "Nine.", "Ten.")

WORDS = (*_NAMES.values(), *_COUNTS)
"""Everything that can be said here."""

_FADE = round(0.03 * SPEAK_RATE)


class Cues(StrEnum):
    """What tells the phases of a breath; the sounds are always there."""

    SOUNDS = "sounds"
    WORDS = "words"
    COUNTS = "counts"


class CueWords:
    """The words of a voice, ready to be laid over a phase's sound."""

    def __init__(self, voice: Voice, cues: Cues) -> None:
        """Make the words that `cues` needs.

        Raises:
            UserError: one has no recording, and espeak-ng is missing or fails.
        """
        wanted = {Cues.SOUNDS: (), Cues.WORDS: tuple(_NAMES.values()), Cues.COUNTS: WORDS}[cues]
        self._counting = cues is Cues.COUNTS
        self._clips = {word: at_loudness(voice.clip(word, PACE), WORD_LUFS) for word in wanted}

    def over(self, phase: Phase, sound: Samples) -> Samples:
        """Return the sound of a phase with its words; a count comes about every second."""
        if not self._clips:
            return sound
        mixed = sound.copy()
        counts = max(1, min(round(phase.milliseconds / 1000), len(_COUNTS) + 1))
        spacing = len(sound) // counts
        words = [_NAMES[phase.cue], *_COUNTS[: counts - 1]] if self._counting else []
        for number, word in enumerate(words or [_NAMES[phase.cue]]):
            room = spacing if self._counting else len(sound)
            clip = self._clips[word][:room].copy()
            clip[-_FADE:] *= np.linspace(1, 0, len(clip[-_FADE:]), dtype=np.float32)
            mixed[number * spacing : number * spacing + len(clip)] += clip
        return mixed
