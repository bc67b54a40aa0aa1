"""What the two listeners hear of the measuring set, kept in a file: fitting then takes seconds.

Of every utterance, the recogniser's readings and the phones of all passes are kept, not what they
mean: the same file serves another grammar and other thresholds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legsup_voice.audio import Samples
from legsup_voice.evaluation import bench, clips
from legsup_voice.hearing.attention import Attention, Situation
from legsup_voice.hearing.compiled import Compiled
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.interpreter import Decision, Interpreter
from legsup_voice.hearing.phones import Floats
from legsup_voice.hearing.recogniser import Alternative, Recogniser
from legsup_voice.hearing.verifier import Verifier


@dataclass(frozen=True)
class Utterance:
    """What was heard when an utterance could first have ended, or a little later."""

    readings: list[Alternative]
    passes: list[Floats]


@dataclass(frozen=True)
class Take:
    """One clip in one condition, with its utterances."""

    kind: str
    text: str
    speaker: str
    file: str
    condition: str
    seconds: float
    utterances: list[Utterance]


class Recorder(Interpreter):
    """Keeps what it is given, and takes nothing for a command: every utterance goes to its end."""

    def __init__(
        self, compiled: Compiled, recogniser: Recogniser, verifier: Verifier | None
    ) -> None:
        super().__init__(compiled, recogniser, verifier)
        self.kept: list[Utterance] = []
        """What was kept so far."""

    def interpret(
        self, utterance: Samples, attention: Attention, situation: Situation, *, first: bool = False
    ) -> Decision:
        """Keep what is heard."""
        assert self._verifier is not None
        passes = list(self._verifier.passes(utterance))
        self.kept.append(Utterance(self._recogniser.decode(utterance), passes))
        return Decision("", None, 0.0, "unknown")


def record(listed: list[clips.Clip], work: list[clips.Clip]) -> Iterator[Take]:
    """Hear the clips `work`, the commands in every condition of the bench."""
    ears = Ears(interpreter=Recorder)
    recorder, listener = ears.interpreter, bench.Listener(ears)
    assert isinstance(recorder, Recorder)
    for clip, condition, samples in bench.material(listed, work):
        recorder.kept.clear()
        listener.hear(samples)
        seconds = bench.seconds(samples)
        utterances = list(recorder.kept)
        yield Take(
            clip.kind, clip.text, clip.speaker, clip.path.name, condition, seconds, utterances
        )


def write(takes: Iterable[Take], path: Path) -> int:
    """Write `takes` to one file; return how many there were."""
    rows: list[Floats] = []
    index = []
    for take in takes:
        heard = [
            {
                "readings": [[each.text, each.score] for each in one.readings],
                "steps": [len(p) for p in one.passes],
            }
            for one in take.utterances
        ]
        rows += [p for one in take.utterances for p in one.passes]
        about = [take.kind, take.text, take.speaker, take.file, take.condition, take.seconds]
        index.append({"about": about, "utterances": heard})
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.savez_compressed(
            file,
            rows=np.concatenate(rows or [np.zeros((0, 40), np.float32)]).astype(np.float16),
            index=np.frombuffer(json.dumps(index).encode(), np.uint8),
        )
    temporary.replace(path)
    return len(index)


def read(path: Path) -> list[Take]:
    """Read what `write` wrote."""
    with np.load(path) as stored:
        rows = stored["rows"]
        index = json.loads(stored["index"].tobytes())
    found, at = [], 0
    for each in index:
        utterances = []
        for one in each["utterances"]:
            passes = []
            for steps in one["steps"]:
                passes.append(rows[at : at + steps].astype(np.float32))
                at += steps
            utterances.append(
                Utterance([Alternative(text, score) for text, score in one["readings"]], passes)
            )
        kind, text, speaker, file, condition, seconds = each["about"]
        found.append(Take(kind, text, speaker, file, condition, seconds, utterances))
    return found
