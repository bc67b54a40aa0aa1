"""A picture of a session: who spoke when, in which state, and how the breath was guided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from legsup_voice.content import content
from legsup_voice.picture import INK, Canvas
from legsup_voice.protocol.states import State
from legsup_voice.records.eventlog import read_events
from legsup_voice.simulation.expect import Record

COLUMNS = 2400
"""Columns a sound is read in, whatever the session's length."""

_MARGIN = 90
_TICK_SECONDS = (10, 30, 60, 300, 600, 1800)
_ROWS = {"state": 44, "microphone": 190, "speaker": 290, "breath": 80, "kHz": 130}
"""Height of each row in pixels, from the top."""

_GAP = 12
_WAVE = 60
"""Half the height of a wave; its labels are above it."""

_FFT = 512
_LONGEST_CUE = 10.0
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


@dataclass(frozen=True)
class Sound:
    """A sound file, coarsely: extremes and spectrum of each column."""

    seconds: float
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    spectrum: NDArray[np.float32]
    rate: int


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


class _Row:
    """One row of the picture, and where its seconds are."""

    def __init__(self, canvas: Canvas, name: str, top: int, width: int, seconds: float) -> None:
        self.canvas = canvas
        self.top, self.bottom = top, top + _ROWS[name]
        self._seconds, self._width = seconds, width
        canvas.text((_MARGIN - 8, (self.top + self.bottom) / 2), name, anchor="rm")

    def x(self, seconds: float) -> float:
        return _MARGIN + self._width * min(max(seconds / self._seconds, 0.0), 1.0)

    def box(self) -> tuple[float, float, float, float]:
        return self.x(0), self.top, self.x(self._seconds), self.bottom

    def band(self, start: float, end: float, colour: str, alpha: float = 0.3) -> None:
        top = max(self.top, self.bottom - 2 * _WAVE)
        self.canvas.box((self.x(start), top, self.x(end), self.bottom), colour, alpha)

    def label(self, at: float, text: str, colour: str) -> None:
        self.canvas.text_upwards((self.x(at) + 5, self.bottom - 2 * _WAVE - 3), text, colour, 11)

    def wave(self, sound: Sound, colour: str) -> None:
        """Draw the extremes of the sound, its loudest part as high as the band."""
        peak = max(float(sound.high.max()), -float(sound.low.min()), 1e-3)
        middle = self.bottom - _WAVE
        for column, (low, high) in enumerate(zip(sound.low, sound.high, strict=True)):
            x = self.x((column + 0.5) * sound.seconds / len(sound.low))
            top, bottom = middle - high / peak * _WAVE, middle - low / peak * _WAVE
            self.canvas.line([(x, top), (x, max(bottom, top + 1))], colour)


def draw(folder: Path) -> Path:
    """Draw `timeline.png` of the sounds and the event log in `folder`; return its path."""
    events = read_events(folder / "events.jsonl")
    room = folder / "room.jsonl"
    happenings = read_events(room) if room.exists() else []
    speaker, microphone = _sound(folder / "speaker.wav"), _sound(folder / "microphone.wav")
    width = round(float(np.clip(speaker.seconds * 8, 1500, 6000)))
    canvas = Canvas(_MARGIN + width + 20, sum(_ROWS.values()) + len(_ROWS) * _GAP + 40)
    rows, top = {}, 8
    for name, height in _ROWS.items():
        rows[name] = _Row(canvas, name, top, width, speaker.seconds)
        top += height + _GAP
    _draw_states(rows["state"], events, speaker.seconds)
    _draw_person(rows["microphone"], events, happenings, microphone)
    _draw_guide(rows["speaker"], events, speaker)
    _draw_breath(rows["breath"], events)
    _draw_spectrum(rows["kHz"], speaker)
    for row in rows.values():
        canvas.frame(row.box())
    _draw_ticks(rows["kHz"], speaker.seconds)
    path = folder / "timeline.png"
    canvas.save(path)
    return path


