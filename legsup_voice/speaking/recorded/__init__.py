"""Lines recorded once, by the recipe in `training/voice`, as Opus files.

A folder is a voice. A file's name is a hash of everything that shapes its sound, so a line that was
changed simply has no recording any more: it is spoken by espeak-ng until the recipe runs again.
`index.tsv` tells people which file says what; nothing reads it but tests.
"""

import hashlib
import json
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.config import data_directory
from legsup_voice.speaking.pronounce import pronounced

HEART, MICHAEL = "af_heart", "am_michael"
"""The voices that lines are recorded in, as Kokoro calls them."""

RECIPE = 1
"""Raise when the same text should sound different."""

INDEX = "index.tsv"
"""A voice's list: file, pace, text, with tabs between."""


def folder(voice: str = HEART) -> Path:
    """Return where the recordings of `voice` are; the folder may be missing.

    One voice comes with the package; others are put into the user's data folder.
    """
    packaged = Path(__file__).with_name(voice)
    return packaged if packaged.is_dir() else data_directory() / "voices" / voice


def installed(voice: str) -> bool:
    """Return whether lines of `voice` are here."""
    return bool(names(voice))


def file_name(text: str, pace: str, voice: str = HEART) -> str:
    """Return the name of the recording of a line as it is pronounced today."""
    recipe = json.dumps([RECIPE, voice, pronounced(text), pace])
    return f"{hashlib.sha256(recipe.encode()).hexdigest()[:20]}.opus"


def names(voice: str) -> frozenset[str]:
    """Return the names of all recordings of `voice`."""
    return frozenset(path.name for path in folder(voice).glob("*.opus"))


def find(text: str, pace: str, voice: str = HEART) -> Path | None:
    """Return the recording of `text` at `pace`; None where there is none."""
    path = folder(voice) / file_name(text, pace, voice)
    return path if path.is_file() else None


def read(path: Path | BinaryIO) -> Samples:
    """Return a recording: mono, 24 kHz.

    Raises:
        OSError, soundfile.SoundFileError: it can't be read.
        ValueError: it holds no sound.
    """
    samples, rate = soundfile.read(path, dtype="float32")
    if samples.ndim != 1 or not np.any(samples):
        raise ValueError(f"{path} is not mono")
    if rate != SPEAK_RATE:
        samples = soxr.resample(samples, rate, SPEAK_RATE)
    return np.asarray(samples, np.float32)
