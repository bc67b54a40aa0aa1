"""Kaldi's binary model format: just enough of it to write a ``final.mdl`` and read it back."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from training.rounding import FLOAT_BITS, rounded

Matrix = npt.NDArray[np.float32]


class Writer:
    """Binary stream of Kaldi tokens and values."""

    def __init__(self, mantissa: int = FLOAT_BITS) -> None:
        """Keep so many bits of the mantissa of each number in a matrix."""
        self.mantissa = mantissa
        self.stream = io.BytesIO()
        self.stream.write(b"\0B")

    def token(self, text: str) -> None:
        """Write a token such as ``<Dim>``."""
        self.stream.write(text.encode() + b" ")

    def integer(self, value: int) -> None:
        """Write a 32-bit integer."""
        self.stream.write(b"\x04" + struct.pack("<i", value))

    def single(self, value: float) -> None:
        """Write a 32-bit float."""
        self.stream.write(b"\x04" + struct.pack("<f", value))

    def double(self, value: float) -> None:
        """Write a 64-bit float."""
        self.stream.write(b"\x08" + struct.pack("<d", value))

    def vector(self, values: npt.ArrayLike) -> None:
        """Write a float vector."""
        data = np.asarray(values, "<f4")
        self.token("FV")
        self.integer(len(data))
        self.stream.write(data.tobytes())

    def matrix(self, values: npt.ArrayLike) -> None:
        """Write a float matrix."""
        data = rounded(np.ascontiguousarray(values, "<f4"), self.mantissa)
        self.token("FM")
        self.integer(data.shape[0])
        self.integer(data.shape[1])
        self.stream.write(data.tobytes())

    def integers(self, values: list[int]) -> None:
        """Write a vector of 32-bit integers."""
        self.stream.write(b"\x04" + struct.pack("<i", len(values)))
        self.stream.write(np.asarray(values, "<i4").tobytes())


@dataclass
class Component:
    """One nnet3 component: its type and, for an affine one, weights and bias."""

    kind: str
    weight: Matrix | None = None
    bias: Matrix | None = None


@dataclass
class Model:
    """What `read_model` finds: config lines, components by name, context and priors."""

    config: list[str] = field(default_factory=list)
    components: dict[str, Component] = field(default_factory=dict)
    left: int = 0
    right: int = 0
    priors: Matrix = field(default_factory=lambda: np.zeros(0, np.float32))


class Reader:
    """Reads tokens and values from a binary model."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def seek(self, text: bytes) -> None:
        """Go behind the next occurrence of ``text``."""
        self.at = self.data.index(text, self.at) + len(text)

    def token(self) -> str:
        """Read one token."""
        end = self.data.index(b" ", self.at)
        text, self.at = self.data[self.at : end].decode(), end + 1
        return text

    def integer(self) -> int:
        """Read a 32-bit integer."""
        value: int = struct.unpack_from("<i", self.data, self.at + 1)[0]
        self.at += 5
        return value

    def floats(self) -> Matrix:
        """Read a float vector or matrix."""
        kind = self.token()
        shape = [self.integer() for _ in range(2 if kind == "FM" else 1)]
        count = int(np.prod(shape))
        data = np.frombuffer(self.data, "<f4", count, self.at).reshape(shape)
        self.at += 4 * count
        return data.astype(np.float32)


def read_model(data: bytes) -> Model:
    """Read the network of a ``final.mdl`` that `training.export` (or its prototype) wrote."""
    reader, model = Reader(data), Model()
    reader.seek(b"<Nnet3> ")
    end = data.index(b"\n\n", reader.at)
    model.config = data[reader.at : end].decode().strip().split("\n")
    reader.seek(b"<NumComponents> ")
    for _ in range(reader.integer()):
        reader.seek(b"<ComponentName> ")
        name, kind = reader.token(), reader.token().strip("<>")
        component = Component(kind)
        if kind == "FixedAffineComponent":
            reader.seek(b"<LinearParams> ")
            component.weight = reader.floats()
            reader.seek(b"<BiasParams> ")
            component.bias = reader.floats()
        model.components[name] = component
    reader.seek(b"<LeftContext> ")
    model.left = reader.integer()
    reader.seek(b"<RightContext> ")
    model.right = reader.integer()
    reader.seek(b"<Priors> ")
    model.priors = reader.floats()
    return model
