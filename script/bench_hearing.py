"""Our ears beside PocketSphinx and Moonshine, on the same clips in the same run.

Each engine has a process of its own and hears the commands of a list of recordings clean, in noise
and in a room, and its talk and noise. What counts is the same for all: the whole text is a phrase
of ours or it is nothing. Prints a Markdown table.

    python script/bench_hearing.py ../shared/speech/manifest.tsv --limit 100
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from legsup_voice.audio import HEAR_RATE, Samples
from legsup_voice.evaluation import bench, clips
from legsup_voice.hearing.compiled import PHRASES
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent

HEAD = """| engine | clean | 10 dB noise | room | false/h | CPU, ms a second | peak MB |
|---|---|---|---|---|---|---|"""


class Engine(ABC):
    """Something that hears commands."""

    def __init__(self) -> None:
        self.grammar = grammar()

    @abstractmethod
    def meant(self, samples: Samples) -> list[Intent]:
        """Return what `samples` (16 kHz) mean, all of them."""

    def _meaning(self, text: str) -> list[Intent]:
        """Return what `text` as a whole means."""
        intent = self.grammar.spoken.meaning(text)
        return [intent] if intent else []


class LegsUp(Engine):
    """The ears as a session has them, thresholds and all."""

    def __init__(self) -> None:
        super().__init__()
        self._listener = bench.Listener(Ears())

    def meant(self, samples: Samples) -> list[Intent]:
        """Return what was heard."""
        found = [bench.intent_of(each.report) for each in self._listener.hear(samples)]
        return [intent for intent in found if intent]


class PocketSphinx(Engine):
    """Version 5 with a grammar of our phrases, as far as it knows their words."""

    def __init__(self) -> None:
        super().__init__()
        from pocketsphinx import Decoder

        known = Decoder(loglevel="FATAL", lm=None)
        phrases = [
            phrase
            for phrase in self.grammar.phrases(PHRASES)
            if all(known.lookup_word(word) for word in phrase.split())
        ]
        # A second look at every path of a minute of noise takes it twenty times as long.
        self._decoder = Decoder(loglevel="FATAL", lm=None, bestpath=False)
        self._decoder.add_jsgf_string(
            "phrases", f"#JSGF V1.0; grammar phrases; public <all> = {sharing_beginnings(phrases)};"
        )
        self._decoder.activate_search("phrases")

    def meant(self, samples: Samples) -> list[Intent]:
        """Return what the likeliest phrase means."""
        self._decoder.start_utt()
        numbers = (np.clip(samples, -1, 1) * 32767).astype("<i2")
        self._decoder.process_raw(numbers.tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return self._meaning(found.hypstr if found else "")


class Moonshine(Engine):
    """The tiny English model that the wheel `moonshine-voice` 0.1.0 holds."""

    def __init__(self) -> None:
        super().__init__()
        from moonshine_voice import ModelArch, Transcriber, get_model_path

        self._transcriber = Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY)

    def meant(self, samples: Samples) -> list[Intent]:
        """Return what all that was said means, in small letters without marks."""
        found = self._transcriber.transcribe_without_streaming(samples.tolist(), HEAR_RATE)
        said = " ".join(line.text for line in found.lines).lower()
        return self._meaning(" ".join(re.findall(r"[a-z']+", said)))


def sharing_beginnings(phrases: Iterable[str]) -> str:
    """Return a JSGF expression of `phrases`: beside each other they take five times as long."""
    rests: dict[str, list[str]] = {}
    for phrase in phrases:
        first, _, rest = phrase.partition(" ")
        rests.setdefault(first, []).append(rest)
    ways = []
    for first, after in rests.items():
        longer = [rest for rest in after if rest]
        more = sharing_beginnings(longer) if longer else ""
        ways.append(f"{first} [ {more} ]" if more and "" in after else f"{first} {more}")
    return f"( {' | '.join(ways)} )"


ENGINES: dict[str, type[Engine]] = {
    "legsup_voice": LegsUp,
    "PocketSphinx": PocketSphinx,
    "Moonshine tiny-en": Moonshine,
}


def measure(engine: Engine, manifest: Path, limit: int | None) -> dict[str, float]:
    """Return the shares that were right, the false commands an hour, and what it cost."""
    listed = clips.manifest(manifest)
    right: dict[str, list[bool]] = {name: [] for name in bench.CONDITIONS}
    false, other_seconds, all_seconds, spent = 0, 0.0, 0.0, 0.0
    for clip, condition, samples in bench.material(
        listed, bench.chosen(listed, limit), bench.CONDITIONS
    ):
        began = time.process_time()
        meant = engine.meant(samples)
        spent += time.process_time() - began
        all_seconds += len(samples) / HEAR_RATE
        if clip.kind == "command":
            wanted = engine.grammar.spoken.meaning(clip.text)
            right[condition].append(bool(meant) and all(each == wanted for each in meant))
        else:
            false += len(meant)
            other_seconds += len(samples) / HEAR_RATE
    shares = {name: float(np.mean(each)) for name, each in right.items() if each}
    return shares | {
        "false": 3600 * false / max(other_seconds, 1e-9),
        "cost": 1000 * spent / all_seconds,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def row(name: str, found: dict[str, float]) -> str:
    """Return one row of the table."""
    shares = (f"{100 * found[c]:.1f} %" if c in found else "-" for c in bench.CONDITIONS)
    figures = (f"{found['false']:.1f}", f"{found['cost']:.0f}", f"{found['peak']:.0f}")
    return f"| {' | '.join((name, *shares, *figures))} |"


def main() -> None:
    """Measure one engine, or every one in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--limit", type=int, help="most clips of a kind")
    parser.add_argument("--engine", choices=ENGINES, help="this one alone, as JSON")
    options = parser.parse_args()
    if options.engine:
        found = measure(ENGINES[options.engine](), options.manifest, options.limit)
        print(json.dumps(found))  # noqa: T201
        return
    print(HEAD)  # noqa: T201
    for name in ENGINES:
        command = [sys.executable, __file__, *sys.argv[1:], "--engine", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
        print(row(name, json.loads(done.stdout.splitlines()[-1])), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
