"""What our own ears make of sentences, for the classifier of meanings to learn from.

Words that are heard aren't words that were written: rare ones come out as commoner ones that sound
alike. So a part of what the classifier learns from is spoken by espeak-ng, laid in noise or a room,
heard by the phone network and decoded; what people read aloud is heard and decoded as what means
nothing to us. Each sentence is decoded by words that were learnt from the other half of the
sentences: what people will say isn't among them, either.
"""

from __future__ import annotations

import random
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from legsup_voice import content
from legsup_voice.evaluation import surroundings
from legsup_voice.evaluation.clips import quiet_around
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.compiled import compiled, sentences
from legsup_voice.hearing.decoder import Decoder
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.language_model import language_model
from legsup_voice.hearing.verifier import Verifier
from training.corpus import Samples, load, noises, read_manifest
from training.synthesis import ESPEAK_ACCENTS, ESPEAK_VARIANTS

TESTS = Path(__file__).parent.parent / "tests" / "hearing"
OTHERS = (
    Path(__file__).parent / "other_talk.txt",
    TESTS / "other_talk.txt",
    TESTS / "near_misses.txt",
)
"""Talk that means nothing to us, as text."""

TOLD = 2
"""Readings of a sentence that are learnt: the likeliest, and the next."""

LONGEST = 9.0
"""Seconds; what people read aloud beyond that is no utterance to us."""

SURROUNDINGS = ("clean", "noise", "room")


@dataclass(frozen=True)
class Heard:
    """A row of `said.tsv` (what is meant, what it carries), and what was decoded of it."""

    meant: str
    carries: str
    texts: list[str]


def said(count: int) -> list[tuple[str, str, str]]:
    """Return so many rows of `said.tsv`, by lot, and of the lines of other talk a seventh."""
    rows = content.path("said.tsv").read_text(encoding="utf-8").splitlines()
    found = [_row(row) for row in rows if not row.startswith("#")]
    talk = [("", "", line) for path in OTHERS for line in path.read_text("utf-8").splitlines()]
    rng = random.Random(1)
    return rng.sample(found, count) + rng.sample(talk, count // 7)


def _row(row: str) -> tuple[str, str, str]:
    meant, carries, text = row.split("\t")
    return meant, carries, text


class Listener:
    """Ears up to the words, with a decoder for each half of the sentences."""

    def __init__(self, speech: Path) -> None:
        """`speech`: the folder of the recordings."""
        made, said = compiled(), sentences()
        self._verifier = Verifier(made)
        self._decoders = []
        for half in (0, 1):
            model = language_model(grammar(), pronunciations.lexicon(), said[1 - half :: 2])
            ways = pronunciations.of_words(model.free, "en")
            self._decoders.append(Decoder.made(model, ways))
        self._noises = noises(speech, "train")

    def texts(self, samples: Samples, half: int) -> list[str]:
        """Return what is decoded of samples (16 kHz) by who didn't learn that half."""
        heard = self._verifier.verify(samples).heard
        return [each.text for each in self._decoders[half].decode(heard)[:TOLD]]

    def placed(self, samples: Samples, rng: random.Random) -> Samples:
        """Return samples in quiet, noise or a room."""
        name = str(rng.random())
        match rng.choice(SURROUNDINGS):
            case "noise":
                return surroundings.in_noise(samples, rng.choice(self._noises), name)
            case "room":
                return surroundings.in_room(samples, name)
        return quiet_around(samples)


_listener: Listener


def _begin(speech: Path) -> None:
    global _listener
    _listener = Listener(speech)


def _said(job: tuple[int, tuple[str, str, str]]) -> Heard:
    at, (meant, carries, text) = job
    rng = random.Random(zlib.crc32(text.encode()))
    return Heard(meant, carries, _listener.texts(_listener.placed(_spoken(text, rng), rng), at % 2))


def _read_aloud(path: str) -> Heard:
    return Heard("", "", _listener.texts(quiet_around(load(path)), 0))


def _spoken(text: str, rng: random.Random) -> Samples:
    """Return `text` in a random voice of espeak-ng's."""
    voice = f"{rng.choice(ESPEAK_ACCENTS)}+{rng.choice(ESPEAK_VARIANTS)}"
    how = ["-v", voice, "-s", str(rng.randint(130, 190)), "-p", str(rng.randint(25, 75))]
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "said.wav")
        subprocess.run(["espeak-ng", *how, "-w", path, text], check=True)  # noqa: S603, S607
        samples = load(path)
    return np.asarray(samples / np.abs(samples).max() * rng.uniform(0.1, 0.5), np.float32)


def heard(
    rows: list[tuple[str, str, str]], speech: Path, read_aloud: int, workers: int
) -> Iterator[Heard]:
    """Yield what is heard of `rows` (of `said.tsv`), and of so many clips that people read."""
    train = read_manifest(speech / "train" / "manifest.tsv")
    read = [clip.path for clip in train if len(clip.text.split()) > 2 and clip.seconds < LONGEST]
    random.Random(1).shuffle(read)
    with Pool(workers, _begin, (speech,)) as pool:
        yield from pool.imap_unordered(_said, enumerate(rows), 8)
        yield from pool.imap_unordered(_read_aloud, read[:read_aloud], 8)


def write(found: Iterable[Heard], path: Path) -> int:
    """Write rows like those of `said.tsv`, what means nothing without a meaning; count them."""
    rows = [
        f"{each.meant}\t{each.carries}\t{text}\n"
        for each in found
        for text in each.texts
        if text.strip()
    ]
    path.write_text("".join(rows), encoding="utf-8")
    return len(rows)
