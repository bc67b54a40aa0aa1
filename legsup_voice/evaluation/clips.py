"""Recordings to hear: files read at any rate, laid into silence."""

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legsup_voice import files
from legsup_voice.audio import HEAR_RATE, Samples, amplitude
from legsup_voice.errors import UserError, shown

BEFORE, AFTER = 0.5, 1.0
"""Seconds of quiet laid around a recording: a person doesn't begin with the recorder."""

FLOOR = amplitude(-80)
"""Level of that quiet: a good microphone in a quiet room, −80 dB of full scale."""


KINDS = ("command", "talk", "noise", "room")


@dataclass(frozen=True)
class Clip:
    """One recording of a manifest; `kind` is one of `KINDS`."""

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
        files.see_file(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise UserError(f"There is no file {shown(path)} to hear: {error.strerror}.") from error


def manifest(path: Path) -> list[Clip]:
    """Return the recordings that a tab-separated list names; a list without kinds is of commands.

    Raises:
        UserError: the list can't be read, has no columns `path` and `text`, or a kind is none;
            names the line.
    """
    try:
        reader = csv.DictReader(
            io.StringIO(files.text(path, files.LARGEST_LIST), newline=""), delimiter="\t"
        )
        lines = [(reader.line_num, row) for row in reader]
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UserError(f"The list of recordings {path} can't be read: {reason}.") from error
    if not lines or not {"path", "text"} <= lines[0][1].keys():
        raise UserError(f"{path} is not a list of recordings: it needs the columns path and text.")
    return [_clip(path, line, row) for line, row in lines if row["path"]]


def _clip(listed: Path, line: int, row: dict[str, str]) -> Clip:
    kind = row.get("kind") or "command"
    if kind not in KINDS:
        raise UserError(f"{listed}, line {line}: {kind!r} is none of {', '.join(KINDS)}.")
    return Clip(listed.parent / row["path"], kind, row["text"] or "", row.get("speaker") or "")


def quiet_around(samples: Samples) -> Samples:
    """Return the recording with a moment of a quiet room before and after."""
    rng = np.random.default_rng(0)
    floor = rng.standard_normal(len(samples) + int((BEFORE + AFTER) * HEAR_RATE)) * FLOOR
    start = int(BEFORE * HEAR_RATE)
    floor[start : start + len(samples)] += samples
    return floor.astype(np.float32)
