"""CTC training against the clock, with checkpoints that resume."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.batches import Batch, Stream
from training.kaldi_io import read_model
from training.network import STEP, Network, Shape
from training.rivals import Rivals, rival_loss
from training.warmstart import calibrate, copy_weights

log = logging.getLogger(__name__)


@dataclass
class Plan:
    """How to train: where to, for how long, from what."""

    out: Path
    minutes: float
    shape: Shape = field(default_factory=Shape)
    start_model: Path | None = None
    learning_rate: float = 1.5e-3
    warm_up: int = 300
    threads: int = 1
    snapshot_minutes: float = 30.0
    easy_share: float = 0.2
    #: Share of the time after which batch norm keeps its statistics.
    freeze_share: float = 0.65
    seed: int = 1
    #: Weight of `rival_loss` beside CTC's.
    rival_weight: float = 0.0


def tensors(batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Turn a batch into features, all phones in a row, output steps and phone counts."""
    phones = np.array([p for clip in batch.phones for p in clip], np.int64)
    steps = torch.tensor([(n + STEP - 1) // STEP for n in batch.frames])
    counts = torch.tensor([len(clip) for clip in batch.phones])
    return torch.from_numpy(batch.features), torch.from_numpy(phones), steps, counts


def mask(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Hide a stretch of 40–160 ms in half of the batches (SpecAugment's time mask)."""
    if rng.random() < 0.5 and x.shape[1] > 60:
        start = int(rng.integers(0, x.shape[1] - 20))
        x[:, start : start + int(rng.integers(4, 16))] = x.mean(1, keepdim=True)
    return x


class Trainer:
    """One training run; `run` goes on from the last checkpoint when there is one."""

    def __init__(self, plan: Plan, stream: Stream, rivals: Rivals | None = None) -> None:
        torch.set_num_threads(plan.threads)
        torch.manual_seed(plan.seed)
        self.plan, self.stream = plan, stream
        self.rng = np.random.default_rng(plan.seed)
        self.net = Network(plan.shape)
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), lr=plan.learning_rate, weight_decay=1e-3
        )
        self.rivals = rivals
        self.elapsed, self.step, self.frames = 0.0, 0, 0
        self.losses: list[float] = []

    @property
    def progress(self) -> float:
        """Share of the planned time that is over, 0..1."""
        return min(1.0, self.elapsed / (60 * self.plan.minutes))

    def prepare(self) -> None:
        """Resume from the checkpoint, or begin from an exported model, or from nothing."""
        checkpoint = self.plan.out / "last.pt"
        if checkpoint.exists():
            self.load(checkpoint)
        elif self.plan.start_model:
            model = read_model(self.plan.start_model.read_bytes())
            copy_weights(self.net, model)
            bias = model.components["l0.aff"].bias
            assert bias is not None
            batches = [self.stream.next() for _ in range(8)]
            shortest = min(b.features.shape[1] for b in batches)
            parts = [torch.from_numpy(b.features[:, :shortest]) for b in batches]
            calibrate(self.net, torch.cat(parts), len(bias))
            log.info("began from %s", self.plan.start_model)

    def rate(self) -> float:
        """Learning rate now: warm-up, then a cosine to zero at the end of the time."""
        warm = min(1.0, (self.step + 1) / self.plan.warm_up)
        return self.plan.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * self.progress))

    def train_step(self, batch: Batch) -> float:
        """Do one update; return the CTC loss per phone."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        x, phones, steps, counts = tensors(batch)
        x = mask(x, self.rng)
        posteriors = self.net(x)
        loss = functional.ctc_loss(
            posteriors.transpose(0, 1), phones, steps, counts, reduction="sum", zero_infinity=True
        )
        if self.rivals is not None:
            against = rival_loss(posteriors, batch.phones, steps, self.rivals)
            loss = loss + self.plan.rival_weight * against
        loss = loss / max(1, int(counts.sum()))
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        self.frames += sum(batch.frames)
        return float(loss.detach())

    def run(self) -> None:
        """Train until the planned time is over, saving on the way."""
        self.plan.out.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self.net.train()
        begun, before, saved = time.monotonic(), self.elapsed, time.monotonic()
        snapshot = self.elapsed
        while self.progress < 1.0:
            self.elapsed = before + time.monotonic() - begun
            self.stream.set_level(min(1.0, 0.4 + 0.6 * self.progress / self.plan.easy_share))
            if self.progress > self.plan.freeze_share:
                self.net.freeze_norm()
            self.losses.append(self.train_step(self.stream.next()))
            if self.step % 100 == 0:
                self.report()
            if time.monotonic() - saved > 120:
                self.save(self.plan.out / "last.pt")
                saved = time.monotonic()
            if self.elapsed - snapshot > 60 * self.plan.snapshot_minutes:
                self.save(self.plan.out / f"minute{self.elapsed / 60:.0f}.pt")
                snapshot = self.elapsed
        self.save(self.plan.out / "last.pt")
        self.save(self.plan.out / "final.pt")

    def report(self) -> None:
        """Log where the training stands."""
        log.info(
            "%.0f s, step %d, %.1f h heard, loss %.3f, rate %.5f, waiting batches %d",
            self.elapsed,
            self.step,
            self.frames / 360000,
            float(np.mean(self.losses[-100:])),
            self.rate(),
            self.stream.queue.qsize(),
        )

    def save(self, path: Path) -> None:
        """Write a checkpoint in one piece."""
        temporary = path.with_suffix(".tmp")
        state = {
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "shape": self.net.config(),
            "elapsed": self.elapsed,
            "step": self.step,
            "frames": self.frames,
        }
        torch.save(state, temporary)
        temporary.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        state = torch.load(path, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.elapsed, self.step = state["elapsed"], state["step"]
        self.frames = state["frames"]
        log.info("resumed after %.0f minutes", self.elapsed / 60)


def load_network(path: Path) -> Network:
    """Read the network of a checkpoint, ready to use."""
    state = torch.load(path, weights_only=True)
    net = Network(Shape(**state["shape"]))
    net.load_state_dict(state["net"])
    return net.eval()
