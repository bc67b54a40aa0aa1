"""A second opinion on every utterance: how well every phrase fits its sounds.

The encoder of Moonshine tiny (the wheel `moonshine-voice` 0.1.0 carries it) turns an utterance into
features, a small network of ours (`models/second-opinion`, made by `training/`) turns these into
phones, and CTC's forward algorithm (Graves et al., 2006) compares every phrase with the likeliest
phones. Other talk seldom fits a phrase, however much likelier that is than the recogniser's other
readings; this is what rejects it.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import onnxruntime
import soxr
import threadpoolctl

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.hearing.models import bundled

Floats: TypeAlias = npt.NDArray[np.float32]
Phones: TypeAlias = tuple[str, ...]

PHONES = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W "
    "Y Z ZH"
).split()
"""ARPAbet without stress; the index of a phone, counted from 1, is the network's output. 0 is
CTC's blank."""

LEVEL = 0.08
"""Root mean square that the encoder is given, whatever the microphone's."""

SHORTEST = HEAR_RATE * 3 // 10
"""Samples; a shorter utterance is filled up with silence."""

SPEEDS = (1.0, 0.9, 1.1)
"""An utterance is looked at as it is, slower and faster, and the mean counts: a slip of one look is
seldom one of the others. Without a false command in 1.2 h of other talk, one look hears 92.8, 90.6
and 90.3 % of new people's commands (clean, in noise, in a room), three 97.1, 95.3 and 95.7 %
(`python -m training judge`, which fits the weights to other people)."""

LEAST_FIT = -6.0
"""What fits worse is other talk, whatever else speaks for it."""

SAYINGS = 6
"""Most ways to pronounce a phrase that are compared."""

LEAST = 1e-12
"""Share of the likeliest phone's probability under which none falls, so that a slip rules nothing
out."""


@dataclass(frozen=True)
class Opinion:
    """What an utterance sounds like.

    `fits`: of every phrase, in the order they were given, its log-likelihood less that of the
    likeliest phones; about 0 for what was said, less than `LEAST_FIT` (or -inf) for other talk, not
    a number where a word of the phrase is not in the lexicon. `other`: the same of the likeliest
    word that is no command.
    """

    fits: npt.NDArray[np.float64]
    other: float


class SecondOpinion:
    """Compares utterances with all phrases. Made once; keeps nothing from one to the next."""

    def __init__(self, phrases: Iterable[str], others: Iterable[str]) -> None:
        """`others`: words that are no command.

        A person's own phrase may hold a word that the lexicon lacks. What its spelling suggests is
        often not what is said ("namaste"), so such a phrase is not compared.
        """
        folder = bundled("second-opinion")
        self._encoder = Encoder()
        self._network = PhoneNetwork.read(folder / "network.npz")
        texts = list(phrases)
        self._phrases = len(texts)
        sayings = _sayings([*texts, *others], folder / "lexicon.txt")
        self._owner = np.array([at for at, each in enumerate(sayings) for _ in each])
        self._fits = np.array([-np.inf if each else np.nan for each in sayings])
        """Where to begin: texts that can be compared, and texts that can't."""
        self._spelled = Spellings([saying for each in sayings for saying in each])

    def of(self, utterance: Samples, speeds: Sequence[float] = SPEEDS) -> Opinion:
        """Compare `utterance` (16 kHz), as it sounds at each of `speeds`; 1 is its own."""
        total = np.zeros(len(self._owner))
        for speed in speeds:
            seen = utterance if speed == 1 else soxr.resample(utterance, speed, 1)
            total += self._spelled.fits(self._network.posteriors(self._encoder.features(seen)))
            # No fit is far above 0: below this, none can have a mean of `LEAST_FIT` any more.
            if total[self._owner < self._phrases].max() < LEAST_FIT * len(speeds):
                break
        fits = self._fits.copy()
        np.maximum.at(fits, self._owner, total / len(speeds))
        return Opinion(fits[: self._phrases], float(np.nanmax(fits[self._phrases :])))