def _draw_ticks(row: _Row, seconds: float) -> None:
    """Write times below the last row, at most some twenty of them."""
    step = next((each for each in _TICK_SECONDS if seconds / each <= 20), _TICK_SECONDS[-1])
    for at in range(0, int(seconds) + 1, step):
        row.canvas.line([(row.x(at), row.bottom), (row.x(at), row.bottom + 5)], INK)
        row.canvas.text((row.x(at), row.bottom + 14), f"{at} s")


def _draw_states(row: _Row, events: Sequence[Record], seconds: float) -> None:
    changes = [e for e in events if e["kind"] == "state"]
    ends = [e["t"] for e in changes[1:]] + [seconds]
    for change, end in zip(changes, ends, strict=True):
        state = State(change["state"])
        left, right = row.x(change["t"]), row.x(end)
        row.canvas.box((left, row.top, right, row.bottom), _STATES[state])
        middle = (left + right) / 2
        if right - left > 9 * len(state):
            row.canvas.text((middle, (row.top + row.bottom) / 2), state.value)
        elif right - left > 10:
            row.canvas.text_upwards((middle, row.bottom - 3), state.value, size=8)


def _draw_person(
    row: _Row, events: Sequence[Record], happenings: Sequence[Record], sound: Sound
) -> None:
    row.wave(sound, "#8c979e")
    for happening in happenings:
        if happening["kind"] == "person":
            row.band(happening["t"], happening["end"], _PERSON)
        else:
            row.band(happening["t"], happening["t"], _SAFETY, 1.0)
            row.label(happening["t"], happening["what"], _SAFETY)
    for event in events:
        if event["kind"] == "heard":
            row.label(event["t"], event["command"], _PERSON)
        elif event["kind"] == "rejected":
            row.label(event["t"], f"({event['text'] or '?'})", "#888888")


def _draw_guide(row: _Row, events: Sequence[Record], sound: Sound) -> None:
    row.wave(sound, "#9fb3c8")
    lines = content().lines  # alike in every language but for their words
    begun: Record = {}
    for event in events:
        if event["kind"] == "say":
            begun = event
        elif event["kind"] == "said" and begun and begun["line"] == event["line"]:
            colour = _SAFETY if lines[event["line"]].safety else _GUIDE
            row.band(begun["start"], event["end"], colour, 0.15 if event["cut"] else 0.3)
            row.label(begun["start"], event["line"], colour)


def _draw_breath(row: _Row, events: Sequence[Record]) -> None:
    """Draw the breath the cues ask for: up while breathing in."""
    cues = [e for e in events if e["kind"] == "cue"]
    changes = [e["t"] for e in events if e["kind"] == "state"]
    level = 0.0
    for cue, after in zip_longest(cues, cues[1:]):
        target = {"in": 1.0, "out": 0.0}.get(cue["cue"], level)
        ends = [t for t in changes if t > cue["start"]]
        ends += [cue["start"] + _LONGEST_CUE, *([after["start"]] if after else [])]
        left, right = row.x(cue["start"]), row.x(min(ends))
        begin, end = (row.bottom - 6 - each * (_ROWS["breath"] - 12) for each in (level, target))
        corners = [(left, row.bottom), (left, begin), (right, end), (right, row.bottom)]
        row.canvas.polygon(corners, _BREATH, 0.25)
        row.canvas.line([(left, begin), (right, end)], _BREATH, 2)
        level = target


def _draw_spectrum(row: _Row, sound: Sound) -> None:
    kept = round(_FFT * 8000 / sound.rate)
    row.canvas.raster(row.box(), (sound.spectrum.T[kept::-1] + 50) / 75)
    row.canvas.text((_MARGIN - 8, row.top + 6), "8", anchor="rm")
    row.canvas.text((_MARGIN - 8, row.bottom - 6), "0", anchor="rm")
