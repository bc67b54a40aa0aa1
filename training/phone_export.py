"""From a trained phone network to the file that the product hears with."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch

from legsup_voice.hearing.phones import LEVEL, PhoneNetwork
from training.encoder import PhoneNet
from training.lexicon import write as write_lexicon
from training.rounding import rounded

PARITY = 1e-2
"""Largest difference between the trainer's posteriors and the file's; products in 8 bits are why
there is any."""

MANTISSA = 7
"""Bits that are kept of a weight's mantissa, as in bfloat16."""

LENGTHS = (8_000, 23_456, 48_000)


def export(checkpoint: Path, out: Path, words: list[str]) -> float:
    """Write `phones.onnx` and `lexicon.txt` below `out`; return the difference in posteriors.

    Raises:
        ValueError: it is more than `PARITY`.
    """
    net = load(checkpoint)
    out.mkdir(parents=True, exist_ok=True)
    write_onnx(net, out / "phones.onnx")
    write_lexicon(words, out / "lexicon.txt")
    worst = difference(net, out / "phones.onnx")
    if worst > PARITY:
        raise ValueError(f"the exported posteriors are off by {worst:.4f}")
    return worst


def load(checkpoint: Path) -> PhoneNet:
    """Return the network of a checkpoint: the moving average of its weights."""
    net = PhoneNet()
    stored = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net.load_state_dict(stored.get("average") or stored["net"])
    return net.eval()


def write_onnx(net: PhoneNet, path: Path) -> None:
    """Write `net` for any length of sound, its products in 8 bits: a quarter of the size.

    Each row of weights has a scale of its own: with one for a whole matrix a fit of 1.6 became 1.1,
    and changed by up to 0.14 with nothing but the level of the sound.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = path.with_suffix(".f32.onnx")
    with warnings.catch_warnings():
        # The newer exporter needs another package, and writes the same.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            net,
            (torch.randn(1, 40_000) * LEVEL,),
            str(whole),
            input_names=["samples"],
            output_names=["log_posteriors"],
            dynamic_axes={"samples": {1: "n"}, "log_posteriors": {1: "t"}},
            opset_version=17,
            dynamo=False,
        )
    quantize_dynamic(
        whole,
        path,
        weight_type=QuantType.QUInt8,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
    )
    whole.unlink()
    _round(path)


def _round(path: Path) -> None:
    """Round what isn't in 8 bits to `MANTISSA`: packed, the file is a quarter smaller."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    for each in model.graph.initializer:
        values = numpy_helper.to_array(each)
        if values.dtype == np.float32 and values.size > 1:
            each.CopyFrom(numpy_helper.from_array(rounded(values, MANTISSA), each.name))
    onnx.save(model, path)


def difference(net: PhoneNet, path: Path) -> float:
    """Return by how much the file's posteriors of noise differ from the trainer's."""
    file, rng, worst = PhoneNetwork(path), np.random.default_rng(1), 0.0
    for length in LENGTHS:
        samples = rng.standard_normal(length).astype(np.float32)
        with torch.no_grad():
            wanted = net(torch.from_numpy(file.prepared(samples))[None])[0].exp().numpy()
        found = np.exp(file.log_posteriors(samples))
        worst = max(worst, float(np.abs(wanted - found).max()))
    return worst
