"""Measuring models with unmodified vosk on speakers kept aside: hits, misses, false accepts."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal as ss

from legsup_voice.hearing.models import UNKNOWN
from training.corpus import RATE, Clip, Samples, load, noises, rooms, split

log = logging.getLogger(__name__)

SILENCE = np.zeros(RATE // 2, np.float32)
NOISE_DB = 10.0
PHRASES = (
    *("yes", "no", "stop", "go", "start", "help", "repeat", "next", "back", "ready", "okay"),
    *("done", "pause", "resume", "wait", "continue", "easier", "harder", "longer", "shorter"),
    *("louder", "quieter", "slower", "faster", "skip", "why", "dizzy", "it hurts", "pain"),
    *("how long", "how much longer", "five minutes", "box breathing", "belly breathing"),
    *("just breathe", "i feel dizzy", "i'm done", "what can i say", "quiet please"),
)
"""The grammar people's clips and other talk are measured with."""

Place = Callable[[Samples, np.random.Generator], Samples]


@dataclass
class Tally:
    """What became of the clips of one set in one condition."""

    name: str
    right: int = 0
    other: int = 0
    nothing: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Number of clips."""
        return self.right + self.other + self.nothing

    def add(self, expected: str, heard: str, phrases: Iterable[str]) -> None:
        """Count one clip."""
        if heard == expected:
            self.right += 1
        elif heard in phrases:
            self.other += 1
            self.wrong[f"{expected} → {heard}"] += 1
        else:
            self.nothing += 1
            self.wrong[f"{expected} → -"] += 1


@dataclass
class FalseAccepts:
    """Commands heard in talk that holds none, and how long the talk was."""

    name: str
    seconds: float = 0.0
    accepts: int = 0
    sure: int = 0
    heard: Counter[str] = field(default_factory=Counter)

    @property
    def per_hour(self) -> float:
        """Accepts per hour at any confidence."""
        return self.accepts / max(self.seconds, 1.0) * 3600

    @property
    def sure_per_hour(self) -> float:
        """Accepts per hour whose lowest word confidence is 0.9 or more."""
        return self.sure / max(self.seconds, 1.0) * 3600


class Ear:
    """One vosk recogniser with one grammar."""

    def __init__(self, model: Path, phrases: Iterable[str]) -> None:
        import vosk

        vosk.SetLogLevel(-1)
        self.phrases = list(phrases)
        grammar = json.dumps([*self.phrases, UNKNOWN])
        self.recogniser: Any = vosk.KaldiRecognizer(vosk.Model(str(model)), RATE, grammar)
        self.recogniser.SetWords(True)
        self.audio, self.cpu = 0.0, 0.0

    def hear(self, samples: Samples) -> list[tuple[str, float]]:
        """Return the utterances in ``samples`` (-1..1): text, lowest word confidence."""
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        begun = time.process_time()
        results: list[dict[str, Any]] = []
        for start in range(0, len(pcm), RATE // 20):
            block = pcm[start : start + RATE // 20].tobytes()
            if self.recogniser.AcceptWaveform(block):
                results += [json.loads(self.recogniser.Result())]
        results += [json.loads(self.recogniser.FinalResult())]
        self.audio += len(pcm) / RATE
        self.cpu += time.process_time() - begun
        heard = [(r.get("text", ""), _confidence(r)) for r in results]
        return [(text, confidence) for text, confidence in heard if text]


def _confidence(result: dict[str, Any]) -> float:
    return min((float(word["conf"]) for word in result.get("result", [])), default=0.0)


def conditions(speech: Path) -> dict[str, Place]:
    """Return the three ways a clip is placed: clean, in 10 dB of noise, in a measured room.

    Noise is the part of the recordings training doesn't use; of the rooms, one is new to it.
    """
    noise, responses = noises(speech, "measure"), rooms(speech, "measure")

    def noisy(x: Samples, rng: np.random.Generator) -> Samples:
        recording = noise[rng.integers(len(noise))]
        recording = np.tile(recording, len(x) // len(recording) + 2)
        start = int(rng.integers(0, len(recording) - len(x)))
        added = recording[start : start + len(x)]
        # Power of the speech itself, not of the silence around it.
        power = float(np.mean(x[len(SILENCE) : -len(SILENCE)] ** 2))
        scale = np.sqrt(power / (np.mean(added**2) + 1e-12)) * 10 ** (-NOISE_DB / 20)
        return np.asarray(x + added * scale, np.float32)

    def far(x: Samples, rng: np.random.Generator) -> Samples:
        response = responses[rng.integers(len(responses))]
        return np.asarray(ss.oaconvolve(x, response)[: len(x)], np.float32)

    return {"clean": lambda x, _: x, "10 dB noise": noisy, "room": far}


def _placed(clip: Clip, place: Place) -> Samples:
    """Load a clip with half a second of silence around it; the same noise every time."""
    seed = int.from_bytes(hashlib.sha256(Path(clip.path).name.encode()).digest()[:8], "big")
    x = np.concatenate([SILENCE, load(clip.path), SILENCE])
    x = place(x, np.random.default_rng(seed))
    return np.asarray(x / max(1.0, float(np.abs(x).max())), np.float32)


def hits(model: Path, clips: list[Clip], phrases: list[str], speech: Path) -> list[Tally]:
    """Measure clips that are commands in the three conditions."""
    ear, tallies = Ear(model, phrases), []
    for name, place in conditions(speech).items():
        tally = Tally(name)
        for clip in clips:
            utterances = [text.replace(UNKNOWN, "").strip() for text, _ in _heard(ear, clip, place)]
            tally.add(clip.text, " ".join(" ".join(utterances).split()), phrases)
        tallies.append(tally)
    log.info("%s: %.3f of real time", model, ear.cpu / max(ear.audio, 1e-9))
    return tallies


def false_accepts(model: Path, clips: list[Clip], phrases: list[str], name: str) -> FalseAccepts:
    """Count whole utterances that are a command although nobody said one."""
    ear, found = Ear(model, phrases), FalseAccepts(name)
    for clip in clips:
        placed = _placed(clip, lambda x, _: x)
        found.seconds += len(placed) / RATE
        for text, confidence in ear.hear(placed):
            if text in phrases and text != clip.text:
                found.accepts += 1
                found.sure += confidence >= 0.9
                found.heard[text] += 1
    return found


def _heard(ear: Ear, clip: Clip, place: Place) -> list[tuple[str, float]]:
    return ear.hear(_placed(clip, place))


def measure(model: Path, speech: Path) -> dict[str, Any]:
    """Measure one model on everything kept aside; return tallies by set as plain data."""
    _, held = split(speech)
    people = [c for c in held if c.kind == "command"]
    voices = [c for c in held if c.kind == "train"]
    talk = [c for c in held if c.kind == "talk" and c.text not in PHRASES]
    spoken = sorted({c.text for c in voices})
    groups = {
        "people": hits(model, people, list(PHRASES), speech),
        "synthetic voices": hits(model, voices, spoken, speech),
    }
    result: dict[str, Any] = {"model": str(model)}
    for name, tallies in groups.items():
        result[name] = [asdict(t) | {"wrong": t.wrong.most_common(12)} for t in tallies]
    accepted = false_accepts(model, talk, list(PHRASES), "talk")
    result["talk"] = asdict(accepted) | {
        "per_hour": accepted.per_hour,
        "sure_per_hour": accepted.sure_per_hour,
        "heard": accepted.heard.most_common(12),
    }
    return result


def table(results: dict[str, dict[str, Any]]) -> str:
    """Write measured models as one Markdown table: right / another command, in percent."""
    names = list(results)
    lines = ["| kept aside | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    first = results[names[0]]
    for group in ("people", "synthetic voices"):
        for row, tally in enumerate(first[group]):
            cells = [_cell(results[name][group][row]) for name in names]
            count = tally["right"] + tally["other"] + tally["nothing"]
            lines.append(f"| {group} ({count}), {tally['name']} | " + " | ".join(cells) + " |")
    cells = [
        f"{r['talk']['per_hour']:.0f} ({r['talk']['sure_per_hour']:.0f} at confidence ≥ 0.9)"
        for r in results.values()
    ]
    minutes = first["talk"]["seconds"] / 60
    lines.append(f"| false commands per hour of talk ({minutes:.0f} min) | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(tally: dict[str, Any]) -> str:
    count = max(1, tally["right"] + tally["other"] + tally["nothing"])
    return f"{100 * tally['right'] / count:.1f} % ({100 * tally['other'] / count:.1f} % another)"
