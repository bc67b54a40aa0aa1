"""How every line, the breathing, the beds and the bell measure: `python -m` this module prints it.

Lines are read from the clips a session plays; what isn't rendered yet is rendered.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.content import content
from legsup_voice.protocol.breathing import Phase
from legsup_voice.protocol.commands import Bed
from legsup_voice.speaking.bed import bell, loop
from legsup_voice.speaking.breath import sound, sounds
from legsup_voice.speaking.loudness import loudness, true_peak
from legsup_voice.speaking.prosody import LENIENT_WORDS, LONGEST_LINE, PACES
from legsup_voice.speaking.voice import Voice


@dataclass(frozen=True)
class Measured:
    """A sound's length (s), loudness (LUFS) and true peak (dBFS); a line's words a minute."""

    name: str
    pace: str
    seconds: float
    lufs: float
    peak: float
    words_a_minute: float = 0.0

    @property
    def keeps_pace(self) -> bool:
        """Whether the line is in its class; lines of up to three words always are."""
        limits = PACES[self.pace]
        short = len(self.name.split()) <= LENIENT_WORDS
        return short or limits.slowest <= self.words_a_minute <= limits.fastest


def measured_lines(voice: Voice, lines: Iterable[tuple[str, str]]) -> list[Measured]:
    """Return each distinct (text, pace) as measured on its clip."""
    result = []
    for text, pace in dict.fromkeys(lines):
        clip = voice.clip(text, pace)
        rate = 60 * len(text.split()) * SPEAK_RATE / len(clip)
        result.append(_measured(text, clip, pace, rate))
    return result


def measured_sounds() -> list[Measured]:
    """Return what sounds beside the voice."""
    sounds = {f"breathing {cue}": sound(cue, 5000) for cue in ("in", "hold", "out")}
    sounds |= {f"bed {bed}": loop(bed) for bed in Bed if bed is not Bed.NONE}
    return [_measured(name, samples) for name, samples in {**sounds, "bell": bell()}.items()]


FLOOR_DB = -45.0
"""What hides a sound in a room that isn't quiet, dB of full scale (rms)."""


@dataclass(frozen=True)
class MeasuredCue:
    """A phase's sound: its length, until when it is above the floor (s), and levels (dB rms).

    `first` and `last` are of 0.3 s, from the beginning and up to where it falls under the floor.
    """

    cue: str
    seconds: float
    heard_until: float
    first: float
    middle: float
    last: float


def measured_cues(phases: Iterable[tuple[str, float]]) -> list[MeasuredCue]:
    """Return how the cues of a pattern measure."""
    wanted = [Phase(cue, round(seconds * 1000)) for cue, seconds in phases]
    return [
        _measured_cue(phase.cue, samples)
        for phase, samples in zip(wanted, sounds(wanted), strict=True)
    ]


def _measured_cue(cue: str, samples: Samples) -> MeasuredCue:
    frame = SPEAK_RATE // 50
    power = np.mean(samples[: len(samples) // frame * frame].reshape(-1, frame) ** 2, axis=1)
    heard = int(np.flatnonzero(power > 10 ** (FLOOR_DB / 10))[-1]) + 1

    def level(first: int, end: int) -> float:
        return float(10 * np.log10(np.mean(power[first:end]) + 1e-12))

    middle = len(power) // 2
    return MeasuredCue(
        cue,
        len(samples) / SPEAK_RATE,
        heard * frame / SPEAK_RATE,
        level(0, 15),
        level(middle - 8, middle + 7),
        level(heard - 15, heard),
    )


def _measured(name: str, samples: Samples, pace: str = "", rate: float = 0.0) -> Measured:
    seconds = len(samples) / SPEAK_RATE
    return Measured(name, pace, seconds, loudness(samples), true_peak(samples), rate)


def main() -> None:
    """Print how the lines, the other sounds and the cues measure, and the lines out of bounds."""
    lines = measured_lines(Voice(), content().spoken())
    table = Table("sound", "count", "LUFS", "true peak dBFS", "seconds", "words/min")
    for pace in PACES:
        _row(table, f"lines, pace {pace}", [line for line in lines if line.pace == pace])
    for other in measured_sounds():
        _row(table, other.name, [other])
    console = Console(width=120, markup=False, emoji=False)
    console.print(table)
    console.print(_cue_table())
    for line in lines:
        if not line.keeps_pace or line.seconds > LONGEST_LINE:
            console.print(f"{line.words_a_minute:.0f} words/min, {line.seconds:.1f} s: {line.name}")


def _cue_table() -> Table:
    table = Table("pattern", "cue", "seconds", "heard until", "first dB", "middle dB", "last dB")
    for name, pattern in content().breathing.patterns.items():
        for cue in measured_cues(pattern.phases):
            numbers = (cue.seconds, cue.heard_until, cue.first, cue.middle, cue.last)
            table.add_row(name, cue.cue, *(f"{number:.1f}" for number in numbers))
    return table


def _row(table: Table, name: str, group: list[Measured]) -> None:
    def span(values: list[float], digits: int) -> str:
        low, middle, high = np.percentile(values, [0, 50, 100])
        return f"{low:.{digits}f} / {middle:.{digits}f} / {high:.{digits}f}"

    rates = [one.words_a_minute for one in group if one.words_a_minute]
    table.add_row(
        name,
        str(len(group)),
        span([one.lufs for one in group], 2),
        f"{max(one.peak for one in group):.2f}",
        span([one.seconds for one in group], 1),
        span(rates, 0) if rates else "",
    )


if __name__ == "__main__":
    main()