class Encoder:
    """Moonshine's encoder: sound to features of 288 numbers, one every 24 ms."""

    def __init__(self) -> None:
        """Raise `UserError` when the wheel that carries it is not installed."""
        spec = find_spec("moonshine_voice")
        folders = (spec and spec.submodule_search_locations) or ()
        found = [Path(each) / "assets" / "tiny-en" / "encoder_model.ort" for each in folders]
        path = next(filter(Path.exists, found), None)
        if path is None:
            raise UserError(
                "The part of hearing that moonshine-voice 0.1.0 carries is missing: install it "
                "with 'pip install moonshine-voice==0.1.0'."
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Whole arenas kept for the longest utterance would be 40 MB that a Pi needs elsewhere.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def features(self, utterance: Samples) -> Floats:
        """Return the features (steps, 288) of samples at 16 kHz."""
        samples = np.zeros((1, max(len(utterance), SHORTEST)), np.float32)
        samples[0, : len(utterance)] = utterance
        samples *= LEVEL / (np.sqrt(np.mean(samples**2)) + 1e-9)
        given = {
            "input_values": np.clip(samples, -1, 1),
            "attention_mask": np.ones(samples.shape, np.int64),
        }
        return np.asarray(self._session.run(None, given)[0][0], np.float32)


class PhoneNetwork:
    """Features to phones: residual convolutions over time, as `training/phones.py` trains them."""

    def __init__(self, weights: Mapping[str, npt.NDArray[np.float16]]) -> None:
        """`weights`: by PyTorch's names; convolutions are (out, in, width)."""
        # For products as small as these, more threads only wait for each other, at full speed.
        threadpoolctl.threadpool_limits(1, "blas")
        self._weights = {name: value.astype(np.float32) for name, value in weights.items()}
        self._layers = sum(name.endswith("convolution.weight") for name in weights)

    @classmethod
    def read(cls, path: Path) -> "PhoneNetwork":
        """Read the weights at `path`.

        Raises:
            UserError: the file is missing or broken.
        """
        try:
            with path.open("rb") as file:
                return cls(dict(np.load(file)))
        except (OSError, EOFError, ValueError, BadZipFile) as error:
            raise UserError(
                f"The file {path}, a part of hearing, is missing or broken: install legsup-voice "
                "again."
            ) from error

    def posteriors(self, features: Floats) -> Floats:
        """Return the probability of blank and every phone (steps, 40)."""
        x = self._affine(self._norm(features, "norm"), "enter")
        for layer in range(self._layers):
            x = x + np.maximum(self._convolve(self._norm(x, f"layers.{layer}.norm"), layer), 0)
        x = self._affine(x, "leave")
        x = np.exp(x - x.max(axis=1, keepdims=True))
        return np.asarray(x / x.sum(axis=1, keepdims=True))

    def _affine(self, x: Floats, name: str) -> Floats:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=1, keepdims=True)
        x = x / np.sqrt(np.mean(x**2, axis=1, keepdims=True) + 1e-5)
        return x * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]

    def _convolve(self, x: Floats, layer: int) -> Floats:
        kernel = self._weights[f"layers.{layer}.convolution.weight"]
        width = kernel.shape[2]
        padded = np.pad(x, ((width // 2, width // 2), (0, 0)))
        out = self._weights[f"layers.{layer}.convolution.bias"]
        for tap in range(width):
            out = out + padded[tap : tap + len(x)] @ kernel[:, :, tap].T
        return out


class Spellings:
    """CTC's forward algorithm for many spellings at once, in a tree of their beginnings."""

    def __init__(self, spellings: Iterable[Phones]) -> None:
        number = {phone: at for at, phone in enumerate(PHONES, start=1)}
        nodes: dict[Phones, int] = {(): 0}
        self._ends = np.array([self._grow(nodes, spelling) for spelling in spellings])
        self._phone = np.array([number[node[-1]] if node else 0 for node in nodes])
        self._before = np.array([nodes[node[:-1]] for node in nodes])
        # A step may go past the blank between two phones, unless they are the same.
        self._differs = (self._phone != self._phone[self._before]).astype(np.float64)

    @staticmethod
    def _grow(nodes: dict[Phones, int], spelling: Phones) -> int:
        for length in range(1, len(spelling) + 1):
            nodes.setdefault(spelling[:length], len(nodes))
        return nodes[spelling]

    def fits(self, posteriors: Floats) -> npt.NDArray[np.float64]:
        """Return each spelling's log-likelihood less that of the likeliest phones.

        It is -inf for what is longer than the sounds.
        """
        relative = posteriors / posteriors.max(axis=1, keepdims=True)
        phone, blank = np.zeros(len(self._phone)), np.zeros(len(self._phone))
        blank[0] = 1.0
        for row in np.maximum(relative.astype(np.float64), LEAST):
            begun = blank[self._before] + phone[self._before] * self._differs
            blank = (blank + phone) * row[0]
            phone = (phone + begun) * row[self._phone]
            phone[0] = 0.0
        with np.errstate(divide="ignore"):
            return np.asarray(np.log((phone + blank)[self._ends]))


def _sayings(texts: Sequence[str], lexicon: Path) -> list[list[Phones]]:
    """Return the ways to say each text; none where the lexicon lacks a word of it."""
    ways: dict[str, list[Phones]] = {word: [] for text in texts for word in text.split()}
    with lexicon.open(encoding="utf-8") as lines:
        for line in lines:
            word, *phones = line.split()
            if word in ways:
                ways[word].append(tuple(phones))
    return [
        [
            tuple(itertools.chain.from_iterable(way))
            for way in itertools.islice(
                itertools.product(*(ways[word] for word in text.split())), SAYINGS
            )
        ]
        for text in texts
    ]
