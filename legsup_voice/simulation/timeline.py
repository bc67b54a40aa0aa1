"""A picture of a session: who spoke when, in which state, and how the breath was guided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from legsup_voice.protocol.states import State
from legsup_voice.records.eventlog import read_events
from legsup_voice.simulation.expect import Record

COLUMNS = 2400
"""Points across the picture, whatever the session's length."""
_FFT = 512
_LONGEST_CUE = 10.0
_LABELS = 1.2
"""Where labels begin, above a wave drawn between -1 and 1."""
_GUIDE, _SAFETY, _PERSON, _BREATH = "#3b6ea5", "#c0392b", "#2e8b57", "#7d5ba6"
_STATES = {
    State.IDLE: "#d9d9d9",
    State.SCREENING: "#ffe08a",
    State.REFUSED: "#f4a582",
    State.SEATED: "#c7e9c0",
    State.SETUP: "#a6cee3",
    State.HOLD: "#74c476",
    State.PAUSED: "#c2b4dc",
    State.LEAVING: "#fb9a70",
    State.LYING: "#ef6f6c",
    State.SIDE: "#fdd0a2",
    State.SITTING: "#fee6ce",
    State.DONE: "#b8e186",
}
_SAFETY_FAMILIES = ("exit", "lying", "fault", "help", "refused")


@dataclass(frozen=True)
class Sound:
    """A sound file, coarsely: extremes and spectrum of each column."""

    seconds: float
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    spectrum: NDArray[np.float32]
    rate: int

    @property
    def times(self) -> NDArray[np.float64]:
        """The middle of each column, in seconds."""
        return (np.arange(len(self.low)) + 0.5) * self.seconds / len(self.low)


