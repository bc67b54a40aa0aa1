"""A small forward pass for exported models in NumPy, to check them against the trainer."""

from __future__ import annotations

import re

import numpy as np

from training.kaldi_io import Component, Matrix, Model
from training.network import STEP

_NODE = re.compile(r"component-node name=(\S+) component=(\S+) input=(.+)")
_OFFSET = re.compile(r"Offset\(([^,]+), (-?\d+)\)|([\w.]+)")


def forward(model: Model, features: Matrix) -> Matrix:
    """Compute log posteriors, shape (⌈frames/3⌉, outputs), for features (frames, 40).

    Every node is computed for every frame from ``left`` before the start to ``right`` behind
    the end, where the first and last frame are repeated as Kaldi does; values next to the
    borders of that range are wrong, but no output reads them.
    """
    times = np.arange(-model.left, len(features) + model.right)
    values = {"input": features[np.clip(times, 0, len(features) - 1)]}
    for line in model.config:
        match = _NODE.match(line)
        if match:
            name, component, descriptor = match.groups()
            spliced = _input(descriptor, values)
            values[name] = _apply(model.components[component], spliced)
        elif line.startswith("output-node"):
            output = values[line.split("input=")[1].split()[0]]
    scores = output[model.left : model.left + len(features)][::STEP]
    return scores - np.log(model.priors) if len(model.priors) else scores


def _input(descriptor: str, values: dict[str, Matrix]) -> Matrix:
    """Evaluate ``Append(Offset(x, -3), x, …)``, ``Sum(a, b)`` or a plain node name."""
    inner = re.sub(r"^(Append|Sum)\((.*)\)$", r"\2", descriptor)
    parts = []
    for shifted, offset, plain in _OFFSET.findall(inner):
        value = values[shifted or plain]
        index = np.clip(np.arange(len(value)) + int(offset or 0), 0, len(value) - 1)
        parts.append(value[index])
    return np.sum(parts, axis=0) if descriptor.startswith("Sum") else np.hstack(parts)


def _apply(component: Component, x: Matrix) -> Matrix:
    if component.kind == "FixedAffineComponent":
        assert component.weight is not None
        assert component.bias is not None
        return np.asarray(x @ component.weight.T + component.bias, np.float32)
    if component.kind == "RectifiedLinearComponent":
        return np.maximum(x, 0)
    if component.kind == "NoOpComponent":
        return x
    if component.kind == "LogSoftmaxComponent":
        top = x - x.max(axis=1, keepdims=True)
        return np.asarray(top - np.log(np.exp(top).sum(axis=1, keepdims=True)), np.float32)
    raise ValueError(f"no forward pass for {component.kind}")
