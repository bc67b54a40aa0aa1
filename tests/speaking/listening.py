"""What the speaking tests share: a voice with an empty cache of its own, and an ear."""

import tempfile
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from legsup_voice.audio import SPEAK_BLOCK, SPEAK_RATE, Samples
from legsup_voice.protocol.actions import Say
from legsup_voice.protocol.events import CueStarted, LineEnded, LineStarted
from legsup_voice.speaking.mixer import Mixer
from legsup_voice.speaking.voice import Voice

Kind = TypeVar("Kind", LineStarted, LineEnded, CueStarted)

LINES = (
    ("Come down slowly, and rest on your side. Your blood pressure can drop suddenly.", "setup"),
    ("Draw your knees to your chest, then straighten your legs.", "setup"),
    ("Let the wall hold you.", "hold"),
    ("One minute left.", "hold"),
    ("Do you have POTS, where the heart races when you stand?", "setup"),
    ("Slide your feet down the wall.", "hold"),
    ("Stop.", "hold"),
)
"""Long and short, slow and quick, with and without pauses."""

_FOLDER = tempfile.TemporaryDirectory(prefix="legsup-test-")


@cache
def voice() -> Voice:
    """Return the voice all tests speak with; its clips are rendered once a run."""
    speaking = Voice(Path(_FOLDER.name), "espeak")
    speaking.render_all(LINES, lambda done, total: None)
    return speaking


def alike(first: Samples, second: Samples) -> bool:
    """Tell whether both are one line, rendered once or twice: newer espeak-ng adds some noise."""
    return len(first) == len(second) and bool(np.corrcoef(first, second)[0, 1] > 0.98)


def line(index: int, *, safety: bool = False, gap: float = 0.3) -> Say:
    """Return the action that says a line of `LINES`."""
    text, pace = LINES[index]
    return Say(f"test.{index}", text, pace, safety, gap)


class Listener:
    """Plays a mixer and keeps all that comes out."""

    def __init__(self, mixer: Mixer | None = None) -> None:
        self.mixer = mixer if mixer is not None else Mixer(voice())
        self.events: list[LineStarted | LineEnded | CueStarted] = []
        self._heard: list[Samples] = []

    def play(self, seconds: float) -> None:
        """Let `seconds` of the stream pass."""
        for _ in range(round(seconds * SPEAK_RATE / SPEAK_BLOCK)):
            samples, events = self.mixer.block()
            assert samples.shape == (SPEAK_BLOCK,)
            assert samples.dtype == np.float32
            self._heard.append(samples)
            self.events += [*events, *self.mixer.settle(0)]

    def play_out(self) -> None:
        """Listen until every line is over."""
        while self.mixer.queued:
            self.play(0.02)

    @property
    def sound(self) -> Samples:
        """All that was heard."""
        return np.concatenate(self._heard)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def between(self, start: float, end: float) -> Samples:
        """Return what was heard between two times in seconds."""
        return self.sound[round(start * SPEAK_RATE) : round(end * SPEAK_RATE)]
