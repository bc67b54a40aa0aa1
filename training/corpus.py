"""The recordings: manifests, who is kept aside, and one cache of decoded samples."""

from __future__ import annotations

import csv
import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.signal as ss
import soundfile as sf

RATE = 16000
Samples = npt.NDArray[np.float32]
Pcm = npt.NDArray[np.int16]

log = logging.getLogger(__name__)

HELD_OUT_VOICES = frozenset({"kok-bf_emma"})
"""Synthetic voices of the measuring set that training never hears."""

UNTRANSCRIBED = frozenset({"s2i", "precise"})
"""Sources whose clips carry a label instead of a transcript."""

NOISE_TRAIN_SHARE = 0.7
"""Share of every noise recording, from its start, that training may use."""

HELD_OUT_ROOMS = ("accoustic2_impulse",)
"""Measured room responses that training never hears."""


@dataclass(frozen=True)
class Clip:
    """One recording: file, what is said, by whom, and where it comes from."""

    path: str
    text: str
    speaker: str
    source: str
    licence: str
    seconds: float
    kind: str = "train"


def read_manifest(path: Path) -> list[Clip]:
    """Read a tab-separated manifest; paths become absolute."""
    with path.open(encoding="utf8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Clip(
            path=str(path.parent / row["path"]),
            text=row["text"],
            speaker=row["speaker"],
            source=row.get("source") or "kokoro",
            licence=row["licence"],
            seconds=float(row["seconds"]),
            kind=row.get("kind") or "train",
        )
        for row in rows
    ]


def kept_aside(speaker: str) -> bool:
    """Tell whether a measuring speaker belongs to the half that training never hears.

    The first byte of the SHA-1 of the speaker's id decides, so the split never changes
    when recordings are added.
    """
    return hashlib.sha1(speaker.encode(), usedforsecurity=False).digest()[0] % 2 == 0


def split(speech: Path) -> tuple[list[Clip], list[Clip]]:
    """Split the recordings below ``speech`` into those to train on and those to measure with.

    Measuring: Speech Commands and AN4 speakers of the measuring set that `kept_aside`
    picks, every untranscribed source, and `HELD_OUT_VOICES`. A speaker kept aside is also
    removed from the training manifest.
    """
    measure = [c for c in read_manifest(speech / "manifest.tsv") if c.kind in ("command", "talk")]
    voices = read_manifest(speech / "voices" / "manifest.tsv")
    aside = {c.speaker for c in measure if c.source in UNTRANSCRIBED or kept_aside(c.speaker)}
    aside |= HELD_OUT_VOICES
    pool = read_manifest(speech / "train" / "manifest.tsv") + measure + voices
    labels = {"unknown", "silence"}
    train = [c for c in pool if c.speaker not in aside and c.text not in labels]
    held = [c for c in measure + voices if c.speaker in aside]
    return train, held


def load(path: str) -> Samples:
    """Read a sound file as mono samples in -1..1 at 16 kHz."""
    samples, rate = sf.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE:
        mono = ss.resample_poly(mono, RATE, rate)
    return np.asarray(mono, np.float32)


def _decode(path: str) -> Pcm | None:
    try:
        return (np.clip(load(path), -1, 1) * 32767).astype(np.int16)
    except (OSError, RuntimeError) as error:
        log.warning("skipped %s: %s", path, error)
        return None


class Store:
    """Decoded clips, one after the other in one memory-mapped file of 16-bit samples."""

    def __init__(self, folder: Path) -> None:
        self.clips: list[Clip] = []
        self.starts: list[int] = [0]
        with (folder / "clips.jsonl").open(encoding="utf8") as lines:
            for line in lines:
                row = json.loads(line)
                self.starts.append(self.starts[-1] + row.pop("samples"))
                self.clips.append(Clip(**row))
        self.pcm = np.memmap(folder / "samples.i16", dtype=np.int16, mode="r")

    def __len__(self) -> int:
        return len(self.clips)

    def samples(self, index: int, start: int = 0, longest: int | None = None) -> Samples:
        """Return clip ``index`` from ``start`` on, at most ``longest`` samples, in -1..1."""
        part = self.pcm[self.starts[index] + start : self.starts[index + 1]][:longest]
        return np.asarray(part, np.float32) / np.float32(32768.0)


def write_store(clips: Iterable[Clip], folder: Path, workers: int = 1) -> int:
    """Decode ``clips`` into a `Store`; return how many were readable."""
    folder.mkdir(parents=True, exist_ok=True)
    listed, count = list(clips), 0
    with (
        ProcessPoolExecutor(workers) as pool,
        (folder / "samples.i16").open("wb") as out,
        (folder / "clips.jsonl").open("w", encoding="utf8") as index,
    ):
        decoded = pool.map(_decode, [c.path for c in listed], chunksize=32)
        for clip, pcm in zip(listed, decoded, strict=True):
            if pcm is None or not len(pcm):
                continue
            out.write(pcm.tobytes())
            index.write(json.dumps(asdict(clip) | {"samples": len(pcm)}) + "\n")
            count += 1
    return count


def noises(speech: Path, part: str) -> list[Samples]:
    """Return the noise recordings' ``part``: ``train`` (their start) or ``measure`` (the rest)."""
    found = []
    for path in sorted((speech / "noise").glob("*.flac")):
        samples = load(str(path))
        cut = int(len(samples) * NOISE_TRAIN_SHARE)
        found.append(samples[:cut] if part == "train" else samples[cut:])
    return found


def rooms(speech: Path, part: str) -> list[Samples]:
    """Return measured room responses from the direct sound on, at unit energy, ≤ 0.6 s."""
    return list(map(partial(_trim_room), _room_files(speech, part)))


def _room_files(speech: Path, part: str) -> Iterator[Path]:
    for path in sorted((speech / "room").glob("*.flac")):
        aside = path.name.startswith(HELD_OUT_ROOMS)
        if part == "measure" or not aside:
            yield path


def _trim_room(path: Path) -> Samples:
    response = load(str(path))
    response = response[int(np.argmax(np.abs(response))) :][: int(0.6 * RATE)]
    return np.asarray(response / np.sqrt(np.sum(response**2) + 1e-12), np.float32)
