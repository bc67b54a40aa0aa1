"""Averaging an earlier model's weights with those of the network that was trained from it.

A short training on new data forgets some of what a long one taught; the mean of both weights is
often better than either (Wortsman et al., 2022, "Robust fine-tuning of zero-shot models").
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from training.export import write
from training.kaldi_io import Component, Model, read_model
from training.network import Network, load_network
from training.warmstart import copy_weights


def mix(earlier: Model, later: Model, share: float) -> Model:
    """Return ``share`` of the later weights and 1 − ``share`` of the earlier; same shape."""
    mixed = Model(later.config, {}, later.left, later.right)
    for name, component in later.components.items():
        before = earlier.components[name]
        result = Component(component.kind)
        if component.weight is not None and before.weight is not None:
            result.weight = share * component.weight + (1 - share) * before.weight
        if component.bias is not None and before.bias is not None:
            result.bias = share * component.bias + (1 - share) * before.bias
        mixed.components[name] = result
    return mixed


def average(earlier: Path, checkpoint: Path, share: float, out: Path) -> None:
    """Write the checkpoint ``out``: the mean of an exported model and a trained checkpoint."""
    net = load_network(checkpoint)
    exported = out.with_suffix(".mdl")
    write(net, exported)
    mixed = mix(read_model(earlier.read_bytes()), read_model(exported.read_bytes()), share)
    exported.unlink()
    result = Network(net.shape)
    copy_weights(result, mixed)
    pass_through(result)
    torch.save({"net": result.state_dict()}, out)


def pass_through(net: Network) -> None:
    """Make every batch norm the identity, for weights that have theirs folded in."""
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm1d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.zero_()
                module.running_var.fill_(1.0 - module.eps)
                module.weight.fill_(1.0)
                module.bias.zero_()
