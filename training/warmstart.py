"""Begin from an exported model: put its weights into a network of the same or a wider shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from training.batches import Batch
from training.kaldi_io import Model, read_model
from training.network import FIRST, Layer, Network, splice


def begin_from(net: Network, exported: Path, batches: Iterator[Batch]) -> None:
    """Give ``net`` the weights of an exported model, its batch norms the statistics of batches."""
    model = read_model(exported.read_bytes())
    copy_weights(net, model)
    bias = model.components["l0.aff"].bias
    assert bias is not None
    drawn = [torch.as_tensor(next(batches).features) for _ in range(8)]
    shortest = min(features.shape[1] for features in drawn)
    calibrate(net, torch.cat([x[:, :shortest] for x in drawn]), len(bias))


def copy_weights(net: Network, model: Model) -> None:
    """Fill ``net`` so that it computes what ``model`` does, whatever extra units it has.

    Extra units get random weights on their inputs and zeros on what reads them: they change
    nothing at first and learn from the first step on.
    """
    with torch.no_grad():
        for index, layer in enumerate([net.first, *net.later]):
            assert isinstance(layer, Layer)
            spans = 1 if index == 0 else len(layer.offsets)
            if layer.linear is not None:
                weight = _weight(model, f"l{index}.lin")
                _widen_inputs(layer.linear, weight, spans)
                _fill(layer.affine, _weight(model, f"l{index}.aff"))
            else:
                layer.affine.weight[: len(_weight(model, "l0.aff"))] = _weight(model, "l0.aff")
            bias = model.components[f"l{index}.aff"].bias
            assert bias is not None
            layer.affine.bias[: len(bias)] = torch.from_numpy(bias)
        _fill(net.out, _weight(model, "out.aff"))
        bias = model.components["out.aff"].bias
        assert bias is not None
        net.out.bias.copy_(torch.from_numpy(bias))


def calibrate(net: Network, features: Tensor, old: int) -> None:
    """Set every batch norm so that the ``old`` first units pass through it unchanged.

    Scale and offset are set to the spread and mean over ``features`` (n, t, 40), layer by
    layer, because exported weights have their batch norm folded in. The weights before it are
    brought to the size of fresh ones: batch norm undoes that, but Adam's steps have one size for
    all weights, and folded ones can be fifteen times smaller, so that a hundred steps would
    destroy what they know.
    """
    with torch.no_grad():
        y = _calibrate_layer(net.first, splice(net.pad(features), FIRST)[:, ::3], old)
        for layer in net.later:
            assert isinstance(layer, Layer)
            low, high = -min(layer.offsets), max(layer.offsets)
            added = _calibrate_layer(layer, splice(y, layer.offsets), old)
            y = added + y[:, low : y.shape[1] - high]


def _calibrate_layer(layer: Layer, spliced: Tensor, old: int) -> Tensor:
    pre = layer.pre(spliced).flatten(0, 1)
    mean, var = pre.mean(0), pre.var(0)
    layer.norm.weight[:old] = torch.sqrt(var)[:old]
    layer.norm.bias[:old] = mean[:old]
    weight = layer.affine.weight
    scale = torch.ones(len(weight))
    fresh = (3 * weight.shape[1]) ** -0.5  # root mean square of PyTorch's initial weights
    scale[:old] = fresh / weight[:old].square().mean(1).sqrt()
    weight *= scale[:, None]
    layer.affine.bias *= scale
    layer.norm.running_mean, layer.norm.running_var = mean * scale, var * scale**2
    layer.eval()
    result: Tensor = layer(spliced)
    layer.train()
    return result


def _weight(model: Model, name: str) -> Tensor:
    weight = model.components[name].weight
    assert weight is not None, f"{name} has no weights"
    return torch.from_numpy(weight)


def _fill(target: nn.Linear, weight: Tensor) -> None:
    """Copy into the top left corner; nothing old reads a new input."""
    rows, columns = weight.shape
    target.weight[:rows] = 0.0
    target.weight[:rows, :columns] = weight
    target.weight[rows:, columns:] = 0.0


def _widen_inputs(target: nn.Linear, weight: Tensor, spans: int) -> None:
    """Copy the weights of every spliced frame to where the wider frame begins."""
    rows, columns = weight.shape
    old, new = columns // spans, target.in_features // spans
    target.weight[:rows] = 0.0
    for span in range(spans):
        part = weight[:, span * old : (span + 1) * old]
        target.weight[:rows, span * new : span * new + old] = part
