"""The network behind the second opinion: from Moonshine's features to phones."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from legsup_voice.hearing.second_opinion import PHONES, PhoneNetwork
from training.encoded import Encoded
from training.rivals import Rivals, rival_loss

log = logging.getLogger(__name__)

FEATURES = 288
STEPS_PER_BATCH = 4000
POOL = 1000
"""Clips that are sorted by length together, so that little of a batch is padding."""

RATE, WARM_UP = 1.5e-3, 200
RIVALS_FROM = 0.2
"""Share of the time after which rivals count: before, the phones are too poor to compare."""

PARITY = 1e-3
"""Largest difference between the trainer's posteriors and the product's; half-precision weights
are the reason for any."""


class Layer(nn.Module):
    """A residual convolution over five steps."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.convolution = nn.Conv1d(width, width, 5, padding=2)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, t, width) to the same."""
        seen = self.convolution(self.norm(x).transpose(1, 2)).transpose(1, 2)
        return x + self.dropout(functional.relu(seen))


class Phones(nn.Module):
    """Log posteriors of blank and 39 phones at every step."""

    def __init__(self, width: int = 256, layers: int = 3) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(FEATURES)
        self.enter = nn.Linear(FEATURES, width)
        self.layers = nn.ModuleList(Layer(width) for _ in range(layers))
        self.leave = nn.Linear(width, len(PHONES) + 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, t, 288) to (n, t, 40)."""
        x = self.enter(self.norm(x))
        for layer in self.layers:
            x = layer(x)
        return functional.log_softmax(self.leave(x), -1)


def train(clips: list[Encoded], minutes: float, rivals: Rivals, weight: float, out: Path) -> None:
    """Train against the clock and write the checkpoint ``out``; goes on from it if it is there.

    ``weight``: of the loss against rivals beside CTC's.
    """
    rng = np.random.default_rng(1)
    torch.manual_seed(1)
    net = Phones()
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-2)
    before, step = 0.0, 0
    if out.exists():
        state = torch.load(out)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        before, step = state["elapsed"], state["step"]
    begun, losses = time.monotonic() - before, list[float]()
    for features, steps, phones in _batches(clips, rng):
        elapsed = time.monotonic() - begun
        progress = elapsed / (60 * minutes)
        if progress >= 1:
            break
        warm = min(1.0, (step + 1) / WARM_UP)
        for group in optimiser.param_groups:
            group["lr"] = RATE * warm * 0.5 * (1 + math.cos(math.pi * progress))
        posteriors = net(features)
        counts = torch.tensor([len(each) for each in phones])
        flat = torch.tensor([phone for each in phones for phone in each])
        loss = functional.ctc_loss(
            posteriors.transpose(0, 1), flat, steps, counts, reduction="sum", zero_infinity=True
        )
        losses.append(float(loss.detach()) / max(1, int(counts.sum())))
        if weight and progress > RIVALS_FROM:
            loss = loss + weight * rival_loss(posteriors, phones, steps, rivals)
        optimiser.zero_grad()
        (loss / max(1, int(counts.sum()))).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        step += 1
        if step % 100 == 0:
            log.info("%.0f s, step %d, loss %.3f", elapsed, step, float(np.mean(losses[-100:])))
            _save(net, optimiser, elapsed, step, out)
    _save(net, optimiser, 60 * minutes, step, out)


def _save(
    net: Phones, optimiser: torch.optim.Optimizer, elapsed: float, step: int, out: Path
) -> None:
    temporary = out.with_suffix(".tmp")
    state = {"net": net.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save(state | {"elapsed": elapsed, "step": step}, temporary)
    temporary.rename(out)


def _batches(
    clips: list[Encoded], rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor, list[list[int]]]]:
    """Give batches without end: features (n, t, 288), steps (n), phones."""
    while True:
        order = rng.permutation(len(clips))
        for start in range(0, len(order), POOL):
            pool = [clips[i] for i in order[start : start + POOL]]
            pool.sort(key=lambda clip: len(clip.features))
            groups: list[list[Encoded]] = [[]]
            for clip in pool:
                if len(clip.features) * (len(groups[-1]) + 1) > STEPS_PER_BATCH:
                    groups.append([])
                groups[-1].append(clip)
            for choice in rng.permutation(len(groups)):
                yield _stack(groups[choice])


def _stack(clips: list[Encoded]) -> tuple[Tensor, Tensor, list[list[int]]]:
    longest = max(len(clip.features) for clip in clips)
    padded = [
        np.pad(clip.features, ((0, longest - len(clip.features)), (0, 0)), mode="edge")
        for clip in clips
    ]
    steps = torch.tensor([len(clip.features) for clip in clips])
    features = torch.from_numpy(np.stack(padded).astype(np.float32))
    return features, steps, [clip.phones for clip in clips]


def export(checkpoint: Path, out: Path) -> float:
    """Write the weights in half precision for the product; return the difference in posteriors.

    Raises:
        ValueError: the product's posteriors differ from the trainer's by more than `PARITY`.
    """
    net = Phones()
    net.load_state_dict(torch.load(checkpoint)["net"])
    net.eval()
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        out, **{name: value.numpy().astype(np.float16) for name, value in net.state_dict().items()}
    )
    return difference(net, out)


def difference(net: Phones, path: Path) -> float:
    """Compare the product's posteriors of noise with the trainer's.

    Raises:
        ValueError: they differ by more than `PARITY`.
    """
    features = np.random.default_rng(3).standard_normal((60, FEATURES)).astype(np.float32)
    with torch.no_grad():
        wanted = net(torch.from_numpy(features)[None])[0].exp().numpy()
    found = PhoneNetwork.read(path).posteriors(features)
    worst = float(np.abs(wanted - found).max())
    if worst > PARITY:
        raise ValueError(f"the exported posteriors are off by {worst:.4f}")
    return worst
