"""CTC training against the clock, with a checkpoint that resumes."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.batches import Batch
from training.encoder import PhoneNet
from training.network import Network
from training.rivals import Rivals, rival_loss

log = logging.getLogger(__name__)

RIVALS_FROM = 0.2
"""Share of the time after which rivals count: before, the phones are too poor to compare."""

SAVE_EVERY = 120.0
"""Seconds between two checkpoints."""


@dataclass
class Plan:
    """How to train: into which checkpoint, for how long, against what."""

    checkpoint: Path
    minutes: float
    rate: float = 1.5e-3
    """Highest learning rate."""
    rivals: Rivals | None = None
    rival_weight: float = 0.0
    """Weight of `rival_loss` beside CTC's."""
    warm_up: int = 300
    """Updates in which the learning rate rises to its highest."""
    device: str = "cpu"
    memory: float = 0.0
    """How much of the moving average of the weights stays from one update to the next; 0: none."""
    half: bool = False
    """Whether products are made in 16 bits: on new processors twice as fast."""


class Trainer:
    """One training run; it goes on from its checkpoint when there is one."""

    def __init__(self, net: Network | PhoneNet, plan: Plan) -> None:
        self.net, self.plan = net.to(plan.device), plan
        self.average = {name: value.clone() for name, value in net.state_dict().items()}
        self.optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=1e-2)
        self.elapsed, self.step = 0.0, 0
        self.losses: list[float] = []
        if plan.checkpoint.exists():
            self._load()

    @property
    def progress(self) -> float:
        """Share of the planned time that is over, 0..1."""
        return min(1.0, self.elapsed / (60 * self.plan.minutes))

    @property
    def rate(self) -> float:
        """Learning rate now: warm-up, then a cosine to zero at the end of the time."""
        warm = min(1.0, (self.step + 1) / self.plan.warm_up)
        return self.plan.rate * warm * 0.5 * (1 + math.cos(math.pi * self.progress))

    def run(
        self, batches: Iterator[Batch], advance: Callable[[float], None] = lambda _: None
    ) -> None:
        """Train until the planned time is over; ``advance`` hears of the progress on the way."""
        self.net.train()
        begun, saved = time.monotonic() - self.elapsed, time.monotonic()
        while self.progress < 1.0:
            advance(self.progress)
            self.losses.append(self.update(next(batches)))
            self.elapsed = time.monotonic() - begun
            if self.step % 100 == 0:
                loss = float(np.mean(self.losses[-100:]))
                log.info("%.0f s, step %d, loss %.3f", self.elapsed, self.step, loss)
            if time.monotonic() - saved > SAVE_EVERY:
                self._save()
                saved = time.monotonic()
        self._save()

    def update(self, batch: Batch) -> float:
        """Do one update; return the CTC loss per phone."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        device = self.plan.device
        with torch.autocast(device, torch.bfloat16, enabled=self.plan.half):
            posteriors = self.net(torch.as_tensor(batch.features, device=device)).float()
        steps = torch.tensor([self.net.steps(frames) for frames in batch.frames])
        counts = torch.tensor([len(phones) for phones in batch.phones])
        said = torch.tensor([phone for phones in batch.phones for phone in phones])
        loss = functional.ctc_loss(
            posteriors.transpose(0, 1), said, steps, counts, reduction="sum", zero_infinity=True
        )
        all_phones = max(1, int(counts.sum()))
        found = float(loss.detach()) / all_phones
        if self.plan.rivals is not None and self.progress >= RIVALS_FROM:
            against = rival_loss(posteriors, batch.phones, steps, self.plan.rivals)
            loss = loss + self.plan.rival_weight * against
        self.optimiser.zero_grad()
        (loss / all_phones).backward()
        norm = torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        if not torch.isfinite(norm):  # one such step would end the whole training
            log.warning("step %d: the gradient isn't finite and is left out", self.step)
            return found
        self.optimiser.step()
        self.step += 1
        if self.plan.memory:
            self._remember()
        return found

    def _remember(self) -> None:
        """Move the average a little towards the weights now; fast at first."""
        memory = min(self.plan.memory, 1 - 1 / (self.step + 10))
        for name, value in self.net.state_dict().items():
            if value.dtype.is_floating_point:
                self.average[name].lerp_(value.detach(), 1 - memory)

    def _save(self) -> None:
        """Write the checkpoint in one piece."""
        self.plan.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.plan.checkpoint.with_suffix(".tmp")
        state = {
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "elapsed": self.elapsed,
            "step": self.step,
        }
        if self.plan.memory:
            state["average"] = self.average
        torch.save(state, temporary)
        temporary.replace(self.plan.checkpoint)

    def _load(self) -> None:
        state = torch.load(self.plan.checkpoint, map_location=self.plan.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.elapsed, self.step = state["elapsed"], state["step"]
        self.average = state.get("average", self.average)
        log.info("resumed after %.0f minutes", self.elapsed / 60)
