"""Lines as clips: read where they are recorded, else rendered once and kept on disk.

Every word goes through pyttsx3 and the driver beside this. A kept clip's file name is a hash of
everything that shapes its sound, so a change of text, dictionary, voice or recipe makes a new clip
and never a wrong one. Several processes may fill the same folder: a clip appears under its name
only when it is complete, and the name ends in the checksum of what is in the file. A clip that
can't be read or doesn't match its name is rendered again; one that can't be kept is still returned.
"""

import contextlib
import hashlib
import io
import json
import logging
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import soundfile

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.config import cache_directory
from legsup_voice.content import LANGUAGE
from legsup_voice.errors import UserError
from legsup_voice.private import write_whole
from legsup_voice.soundfiles import to_16_bit
from legsup_voice.speaking import recorded
from legsup_voice.speaking.driver import Speech, recordings_of
from legsup_voice.speaking.pronounce import pronounced
from legsup_voice.speaking.synthesis import Espeak, scratch

log = logging.getLogger(__name__)

_RECIPE = 3  # raise when the same text should sound different
_KEPT_IN_MEMORY = 4
_LARGEST = 2**21  # bytes; a line of 8 s takes 0.2 MB


class Voice:
    """The speaking voice. Clips are mono, 24 kHz, at -18 LUFS."""

    def __init__(
        self, cache: Path | None = None, voice: str = "heart", language: str = LANGUAGE
    ) -> None:
        """Speak with a voice of `VOICES`: "heart" and "michael" are recorded, "espeak" is not.

        What is said is in `language`.

        What must be rendered is kept in `cache`; by default `cache_directory()`.

        Raises:
            UserError: there is no such voice or language, or recordings are not installed.
        """
        self.cache = cache or cache_directory()
        self.language = language
        self._speech = Speech(voice, language)
        self._name = recordings_of(voice, language)
        self._synthesiser = Espeak(language).name
        self._recorded = recorded.names(self._name) if self._name else frozenset()
        self._recent: OrderedDict[str, Samples] = OrderedDict()
        self._held: dict[str, bytes] = {}

    def is_recorded(self, text: str, pace: str) -> bool:
        """Return whether the line needs no rendering."""
        name = self._name
        return name is not None and recorded.file_name(text, pace, name) in self._recorded

    def clip(self, text: str, pace: str) -> Samples:
        """Return `text` spoken: read from where it is, else rendered now (a fraction of a second).

        Raises:
            UserError: the clip must be rendered and espeak-ng is missing or fails.
        """
        recipe = self._recipe(text, pace)
        samples = self._recent.get(recipe)
        if samples is None and recipe in self._held:
            samples = _unpacked(self._held[recipe])
        if samples is None:
            samples = _unpacked(self._kept(recipe))
        if samples is None:
            samples = self._said_or_read(text, pace, recipe)
        samples.flags.writeable = False
        self._recent[recipe] = samples
        self._recent.move_to_end(recipe)
        if len(self._recent) > _KEPT_IN_MEMORY:
            self._recent.popitem(last=False)
        return samples

    def hold(self, lines: Iterable[tuple[str, str]]) -> None:
        """Keep the clips of these (text, pace) in memory: no broken disk can silence them.

        One that can't be had is left out.
        """
        for text, pace in lines:
            try:
                path = recorded.find(text, pace, self._name) if self._name else None
                recipe = self._recipe(text, pace)
                clip = path.read_bytes() if path else self._kept(recipe)
                self._held[recipe] = clip or _packed(self.clip(text, pace), text)
            except (UserError, OSError, MemoryError) as error:
                log.warning("A line can't be held in memory: %s.", type(error).__name__)

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
                recipe = self._recipe(text, pace)
                if not self._kept(recipe):
                    self._said(text, pace, recipe)
                progress(done, len(wanted))
        finally:
            self._speech.rest()

    def _said_or_read(self, text: str, pace: str, recipe: str) -> Samples:
        """Return `text` as pyttsx3 says it; where no file can be written, its recording."""
        try:
            return self._said(text, pace, recipe)
        except (OSError, soundfile.SoundFileError):
            path = recorded.find(text, pace, self._name) if self._name else None
            if path is None:
                raise
            return recorded.read(path)
        finally:
            self._speech.rest()

    def _said(self, text: str, pace: str, recipe: str) -> Samples:
        """Return `text` as pyttsx3 says it; what had to be rendered is kept for `recipe`."""
        if not any(letter.isalnum() for letter in text):
            return np.zeros(0, np.float32)
        handle, name = tempfile.mkstemp(suffix=".wav", prefix="legsup-", dir=scratch())
        os.close(handle)
        try:
            self._speech.save(text, pace, name)
            samples: Samples = soundfile.read(name, dtype="float32")[0]
        finally:
            Path(name).unlink(missing_ok=True)
        if not self.is_recorded(text, pace):
            _keep(self.cache, recipe, _packed(samples, text))
        return samples

    def missing(self, lines: Iterable[tuple[str, str]]) -> int:
        """Return how many of these (text, pace) are still to be rendered."""
        wanted = {line for line in lines if not self.is_recorded(*line)}
        return sum(not self._kept(self._recipe(*line)) for line in wanted)

    def _kept(self, recipe: str) -> bytes:
        """Return the clip kept for `recipe`; nothing when there is none, or it is damaged."""
        for path in self.cache.glob(f"{recipe}-*.flac"):
            with contextlib.suppress(OSError, MemoryError):
                if path.is_file() and path.stat().st_size <= _LARGEST:
                    clip = path.read_bytes()
                    if path.stem == f"{recipe}-{_checksum(clip)}":
                        return clip
        return b""

    def _recipe(self, text: str, pace: str) -> str:
        name = self._name if self.is_recorded(text, pace) else self._synthesiser
        said = pronounced(text, self.language)
        recipe = json.dumps([_RECIPE, name, said, len(text.split()), pace])
        return hashlib.sha256(recipe.encode()).hexdigest()[:32]


def _checksum(clip: bytes) -> str:
    return hashlib.sha256(clip).hexdigest()[:16]


def _unpacked(clip: bytes) -> Samples | None:
    """Return the samples of a sound file; None when it is none, or damaged."""
    try:
        return recorded.read(io.BytesIO(clip)) if clip else None
    except (OSError, RuntimeError, ValueError, MemoryError):
        return None


def _packed(samples: Samples, text: str) -> bytes:
    """Return the clip as a FLAC file with its text."""
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", SPEAK_RATE, channels=1, format="FLAC", subtype="PCM_16"
    ) as flac:
        flac.title = text or "silence"
        flac.write(to_16_bit(samples))
    return file.getvalue()


def _is_whole(path: Path, recipe: str) -> bool:
    """Whether the clip at `path` is what its name says."""
    try:
        return path.stem == f"{recipe}-{_checksum(path.read_bytes())}"
    except OSError:
        return False


def _keep(cache: Path, recipe: str, clip: bytes) -> None:
    """Write the clip, all or nothing, in place of a damaged one.

    A full or read-only disk only costs time the next time.
    """
    path = cache / f"{recipe}-{_checksum(clip)}.flac"
    try:
        write_whole(path, clip)
        # Two processes may render it at once, a sample apart: both leave the same one of the two.
        clips = set(cache.glob(f"{recipe}*.flac"))
        kept = min(clip for clip in clips if clip == path or _is_whole(clip, recipe))
        for other in clips - {kept}:
            other.unlink(missing_ok=True)
    except OSError:
        return
