"""The engine: a block of microphone samples in, a block of speaker samples out.

It joins hearing, session and speaking on one clock, the number of blocks that have passed. It opens
no device, starts no thread and never asks what time it is: a sound card and a simulated room drive
the very same code. Whoever plays the blocks tells what became of each (`settle`): a line is over
only when its sound has left the speaker, and what never did is known to be lost.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from legsup_voice.audio import BLOCKS_PER_SECOND, SPEAK_BLOCK, Samples
from legsup_voice.engine.barge_in import BargeIn
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Report, VoiceActivity
from legsup_voice.protocol.actions import (
    Action,
    Breathe,
    EndsAt,
    Enter,
    Hush,
    Quit,
    Record,
    Remember,
    Ring,
    Say,
    SetBed,
    SetVolume,
    StopBreathing,
)
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.events import (
    Began,
    CueStarted,
    Event,
    Failed,
    Heard,
    LineEnded,
    LineStarted,
    Rejected,
    VoiceStarted,
)
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.log import (
    CommandHeard,
    CueBegun,
    LineBegun,
    LineOver,
    LogRecord,
    SpeechRejected,
    StateEntered,
    Trouble,
)
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.speaking.mixer import Mixer

ECHO_TAIL = 0.3
"""Seconds after a line in which a voice that begins may be its last word coming back from the room.
Longer would take a quick answer for an echo."""


class Hearing(Protocol):
    """What listens: the ears, or a guard around them."""

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block of each; return what has been heard by now."""
        ...


WITH_BED = frozenset({State.HOLD, State.PAUSED, State.SEATED})
"""Where the bed sounds, if the user chose one; it comes and goes over ten seconds."""


class Engine:
    """One session's engine; `process` is its heartbeat."""

    def __init__(
        self,
        session: Session,
        ears: Hearing,
        mixer: Mixer,
        log: Callable[[LogRecord], None],
        *,
        record: Callable[[Record], None] = lambda _: None,
        remember: Callable[[Choices], None] = lambda _: None,
        silence: Callable[[], None] = lambda: None,
        interrupted: bool = False,
    ) -> None:
        """`silence` takes back blocks that were returned and have not reached the speaker."""
        self.session = session
        self._ears = ears
        self._mixer = mixer
        self._barge_in = BargeIn(mixer)
        self._log = log
        self._record = record
        self._remember = remember
        self._silence = silence
        self._blocks = 0
        self._last_block: Samples = np.zeros(SPEAK_BLOCK, np.float32)
        self._sounding: str | None = None
        self._silent_since = 0.0
        self._quitting = False
        self._waiting: list[Event] = [Began(interrupted)]

    @property
    def now(self) -> float:
        """Seconds on the audio clock."""
        return self._blocks / BLOCKS_PER_SECOND

    @property
    def speaking(self) -> bool:
        """Whether a line sounds or waits."""
        return self._mixer.queued

    @property
    def finished(self) -> bool:
        """Whether the session has ended and nothing more is to be said."""
        return self._quitting and not self.speaking

    def prepare(self) -> None:
        """Make what else would be made in the middle of a hold; another thread may call this."""
        self._mixer.prepare()

    def fault(self, fault: Fault) -> None:
        """Tell the session of `fault` with the next block."""
        self._log(Trouble(self.now, fault.value))
        self._waiting.append(Failed(fault))

    def command(self, heard: Heard) -> None:
        """Take a command that came from outside with the next block."""
        self._log(_heard_record(heard, self.now))
        self._waiting.append(heard)

    def set_volume(self, gain_db: float) -> None:
        """Play everything but safety lines `gain_db` decibels above the normal loudness, now."""
        self.session.volume = gain_db
        self._mixer.set_volume(gain_db)

    def process(self, microphone: Samples) -> Samples:
        """Take 320 samples heard at 16 kHz, return 480 to be played at 24 kHz."""
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            self._tell(event)
        idle = self.session.state is State.IDLE
        session = self.session
        attention = Attention(session.accepts, self._sounding_text(), idle, session.asks)
        for heard in self._ears.listen(microphone, self._last_block, attention):
            if isinstance(heard, VoiceActivity):
                self._barge_in.voice(heard, self.now)
                if heard.active:
                    self._tell(VoiceStarted())
            else:
                if isinstance(heard, Rejected):
                    self._barge_in.rejected(heard)
                self._log(_heard_record(heard, self.now))
                self._tell(heard)
        self._do(self.session.tick(self.now))
        block, sounded = self._mixer.block()
        self._blocks += 1
        for sound in sounded:
            self._report(sound)
        self._last_block = block
        if self._mixer.sounding:
            self._silent_since = self.now
        return block

    def settle(self, lost: int) -> None:
        """Learn that `lost` samples of the next block never left the speaker; 0 when all did.

        Call it for every block that `process` returned, in order, once its fate is known.
        """
        for ended in self._mixer.settle(lost):
            self._report(ended)

    def _sounding_text(self) -> str | None:
        """Return the text that sounds, or whose echo may still."""
        if self._sounding is not None and self.now > self._silent_since + ECHO_TAIL:
            self._sounding = None
        return self._sounding

    def _report(self, event: LineStarted | LineEnded | CueStarted) -> None:
        match event:
            case LineStarted(line, text, start):
                self._sounding, self._silent_since = text, start
                self._log(LineBegun(start, line, text, start))
                self._tell(event)
            case LineEnded(line, end, cut, lost):
                self._log(LineOver(end, line, end, cut, lost))
                self._tell(event)
            case CueStarted(cue, start):
                self._log(CueBegun(start, cue, start))

    def _tell(self, event: Event) -> None:
        if not isinstance(event, LineStarted | LineEnded):
            self._mixer.attend()
        self._do(self.session.handle(event, self.now))

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Enter(state):
                    self._mixer.play_bed(state in WITH_BED)
                    self._log(StateEntered(self.now, state))
                case Say():
                    self._mixer.say(action)
                case Hush():
                    self._mixer.hush()
                    self._silence()
                case Breathe():
                    self._mixer.breathe(action)
                case StopBreathing(fade):
                    self._mixer.stop_breathing(fade)
                case SetVolume(gain_db):
                    self._mixer.set_volume(gain_db)
                case Ring(gain_db):
                    self._mixer.ring(gain_db)
                case EndsAt(end, bells):
                    self._mixer.foretell(end, bells)
                case SetBed(bed):
                    self._mixer.set_bed(bed)
                case Record():
                    self._record(action)
                case Remember(choices):
                    self._remember(choices)
                case Quit():
                    self._quitting = True


def _heard_record(heard: Heard | Rejected, now: float) -> LogRecord:
    if isinstance(heard, Rejected):
        return SpeechRejected(now, heard.text, heard.why)
    return CommandHeard(now, **vars(heard))
