"""Export of a trained network as Kaldi's ``final.mdl``, and of Vosk's configuration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from training.features import MFCC_CONF
from training.kaldi_io import Matrix, Writer, read_model
from training.network import STEP, Layer, Network
from training.nnet3 import forward
from training.rounding import FLOAT_BITS

MODEL_CONF = (
    "--min-active=200\n--max-active=1000\n--beam=11.0\n--lattice-beam=5.0\n"
    "--acoustic-scale=1.0\n--frame-subsampling-factor=3\n--endpoint.silence-phones=1\n"
    "--endpoint.rule2.min-trailing-silence=0.5\n--endpoint.rule3.min-trailing-silence=0.75\n"
    "--endpoint.rule4.min-trailing-silence=1.0\n"
)
"""A lattice beam of 5 keeps the rivals that a command is judged against (hearing/deciding.py)."""

TOLERANCE = 1e-3
"""How far exported posteriors may be from the trainer's."""


MANTISSA = 10
"""Bits of each weight's mantissa that are kept: packed, the model is a third smaller. Of 1346
recordings two, neither of them a command, were read otherwise than with all 23."""


def write(net: Network, path: Path, blank_prior: float = 1.0, mantissa: int = FLOAT_BITS) -> None:
    """Write ``net`` to ``path``, with so many bits of each weight's ``mantissa``.

    The score of blank is divided by ``blank_prior``: above 1, CTC's blank swallows less of the
    speech that fits no word of the grammar.
    """
    writer, outputs = Writer(mantissa), net.out.out_features
    _transitions(writer, outputs)
    config, components = _parts(net)
    writer.token("<Nnet3>")
    writer.stream.write(b"\n" + "\n".join(config).encode() + b"\n\n")
    writer.token("<NumComponents>")
    writer.integer(len(components))
    for name, kind, weight, bias in components:
        writer.token("<ComponentName>")
        writer.token(name)
        _component(writer, kind, weight, bias, net)
    writer.token("</Nnet3>")
    writer.token("<LeftContext>")
    writer.integer(net.left)
    writer.token("<RightContext>")
    writer.integer(net.right)
    writer.token("<Priors>")
    priors = np.ones(outputs, np.float32)
    priors[0] = blank_prior
    writer.vector(priors if blank_prior != 1.0 else [])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(writer.stream.getvalue())


def write_conf(folder: Path) -> None:
    """Write ``conf/mfcc.conf`` and ``conf/model.conf`` of a model folder."""
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "mfcc.conf").write_text(MFCC_CONF, encoding="utf8")
    (folder / "conf" / "model.conf").write_text(MODEL_CONF, encoding="utf8")


def parity(net: Network, path: Path, features: Matrix) -> float:
    """Return the largest difference of posteriors between ``net`` and the file ``path``.

    Compared are probabilities (not logarithms) of all outputs for ``features`` (frames, 40),
    computed by PyTorch and by `training.nnet3` from the file alone; priors are left out.
    """
    model = read_model(path.read_bytes())
    model.priors = np.zeros(0, np.float32)
    with torch.no_grad():
        ours = net.eval()(torch.from_numpy(features)[None])[0].numpy()
    return float(np.abs(np.exp(ours) - np.exp(forward(model, features))).max())


def _transitions(w: Writer, phones: int) -> None:
    """Write a transition model with one emitting state per phone (self-loop and exit 0.5)."""
    w.token("<TransitionModel>")
    w.token("<Topology>")
    w.integers(list(range(1, phones + 1)))
    w.integers([-1] + [0] * phones)
    w.integer(1)  # one topology entry …
    w.integer(2)  # … of two states
    w.integer(0)  # the pdf class of the first
    w.integer(2)  # its transitions: to itself, and on
    for target in (0, 1):
        w.integer(target)
        w.single(0.5)
    w.integer(-1)  # the final state emits nothing …
    w.integer(0)  # … and has no transitions
    w.token("</Topology>")
    w.token("<Triples>")
    w.integer(phones)
    for phone in range(phones):
        for value in (phone + 1, 0, phone):
            w.integer(value)
    w.token("</Triples>")
    w.token("<LogProbs>")
    w.vector([0.0] + [float(np.log(0.5))] * (2 * phones))
    w.token("</LogProbs>")
    w.token("</TransitionModel>")


_Part = tuple[str, str, Matrix | None, Matrix | None]


def _parts(net: Network) -> tuple[list[str], list[_Part]]:
    """Return config lines and components (name, type, weight, bias) in order."""
    config, parts, current = ["input-node name=input dim=40"], list[_Part](), "input"

    def node(name: str, kind: str, source: str, weight: Matrix | None, bias: Matrix | None) -> str:
        parts.append((name, kind, weight, bias))
        config.append(f"component-node name={name} component={name} input={source}")
        return name

    for index, layer in enumerate([net.first, *net.later]):
        assert isinstance(layer, Layer)
        source = _append(current, layer.offsets, STEP if index else 1)
        if layer.linear is not None:
            weight = layer.linear.weight.detach().numpy()
            zeros = np.zeros(len(weight), np.float32)
            source = node(f"l{index}.lin", "FixedAffineComponent", source, weight, zeros)
        affine = node(f"l{index}.aff", "FixedAffineComponent", source, *_folded(layer))
        relu = node(f"l{index}.relu", "RectifiedLinearComponent", affine, None, None)
        if index:
            summed = f"Sum({relu}, {current})"
            current = node(f"l{index}.id", "NoOpComponent", summed, None, None)
        else:
            current = relu
    weight, bias = net.out.weight.detach().numpy(), net.out.bias.detach().numpy()
    affine = node("out.aff", "FixedAffineComponent", current, weight, bias)
    node("out.ls", "LogSoftmaxComponent", affine, None, None)
    config.append("output-node name=output input=out.ls objective=linear")
    return config, parts


def _append(name: str, offsets: tuple[int, ...], scale: int) -> str:
    parts = [f"Offset({name}, {o * scale})" if o else name for o in offsets]
    return f"Append({', '.join(parts)})"


def _folded(layer: Layer) -> tuple[Matrix, Matrix]:
    """Fold batch norm into the affine layer before it."""
    norm = layer.norm
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = layer.affine.weight * scale[:, None]
    bias = (layer.affine.bias - norm.running_mean) * scale + norm.bias
    return weight.detach().numpy(), bias.detach().numpy()


def _component(
    w: Writer, kind: str, weight: Matrix | None, bias: Matrix | None, net: Network
) -> None:
    w.token(f"<{kind}>")
    if weight is not None and bias is not None:
        w.token("<LinearParams>")
        w.matrix(weight)
        w.token("<BiasParams>")
        w.vector(bias)
    else:
        size = net.out.out_features if kind == "LogSoftmaxComponent" else net.shape.hidden
        w.token("<Dim>")
        w.integer(size)
        _statistics(w, noop=kind == "NoOpComponent")
    w.token(f"</{kind}>")


def _statistics(w: Writer, noop: bool) -> None:
    """Write the empty training statistics that Kaldi's reader expects."""
    if noop:
        w.token("<BackpropScale>")
        w.single(1.0)
        return
    for name in ("<ValueAvg>", "<DerivAvg>"):
        w.token(name)
        w.vector([])
    w.token("<Count>")
    w.double(0.0)
    w.token("<OderivRms>")
    w.vector([])
    for name in ("<OderivCount>", "<NumDimsSelfRepaired>", "<NumDimsProcessed>"):
        w.token(name)
        w.double(0.0)
