"""How our voice is liked and understood, every line of it, and the ten that fare worst.

    python script/bench_voice.py --voice heart ../shared/speech

Prints a Markdown table; `--out FILE` keeps one row for each line, so that the next run measures
only what is new.
"""

import argparse
import sys
from pathlib import Path

from legsup_voice.audio import HEAR_RATE
from legsup_voice.content import content
from legsup_voice.evaluation import speech
from legsup_voice.soundfiles import read
from legsup_voice.speaking.voice import Voice

NOISE, ROOM = "kitchen-s2i-ccede992.flac", "ir_bathroom1-psg-5209744d.flac"
FEW_DURATIONS = ("thirty seconds", "five minutes", "twelve and a half minutes")
"""What stands for all durations unless --all is given."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--voice", default="heart")
    parser.add_argument("--all", action="store_true", help="with every duration")
    parser.add_argument("--recorded", action="store_true", help="only lines that are recorded")
    parser.add_argument("--every", type=int, default=1, help="only every so many lines")
    parser.add_argument("--out", type=Path, help="what is in this file isn't measured again")
    options = parser.parse_args()
    voice = Voice(voice=options.voice)
    wanted = [line for line in dict.fromkeys(content().spoken()) if options.all or _few(line[0])]
    if options.recorded:
        wanted = [line for line in wanted if Voice().is_recorded(*line)]
    wanted = wanted[:: options.every]
    known = _read(options.out) if options.out and options.out.exists() else {}
    found = [known[line] for line in wanted if line in known]
    noise, room = (
        read(options.speech / kind / name, HEAR_RATE)
        for kind, name in (("noise", NOISE), ("room", ROOM))
    )
    missing = [line for line in wanted if line not in known]
    if missing:
        opinion, recogniser = speech.distill_mos(), speech.moonshine()
        for line in speech.measured(voice, missing, opinion, recogniser, noise, room):
            found.append(line)
            if options.out:
                with options.out.open("a", encoding="utf-8") as file:
                    file.write("\t".join(_cells(line)) + "\n")
    sys.stdout.write(table(options.voice, found))


def _cells(line: speech.Line) -> list[str]:
    """Return a line as cells: text, pace, opinion, then errors and what was heard by turns."""
    told = [(str(line.errors[each]), line.heard[each]) for each in speech.CONDITIONS]
    return [line.text, line.pace, f"{line.opinion:.3f}", *(cell for pair in told for cell in pair)]


def _read(path: Path) -> dict[tuple[str, str], speech.Line]:
    """Return the lines that were measured before, by text and pace."""
    found = {}
    for row in path.read_text(encoding="utf-8").splitlines():
        text, pace, opinion, *told = row.split("\t")
        heard = dict(zip(speech.CONDITIONS, told[1::2], strict=True))
        errors = dict(zip(speech.CONDITIONS, map(int, told[::2]), strict=True))
        found[text, pace] = speech.Line(text, pace, float(opinion), heard, errors)
    return found


def _few(text: str) -> bool:
    """Return whether a line holds no duration, or one of the few."""
    small = text.lower()
    return any(few in small for few in FEW_DURATIONS) or not any(
        each in small for each in content().durations.every()
    )


def table(voice: str, lines: list[speech.Line]) -> str:
    """Return the result as Markdown."""
    words = sum(line.words for line in lines)
    rates = [sum(line.errors[each] for line in lines) / words for each in speech.CONDITIONS]
    opinions = sorted(line.opinion for line in lines)
    parts = [
        "| voice | lines | opinion, mean (worst) | errors in quiet | 10 dB noise | room |",
        "|---|---|---|---|---|---|",
        f"| {voice} | {len(lines)} | {sum(opinions) / len(opinions):.2f} ({opinions[0]:.2f}) | "
        + " | ".join(f"{100 * rate:.1f} %" for rate in rates)
        + " |",
        "",
        "Worst lines (opinion, errors in quiet, noise, room of all words, heard in the room):",
        *(f"- {_row(line)}" for line in sorted(lines, key=_badness)[:10]),
        "",
    ]
    return "\n".join(parts)


def _badness(line: speech.Line) -> tuple[float, float]:
    return -sum(line.errors.values()) / line.words, line.opinion


def _row(line: speech.Line) -> str:
    errors = "/".join(str(line.errors[each]) for each in speech.CONDITIONS)
    heard = " | ".join(line.heard[each] for each in ("quiet", "room"))
    return f"{line.opinion:.2f}  {errors} of {line.words}  {line.text}  →  {heard}"


if __name__ == "__main__":
    main()
