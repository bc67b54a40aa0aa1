"""How well our voice is understood and liked: word errors of a small recogniser, modelled opinions.

The recogniser is Moonshine tiny, whose wheel 0.1.0 carries its weights; opinions (mean opinion
score, 1 to 5) are DistillMOS's, whose wheel carries them too. Both belong to the extra `bench`.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Protocol

import numpy as np
import soxr

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE, Samples
from legsup_voice.evaluation import clips, surroundings
from legsup_voice.speaking.voice import Voice

CONDITIONS = ("quiet", "noise", "room")
"""As it is; household noise 10 dB below; across a reverberant room."""

_NUMBERS = dict(enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty".split()
)) | {30: "thirty", 40: "forty", 50: "fifty"}  # fmt: skip

_SAME_SOUND = (
    *(("halfway", "half way"), ("on to", "onto"), ("souls", "soles"), ("ok", "okay")),
    *(("lightheaded", "light headed"), ("for", "four"), ("to", "two"), ("too", "two")),
    *(("good bye", "goodbye"), ("good by", "goodbye"), ("to day", "today"), ("i'll", "i will")),
    *(("alright", "all right"), ("be side", "beside")),
    *(("in to", "into"), ("heals", "heels"), ("eight", "ate"), ("anymore", "any more")),
)
"""Spellings that no voice could tell apart; both sides are read in the second."""


class Opinion(Protocol):
    """Gives a mean opinion score, 1 to 5, of speech at 16 kHz."""

    def __call__(self, samples: Samples) -> float:
        """Return the score."""


class Recogniser(Protocol):
    """Writes down speech at 16 kHz."""

    def __call__(self, samples: Samples) -> str:
        """Return what was said."""


@dataclass
class Line:
    """One line as measured: its opinion, and by condition what was heard and its word errors."""

    text: str
    pace: str
    opinion: float
    heard: dict[str, str] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)

    @property
    def words(self) -> int:
        """The count of words that could be heard wrongly."""
        return len(plain(self.text))


def measured(
    voice: Voice,
    lines: Iterable[tuple[str, str]],
    opinion: Opinion,
    recogniser: Recogniser,
    noise: Samples,
    room: Samples,
) -> Iterator[Line]:
    """Yield each (text, pace) as it fares in every condition; `noise` and `room` at 16 kHz."""
    for text, pace in lines:
        clip = np.asarray(soxr.resample(voice.clip(text, pace), SPEAK_RATE, HEAR_RATE), np.float32)
        line = Line(text, pace, opinion(clip))
        laid = {
            "quiet": clips.quiet_around(clip),
            "noise": surroundings.in_noise(clip, noise, text),
            "room": surroundings.across(clip, room),
        }
        for condition, samples in laid.items():
            line.heard[condition] = recogniser(samples)
            line.errors[condition] = word_errors(text, line.heard[condition])
        yield line


def word_errors(said: str, heard: str) -> int:
    """Return how many words were left out, put in or heard as others."""
    wanted, found = plain(said), plain(heard)
    row = list(range(len(found) + 1))
    for number, word in enumerate(wanted, start=1):
        before, row[0] = row[0], number
        for place, other in enumerate(found, start=1):
            cost = min(row[place] + 1, row[place - 1] + 1, before + (word != other))
            before, row[place] = row[place], cost
    return row[-1]


def plain(text: str) -> list[str]:
    """Return the words of `text` as they sound: small letters, numbers as words."""
    spelled = re.sub(r"\d+", lambda found: _NUMBERS.get(int(found[0]), found[0]), text.lower())
    words = " ".join(re.findall(r"[a-z']+", spelled.replace("-", " ")))
    for one, other in _SAME_SOUND:
        words = re.sub(rf"\b{one}\b", other, words)
    return words.split()


def distill_mos() -> Opinion:
    """Return the model of listeners' opinions.

    Raises:
        ImportError: `distillmos` is not installed.
    """
    import torch
    from distillmos import ConvTransformerSQAModel

    with redirect_stdout(StringIO()):  # it says where its weights are
        model = ConvTransformerSQAModel()
    model.eval()

    def opinion(samples: Samples) -> float:
        with torch.no_grad():
            return float(model(torch.from_numpy(samples)[None]).item())

    return opinion


def moonshine() -> Recogniser:
    """Return the small recogniser.

    Raises:
        ImportError: `moonshine-voice` is not installed.
    """
    from moonshine_voice import ModelArch, Transcriber, get_model_path

    transcriber = Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY)

    def heard(samples: Samples) -> str:
        found = transcriber.transcribe_without_streaming(samples.tolist(), HEAR_RATE)
        return " ".join(line.text for line in found.lines)

    return heard
