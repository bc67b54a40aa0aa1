"""Recordings to hear: files read at any rate, laid into silence."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.errors import UserError

BEFORE, AFTER = 0.5, 1.0
"""Seconds of quiet laid around a recording: a person doesn't begin with the recorder."""

FLOOR = 10 ** (-80 / 20)
"""Level of that quiet: a good microphone in a quiet room, −80 dB of full scale."""


@dataclass(frozen=True)
class Clip:
    """One recording of a manifest; `kind` is command, talk, noise or room."""

    path: Path
    kind: str
    text: str
    speaker: str


def contents(path: Path) -> bytes:
    """Return what tells the recording at `path` from any other.

    Raises:
        UserError: it can't be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError as error:
        raise UserError(f"There is no file {path} to hear.") from error


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
        raise UserError(f"{path} is not a list of recordings: it needs the columns path and text.")
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
