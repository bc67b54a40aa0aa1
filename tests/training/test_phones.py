"""The second opinion computes what the trainer computes. Needs PyTorch (extra ``training``)."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.encoded import Encoded, _write, read
from training.phones import Phones, batches, difference, export


def checkpoint(folder: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    torch.save({"net": Phones().state_dict()}, folder / "second.pt")
    return folder / "second.pt"


def test_the_products_posteriors_are_the_trainers(tmp_path: Path) -> None:
    assert export(checkpoint(tmp_path, 1), tmp_path / "network.npz") < 1e-3


def test_another_network_is_noticed(tmp_path: Path) -> None:
    export(checkpoint(tmp_path, 1), tmp_path / "network.npz")
    torch.manual_seed(2)
    with pytest.raises(ValueError, match="off by"):
        difference(Phones().eval(), tmp_path / "network.npz")


def test_shards_are_read_as_they_were_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    clips = [
        Encoded(rng.standard_normal((steps, 288)).astype(np.float16), phones)
        for steps, phones in ((30, [1, 2, 3]), (12, []), (40, [39]))
    ]
    _write(clips, tmp_path / "1-1.npz")
    for found, wanted in zip(read(tmp_path), clips, strict=True):
        np.testing.assert_array_equal(found.features, wanted.features)
        assert found.phones == wanted.phones


def test_batches_hold_every_clip_once_a_pass() -> None:
    clips = [Encoded(np.full((20 + n, 288), n, np.float16), [1 + n % 39]) for n in range(300)]
    seen: list[float] = []
    for batch in batches(clips, seed=1):
        assert batch.features.shape[0] * batch.features.shape[1] <= 4000
        seen += batch.features[:, 0, 0].tolist()
        if len(seen) >= len(clips):
            break
    assert sorted(seen) == list(range(300))
