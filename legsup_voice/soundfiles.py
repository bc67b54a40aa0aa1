"""Sound files as devices: read as mono samples at the rate asked for, written block by block.

Samples are written as the 16-bit integers they become, so that a microphone file holds exactly what
the engine was given.
"""

from pathlib import Path
from types import TracebackType
from typing import cast

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from legsup_voice.audio import Samples
from legsup_voice.errors import UserError

LONGEST_SECONDS = 4 * 3600.0
"""A file is held in memory whole; four hours at 16 kHz are 920 MB, and surely a mistake."""


def read(path: Path, rate: int) -> Samples:
    """Return the sound file at `path` as mono float32 samples at `rate` Hz, full scale ±1.

    Raises:
        UserError: the file is missing, no sound file, empty, too long or not all finite numbers.
    """
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames <= 0:
                raise UserError(f"{path} holds no sound.")
            if file.frames / file.samplerate > LONGEST_SECONDS:
                raise UserError(f"{path} is longer than {LONGEST_SECONDS / 3600:.0f} hours.")
            channels = file.read(dtype="float32", always_2d=True)
            own_rate = file.samplerate
    except (soundfile.LibsndfileError, OSError, RuntimeError, ValueError) as error:
        raise UserError(f"{path} can't be read as a sound file: {_reason(path)}.") from error
    mono = channels.mean(axis=1)
    if not len(mono):
        raise UserError(f"{path} holds no sound.")
    if not np.isfinite(mono).all():
        raise UserError(f"{path} holds samples that are not numbers.")
    if own_rate != rate:
        mono = soxr.resample(mono, own_rate, rate)
    return cast(Samples, mono.astype(np.float32))


def _reason(path: Path) -> str:
    if not path.exists():
        return "there is no such file"
    return "it is a folder" if path.is_dir() else "its format is not one of WAV, FLAC, Ogg or MP3"


def to_16_bit(samples: Samples) -> NDArray[np.int16]:
    """Return `samples` (full scale ±1) rounded to 16-bit integers, clipped at full scale."""
    rounded: NDArray[np.int16] = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    return rounded


class WavWriter:
    """A mono 16-bit WAV file that grows block by block; use it in a `with` statement."""

    def __init__(self, path: Path, rate: int) -> None:
        try:
            self._file = soundfile.SoundFile(
                path, "w", samplerate=rate, channels=1, subtype="PCM_16", format="WAV"
            )
        except (soundfile.LibsndfileError, OSError) as error:
            raise UserError(f"{path} can't be written.") from error

    def __enter__(self) -> "WavWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def write(self, samples: Samples) -> None:
        """Append `samples` (full scale ±1; more is clipped)."""
        self._file.write(to_16_bit(samples))
