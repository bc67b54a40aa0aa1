"""How well "stop" is heard while we speak, and whether our own lines are ever taken for a command.

Recorded people say "stop" into our lines in a simulated room: for each gain and delay of the echo,
each impulse response and each drift of the microphone's clock against the speaker's, with echo
removal and without it. Prints a Markdown table.

    python script/bench_echo.py ../shared/speech
"""

import argparse
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, SPEAK_RATE, Samples, amplitude
from legsup_voice.content import content
from legsup_voice.evaluation.surroundings import drifted
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Ears
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.simulation.level import active_level
from legsup_voice.simulation.room import PERSON_DBFS, Echo
from legsup_voice.soundfiles import read, to_16_bit
from legsup_voice.speaking.voice import Voice

GAP = 1.0
"""Seconds between two lines."""
TAIL = 0.5
"""Seconds after a line in which the ears are told that it may still sound."""
HISS_DBFS = -72.0
NOTHING_DB = -200.0
HEAD = """| echo | delay | room | drift | removal | "stop" heard | p50 / p95 after it | own lines |
|---|---|---|---|---|---|---|---|"""
EVERYTHING = frozenset(Command)


@dataclass(frozen=True)
class Spoken:
    """One line on the tape, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Word:
    """One "stop" on the tape, in seconds."""

    start: float
    end: float


def tape(lines: list[tuple[str, str]], voice: Voice) -> tuple[Samples, list[Spoken]]:
    """Return all `lines` one after the other, in whole speaker blocks, and where they are."""
    pieces: list[Samples] = []
    spoken, position = [], 0
    for text, pace in lines:
        clip = voice.clip(text, pace)
        spoken.append(Spoken(text, position / SPEAK_RATE, (position + len(clip)) / SPEAK_RATE))
        pause = round(GAP * SPEAK_RATE)
        pause += -(len(clip) + pause) % SPEAK_BLOCK
        pieces += [clip, np.zeros(pause, np.float32)]
        position += len(clip) + pause
    return np.concatenate(pieces), spoken


def people(clips: list[Path], spoken: list[Spoken], length: int) -> tuple[Samples, list[Word]]:
    """Return the microphone's share of the people, and the words: one in every line."""
    heard = np.zeros(length, np.float32)
    words = []
    chance = random.Random(3)
    for path, line in zip(clips, spoken, strict=False):
        clip = read(path, HEAR_RATE)
        clip *= np.float32(amplitude(PERSON_DBFS - active_level(clip, HEAR_RATE)))
        power = np.convolve(np.square(clip), np.ones(320) / 320, "same")
        loud = np.flatnonzero(power > power.max() * 10**-2.5)
        latest = max(line.start, line.end - loud[-1] / HEAR_RATE)
        first = round((line.start + chance.random() * (latest - line.start)) * HEAR_RATE)
        heard[first : first + len(clip)] += clip[: length - first]
        words.append(Word((first + loud[0]) / HEAR_RATE, (first + loud[-1]) / HEAR_RATE))
    return heard, words


