"""The phone network: Moonshine tiny's encoder (Jeffries et al., 2024) with a CTC head over phones.

Its weights begin as those of the wheel `moonshine-voice` 0.1.0 (MIT), which are read out of its ORT
file, products dequantised; features agree with that file's to a correlation of 0.999.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.lexicon import PHONES

WIDTH, HEADS, LAYERS = 288, 8, 6
HEAD = WIDTH // HEADS
ROTATED = 32
"""How many numbers of each head are turned by their place (rotary embedding); the rest stay."""
EPSILON = 1e-5
STEP = 384
"""Samples of a step: 64 by 3 by 2."""

TYPES: dict[int, type[Any]] = {1: np.float32, 2: np.uint8, 7: np.int64}
"""The kinds of numbers in an ORT file that matter here."""

Weights = dict[str, np.ndarray]

_FRONT = (
    "conv1.weight",
    "scale",
    "shift",
    "conv2.weight",
    "conv2.bias",
    "conv3.weight",
    "conv3.bias",
)
_BLOCK = (
    *("before_attention.weight", "q.weight", "k.weight", "v.weight", "o.weight"),
    *("before_layer.weight", "wide.weight", "wide.bias", "narrow.weight", "narrow.bias"),
)
_AS_USED = (
    *_FRONT,
    *(f"layers.{layer}.{name}" for layer in range(LAYERS) for name in _BLOCK),
    *("norm.weight", "leave.weight", "leave.bias"),
)
"""The weights of `PhoneNet` in the order in which they are used, as in its file."""


class Block(nn.Module):
    """Self-attention and a layer of its own, each with what came before added."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(WIDTH, bias=False)
        self.before_layer = nn.LayerNorm(WIDTH, bias=False)
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))
        self.wide = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """Map (n, t, width) to the same."""
        y = self.before_attention(x)
        q, k, v = (
            layer(y).unflatten(-1, (HEADS, HEAD)).transpose(1, 2)
            for layer in (self.q, self.k, self.v)
        )
        q, k = turned(q, cosine, sine), turned(k, cosine, sine)
        weights = torch.softmax(q @ k.transpose(-1, -2) * HEAD**-0.5, -1)
        x = x + self.dropout(self.o((weights @ v).transpose(1, 2).flatten(2)))
        layer = self.narrow(functional.gelu(self.wide(self.before_layer(x))))
        return x + self.dropout(layer)


def turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn pairs of numbers by their place; the pairs lie in halves, so that ONNX can say it."""
    half = ROTATED // 2
    one, other, rest = x[..., :half], x[..., half:ROTATED], x[..., ROTATED:]
    return torch.cat((one * cosine - other * sine, other * cosine + one * sine, rest), -1)


class PhoneNet(nn.Module):
    """Log posteriors of blank and 39 phones, every 24 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, WIDTH, 127, 64, bias=False)
        self.scale = nn.Parameter(torch.ones(WIDTH))
        self.shift = nn.Parameter(torch.zeros(WIDTH))
        self.conv2 = nn.Conv1d(WIDTH, 2 * WIDTH, 7, 3)
        self.conv3 = nn.Conv1d(2 * WIDTH, WIDTH, 3, 2)
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH, bias=False)
        self.leave = nn.Linear(WIDTH, len(PHONES))
        speeds = [10000 ** (-2 * i / ROTATED) for i in range(ROTATED // 2)]
        self.register_buffer("speeds", torch.tensor(speeds), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """Map (n, samples) at root mean square 0.08 to (n, steps, 40)."""
        x = self.front(samples)
        # By summing instead of counting: the exported file takes any length.
        place = torch.cumsum(torch.ones_like(x[0, :, 0]), 0) - 1
        angle = place[:, None] * self.speeds[None]
        cosine, sine = angle.cos(), angle.sin()
        for layer in self.layers:
            x = layer(x, cosine, sine)
        return functional.log_softmax(self.leave(self.norm(x)), -1)

    @staticmethod
    def steps(samples: int) -> int:
        """Return how many steps `samples` give."""
        first = (samples - 127) // 64 + 1
        second = (first - 7) // 3 + 1
        return max(0, (second - 3) // 2 + 1)

    def front(self, samples: Tensor) -> Tensor:
        """Map samples to (n, steps, width): convolutions, and one norm over all of an utterance."""
        x = torch.tanh(self.conv1(samples.unsqueeze(1)))
        mean = x.mean((1, 2), keepdim=True)
        spread = (x - mean).square().mean((1, 2), keepdim=True)
        x = (x - mean) / torch.sqrt(spread + EPSILON)
        x = x * self.scale[None, :, None] + self.shift[None, :, None]
        return functional.gelu(self.conv3(functional.gelu(self.conv2(x)))).transpose(1, 2)


def from_moonshine(path: Path) -> PhoneNet:
    """Return a network with the encoder in the ORT file at `path` and a head that knows nothing."""
    net = PhoneNet()
    net.load_state_dict(_named(read_ort(path)), strict=False)
    return net


def from_exported(path: Path) -> PhoneNet:
    """Return the network that `phone_export` wrote to `path`, its 8-bit products dequantised.

    Raises:
        ValueError: it holds other weights.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    tensors = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    found: list[np.ndarray] = []
    for name in (name for node in graph.node for name in node.input):
        if name not in tensors or name.endswith(("_scale", "_zero_point")):
            continue
        values = tensors[name]
        if name.endswith("_quantized"):
            base = name.removesuffix("_quantized")
            zero = tensors[f"{base}_zero_point"].astype(np.float32)
            found.append(((values.astype(np.float32) - zero) * tensors[f"{base}_scale"]).T)
        elif values.dtype == np.float32 and values.size > 1:
            found.append(values)
    net = PhoneNet()
    wanted = net.state_dict()
    if len(found) != len(_AS_USED):
        raise ValueError(f"{path} is no phone network of ours")
    pairs = zip(_AS_USED, found, strict=True)
    net.load_state_dict({n: torch.tensor(v).reshape(wanted[n].shape) for n, v in pairs})
    return net


def read_ort(path: Path) -> Weights:
    """Read the weights of an ORT file: its tensors, and dequantised what products multiply by."""
    from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs import InferenceSession

    model = InferenceSession.InferenceSession.GetRootAs(path.read_bytes(), 0).Model()
    graph = model.Graph()
    tensors: Weights = {}
    for index in range(graph.InitializersLength()):
        tensor = graph.Initializers(index)
        if tensor.DataType() in TYPES:
            raw = bytes(tensor.RawDataAsNumpy()) if tensor.RawDataLength() else b""
            shape = [tensor.Dims(axis) for axis in range(tensor.DimsLength())]
            values = np.frombuffer(raw, TYPES[tensor.DataType()])
            tensors[tensor.Name().decode()] = values.reshape(shape)
    for index in range(graph.NodesLength()):
        node = graph.Nodes(index)
        inputs = [node.Inputs(at).decode() for at in range(node.InputsLength())]
        for name in inputs:
            if name.endswith("_quantized") and name in tensors:
                base = name.removesuffix("_quantized")
                zero = tensors[f"{base}_zero_point"].astype(np.float32)
                scaled = (tensors[name].astype(np.float32) - zero) * tensors[f"{base}_scale"]
                tensors[node.Outputs(0).decode()] = scaled
    return tensors


def _named(tensors: Weights) -> dict[str, Tensor]:
    """Return an ORT file's weights by the names of `PhoneNet`."""

    def tensor(name: str) -> Tensor:
        found = tensors.get(name, tensors.get(f"{name}_add_tensor"))
        assert found is not None, f"the file has no {name}"
        return torch.from_numpy(np.array(found, np.float32))

    found = {
        "conv1.weight": tensor("conv1.weight"),
        "scale": tensor("onnx::Mul_2080").flatten(),
        "shift": tensor("onnx::Add_2081").flatten(),
        "norm.weight": tensor("layer_norm.weight"),
    }
    for name in ("conv2", "conv3"):
        found |= {f"{name}.{part}": tensor(f"{name}.{part}") for part in ("weight", "bias")}
    halves = _in_halves()
    for layer in range(LAYERS):
        prefix = f"layers.{layer}."
        found[prefix + "before_attention.weight"] = tensor(prefix + "input_layernorm.weight")
        found[prefix + "before_layer.weight"] = tensor(prefix + "post_attention_layernorm.weight")
        for name in "qkvo":
            weight = tensor(f"/layers.{layer}/self_attn/{name}_proj/MatMul_output_0").T.contiguous()
            found[f"{prefix}{name}.weight"] = weight[halves] if name in "qk" else weight
        for name, ours in (("fc1", "wide"), ("fc2", "narrow")):
            weight = tensor(f"/layers.{layer}/mlp/{name}/Add_output_0").T.contiguous()
            found[f"{prefix}{ours}.weight"] = weight
            found[f"{prefix}{ours}.bias"] = tensor(f"{prefix}mlp.{name}.bias")
    return found


def _in_halves() -> Tensor:
    """Return the order of rows that brings interleaved pairs into halves, for q and k alike."""
    head = [*range(0, ROTATED, 2), *range(1, ROTATED, 2), *range(ROTATED, HEAD)]
    return torch.tensor([number + HEAD * at for at in range(HEADS) for number in head])
