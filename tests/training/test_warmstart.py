"""A network begun from an exported model computes the same. Needs PyTorch."""

from pathlib import Path

import torch

from training.averaging import average
from training.export import write
from training.kaldi_io import read_model
from training.network import Network, Shape, load_network
from training.warmstart import calibrate, copy_weights


def test_a_wider_network_begins_as_the_narrower_model(tmp_path: Path) -> None:
    torch.manual_seed(1)
    small = Network(Shape(hidden=24, bottleneck=8)).eval()
    write(small, tmp_path / "final.mdl")
    wide = Network(Shape(hidden=40, bottleneck=12))
    copy_weights(wide, read_model((tmp_path / "final.mdl").read_bytes()))
    features = torch.randn(4, 120, 40)
    calibrate(wide, features, old=24)
    with torch.no_grad():
        difference = (small(features).exp() - wide.eval()(features).exp()).abs().max()
    assert difference < 1e-4


def test_the_average_of_a_model_and_itself_is_that_model(tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = Network(Shape(hidden=24, bottleneck=8)).eval()
    write(net, tmp_path / "final.mdl")
    torch.save({"net": net.state_dict()}, tmp_path / "last.pt")
    average(tmp_path / "final.mdl", tmp_path / "last.pt", 0.5, tmp_path / "mean.pt")
    features = torch.randn(2, 60, 40)
    with torch.no_grad():
        difference = net(features).exp() - load_network(tmp_path / "mean.pt")(features).exp()
    assert difference.abs().max() < 1e-4
