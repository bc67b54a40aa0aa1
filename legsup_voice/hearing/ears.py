"""From microphone blocks to what was meant, on the audio clock."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from legsup_voice.audio import BLOCKS_PER_SECOND, HEAR_BLOCK, HEAR_RATE, Samples
from legsup_voice.hearing import models
from legsup_voice.hearing.activity import Phase, VoiceDetector
from legsup_voice.hearing.alike import refuse_alike
from legsup_voice.hearing.deciding import URGENT, Decider, Decision, Thresholds
from legsup_voice.hearing.echo import EchoCanceller
from legsup_voice.hearing.echo_bound import EchoBound
from legsup_voice.hearing.fillers import fillers
from legsup_voice.hearing.intents import Intents, intents
from legsup_voice.hearing.recogniser import Recogniser
from legsup_voice.hearing.verifier import SPEEDS, Verifier
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard, Rejected

PRE_ROLL = 0.5
"""Seconds kept from before the voice was noticed, so that no first sound is lost."""

POST_ROLL = 0.1
"""Seconds kept from after the voice's end."""

LONGEST = 3.5
"""Seconds; a longer utterance is no command, and is not decoded."""

URGENT_PAUSE = 0.06
"""Seconds of silence after which what is urgent counts while a line of ours sounds."""

WHOLE_PAUSE = 0.16
"""Seconds of silence after which a text that is a whole command counts."""

PREFIX_PAUSE = 0.32
"""The same when a longer phrase begins so: "how long" may go on with "left"."""

LAST_PAUSE = 0.4
"""Seconds of silence that end every utterance."""

THROUGH_SPEECH = frozenset({Command.STOP, Command.SYMPTOM, Command.CONDITION})
"""What is taken while the product itself speaks, as long as nothing tells who speaks."""

SPEAKING_CONFIDENCE = Thresholds.usual
"""What any command needs while a line of ours sounds, the urgent ones too: what echo removal leaves
of our very first words has been like "help", at 0.61."""

IDLE_CONFIDENCE = 0.9
"""What any command needs while no session is under way: hours of other talk may go by then, and who
wants to begin says it again."""

AFTERTHOUGHT = 0.8
"""Seconds after a command within which unknown words belong to it: "stop. Please." """


@dataclass(frozen=True)
class Attention:
    """What the ears are told with every block.

    `accepts`: commands the session takes now. `speaking`: the text of the line that sounds now or
    did within the last 0.3 s; None in silence. `idle`: no session is under way.
    """

    accepts: frozenset[Command]
    speaking: str | None = None
    idle: bool = False


@dataclass(frozen=True)
class VoiceActivity:
    """The person's voice began or ended at `at` seconds on the audio clock."""

    active: bool
    at: float


Report: TypeAlias = Heard | Rejected | VoiceActivity


