"""Sound files as devices: read as mono samples at the rate asked for, written block by block.

Samples are written as the 16-bit integers they become, so that a microphone file holds exactly what
the engine was given.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import cast

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from legsup_voice.audio import Samples
from legsup_voice.errors import UserError, shown
from legsup_voice.quiet import quiet

LONGEST_SECONDS = 3600.0
"""A file is held in memory whole; an hour at 16 kHz is 230 MB, and more surely a mistake."""

LOWEST_RATE, HIGHEST_RATE = 2_000, 384_000
"""Hz that a sound file can have: below it speech has no words left, above it no card records."""

_PIECE = 1 << 16
"""Frames read at a time: a header that promises a terabyte gets no more memory than its samples."""

_MOST_BYTES = 2**32 - 38
"""The most samples' bytes that a WAV file's header can tell of."""


def read(path: Path, rate: int) -> Samples:
    """Return the sound file at `path` as mono float32 samples at `rate` Hz, full scale ±1.

    Of several channels it is the loudest: the mean of two that are wired in reverse is silence.

    Raises:
        UserError: the file is missing, no sound file, empty, too long or not all finite numbers.
    """
    name = shown(path)
    try:
        if not path.is_file():  # a pipe, or a device that never ends, would be waited for
            raise UserError(f"{name} can't be read as a sound file: {_reason(path)}.")
        with quiet(), soundfile.SoundFile(os.fsencode(path)) as file:
            own_rate = file.samplerate
            if not LOWEST_RATE <= own_rate <= HIGHEST_RATE:
                raise UserError(f"{name} can't be used as sound: its header says {own_rate} Hz.")
            channel = _loudest(file, name)
            resampler = soxr.ResampleStream(own_rate, rate, 1, "float32")
            pieces = [
                resampler.resample_chunk(np.clip(piece[:, channel], -1.0, 1.0))
                for piece in _pieces(file, name)
            ]
    except (soundfile.LibsndfileError, OSError, RuntimeError, ValueError) as error:
        raise UserError(f"{name} can't be read as a sound file: {_reason(path)}.") from error
    if not pieces:
        raise UserError(f"{name} holds no sound.")
    pieces.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    return cast(Samples, np.concatenate(pieces))


def _loudest(file: soundfile.SoundFile, name: str) -> int:
    if file.channels == 1:
        return 0
    energy = np.zeros(file.channels)
    for piece in _pieces(file, name):
        energy += np.sum(np.square(piece, dtype=np.float64), axis=0)
    file.seek(0)
    return int(np.argmax(energy))


def _pieces(file: soundfile.SoundFile, name: str) -> Iterator[Samples]:
    """Yield the file's frames from where it is, as an array of frames and channels."""
    left = round(LONGEST_SECONDS * file.samplerate)
    frames = max(1, _PIECE // file.channels)
    while len(piece := file.read(frames, dtype="float32", always_2d=True)):
        left -= len(piece)
        if left < 0:
            raise UserError(f"{name} is longer than an hour.")
        if not np.isfinite(piece).all():
            raise UserError(
                f"{name} can't be used as sound: it holds samples that are not numbers."
            )
        yield piece


def _reason(path: Path) -> str:
    try:
        path.stat()
    except (OSError, ValueError):
        return "there is no such file"
    if path.is_dir():
        return "it is a folder"
    return "its format is not one of WAV, FLAC, Ogg or MP3" if path.is_file() else "it is no file"


def to_16_bit(samples: Samples) -> NDArray[np.int16]:
    """Return `samples` (full scale ±1) rounded to 16-bit integers, clipped at full scale."""
    rounded: NDArray[np.int16] = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    return rounded


class WavWriter:
    """A mono 16-bit WAV file that grows by the second, whole after each; for a `with` statement.

    We write it ourselves: libsndfile doesn't say what the disk had against it.
    """

    def __init__(self, path: Path, rate: int) -> None:
        """Begin the file at `path`.

        Raises:
            UserError: it can't be written.
        """
        self._path, self._rate = path, rate
        self._waiting: list[Samples] = []
        self._count = self._bytes = 0
        try:
            self._file = path.open("wb", buffering=0)
            self._put(self._header())
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "there is no such name"
            raise UserError(f"{shown(path)} can't be written: {reason}.") from error

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
        """Finish the file.

        Raises:
            OSError: as `write` does.
        """
        with self._file:
            self._flush()

    def write(self, samples: Samples) -> None:
        """Append `samples` (full scale ±1; more is clipped).

        Raises:
            OSError: the disk doesn't take them; names the file.
        """
        self._waiting.append(samples)
        self._count += len(samples)
        if self._count >= self._rate:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting, self._count = self._waiting, [], 0
        if waiting:
            data = to_16_bit(np.concatenate(waiting)).astype("<i2").tobytes()
            self._put(data)
            self._bytes += len(data)
            self._file.seek(0)
            self._put(self._header())
            self._file.seek(0, os.SEEK_END)

    def _header(self) -> bytes:
        size = min(self._bytes, _MOST_BYTES)  # of a longer one it says that it goes on to the end
        return struct.pack(
            *("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1),
            *(self._rate, 2 * self._rate, 2, 16, b"data", size),
        )

    def _put(self, data: bytes) -> None:
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from error
