"""Everything that sounds, on one stream, in blocks: voice, breathing, bed and bell.

The mixer's clock is the number of samples it has handed out, so the times it reports are exact. It
knows nothing of why something is said; it only keeps the order, the gaps and the levels:

* Lines sound one after another. `hush` ends the one that sounds within a few milliseconds.
* Breathing never waits for anything and is never moved; under speech it is only quieter.
* Safety lines play at their own level: no volume, duck or fade applies to them.
* A line has ended when its last sample has left the speaker, or is known never to; `settle` tells.
"""

import logging
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from legsup_voice.audio import SPEAK_BLOCK, SPEAK_RATE, Samples, amplitude
from legsup_voice.content import content
from legsup_voice.protocol.actions import Breathe, Say
from legsup_voice.protocol.breathing import Phase
from legsup_voice.protocol.commands import Bed
from legsup_voice.protocol.events import CueStarted, LineEnded, LineStarted
from legsup_voice.protocol.limits import MAX_VOLUME, MIN_VOLUME
from legsup_voice.speaking import recorded, way_out
from legsup_voice.speaking.bed import BedPlayer, bell
from legsup_voice.speaking.breath import STOP_SECONDS, Guidance, sounds
from legsup_voice.speaking.cue_words import Cues, CueWords
from legsup_voice.speaking.gain import Fader
from legsup_voice.speaking.lead_in import (
    LONG_SILENCE,
    RISE_SECONDS,
    SHORT_TONE_SECONDS,
    SLEEP_SECONDS,
    TONE_SECONDS,
    WAKE_DB,
    WAKE_SECONDS,
    KeepAwake,
    Rise,
    floor,
    noise,
    tone,
)
from legsup_voice.speaking.loudness import louder
from legsup_voice.speaking.pauses import with_longer_pauses
from legsup_voice.speaking.voice import Voice

Sounded: TypeAlias = LineStarted | CueStarted

log = logging.getLogger(__name__)

_UNDER_SPEECH = amplitude(-12.0)  # breathing and bed while a line sounds
_UNDER_PERSON = amplitude(-15.0)  # an ordinary line while the person speaks
_DUCK_SECONDS = 0.08
_PERSON_SECONDS = 0.02
_SPEECH_AHEAD = round(0.5 * SPEAK_RATE)  # stay ducked across the gap between two lines
_ANSWER = 5 * SPEAK_RATE  # what is said so soon after something happened answers it
_STOP = round(STOP_SECONDS * SPEAK_RATE)
_KNEE, _CEILING = 0.73, 0.775  # of full scale; -2 dBFS is 0.794, between samples too


@dataclass
class _Line:
    """A line on its way out; `offset` samples of it have been handed out.

    `start` and `end` are samples of the mixer's clock; `lost` samples never left the speaker.
    """

    say: Say
    samples: Samples
    offset: int = 0
    again: bool = False
    start: int = 0
    end: int = sys.maxsize
    cut: bool = False
    lost: int = 0

    @property
    def left(self) -> int:
        return len(self.samples) - self.offset


