"""The exported file computes what the trainer computes. Needs PyTorch (extra ``training``)."""

import zlib
from pathlib import Path

import numpy as np
import torch

from training.export import MANTISSA, TOLERANCE, parity, write
from training.kaldi_io import read_model
from training.network import Network, Shape
from training.nnet3 import forward


def _network(seed: int = 1) -> Network:
    torch.manual_seed(seed)
    net = Network(Shape(hidden=24, bottleneck=8))
    net.train()
    with torch.no_grad():  # give batch norm statistics of its own
        for _ in range(3):
            net(torch.randn(4, 90, 40) * 3 + 1)
        net.out.weight *= 5
    return net.eval()


def _features(frames: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    return np.random.default_rng(3).standard_normal((frames, 40)).astype(np.float32) * 3


def test_posteriors_of_the_exported_file_are_the_trainers(tmp_path: Path) -> None:
    net = _network()
    write(net, tmp_path / "final.mdl")
    assert parity(net, tmp_path / "final.mdl", _features(301)) < TOLERANCE / 100


def test_parity_notices_another_network(tmp_path: Path) -> None:
    write(_network(1), tmp_path / "final.mdl")
    assert parity(_network(2), tmp_path / "final.mdl", _features(100)) > TOLERANCE


def test_rounded_weights_are_nearest_and_pack_smaller(tmp_path: Path) -> None:
    net, packed = _network(), []
    for bits in (23, MANTISSA):
        path = tmp_path / f"{bits}.mdl"
        write(net, path, mantissa=bits)
        packed.append(len(zlib.compress(path.read_bytes())))
    exact, rounded = (read_model((tmp_path / f"{b}.mdl").read_bytes()) for b in (23, MANTISSA))
    for name, part in exact.components.items():
        if part.weight is not None:
            other = rounded.components[name].weight
            assert other is not None
            assert np.all(
                np.abs(other - part.weight) <= 2.0 ** -(MANTISSA + 1) * np.abs(part.weight)
            )
    assert packed[1] < 0.75 * packed[0]


def test_context_and_prior_are_written(tmp_path: Path) -> None:
    net = _network()
    write(net, tmp_path / "final.mdl", blank_prior=2.0)
    model = read_model((tmp_path / "final.mdl").read_bytes())
    assert (model.left, model.right) == (net.left, net.right)
    assert net.right == 16
    scores = forward(model, _features(60))
    model.priors = np.zeros(0, np.float32)
    plain = forward(model, _features(60))
    assert np.allclose(plain[:, 0] - scores[:, 0], np.log(2), atol=1e-5)
    assert np.array_equal(plain[:, 1:], scores[:, 1:])
