"""An endless stream of freshly augmented batches, made by background processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ctypes import c_double
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Full
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from training.augment import Surroundings, augment, background
from training.corpus import RATE, Clip, Samples, Store, noises, rooms
from training.features import mfcc
from training.lexicon import learn, targets
from training.rooms import shoebox

if TYPE_CHECKING:
    from torch import Tensor


WEIGHTS = {
    "librispeech_train_clean_5": 0.25,
    "common_voice_v1_valid_dev": 0.5,
    "common_voice_small": 0.4,
    "rhasspy_kathleen": 0.1,
    "ljspeech_subset": 0.1,
    "vctk_p239": 0.2,
    "speech_commands_bedcathappy": 0.4,
    "speech_commands_test": 2.0,
    "speech_commands_sample30": 2.0,
    "speechcommands": 2.0,
    "an4": 4.0,
    "shawnhymel_custom": 0.4,
    "alphanumeric_mit": 0.7,
    "kokoro": 5.0,
    "espeak-ng": 0.35,
    "flite": 0.4,
    "piper": 0.6,
    "kokoro-blend": 2.0,
}
"""How often a clip of each source is heard per pass. Words people will really say to the product
count most; read books teach every phone but are long."""

TALKERS = frozenset({"librispeech_train_clean_5", "common_voice_v1_valid_dev"})
"""Sources whose clips serve as other people's talk."""

POOL = 160
BACKGROUND_SHARE = 0.03
JOIN_SHARE = 0.3
SHORT = 2.0
EASY_SHARE = 0.2
"""Share of a training in which augmentation grows from light to heavy."""


@dataclass
class Batch:
    """Features (clips, frames, d) or samples (clips, n), their lengths, and the phones to find."""

    features: npt.NDArray[np.float32] | Tensor
    frames: list[int]
    phones: list[list[int]]


