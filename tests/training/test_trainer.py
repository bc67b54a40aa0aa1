"""Training learns, and goes on where it was. Needs PyTorch (extra ``training``)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.batches import Batch
from training.network import Network, Shape
from training.rivals import Rivals
from training.trainer import Plan, Trainer


def batch(dimensions: int) -> Batch:
    features = np.random.default_rng(1).standard_normal((4, 60, dimensions)).astype(np.float32)
    return Batch(features, [60, 57, 50, 42], [[1, 2, 3], [4, 5], [6], []])


def test_updates_make_what_was_said_likelier() -> None:
    torch.manual_seed(1)
    plan = Plan(Path("no-checkpoint.pt"), 1.0, 3e-3, Rivals(["stop", "start", "go"], 1), 1.0)
    trainer = Trainer(Network(Shape(24, 8)), plan)
    trainer.elapsed = 20.0  # rivals count from a fifth of the time
    losses = [trainer.update(batch(40)) for _ in range(60)]
    assert losses[-1] < losses[0] / 3


def test_a_training_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    plan = Plan(tmp_path / "run" / "command.pt", 0.5, 1e-3)
    first = Trainer(Network(Shape(24, 8)), plan)
    first.update(batch(40))
    first.elapsed = 30.0
    first.run(iter(()))  # its time is over: it only saves
    second = Trainer(Network(Shape(24, 8)), replace(plan, minutes=1.0))
    assert (second.step, second.elapsed) == (1, 30.0)
    assert second.rate == pytest.approx(0.5e-3 * 2 / 300)
    for name, weights in first.net.state_dict().items():
        torch.testing.assert_close(second.net.state_dict()[name], weights)