def draw(folder: Path) -> Path:
    """Draw `timeline.png` of the sounds and the event log in `folder`; return its path."""
    events = read_events(folder / "events.jsonl")
    room = folder / "room.jsonl"
    happenings = read_events(room) if room.exists() else []
    speaker = _sound(folder / "speaker.wav")
    microphone = _sound(folder / "microphone.wav")
    seconds = speaker.seconds
    figure = Figure(figsize=(float(np.clip(seconds / 12, 16, 60)), 9.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(5, 1, sharex=True, height_ratios=[0.6, 2.2, 2.6, 0.9, 1.5])
    _draw_states(axes[0], events, seconds)
    _draw_person(axes[1], events, happenings, microphone)
    _draw_guide(axes[2], events, speaker)
    _draw_breath(axes[3], events)
    _draw_spectrum(axes[4], speaker)
    axes[4].set_xlim(0, seconds)
    axes[4].set_xlabel("seconds on the audio clock")
    path = folder / "timeline.png"
    figure.savefig(path, dpi=100)
    return path


def _sound(path: Path) -> Sound:
    """Read a sound file in columns; only the columns are kept."""
    with soundfile.SoundFile(path) as file:
        size = max(_FFT, -(-file.frames // COLUMNS))
        parts = [_column(block) for block in _blocks(file, size)]
        rate, seconds = file.samplerate, max(file.frames, 1) / file.samplerate
    low, high, spectrum = zip(*parts, strict=True)
    return Sound(seconds, np.array(low), np.array(high), np.array(spectrum), rate)


def _blocks(file: soundfile.SoundFile, size: int) -> Iterator[NDArray[np.float32]]:
    empty = True
    for block in file.blocks(blocksize=size, dtype="float32", fill_value=0.0):
        empty = False
        yield block
    if empty:
        yield np.zeros(size, np.float32)


def _column(block: NDArray[np.float32]) -> tuple[float, float, NDArray[np.float32]]:
    frames = block[: len(block) // _FFT * _FFT].reshape(-1, _FFT) * np.hanning(_FFT)
    power = np.mean(np.abs(np.fft.rfft(frames)) ** 2, axis=0)
    return float(block.min()), float(block.max()), (10 * np.log10(power + 1e-9)).astype(np.float32)


def _draw_states(axes: Axes, events: Sequence[Record], seconds: float) -> None:
    changes = [e for e in events if e["kind"] == "state"]
    ends = [e["t"] for e in changes[1:]] + [seconds]
    for change, end in zip(changes, ends, strict=True):
        state = State(change["state"])
        axes.axvspan(change["t"], end, color=_STATES[state], lw=0)
        wide = (end - change["t"]) / seconds > 0.035
        middle = (change["t"] + end) / 2
        axes.text(
            middle, 0.5, state.value, ha="center", va="center",
            fontsize=9 if wide else 6, rotation=0 if wide else 90,
        )  # fmt: skip
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_ylabel("state")


def _draw_wave(axes: Axes, sound: Sound, colour: str) -> None:
    """Draw the extremes of the sound below the labels, its loudest part as high as the band."""
    peak = max(float(sound.high.max()), -float(sound.low.min()), 1e-3)
    axes.fill_between(sound.times, sound.low / peak, sound.high / peak, color=colour, lw=0)
    axes.set_ylim(-1.05, _LABELS + 3.3)
    axes.set_yticks([])


def _draw_person(
    axes: Axes, events: Sequence[Record], happenings: Sequence[Record], sound: Sound
) -> None:
    _draw_wave(axes, sound, "#8c979e")
    axes.set_ylabel("microphone:\nwhat was heard")
    for happening in happenings:
        if happening["kind"] == "person":
            _band(axes, happening["t"], happening["end"], _PERSON)
        else:
            axes.axvline(happening["t"], color=_SAFETY, ls=":", lw=1)
            _label(axes, happening["t"], happening["what"], _SAFETY)
    for event in events:
        if event["kind"] == "heard":
            _label(axes, event["t"], event["command"], _PERSON)
        elif event["kind"] == "rejected":
            _label(axes, event["t"], f"({event['text'] or '?'})", "#888888")


def _draw_guide(axes: Axes, events: Sequence[Record], sound: Sound) -> None:
    _draw_wave(axes, sound, "#9fb3c8")
    axes.set_ylabel("speaker:\nwhat was said")
    begun: Record = {}
    for event in events:
        if event["kind"] == "say":
            begun = event
        elif event["kind"] == "said" and begun and begun["line"] == event["line"]:
            family = event["line"].split(".")[0]
            colour = _SAFETY if family in _SAFETY_FAMILIES else _GUIDE
            _band(axes, begun["start"], event["end"], colour, "//" if event["cut"] else None)
            _label(axes, begun["start"], event["line"], colour)


def _draw_breath(axes: Axes, events: Sequence[Record]) -> None:
    cues = [e for e in events if e["kind"] == "cue"]
    changes = [e["t"] for e in events if e["kind"] == "state"]
    level = 0.0
    times, levels = [], []
    for cue, after in zip_longest(cues, cues[1:]):
        target = {"in": 1.0, "out": 0.0}.get(cue["cue"], level)
        ends = [t for t in changes if t > cue["start"]]
        ends += [cue["start"] + _LONGEST_CUE, *([after["start"]] if after else [])]
        length = min(ends) - cue["start"]
        times += [cue["start"], cue["start"] + length]
        levels += [level, target]
        level = target
        if after is None or after["start"] - cue["start"] > length:
            times.append(times[-1])
            levels.append(float("nan"))
    axes.plot(times, levels, color=_BREATH)
    axes.fill_between(times, 0, levels, color=_BREATH, alpha=0.25, lw=0)
    axes.plot([c["start"] for c in cues], [0.0] * len(cues), "|", color=_BREATH)
    axes.set_ylim(-0.15, 1.15)
    axes.set_yticks([0, 1], ["out", "in"])
    axes.set_ylabel("breath cues")


def _draw_spectrum(axes: Axes, sound: Sound) -> None:
    axes.imshow(
        sound.spectrum.T,
        origin="lower",
        aspect="auto",
        extent=(0, sound.seconds, 0, sound.rate / 2000),
        vmin=-50,
        vmax=25,
        cmap="magma",
        interpolation="nearest",
    )
    axes.set_ylim(0, 8)
    axes.set_ylabel("speaker\nkHz")


def _band(axes: Axes, start: float, end: float, colour: str, hatch: str | None = None) -> None:
    axes.fill_between([start, end], -1.05, 1.05, color=colour, alpha=0.3, lw=0, hatch=hatch)


def _label(axes: Axes, x: float, text: str, colour: str) -> None:
    axes.text(x, _LABELS, text, rotation=90, va="bottom", fontsize=8, color=colour, clip_on=True)