@dataclass
class Source:
    """Makes augmented examples from stores of decoded clips."""

    stores: list[Path]
    speech: Path
    seed: int
    frames_per_batch: int = 6000
    rng: np.random.Generator = field(init=False)

    def open(self) -> None:
        """Open the stores and prepare surroundings (in the process that will use them)."""
        self.rng = np.random.default_rng(self.seed)
        self.parts = [Store(folder) for folder in self.stores]
        where = [(p, i) for p, store in enumerate(self.parts) for i in range(len(store))]
        lexicon = learn(self._clip(at).text for at in where)
        self.items: list[tuple[tuple[int, int], list[int]]] = []
        for at in where:
            phones = targets(self._clip(at).text, lexicon)
            if phones and len(phones) <= 25 * self._seconds(at):
                self.items.append((at, phones))
        self.short = [i for i, (at, _) in enumerate(self.items) if self._seconds(at) <= SHORT]
        self.talkers = [at for at, _ in self.items if self._clip(at).source in TALKERS]
        made = [shoebox(self.rng) for _ in range(300)]
        measured = rooms(self.speech, "train")
        self.around = Surroundings(made + measured * 20, noises(self.speech, "train"), self._talk)

    def _clip(self, at: tuple[int, int]) -> Clip:
        return self.parts[at[0]].clips[at[1]]

    def _seconds(self, at: tuple[int, int]) -> float:
        starts = self.parts[at[0]].starts
        return (starts[at[1] + 1] - starts[at[1]]) / RATE

    def _samples(self, at: tuple[int, int]) -> Samples:
        return self.parts[at[0]].samples(at[1])

    def _talk(self, samples: int) -> Samples:
        part, clip = self.talkers[self.rng.integers(len(self.talkers))]
        starts = self.parts[part].starts
        spare = starts[clip + 1] - starts[clip] - samples
        start = int(self.rng.integers(spare + 1)) if spare > 0 else 0
        return self.parts[part].samples(clip, start, samples)

    def order(self) -> list[int]:
        """Draw one pass: every clip about as often as `WEIGHTS` says, in random order."""
        weights = np.array([WEIGHTS.get(self._clip(at).source, 1.0) for at, _ in self.items])
        times = np.floor(weights + self.rng.random(len(weights))).astype(int)
        drawn = np.repeat(np.arange(len(weights)), times)
        self.rng.shuffle(drawn)
        return [int(i) for i in drawn]

    def recording(self, index: int, level: float) -> tuple[Samples, list[int]]:
        """Make one augmented recording, in 16-bit scale, and its phones; some hold no speech."""
        if self.rng.random() < BACKGROUND_SHARE:
            return background(self.rng.uniform(1, 6), self.around, self.rng), []
        at, phones = self.items[index]
        samples = self._samples(at)
        if len(samples) < SHORT * RATE and self.rng.random() < JOIN_SHARE:
            other, more = self.items[self.short[self.rng.integers(len(self.short))]]
            gap = np.zeros(int(RATE * self.rng.uniform(0.05, 0.6)), np.float32)
            added = self._samples(other)
            level_gap = np.sqrt((np.mean(samples**2) + 1e-9) / (np.mean(added**2) + 1e-9))
            samples = np.concatenate([samples, gap, added * np.float32(min(level_gap, 20))])
            phones = phones + more
        return augment(samples, self.around, self.rng, level), phones

    def batches(self, indices: list[int], level: float) -> Iterator[Batch]:
        """Augment clips and group them by length into batches of about one minute."""
        recordings = [self.recording(i, level) for i in indices]
        made = [(mfcc(samples), phones) for samples, phones in recordings]
        # CTC needs a step of 30 ms for every phone, and one more between equal ones.
        made = [(x, y) for x, y in made if len(x) // 3 > 1.1 * len(y) + 2 and np.isfinite(x).all()]
        for batch in grouped(made, self.frames_per_batch):
            assert isinstance(batch.features, np.ndarray)
            self._mask(batch.features)
            yield batch

    def _mask(self, x: npt.NDArray[np.float32]) -> None:
        """Hide a stretch of 40-160 ms in half of the batches (SpecAugment's time mask)."""
        if self.rng.random() < 0.5 and x.shape[1] > 60:
            start = int(self.rng.integers(0, x.shape[1] - 20))
            x[:, start : start + int(self.rng.integers(4, 16))] = x.mean(1, keepdims=True)


def grouped(
    examples: Iterable[tuple[npt.NDArray[np.floating[Any]], list[int]]], frames_per_batch: int
) -> Iterator[Batch]:
    """Stack examples of about one length into batches of at most so many frames."""
    group: list[tuple[npt.NDArray[np.floating[Any]], list[int]]] = []
    for example in sorted(examples, key=lambda example: len(example[0])):
        if group and len(example[0]) * (len(group) + 1) > frames_per_batch:
            yield _stack(group)
            group = []
        group.append(example)
    if group:
        yield _stack(group)


def _stack(group: list[tuple[npt.NDArray[np.floating[Any]], list[int]]]) -> Batch:
    longest = max(len(x) for x, _ in group)
    # Clips are sorted by length, so little is padded; the padding repeats the last frame.
    padded = [np.pad(x, ((0, longest - len(x)), (0, 0)), mode="edge") for x, _ in group]
    features = np.stack(padded).astype(np.float32)
    return Batch(features, [len(x) for x, _ in group], [y for _, y in group])


def _serve(source: Source, queue: Queue[Batch], level: Any) -> None:  # noqa: ANN401 - ctypes value
    """Make batches until the training process is gone."""
    parent = parent_process()
    assert parent is not None
    queue.cancel_join_thread()  # nobody empties it once the training process is gone
    source.open()
    while True:
        order = source.order()
        for start in range(0, len(order), POOL):
            made = list(source.batches(order[start : start + POOL], float(level.value)))
            for choice in source.rng.permutation(len(made)):
                while True:
                    try:
                        queue.put(made[choice], timeout=5)
                        break
                    except Full:
                        if not parent.is_alive():
                            return


class Stream:
    """Batches from ``workers`` background processes, lightly augmented at first."""

    def __init__(self, stores: list[Path], speech: Path, workers: int, seed: int) -> None:
        context = get_context("spawn")
        self.queue: Queue[Batch] = context.Queue(maxsize=40)
        self._level = context.Value(c_double, 0.3)
        self._processes = [
            context.Process(
                target=_serve,
                args=(Source(stores, speech, seed + 1000 * n), self.queue, self._level),
                daemon=True,
            )
            for n in range(workers)
        ]
        for process in self._processes:
            process.start()

    def set_progress(self, progress: float) -> None:
        """Augment from now on as heavily as suits a training that is so far, 0..1."""
        self._level.value = min(1.0, 0.4 + 0.6 * progress / EASY_SHARE)

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches without end, waiting for each."""
        while True:
            yield self.queue.get(timeout=600)

    def close(self) -> None:
        """End the background processes."""
        for process in self._processes:
            process.terminate()
            process.join()
