"""From microphone blocks to what was meant, on the audio clock."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from legsup_voice.audio import BLOCKS_PER_SECOND, HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, Samples
from legsup_voice.content import LANGUAGE, content, locale
from legsup_voice.hearing import models
from legsup_voice.hearing.activity import Phase, VoiceDetector
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.compiled import Compiled, compiled
from legsup_voice.hearing.deciding import URGENT
from legsup_voice.hearing.echo import EchoCanceller
from legsup_voice.hearing.echo_bound import EchoBound
from legsup_voice.hearing.echo_delay import REACH, EchoDelay
from legsup_voice.hearing.endpointing import LONGEST, Endpointing, Stage, stage
from legsup_voice.hearing.interpreter import Decision, Interpreter
from legsup_voice.hearing.own_voice import OwnVoice
from legsup_voice.hearing.recogniser import Recogniser
from legsup_voice.hearing.verifier import Verifier
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard, Rejected

THROUGH_SPEECH = frozenset({Command.STOP, Command.SYMPTOM, Command.CONDITION})
"""What is taken while the product itself speaks, as long as nothing tells who speaks."""


_SILENCE = np.zeros(SPEAK_BLOCK, np.float32)


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
        language: str = LANGUAGE,
        interpreter: Callable[[Compiled, Recogniser, Verifier | None], Interpreter] = Interpreter,
    ) -> None:
        """`echo`: take our own speaker out of the microphone; off for a headset.

        `model`: that of the language when None. `interpreter` makes what finds the meaning of an
        utterance.

        Raises:
            UserError: the model, the person's own phrases or the language is wrong.
        """
        self.echo = EchoCanceller() if echo else None
        self._echo_bound, self._echo_delay = EchoBound(), EchoDelay()
        self._texts: deque[str | None] = deque([None] * REACH, REACH)
        made = compiled(own_phrases, language)
        self.spoken = made.spoken
        self.verifier = Verifier(made) if made.phones else None
        recogniser = Recogniser(models.load(model or locale(language).model), made)
        self.interpreter = interpreter(made, recogniser, self.verifier)
        lines = content(language).spoken() if made.phones else ()
        self._own = OwnVoice(text for text, _ in lines)
        self._voice = VoiceDetector()
        self._endpointing = Endpointing()
        self._kept: deque[Samples] = deque(maxlen=round((LONGEST + 1) * BLOCKS_PER_SECOND))
        self._position = 0
        self._forget()

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block of each; return what happened in it.

        `speaker` is the block that sounded while `microphone` was recorded (24 kHz).
        """
        text = attention.speaking
        # What was never played has no echo; what was still sounds in the room for a moment.
        self._texts.append(text if speaker.any() or self._texts[-1] == text else None)
        if self.echo is not None:
            learnt = self.echo.learnt
            if self._echo_delay.listen(microphone, speaker, speech=text is not None, learnt=learnt):
                self.echo, self._echo_bound = EchoCanceller(), EchoBound()
            speaker = self._echo_delay.speaker
        self._echo_bound.listen(microphone, speaker)
        lines = self._lines_now(text)
        if self.echo is not None:
            if self._echo_bound.small and not self._echo_delay.heard:
                speaker = _SILENCE  # which costs echo removal next to nothing
            microphone = self.echo.process(microphone, speaker, speech=bool(lines))
        self._kept.append(microphone)
        self._position += HEAR_BLOCK
        self._voice.listen(microphone, sounds=not lines)
        return list(self._follow(attention, lines))

    @property
    def following(self) -> bool:
        """Whether an utterance may be under way."""
        return self._voice.phase is not Phase.QUIET

    def reset(self) -> None:
        """Forget the utterance under way (the microphone was away, or another person's turn)."""
        self._voice.reset(self._position)
        self._echo_bound = EchoBound()
        self._texts.extend([None] * REACH)
        self._kept.clear()
        self._forget()

    def _forget(self) -> None:
        self._active = False
        self._decided_at: tuple[int, bool] | None = None
        self._lines: set[str] = set()
        self._person: bool | None = None

    def _lines_now(self, text: str | None) -> set[str]:
        """Return our lines that may be heard now: `text`, and those whose echo comes late."""
        reach = self._echo_delay.reach if self.echo is not None else 0
        late = list(self._texts)[-reach:] if reach else []
        return {line for line in (text, *late) if line is not None}

    def _follow(self, attention: Attention, lines: set[str]) -> Iterator[Report]:
        voice = self._voice
        if voice.phase in (Phase.QUIET, Phase.STARTING):
            return
        self._lines |= lines
        if voice.phase is Phase.VOICED:
            self._person = self._person or self._person_now()
        if self.echo is not None and self.echo.lost:
            self._person = None
        if not self._active and not voice.by_sound and not self._may_be_ours():
            self._active = True
            yield VoiceActivity(True, voice.voice_start / HEAR_RATE)
        if voice.phase is not Phase.ENDING:
            return
        reached = stage(voice.silence, line_sounds=bool(self._lines))
        report = self._report(attention, reached)
        if report is not None and not self._is_afterthought(report) and not self._is_sound(report):
            yield report
        if report is not None or reached is Stage.LAST:
            if self._active:
                yield VoiceActivity(False, voice.voice_end / HEAR_RATE)
            self._endpointing.over(voice.voice_end, command=isinstance(report, Heard))
            voice.quiet()
            self._forget()

    @property
    def _proven(self) -> bool:
        """Whether a person is surely told from us: the room is known by now, or hardly echoes."""
        stands_out = self._echo_bound.small and self._echo_delay.known
        return self.echo is None or self.echo.proven or stands_out

    def _person_now(self) -> bool | None:
        """Whether somebody else than we speaks; None when nothing tells."""
        if self.echo is not None and self.echo.person is not None:
            return self.echo.person
        # Until it is known how late the echo comes, its bound says nothing.
        bounded = self.echo is None or self._echo_delay.known
        return True if bounded and self._echo_bound.person else None

    def _is_afterthought(self, report: Heard | Rejected) -> bool:
        """Tell whether `report` is of words that trail a command just heard."""
        return isinstance(report, Rejected) and self._endpointing.trails(self._voice.voice_start)

    def _is_sound(self, report: Heard | Rejected) -> bool:
        """Tell whether `report` is of a sound without any words."""
        silent = self._decided_at is None or not self._decision.speech
        return isinstance(report, Rejected) and self._voice.by_sound and silent

    def _report(self, attention: Attention, reached: Stage) -> Heard | Rejected | None:
        """Decide, when the pause is long enough to."""
        voice = self._voice
        if reached is Stage.NONE:
            return None
        if self._endpointing.too_long(voice.voice_start, voice.voice_end):
            why = self._why("unknown")
            end = voice.voice_end / HEAR_RATE
            return Rejected("", why, end) if reached is Stage.LAST else None
        early = reached is Stage.URGENT
        if self._decided_at != (voice.voice_end, early):
            self._decided_at = (voice.voice_end, early)
            situation = attention.situation(line_sounds=bool(self._lines))
            # What is urgent is told from everything else in the first pass.
            self._decision = self.interpreter.interpret(
                self._utterance(), attention, situation, first=early
            )
        intent = self._decision.intent
        if early and (intent is None or intent.command not in URGENT):
            return None
        return self._weigh(self._decision, attention, reached)

    def _why(self, why: str) -> str:
        """Return why an utterance is no command: our own words are nobody's answer."""
        return "own voice" if self._may_be_ours() else why

    def _may_be_ours(self) -> bool:
        """Whether the voice may be our own: a line sounds and nothing tells a person from it."""
        return self.echo is not None and bool(self._lines) and not self._person

    def _utterance(self) -> Samples:
        """Return the samples from the pre-roll to just after the voice's end."""
        kept = np.concatenate(self._kept)
        start, end = self._endpointing.bounds(self._voice.voice_start, self._voice.voice_end)
        start, end = start - self._position, end - self._position
        return kept[max(0, len(kept) + start) : len(kept) + min(0, end)]

    def _weigh(
        self, decision: Decision, attention: Attention, reached: Stage
    ) -> Heard | Rejected | None:
        end = self._voice.voice_end / HEAR_RATE
        intent = decision.intent
        if intent is None:
            why = self._why(decision.why)
            return Rejected(decision.text, why, end) if reached is Stage.LAST else None
        if decision.prefix and intent.command not in URGENT and reached < Stage.PREFIX:
            return None
        urgent = intent.command in THROUGH_SPEECH
        somebodys = self._person and (urgent or self._proven)
        if not somebodys and any(self._own.says(line, decision) for line in self._lines):
            return Rejected(decision.text, "own voice", end)
        if self._lines and not self._person:
            if self._person is False:
                return Rejected(decision.text, "own voice", end)
            if not urgent:
                return Rejected(decision.text, "not now", end)
        if not decision.taken:
            return Rejected(decision.text, "not now", end)
        return Heard(
            intent.command,
            decision.text,
            decision.confidence,
            end,
            **intent.carried(),
        )
