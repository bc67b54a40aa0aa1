"""Recordings to hear: files read at any rate, laid into silence, noise or a room."""

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legsup_voice.audio import HEAR_RATE, Samples, convolved
from legsup_voice.errors import UserError

BEFORE, AFTER = 0.5, 1.0
"""Seconds of quiet laid around a recording: a person doesn't begin with the recorder."""

FLOOR = 10 ** (-80 / 20)
"""Level of that quiet: a good microphone in a quiet room, −80 dB of full scale."""

NOISE_RATIO = 10.0
"""dB by which a command is louder than the household noise of the noisy condition."""


@dataclass(frozen=True)
class Clip:
    """One recording of a manifest; `kind` is command, talk, noise or room."""

    path: Path
    kind: str
    text: str
    speaker: str


def manifest(path: Path) -> list[Clip]:
    """Return the recordings that a tab-separated list names; a list without kinds is of commands.

    Raises:
        UserError: the list can't be read or has no columns `path` and `text`.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"The list of recordings {path} can't be read.") from error
    if not rows or not {"path", "text"} <= rows[0].keys():
        raise UserError(f"{path} is no list of recordings: it needs the columns path and text.")
    return [
        Clip(path.parent / row["path"], row.get("kind") or "command", row["text"] or "",
             row.get("speaker") or "")
        for row in rows
        if row["path"]
    ]  # fmt: skip


def quiet_around(samples: Samples) -> Samples:
    """Return the recording with a moment of a quiet room before and after."""
    rng = np.random.default_rng(0)
    floor = rng.standard_normal(len(samples) + int((BEFORE + AFTER) * HEAR_RATE)) * FLOOR
    start = int(BEFORE * HEAR_RATE)
    floor[start : start + len(samples)] += samples
    return floor.astype(np.float32)


def in_noise(samples: Samples, noise: Samples, name: str) -> Samples:
    """Return the recording in `noise`, 10 dB under it from edge to edge; `name` picks the place."""
    laid = quiet_around(samples)
    noise = np.tile(noise, len(laid) // len(noise) + 1)
    start = zlib.crc32(name.encode()) % (len(noise) - len(laid) + 1)
    noise = noise[start : start + len(laid)]
    gain = _rms(samples) / max(_rms(noise), 1e-9) * 10 ** (-NOISE_RATIO / 20)
    return np.asarray(np.clip(laid + gain * noise, -1, 1), np.float32)


def in_room(samples: Samples, response: Samples) -> Samples:
    """Return the recording as it arrives across a room with that impulse response."""
    response = response / np.sqrt(np.sum(np.square(response)))
    wet = convolved(quiet_around(samples), response)[: len(samples) + int(1.5 * HEAR_RATE)]
    return np.asarray(np.clip(wet, -1, 1), np.float32)


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
