"""Lines as clips: rendered once, trimmed, levelled and kept on disk.

A clip's file name is a hash of everything that shapes its sound, so a change of text, dictionary,
voice or recipe makes a new clip and never a wrong one. Several processes may fill the same folder:
a clip appears under its name only when it is complete. A clip that can't be read or doesn't match
the checksum inside it is rendered again; one that can't be kept is still returned.
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
from legsup_voice.speaking import loudness, prosody
from legsup_voice.speaking.pronounce import pronounced
from legsup_voice.speaking.synthesis import Espeak, Natural, Synthesiser

_RECIPE = 2  # raise when the same text should sound different
_KEPT_IN_MEMORY = 8
_FULL_SCALE = 32768
_SILENCE_DB = -46.0  # below the loudest 10 ms of a clause: the synthesiser's own silence
_LEAD_IN, _LEAD_OUT = 0.008, 0.03  # seconds kept around what is louder


class Voice:
    """The speaking voice. Clips are mono, 24 kHz, at -18 LUFS."""

    def __init__(
        self, cache: Path | None = None, synthesiser: type[Synthesiser] | None = None
    ) -> None:
        """Keep clips in `cache`; by default $LEGSUP_CACHE, else the user's cache folder.

        Whoever has installed the natural voice hears it; else espeak-ng speaks.
        """
        self._synthesiser = synthesiser or (Natural if Natural.installed() else Espeak)
        folder = os.environ.get("LEGSUP_CACHE") or platformdirs.user_cache_dir("legsup_voice")
        self.cache = cache if cache is not None else Path(folder)
        self._recent: OrderedDict[Path, Samples] = OrderedDict()
        self._held: dict[Path, bytes] = {}

    def clip(self, text: str, pace: str) -> Samples:
        """Return `text` spoken: from memory or disk, else rendered now (a fraction of a second).

        Raises:
            UserError: the clip must be rendered and the synthesiser is missing or fails.
        """
        path = self._path(text, pace)
        samples = self._recent.get(path)
        if samples is None:
            samples = _read(io.BytesIO(self._held[path]) if path in self._held else path)
        if samples is None:
            with self._synthesiser() as synthesiser:
                samples = _rendered(text, pace, synthesiser)
            _keep(path, _packed(samples, text))
        samples.flags.writeable = False
        self._recent[path] = samples
        self._recent.move_to_end(path)
        if len(self._recent) > _KEPT_IN_MEMORY:
            self._recent.popitem(last=False)
        return samples

    def hold(self, lines: Iterable[tuple[str, str]]) -> None:
        """Keep the clips of these (text, pace) in memory: no broken disk can silence them.

        Raises:
            UserError: one must be rendered and the synthesiser is missing or fails.
        """
        for text, pace in lines:
            self._held[self._path(text, pace)] = _packed(self.clip(text, pace), text)

    def render_all(
        self, lines: Iterable[tuple[str, str]], progress: Callable[[int, int], None]
    ) -> None:
        """Make sure every (text, pace) is on disk; call `progress` with (done, of all).

        Raises:
            UserError: the synthesiser is missing or fails.
        """
        wanted = list(dict.fromkeys(lines))
        with self._synthesiser() as synthesiser:
            for done, (text, pace) in enumerate(wanted, start=1):
                path = self._path(text, pace)
                if not _is_there(path):
                    _keep(path, _packed(_rendered(text, pace, synthesiser), text))
                progress(done, len(wanted))

    def _path(self, text: str, pace: str) -> Path:
        recipe = json.dumps(
            [_RECIPE, self._synthesiser.name, pronounced(text), len(text.split()), pace]
        )
        return self.cache / f"{hashlib.sha256(recipe.encode()).hexdigest()[:32]}.flac"


def _rendered(text: str, pace: str, synthesiser: Synthesiser) -> Samples:
    def clause(part: str, speed: float, gap: int) -> Samples:
        return _trimmed(synthesiser.say(part, speed, gap))

    words = len(text.split())
    pace_class = prosody.PACES[pace]
    samples = prosody.spoken(pronounced(text), pace_class, words, clause, synthesiser.rounds)
    levelled = loudness.levelled(_trimmed(samples))
    return _as_samples(_as_numbers(levelled))  # a fresh clip is the same as a cached one


def _trimmed(samples: Samples) -> Samples:
    """Cut silence off both ends and fade the new ends, so clauses join without a click."""
    frame = SPEAK_RATE // 100
    frames = np.abs(samples[: len(samples) // frame * frame].reshape(-1, frame)).max(axis=1)
    loud = np.flatnonzero(frames > frames.max(initial=0.0) * loudness.amplitude(_SILENCE_DB))
    if not len(loud):
        return samples
    start = max(0, loud[0] * frame - round(_LEAD_IN * SPEAK_RATE))
    end = min(len(samples), (loud[-1] + 1) * frame + round(_LEAD_OUT * SPEAK_RATE))
    kept = samples[start:end].copy()
    rise, fall = round(0.003 * SPEAK_RATE), round(0.015 * SPEAK_RATE)
    kept[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    kept[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32)
    return kept


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
