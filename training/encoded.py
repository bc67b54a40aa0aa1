"""Augmented speech as Moonshine's encoder hears it, written in shards by background processes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from legsup_voice.hearing.second_opinion import Encoder
from training.batches import Source
from training.corpus import RATE

log = logging.getLogger(__name__)

CLIPS = 1000
"""Clips of a shard."""

LONGEST = 10 * RATE
"""Samples; longer clips are read books, which have had their turn in training the command model."""

EASIEST = 0.3
"""Lowest level of augmentation; each clip has its own between this and 1."""


@dataclass
class Encoded:
    """One clip: the encoder's features (steps, 288), and the phones to find."""

    features: npt.NDArray[np.float16]
    phones: list[int]


def encode(source: Source, folder: Path, hours: float) -> float:
    """Write shards below ``folder`` until they hold ``hours``; return how many they hold."""
    source.open()
    encoder = Encoder()
    clips: list[Encoded] = []
    samples = 0
    for recording, phones in _recordings(source):
        features = encoder.features(recording / np.float32(32768))
        if len(features) < 1.1 * len(phones) + 2 or not np.isfinite(features).all():
            continue
        clips.append(Encoded(features.astype(np.float16), phones))
        samples += len(recording)
        if len(clips) == CLIPS:
            _write(clips, folder / f"{source.seed}-{samples // RATE}.npz")
            clips.clear()
            log.info("%.1f h encoded", samples / RATE / 3600)
            if samples >= hours * 3600 * RATE:
                break
    return samples / RATE / 3600


def _recordings(source: Source) -> Iterator[tuple[npt.NDArray[np.float32], list[int]]]:
    """Draw augmented recordings without end."""
    while True:
        for index in source.order():
            level = float(source.rng.uniform(EASIEST, 1))
            recording, phones = source.recording(index, level)
            if len(recording) <= LONGEST:
                yield recording, phones


def _write(clips: list[Encoded], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.savez(
            file,
            features=np.concatenate([clip.features for clip in clips]),
            steps=[len(clip.features) for clip in clips],
            phones=np.concatenate([clip.phones for clip in clips]).astype(np.int8),
            counts=[len(clip.phones) for clip in clips],
        )
    temporary.rename(path)


def read(folder: Path) -> list[Encoded]:
    """Read every shard below ``folder``."""
    clips = []
    for path in sorted(folder.glob("*.npz")):
        shard = np.load(path)
        features, phones = shard["features"], shard["phones"].tolist()
        steps = pairwise(np.cumsum([0, *shard["steps"]]))
        counts = pairwise(np.cumsum([0, *shard["counts"]]))
        clips += [
            Encoded(features[a:b], phones[c:d])
            for (a, b), (c, d) in zip(steps, counts, strict=True)
        ]
    return clips


def encode_all(
    stores: list[Path], speech: Path, folder: Path, hours: float, workers: int, seed: int
) -> None:
    """Write ``hours`` of shards with ``workers`` processes."""
    sources = [Source(stores, speech, seed + 1000 * n) for n in range(workers)]
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(encode, each, folder, hours / workers) for each in sources]
        log.info("%.1f h", sum(job.result() for job in jobs))
