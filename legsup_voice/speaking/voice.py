"""Lines as clips: read where they are recorded, else rendered once and kept on disk.

Every word goes through pyttsx3 and the driver beside this. A kept clip's file name is a hash of
everything that shapes its sound, so a change of text, dictionary, voice or recipe makes a new clip
and never a wrong one. Several processes may fill the same folder: a clip appears under its name
only when it is complete. A clip that can't be read or doesn't match the checksum inside it is
rendered again; one that can't be kept is still returned.
"""

import hashlib
import io
import json
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import platformdirs
import soundfile
from numpy.typing import NDArray

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.speaking import recorded
from legsup_voice.speaking.driver import VOICES, Speech
from legsup_voice.speaking.pronounce import pronounced
from legsup_voice.speaking.synthesis import Espeak, scratch

_RECIPE = 2  # raise when the same text should sound different
_KEPT_IN_MEMORY = 8
_FULL_SCALE = 32768


class Voice:
    """The speaking voice. Clips are mono, 24 kHz, at -18 LUFS."""

    def __init__(self, cache: Path | None = None, voice: str = "heart") -> None:
        """Speak with a voice of `VOICES`: "heart" and "michael" are recorded, "espeak" is not.

        What must be rendered is kept in `cache`; by default $LEGSUP_CACHE, else the user's cache
        folder.

        Raises:
            UserError: there is no such voice, or its recordings are not installed.
        """
        folder = os.environ.get("LEGSUP_CACHE") or platformdirs.user_cache_dir("legsup_voice")
        self.cache = cache if cache is not None else Path(folder)
        self._speech = Speech(voice)
        self._name = VOICES[voice]
        self._recorded = recorded.names(self._name) if self._name else frozenset()
        self._recent: OrderedDict[Path, Samples] = OrderedDict()
        self._held: dict[Path, bytes] = {}

    def is_recorded(self, text: str, pace: str) -> bool:
        """Return whether the line needs no rendering."""
        name = self._name
        return name is not None and recorded.file_name(text, pace, name) in self._recorded

    def clip(self, text: str, pace: str) -> Samples:
        """Return `text` spoken: read from where it is, else rendered now (a fraction of a second).

        Raises:
            UserError: the clip must be rendered and espeak-ng is missing or fails.
        """
        path = self._path(text, pace)
        samples = self._recent.get(path)
        if samples is None:
            samples = _read(io.BytesIO(self._held[path]) if path in self._held else path)
        if samples is None:
            try:
                samples = self._said(text, pace, path)
            finally:
                self._speech.rest()
        samples.flags.writeable = False
        self._recent[path] = samples
        self._recent.move_to_end(path)
        if len(self._recent) > _KEPT_IN_MEMORY:
            self._recent.popitem(last=False)
        return samples

    def hold(self, lines: Iterable[tuple[str, str]]) -> None:
        """Keep the clips of these (text, pace) in memory: no broken disk can silence them.

        Raises:
            UserError: one must be rendered and espeak-ng is missing or fails.
        """
        for text, pace in lines:
            self._held[self._path(text, pace)] = _packed(self.clip(text, pace), text)

    def render_all(
        self, lines: Iterable[tuple[str, str]], progress: Callable[[int, int], None]
    ) -> None:
        """Make sure no (text, pace) is left to render; call `progress` with (done, of all).

        Raises:
            UserError: espeak-ng is missing or fails.
        """
        wanted = [line for line in dict.fromkeys(lines) if not self.is_recorded(*line)]
        try:
            for done, (text, pace) in enumerate(wanted, start=1):
                path = self._path(text, pace)
                if not _is_there(path):
                    self._said(text, pace, path)
                progress(done, len(wanted))
        finally:
            self._speech.rest()

    def _said(self, text: str, pace: str, path: Path) -> Samples:
        """Return `text` as pyttsx3 says it; what had to be rendered is kept at `path`."""
        if not any(letter.isalnum() for letter in text):
            return np.zeros(0, np.float32)
        handle, name = tempfile.mkstemp(suffix=".wav", prefix="legsup-", dir=scratch())
        os.close(handle)
        try:
            self._speech.save(text, pace, name)
            numbers, _ = soundfile.read(name, dtype="int16")
        finally:
            Path(name).unlink(missing_ok=True)
        samples = _as_samples(numbers)
        if not self.is_recorded(text, pace):
            _keep(path, _packed(samples, text))
        return samples

    def missing(self, lines: Iterable[tuple[str, str]]) -> int:
        """Return how many of these (text, pace) are still to be rendered."""
        wanted = {line for line in lines if not self.is_recorded(*line)}
        return sum(not _is_there(self._path(*line)) for line in wanted)

    def _path(self, text: str, pace: str) -> Path:
        name = self._name if self.is_recorded(text, pace) else Espeak.name
        recipe = json.dumps([_RECIPE, name, pronounced(text), len(text.split()), pace])
        return self.cache / f"{hashlib.sha256(recipe.encode()).hexdigest()[:32]}.flac"


def _as_numbers(samples: Samples) -> NDArray[np.int16]:
    return np.round(samples * _FULL_SCALE).astype(np.int16)


def _as_samples(numbers: NDArray[np.int16]) -> Samples:
    return numbers.astype(np.float32) / np.float32(_FULL_SCALE)


def _checksum(numbers: NDArray[np.int16]) -> str:
    return hashlib.sha256(numbers.tobytes()).hexdigest()


def _is_there(path: Path) -> bool:
    """Return whether there is a clip; that it is whole is checked when it is played."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _read(source: Path | BinaryIO) -> Samples | None:
    """Return the clip in `source`; None when there is none or it is damaged."""
    try:
        with soundfile.SoundFile(source) as file:
            numbers: NDArray[np.int16] = file.read(dtype="int16")
            intact = file.comment == _checksum(numbers)
    except (OSError, RuntimeError, ValueError):
        return None
    return _as_samples(numbers) if intact else None


def _packed(samples: Samples, text: str) -> bytes:
    """Return the clip as a FLAC file with its text and checksum."""
    numbers, file = _as_numbers(samples), io.BytesIO()
    with soundfile.SoundFile(
        file, "w", SPEAK_RATE, channels=1, format="FLAC", subtype="PCM_16"
    ) as flac:
        flac.title, flac.comment = text or "silence", _checksum(numbers)
        flac.write(numbers)
    return file.getvalue()


def _keep(path: Path, clip: bytes) -> None:
    """Write the clip, all or nothing. A full or read-only disk only costs time the next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(clip)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError:
        return