class Mixer:
    """Mixes the next block of speaker samples from what it was told to play."""

    def __init__(
        self,
        voice: Voice,
        bed: Bed | Path = Bed.NONE,
        cues: Cues = Cues.SOUNDS,
        keep_awake: KeepAwake = KeepAwake.OFF,
    ) -> None:
        """Speak with `voice`, over a bed or the user's own file; `cues` tell the breath's phases.

        `keep_awake` is for speakers that sleep.

        Raises:
            UserError: a safety line can't be rendered, or the user's file can't be played.
        """
        self._voice = voice
        self._keep_awake = keep_awake
        self._lead: Samples = np.zeros(0, np.float32)  # what is left of a lead-in
        self._led = False  # the first waiting line has had its lead-in
        self._not_before = 0  # sample at which it may start
        self._attended = -(10**9)  # sample at which somebody last spoke, or something happened
        self._words = CueWords(voice, cues)
        self._bed = BedPlayer(bed)
        self._bell_place, self._bell_gain = len(bell()), 1.0
        self._strokes: list[int] = []  # samples at which it will strike
        self._rises: list[Rise] = []
        self._at = 0  # samples handed out
        self._waiting: deque[_Line] = deque()
        self._line: _Line | None = None
        self._handed_out: deque[_Line] = deque()  # over here, but perhaps not yet at the speaker
        self._settled = 0  # samples of which it is known whether they sounded
        self._stopping = False
        self._silent_since = -(10**9)  # sample at which the last line ended
        self._gain_db = 0.0
        self._duck = Fader()
        self._volume = Fader()
        self._under_speech = Fader()
        self._guidance: list[Guidance] = []
        said = content(voice.language)
        voice.hold(said.way_out())
        self._patterns = [pattern.phases for pattern in said.breathing.patterns.values()]

    def prepare(self) -> None:
        """Make the sounds that a hold may need; till then they are made when they are asked for.

        It takes a tenth of a start, and may be done in another thread while this one plays.
        """
        tone(RISE_SECONDS)
        for phases in self._patterns:
            sounds([Phase(cue, round(length * 1000)) for cue, length in phases])

    @property
    def queued(self) -> bool:
        """A line is still to be handed out, whole or in part."""
        return self._line is not None or bool(self._waiting)

    def say(self, say: Say) -> None:
        """Queue a line; it starts `say.gap` seconds after the one before ended.

        Nothing that goes wrong with a clip may end a session: then a line of the way down is said
        as it comes with the package, and any other is a moment of silence.
        """
        try:
            samples = with_longer_pauses(self._voice.clip(say.text, say.pace), say.pauses)
        except Exception as error:
            log.warning("A line can't be said as it should: %s.", type(error).__name__)
            samples = _instead_of(say.line, self._voice.language)
        self._waiting.append(_Line(say, samples))

    def hush(self) -> None:
        """Stop the line that sounds within this block and forget the waiting ones.

        One that is over here but not yet at the speaker counts as stopped too: whoever asks for
        silence no longer waits for its end.
        """
        self._waiting.clear()
        self._lead, self._led, self._not_before = _faded(self._lead[:_STOP]), False, 0
        for line in self._handed_out:
            line.cut = True
        self._stopping = self._line is not None

    def breathe(self, breathe: Breathe) -> None:
        """Start breathing cues with the next sample; a running pattern ends.

        The same pattern at another speed takes over from the running one at the end of a breath.
        """
        breathing, start = breathe.breathing, self._at
        running = self._guidance[-1] if self._guidance else None
        if running and running.pattern == breathing.pattern and not running.stopping:
            start = running.hand_over()
        else:
            self.stop_breathing(0.0)
        self._guidance.append(Guidance(breathing, start, self._words, self._at))

    def stop_breathing(self, fade: float) -> None:
        """Fade the breathing out over `fade` seconds (0: within this block)."""
        for guidance in self._guidance:
            guidance.stop(fade)

    def set_volume(self, gain_db: float) -> None:
        """Play all but safety lines `gain_db` louder, within limits; a sounding line keeps its."""
        self._gain_db = min(max(gain_db, MIN_VOLUME), MAX_VOLUME)
        self._volume.move(amplitude(self._gain_db), _DUCK_SECONDS)

    def play_bed(self, on: bool) -> None:
        """Fade the bed in or out, over ten seconds."""
        self._bed.play(on)

    def set_bed(self, bed: Bed) -> None:
        """Play `bed` instead of the one chosen before."""
        self._bed.choose(bed)

    def ring(self, gain_db: float = 0.0) -> None:
        """Strike the bell with the next sample, `gain_db` above its normal level."""
        self._bell_place, self._bell_gain = 0, amplitude(gain_db)

    def foretell(self, end: float | None, bells: Iterable[float] = ()) -> None:
        """Let a tone grow up to `end` and the bell strike at `bells`, seconds of the mixer's clock.

        What was foretold before is taken back.
        """
        self._rises = [rise for rise in self._rises if rise.begun(self._at)]
        for rise in self._rises:
            rise.stop()
        if end is not None:
            rise = Rise(round(end * SPEAK_RATE))
            self._rises += [] if rise.begun(self._at) else [rise]  # none in the last seconds
        self._strokes = sorted(round(at * SPEAK_RATE) for at in bells)

    def attend(self) -> None:
        """What is said next answers something that just happened: it isn't led in."""
        self._attended = self._at

    def duck(self, on: bool) -> None:
        """Turn an ordinary line down while the person speaks."""
        self._duck.move(_UNDER_PERSON if on else 1.0, _PERSON_SECONDS)

    @property
    def sounding(self) -> bool:
        """A line is being handed out."""
        return self._line is not None

    @property
    def yielding(self) -> bool:
        """An ordinary line sounds: one that gives way to the person."""
        return self._line is not None and not self._line.say.safety and not self._line.again

    def restart(self, gap: float) -> None:
        """Break the ordinary line that sounds off; it starts again, once, `gap` seconds later."""
        if self._line is not None and self.yielding:
            again = _Line(replace(self._line.say, gap=gap), self._line.samples, again=True)
            self._waiting.appendleft(again)
            self._stopping = True

    def block(self) -> tuple[Samples, list[Sounded]]:
        """Return the next block of samples and what began in it, in order of time."""
        sounded: list[Sounded] = []
        if self._at_rest:
            self._at += SPEAK_BLOCK
            return np.zeros(SPEAK_BLOCK, np.float32), sounded
        self._lead_in()
        background = self._bed.block(SPEAK_BLOCK)
        self._ring_in(background)
        self._rise_in(background)
        for guidance in self._guidance:
            samples, cues = guidance.block(SPEAK_BLOCK)
            background += samples
            sounded += cues
        self._guidance = [guidance for guidance in self._guidance if not guidance.over]
        background = self._volume.apply(background)
        self._under_speech.move(_UNDER_SPEECH if self._speech_is_near() else 1.0, _DUCK_SECONDS)
        mixed = self._under_speech.apply(background) + self._spoken(sounded)
        self._lead_into(mixed)
        if self._keep_awake is KeepAwake.FLOOR:
            mixed += np.take(floor(), np.arange(self._at, self._at + SPEAK_BLOCK), mode="wrap")
        self._at += SPEAK_BLOCK
        sounded.sort(key=lambda event: event.start)
        return _guarded(mixed), sounded

    @property
    def _at_rest(self) -> bool:
        """Nothing sounds, and nothing is on its way to."""
        sounding = self._line or self._waiting or self._guidance or self._rises or self._strokes
        moving = self._volume.moving or self._duck.moving or self._under_speech.gain != 1.0
        if sounding or moving or self._bed.sounding or self._keep_awake is KeepAwake.FLOOR:
            return False
        return self._bell_place >= len(bell()) and not len(self._lead)

    def settle(self, lost: int) -> list[LineEnded]:
        """Learn that `lost` samples of the next unsettled block never sounded (0: it did whole).

        Call it once for every block handed out, in order. Returns the lines that are now over.
        """
        begin, self._settled = self._settled, self._settled + SPEAK_BLOCK
        sounding = () if self._line is None else (self._line,)
        for line in (*self._handed_out, *sounding):
            part = min(line.end, self._settled) - max(line.start, begin)
            line.lost += min(lost, max(0, part))
        over = []
        while self._handed_out and self._handed_out[0].end <= self._settled:
            line = self._handed_out.popleft()
            end, lost_seconds = line.end / SPEAK_RATE, line.lost / SPEAK_RATE
            over.append(LineEnded(line.say.line, end, line.cut, lost_seconds))
        return over

    def _rise_in(self, background: Samples) -> None:
        """Add this block's part of what grows toward the end of the hold."""
        for rise in self._rises:
            background += rise.block(self._at, SPEAK_BLOCK)
        end = self._at + SPEAK_BLOCK
        self._rises = [rise for rise in self._rises if not rise.over(end)]

    def _ring_in(self, background: Samples) -> None:
        """Add this block's part of the bell stroke."""
        while self._strokes and self._strokes[0] < self._at + SPEAK_BLOCK:
            self._strokes.pop(0)
            self.ring()
        piece = bell()[self._bell_place : self._bell_place + SPEAK_BLOCK]
        self._bell_place += len(piece)
        background[: len(piece)] += piece * np.float32(self._bell_gain)

    def _lead_in(self) -> None:
        """Begin what leads in the line that is due in this block, and let the line wait for it."""
        if self._line is None and self._waiting and not self._led:
            if self._next_start() >= self._at + SPEAK_BLOCK:
                return
            self._led, self._lead = True, self._wanted_lead(self._waiting[0].say)
            self._not_before = self._at + len(self._lead)

    def _wanted_lead(self, say: Say) -> Samples:
        silent = (self._at - self._silent_since) / SPEAK_RATE
        if self._guidance or any(rise.begun(self._at) for rise in self._rises):
            return np.zeros(0, np.float32)
        if self._keep_awake is KeepAwake.LEAD_IN and silent > SLEEP_SECONDS:
            return noise(WAKE_SECONDS, WAKE_DB)
        asked = self._at - self._attended < _ANSWER
        if self._silent_since < 0 or silent < LONG_SILENCE or asked:
            return np.zeros(0, np.float32)
        return tone(SHORT_TONE_SECONDS if say.safety else TONE_SECONDS)

    def _lead_into(self, mixed: Samples) -> None:
        """Add this block's part of the lead-in."""
        piece, self._lead = self._lead[:SPEAK_BLOCK], self._lead[SPEAK_BLOCK:]
        mixed[: len(piece)] += piece

    def _speech_is_near(self) -> bool:
        if self._line is not None:
            return True
        return bool(self._waiting) and self._next_start() < self._at + _SPEECH_AHEAD

    def _next_start(self) -> int:
        gap = round(self._waiting[0].say.gap * SPEAK_RATE)
        return max(self._at, self._silent_since + gap, self._not_before)

    def _spoken(self, sounded: list[Sounded]) -> Samples:
        """Return this block's speech."""
        ordinary = np.zeros(SPEAK_BLOCK, np.float32)
        safety = np.zeros(SPEAK_BLOCK, np.float32)
        done = 0
        while done < SPEAK_BLOCK:
            if self._line is None:
                if not self._waiting or self._next_start() >= self._at + SPEAK_BLOCK:
                    break
                done = max(done, self._next_start() - self._at)
                self._begin(self._at + done, sounded)
            assert self._line is not None
            piece = self._take(SPEAK_BLOCK - done)
            track = safety if self._line.say.safety else ordinary
            track[done : done + len(piece)] = piece
            done += len(piece)
            if self._line.left == 0 or self._stopping:
                self._end(self._at + done)
        return self._duck.apply(ordinary) + safety

    def _begin(self, start: int, sounded: list[Sounded]) -> None:
        self._line = line = self._waiting.popleft()
        self._led = False
        line.start = start
        gain_db = line.say.gain_db + (0.0 if line.say.safety else self._gain_db)
        if not line.again and gain_db != 0.0:
            turned = (line.samples * amplitude(gain_db)).astype(np.float32)
            line.samples = louder(line.samples, gain_db) if gain_db > 0 else turned
        sounded.append(LineStarted(line.say.line, line.say.text, start / SPEAK_RATE))

    def _take(self, room: int) -> Samples:
        """Return the sounding line's next samples: the last few, faded, when it is to stop."""
        assert self._line is not None
        line = self._line
        count = min(room, line.left, _STOP if self._stopping else room)
        piece = line.samples[line.offset : line.offset + count]
        line.offset += count
        if self._stopping:
            piece = _faded(piece)
        return piece

    def _end(self, end: int) -> None:
        assert self._line is not None
        line, self._line = self._line, None
        line.cut, self._stopping = self._stopping or line.left > 0, False
        line.end = self._silent_since = end
        self._handed_out.append(line)


def _instead_of(line: str, language: str) -> Samples:
    try:
        return recorded.read(way_out.folder(language) / f"{line}.opus")
    except (OSError, RuntimeError, ValueError):
        return np.zeros(SPEAK_BLOCK, np.float32)


def _faded(samples: Samples) -> Samples:
    """Return `samples` falling to silence."""
    return samples * np.linspace(1, 0, len(samples), dtype=np.float32)


def _guarded(samples: Samples) -> Samples:
    """Bend the rare peak of several loud sounds over, so that nothing passes -2 dBFS."""
    magnitude = np.abs(samples)
    if magnitude.max() <= _KNEE:
        return samples
    room = _CEILING - _KNEE
    bent = _KNEE + room * np.tanh((magnitude - _KNEE) / room)
    return np.where(magnitude > _KNEE, np.sign(samples) * bent, samples).astype(np.float32)
