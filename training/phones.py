"""The network behind the second opinion: from Moonshine's features to phones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from legsup_voice.hearing.second_opinion import PHONES, PhoneNetwork
from training.batches import Batch, grouped
from training.encoded import Encoded

FEATURES = 288
STEPS_PER_BATCH = 4000
POOL = 1000
"""Clips that are sorted by length together, so that little of a batch is padding."""

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

    stride = 1

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


def batches(clips: list[Encoded], seed: int) -> Iterator[Batch]:
    """Give every clip once a pass, in random order, without end."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(clips))
        for start in range(0, len(order), POOL):
            pool = [clips[i] for i in order[start : start + POOL]]
            made = list(grouped(((clip.features, clip.phones) for clip in pool), STEPS_PER_BATCH))
            for choice in rng.permutation(len(made)):
                yield made[choice]


def export(checkpoint: Path, out: Path) -> float:
    """Write the weights in half precision for the product; return the difference in posteriors.

    Raises:
        ValueError: the product's posteriors differ from the trainer's by more than `PARITY`.
    """
    net = Phones()
    net.load_state_dict(torch.load(checkpoint, weights_only=True)["net"])
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