def echo_of(speaker: Samples, echo: Echo, ppm: float) -> Samples:
    """Return the microphone's share of our lines, one block late as in the engine."""
    blocks = speaker[: len(speaker) // SPEAK_BLOCK * SPEAK_BLOCK].reshape(-1, SPEAK_BLOCK)
    silence = np.zeros((1, SPEAK_BLOCK), np.float32)
    heard = np.concatenate([echo.process(b) for b in np.concatenate((silence, blocks[:-1]))])
    return drifted(heard, ppm) if ppm else heard


def listen(
    ears: Ears, echo: Samples, speaker: Samples, person: Samples, spoken: list[Spoken]
) -> Iterator[tuple[float, Heard]]:
    """Run the ears over the tape; yield what they heard and when, as the engine does."""
    noise = np.random.default_rng(5).standard_normal(len(person)) * amplitude(HISS_DBFS)
    last = np.zeros(SPEAK_BLOCK, np.float32)
    lines = iter([*spoken, Spoken("", np.inf, np.inf)])
    line = next(lines)
    microphone = person + noise.astype(np.float32) + echo
    for block in range(len(person) // HEAR_BLOCK):
        now = block * HEAR_BLOCK / HEAR_RATE
        while now > line.end + TAIL:
            line = next(lines)
        part = slice(block * HEAR_BLOCK, (block + 1) * HEAR_BLOCK)
        heard = to_16_bit(microphone[part]).astype(np.float32) / np.float32(32768)
        attention = Attention(EVERYTHING, line.text if now >= line.start else None)
        for report in ears.listen(heard, last, attention):
            if isinstance(report, Heard):
                yield now + HEAR_BLOCK / HEAR_RATE, report
        last = speaker[block * SPEAK_BLOCK : (block + 1) * SPEAK_BLOCK]


@dataclass
class Result:
    """What one condition gave."""

    words: int
    late: list[float]
    own: list[str]


def measure(
    echo: Echo, ppm: float, removal: bool, speaker: Samples, spoken: list[Spoken], clips: list[Path]
) -> Result:
    """Play the tape with a "stop" in every line but the first; with no `clips`, alone."""
    length = len(speaker) // SPEAK_BLOCK * HEAR_BLOCK
    person, words = people(clips, spoken[1:], length)
    late, own = [], []
    left = list(words)
    own_sound = echo_of(speaker, echo, ppm)
    for at, heard in listen(Ears(echo=removal), own_sound, speaker, person, spoken):
        hits = [word for word in left if word.start < at < word.end + 1.5]
        if heard.command is Command.STOP and hits:
            left.remove(hits[0])
            late.append(at - hits[0].end)
        elif not hits:
            own.append(heard.text)
    return Result(len(words), late, own)


def row(name: str, stops: Result, alone: Result) -> str:
    """Return one line of the table."""
    late = sorted(stops.late)
    times = "-"
    if late:
        middle, most = (late[int(part * (len(late) - 1))] for part in (0.5, 0.95))
        times = f"{1000 * middle:.0f} / {1000 * most:.0f} ms"
    own = ", ".join(alone.own[:4])
    return f"| {name} | {len(late)} of {stops.words} | {times} | {len(alone.own)} {own} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How well stop is heard while we speak.")
    parser.add_argument("speech", type=Path, help="the folder of recordings of people")
    parser.add_argument("--stops", type=int, default=40, help="people who say stop")
    parser.add_argument("--lines", type=int, default=60, help="lines played alone; 0: all")
    parser.add_argument("--gains", type=float, nargs="+", default=[NOTHING_DB, 0.0, -10.0, -20.0])
    parser.add_argument("--delays", type=float, nargs="+", default=[22.0, 80.0, 180.0])
    parser.add_argument("--rooms", nargs="+", default=["none", "accoustic2", "ir_bathroom1"])
    parser.add_argument("--ppm", type=float, nargs="+", default=[0.0], help="drift of the clocks")
    parser.add_argument("--removal", nargs="+", default=["without", "with"])
    asked = parser.parse_args()
    clips = sorted((asked.speech / "command").glob("stop-*.flac"))
    lines = list(content().spoken())
    random.Random(1).shuffle(clips)
    random.Random(2).shuffle(lines)
    voice = Voice()
    with_stops = tape(lines[: asked.stops + 1], voice)
    alone = tape(lines[: asked.lines or None], voice)
    typer.echo(HEAD)
    for gain, delay, room, ppm, removal in itertools.product(
        asked.gains, asked.delays, asked.rooms, asked.ppm, asked.removal
    ):
        where = (asked.speech / "room").glob(f"{room}*")
        impulse = None if room == "none" else read(next(where), HEAR_RATE)
        results = [
            measure(Echo(gain, delay, impulse), ppm, removal == "with", *sound, people)
            for sound, people in ((with_stops, clips[: asked.stops]), (alone, []))
        ]
        typer.echo(
            row(f"{gain:.0f} dB | {delay:.0f} ms | {room} | {ppm:g} ppm | {removal}", *results)
        )


if __name__ == "__main__":
    main()