class Ears:
    """Hears commands. Pure: the only clock is the number of blocks."""

    def __init__(
        self,
        model: Path | str | None = None,
        own_phrases: Path | None = None,
        *,
        echo: bool = True,
        decider: Callable[[Intents], Decider] = Decider,
    ) -> None:
        """`echo`: take our own speaker out of the microphone; off for a headset.

        `decider` makes what decides what is a command.
        """
        self.echo = EchoCanceller() if echo else None
        self._echo_bound = EchoBound()
        self.intents = intents(own_phrases)
        if own_phrases is not None and own_phrases.exists():
            built_in = intents().phrases
            own = {text: it for text, it in self.intents.phrases.items() if text not in built_in}
            refuse_alike(own, built_in)
        others = fillers(self.intents.phrases)
        self._recogniser = Recogniser(models.load(model), self.intents.phrases, others)
        self._verifier = Verifier(self.intents.phrases, others)
        self.decider = decider(self.intents)
        self._voice = VoiceDetector()
        self._kept: deque[Samples] = deque(maxlen=round((LONGEST + 1) * BLOCKS_PER_SECOND))
        self._position = 0
        self._last_end = self._last_command = -HEAR_RATE
        self._forget()

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block of each; return what happened in it.

        `speaker` is the block that sounded while `microphone` was recorded (24 kHz).
        """
        self._echo_bound.listen(microphone, speaker)
        if self.echo is not None:
            microphone = self.echo.process(microphone, speaker)
        self._kept.append(microphone)
        self._position += HEAR_BLOCK
        self._voice.listen(microphone)
        return list(self._follow(attention))

    def reset(self) -> None:
        """Forget the utterance under way (the microphone was away, or another person's turn)."""
        self._voice.reset(self._position)
        self._echo_bound = EchoBound()
        self._kept.clear()
        self._forget()

    def _forget(self) -> None:
        self._active = False
        self._decided_at: tuple[int, bool] | None = None
        self._lines: set[str] = set()
        self._person: bool | None = None

    def _follow(self, attention: Attention) -> Iterator[Report]:
        voice = self._voice
        if voice.phase in (Phase.QUIET, Phase.STARTING):
            return
        if attention.speaking is not None:
            self._lines.add(attention.speaking)
        if voice.phase is Phase.VOICED:
            self._person = self._person or self._person_now()
        if not self._active and not self._may_be_ours():
            self._active = True
            yield VoiceActivity(True, voice.voice_start / HEAR_RATE)
        if voice.phase is not Phase.ENDING:
            return
        report = self._report(attention)
        if report is not None and not self._is_afterthought(report):
            yield report
        if report is not None or voice.silence >= LAST_PAUSE:
            if self._active:
                yield VoiceActivity(False, voice.voice_end / HEAR_RATE)
            self._last_end = voice.voice_end
            if isinstance(report, Heard):
                self._last_command = voice.voice_end
            voice.quiet()
            self._forget()

    def _person_now(self) -> bool | None:
        """Whether somebody else than we speaks; None when nothing tells."""
        if self.echo is not None and self.echo.person is not None:
            return self.echo.person
        return True if self._echo_bound.person else None

    def _is_afterthought(self, report: Heard | Rejected) -> bool:
        """Tell whether `report` is of words that trail a command just heard."""
        after = self._voice.voice_start - self._last_command
        return isinstance(report, Rejected) and after < AFTERTHOUGHT * HEAR_RATE

    def _report(self, attention: Attention) -> Heard | Rejected | None:
        """Decide, when the pause is long enough to."""
        voice = self._voice
        last = voice.silence >= LAST_PAUSE
        if voice.voice_end - voice.voice_start > LONGEST * HEAR_RATE:
            return Rejected("", self._why("unknown"), voice.voice_end / HEAR_RATE) if last else None
        early = voice.silence < WHOLE_PAUSE
        if early and not (self._lines and voice.silence >= URGENT_PAUSE):
            return None
        if self._decided_at != (voice.voice_end, early):
            self._decided_at = (voice.voice_end, early)
            utterance = self._utterance()
            readings = self._recogniser.decode(utterance)
            # What is urgent is told from everything else in the first pass.
            speeds = SPEEDS[:1] if early else SPEEDS
            self._decision = self.decider.decide(readings, self._verifier.verify(utterance, speeds))
        intent = self._decision.intent
        if early and (intent is None or intent.command not in URGENT):
            return None
        return self._weigh(self._decision, attention, last)

    def _why(self, why: str) -> str:
        """Return why an utterance is no command: our own words are nobody's answer."""
        return "own voice" if self._may_be_ours() else why

    def _may_be_ours(self) -> bool:
        """Whether the voice may be our own: a line sounds and nothing tells a person from it."""
        return self.echo is not None and bool(self._lines) and not self._person

    def _utterance(self) -> Samples:
        """Return the samples from the pre-roll to just after the voice's end."""
        kept = np.concatenate(self._kept)
        start = self._voice.voice_start - int(PRE_ROLL * HEAR_RATE)
        start = max(start, self._last_end) - self._position
        end = self._voice.voice_end + int(POST_ROLL * HEAR_RATE) - self._position
        return kept[max(0, len(kept) + start) : len(kept) + min(0, end)]

    def _least_confidence(self, attention: Attention) -> float:
        """Return what any command needs now, whatever its own threshold is."""
        if attention.idle:
            return IDLE_CONFIDENCE
        return SPEAKING_CONFIDENCE if self._lines else 0.0

    def _weigh(
        self, decision: Decision, attention: Attention, last: bool
    ) -> Heard | Rejected | None:
        end = self._voice.voice_end / HEAR_RATE
        intent = decision.intent
        if intent is None:
            return Rejected(decision.text, self._why(decision.why), end) if last else None
        if decision.confidence < self._least_confidence(attention):
            return Rejected(decision.text, self._why("unsure"), end) if last else None
        waits = decision.prefix and intent.command not in URGENT
        if waits and self._voice.silence < PREFIX_PAUSE:
            return None
        if self._lines and not self._person:
            own = any(f" {decision.text} " in f" {_words(line)} " for line in self._lines)
            if own or self._person is False:
                return Rejected(decision.text, "own voice", end)
            if intent.command not in THROUGH_SPEECH:
                return Rejected(decision.text, "not now", end)
        if intent.command not in attention.accepts:
            return Rejected(decision.text, "not now", end)
        return Heard(
            intent.command,
            decision.text,
            decision.confidence,
            end,
            intent.seconds,
            intent.pattern,
            intent.symptom,
            intent.condition,
        )


def _words(line: str) -> str:
    kept = "".join(c if c.isalpha() or c == "'" else " " for c in line.lower().replace("’", "'"))
    return " ".join(kept.split())
