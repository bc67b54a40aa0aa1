"""The acoustic network: a residual factorised TDNN that gives phones every 30 ms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.features import DIM
from training.lexicon import PHONES

FIRST = (-4, -3, -2, -1, 0, 1, 2, 3, 4)
"""Frames (10 ms) the first layer sees; everything after it runs at every third frame."""

LATER = (
    *((-1, 0, 1), (-1, 0, 1), (-2, -1, 0), (-1, 0, 1)),
    *((-2, -1, 0), (-1, 0, 1), (-3, -1, 0), (-2, -1, 0)),
)
"""Offsets of the later layers, in steps of three frames: more past than future, so that the answer
comes 160 ms after the sound."""

STEP = 3


@dataclass(frozen=True)
class Shape:
    """Widths of the network: hidden units and units of the bottleneck between layers."""

    hidden: int = 512
    bottleneck: int = 128


def splice(x: Tensor, offsets: tuple[int, ...]) -> Tensor:
    """Put the frames at ``offsets`` side by side: (n, t, d) → (n, t − span, d · offsets)."""
    low, high = min(offsets), max(offsets)
    length = x.shape[1] - (high - low)
    return torch.cat([x[:, o - low : o - low + length] for o in offsets], dim=2)


class Layer(nn.Module):
    """Spliced frames → (bottleneck) → affine → batch norm → ReLU."""

    def __init__(self, offsets: tuple[int, ...], inputs: int, shape: Shape, factored: bool) -> None:
        super().__init__()
        self.offsets = offsets
        wide = inputs * len(offsets)
        self.linear = nn.Linear(wide, shape.bottleneck, bias=False) if factored else None
        self.affine = nn.Linear(shape.bottleneck if factored else wide, shape.hidden)
        # Batches hold clips of one length, so each has other statistics: average over many.
        self.norm = nn.BatchNorm1d(shape.hidden, momentum=0.01)

    def pre(self, spliced: Tensor) -> Tensor:
        """Return the activations before batch norm."""
        y: Tensor = self.affine(self.linear(spliced) if self.linear is not None else spliced)
        return y

    def forward(self, spliced: Tensor) -> Tensor:
        """Map (n, t, spliced) to (n, t, hidden)."""
        y = self.pre(spliced)
        return functional.relu(self.norm(y.flatten(0, 1)).view(y.shape))


class Network(nn.Module):
    """Log posteriors of blank and 39 phones from 40-dimensional MFCC."""

    def __init__(self, shape: Shape | None = None, outputs: int = len(PHONES)) -> None:
        super().__init__()
        self.shape = shape or Shape()
        self.first = Layer(FIRST, DIM, self.shape, factored=False)
        self.later = nn.ModuleList(Layer(o, self.shape.hidden, self.shape, True) for o in LATER)
        self.out = nn.Linear(self.shape.hidden, outputs)

    @property
    def left(self) -> int:
        """Frames of left context."""
        return -min(FIRST) - STEP * sum(min(o) for o in LATER)

    @property
    def right(self) -> int:
        """Frames of right context."""
        return max(FIRST) + STEP * sum(max(o) for o in LATER)

    def pad(self, x: Tensor) -> Tensor:
        """Repeat the first and last frame over the context, as Kaldi does at the edges."""
        head, tail = x[:, :1].expand(-1, self.left, -1), x[:, -1:].expand(-1, self.right, -1)
        return torch.cat([head, x, tail], 1)

    def hidden(self, x: Tensor) -> Tensor:
        """Return the last hidden layer for features (n, t, 40): (n, ⌈t/3⌉, hidden)."""
        y: Tensor = self.first(splice(self.pad(x), FIRST)[:, ::STEP])
        for layer in self.later:
            y = self.residual(layer, y)
        return y

    @staticmethod
    def residual(layer: nn.Module, y: Tensor) -> Tensor:
        """Add what a later layer computes to the frames it is centred on."""
        assert isinstance(layer, Layer)
        low, high = -min(layer.offsets), max(layer.offsets)
        added: Tensor = layer(splice(y, layer.offsets)) + y[:, low : y.shape[1] - high]
        return added

    def forward(self, x: Tensor) -> Tensor:
        """Log posteriors, shape (n, ⌈t/3⌉, 40)."""
        return functional.log_softmax(self.out(self.hidden(x)), -1)

    @staticmethod
    def steps(frames: int) -> int:
        """Return the steps that `frames` make."""
        return -(-frames // STEP)

    def freeze_norm(self) -> None:
        """Use the averaged statistics from now on, as the exported model does."""
        for module in self.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.eval()


def load_network(checkpoint: Path) -> Network:
    """Read the network of a checkpoint, ready to use; its weights tell its shape."""
    weights = torch.load(checkpoint, weights_only=True)["net"]
    hidden, bottleneck = len(weights["out.weight"][0]), len(weights["later.0.linear.weight"])
    net = Network(Shape(hidden, bottleneck))
    net.load_state_dict(weights)
    return net.eval()
