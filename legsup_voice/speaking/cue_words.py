"""Words along with the breathing sounds: "in" and "out", or counted, "in, two, three"."""

from enum import StrEnum

import numpy as np

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.content import LANGUAGE, capitalised, content, locale
from legsup_voice.protocol.breathing import Phase
from legsup_voice.speaking.loudness import at_loudness
from legsup_voice.speaking.voice import Voice

WORD_LUFS = -24.0
"""How loud a word of the cues is: 6 LU below the voice, 4 above the breathing sounds."""

PACE = "hold"
"""The class such words are spoken in."""

MOST_COUNTED = 10
"""Seconds; no phase of a breath is longer."""

_FADE = round(0.03 * SPEAK_RATE)


class Cues(StrEnum):
    """What tells the phases of a breath; the sounds are always there."""

    SOUNDS = "sounds"
    WORDS = "words"
    COUNTS = "counts"


def names(language: str = LANGUAGE) -> dict[str, str]:
    """Return what is said when a phase begins."""
    return {cue: f"{word}." for cue, word in locale(language).cues.items()}


def counts(language: str = LANGUAGE) -> tuple[str, ...]:
    """Return what is said after that, a second apart."""
    numbers = content(language).durations.numbers[2 : MOST_COUNTED + 1]
    return tuple(f"{capitalised(number)}." for number in numbers)


def words(language: str = LANGUAGE) -> tuple[str, ...]:
    """Return everything that can be said here."""
    return (*names(language).values(), *counts(language))


class CueWords:
    """The words of a voice, ready to be laid over a phase's sound."""

    def __init__(self, voice: Voice, cues: Cues) -> None:
        """Make the words that `cues` needs.

        Raises:
            UserError: one has no recording, and espeak-ng is missing or fails.
        """
        self._names, self._counts = names(voice.language), counts(voice.language)
        named = tuple(self._names.values())
        wanted = {Cues.SOUNDS: (), Cues.WORDS: named, Cues.COUNTS: (*named, *self._counts)}[cues]
        self._counting = cues is Cues.COUNTS
        self._clips = {word: at_loudness(voice.clip(word, PACE), WORD_LUFS) for word in wanted}

    def over(self, phase: Phase, sound: Samples) -> Samples:
        """Return the sound of a phase with its words; a count comes about every second."""
        if not self._clips:
            return sound
        mixed = sound.copy()
        counted = max(1, min(round(phase.milliseconds / 1000), MOST_COUNTED))
        spacing = len(sound) // counted
        counting = self._counts[: counted - 1] if self._counting else ()
        for number, word in enumerate((self._names[phase.cue], *counting)):
            room = spacing if self._counting else len(sound)
            clip = self._clips[word][:room].copy()
            clip[-_FADE:] *= np.linspace(1, 0, len(clip[-_FADE:]), dtype=np.float32)
            mixed[number * spacing : number * spacing + len(clip)] += clip
        return mixed
