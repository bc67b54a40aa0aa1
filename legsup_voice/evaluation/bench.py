"""How well the ears hear: commands in easy and hard conditions, and what is taken for one."""

import resource
import time
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import cache

import numpy as np

from legsup_voice.audio import BLOCKS_PER_SECOND, HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, Samples
from legsup_voice.content import content
from legsup_voice.errors import UserError
from legsup_voice.evaluation import clips, surroundings
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard, Rejected
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.settings import Settings
from legsup_voice.soundfiles import read

NEXT = frozenset({Command.NEXT})
EVERYTHING = Attention(frozenset(Command), asks=NEXT)
"""All commands open, as where a step waits to be done: the hardest case for rejection."""

SITUATIONS = ("session", "idle", "question", "speaking")
"""Where other talk is heard: in a session, before one, while a safety question waits, and while a
line sounds of which nothing is heard."""

CONDITIONS = ("clean", "noise", "room")
HARD = ("far", "soft", "whisper")
"""Simulated, like noise and room; see `surroundings`."""


@cache
def attention_in(situation: str) -> Attention:
    """Return what counts in one of `SITUATIONS`."""
    match situation:
        case "idle":
            return replace(EVERYTHING, idle=True)
        case "speaking":
            return replace(EVERYTHING, speaking="Let your arms rest.")
        case "question":
            asked = Session(Settings(), content(), State.SCREENING)
            return Attention(asked.accepts, asks=asked.asks)
    return EVERYTHING


@dataclass(frozen=True)
class Found:
    """One report of the ears, with the seconds from the voice's end until it was known."""

    report: Heard | Rejected
    delay: float


@dataclass
class Tally:
    """How one command fared in one condition."""

    right: int = 0
    other: int = 0
    nothing: int = 0

    @property
    def count(self) -> int:
        """All clips."""
        return self.right + self.other + self.nothing

    @property
    def share(self) -> float:
        """The part that was right."""
        return self.right / self.count if self.count else 0.0


@dataclass
class Result:
    """Everything measured. Delays in seconds, memory in megabytes."""

    commands: dict[str, dict[str, Tally]] = field(default_factory=dict)
    false_accepts: list[dict[str, str]] = field(default_factory=list)
    missed: list[dict[str, str]] = field(default_factory=list)
    hours: dict[str, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    heard_seconds: float = 0.0
    work_seconds: float = 0.0
    memory_mb: float = 0.0

    def total(self, condition: str) -> Tally:
        """Return all commands of one condition together."""
        rows = [each[condition] for each in self.commands.values() if condition in each]
        return Tally(*(sum(getattr(r, n) for r in rows) for n in ("right", "other", "nothing")))

    def per_hour(self, situation: str, kind: str | None = None) -> float:
        """False commands per hour of all other sound, or of one kind of it, in a situation."""
        hours = sum(self.hours.values()) if kind is None else self.hours.get(kind, 0.0)
        false = [
            each
            for each in self.false_accepts
            if each["situation"] == situation and kind in (None, each["kind"])
        ]
        return len(false) / hours if hours else 0.0

    def delay(self, percent: float) -> float | None:
        """Return a percentile of the delays; None when nothing was heard."""
        return float(np.percentile(self.delays, percent)) if self.delays else None

    def as_data(self) -> dict[str, object]:
        """Return it as plain data for JSON."""
        conditions = [name for name in (*CONDITIONS, *HARD) if self.total(name).count]
        return {
            "commands": {
                name: {each: asdict(tally) for each, tally in row.items()}
                for name, row in self.commands.items()
            },
            "right": {name: round(self.total(name).share, 4) for name in conditions},
            "missed": self.missed,
            "false_accepts": self.false_accepts,
            "false_accepts_per_hour": {name: round(self.per_hour(name), 3) for name in SITUATIONS},
            "hours": {name: round(value, 4) for name, value in self.hours.items()},
            "delay_p50": self.delay(50),
            "delay_p95": self.delay(95),
            "real_time_factor": round(self.work_seconds / max(self.heard_seconds, 1e-9), 4),
            "memory_mb": round(self.memory_mb, 1),
        }


class Listener:
    """Plays recordings to one pair of ears."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._blocks = 0
        self.work_seconds = 0.0
        self._silence = np.zeros(SPEAK_BLOCK, np.float32)

    @property
    def seconds(self) -> float:
        """Sound heard so far."""
        return self._blocks / BLOCKS_PER_SECOND

    def hear(self, samples: Samples, attention: Attention = EVERYTHING) -> list[Found]:
        """Return what the ears report of 16 kHz `samples`, which end in quiet."""
        found = []
        whole = len(samples) // HEAR_BLOCK * HEAR_BLOCK
        for block in samples[:whole].reshape(-1, HEAR_BLOCK):
            started = time.process_time()
            reports = self._ears.listen(block, self._silence, attention)
            spent = time.process_time() - started
            self.work_seconds += spent
            self._blocks += 1
            found += [
                Found(report, self.seconds - report.speech_end + spent)
                for report in reports
                if isinstance(report, Heard | Rejected)
            ]
        self._ears.reset()
        return found


def bench(
    ears: Ears, listed: list[clips.Clip], limit: int | None, progress: Callable[[int, int], None]
) -> Result:
    """Hear every clip of a manifest, at most `limit` of each kind, evenly chosen.

    Raises:
        UserError: a clip can't be read, or the text of a command is no phrase.
    """
    result, listener = Result(), Listener(ears)
    work = chosen(listed, limit)
    place = {clip: number for number, clip in enumerate(work)}
    for clip, condition, samples in material(listed, work):
        progress(place[clip], len(work))
        if clip.kind == "command":
            _score_command(ears, result, clip, condition, listener.hear(samples))
            continue
        hours = result.hours.get(clip.kind, 0.0)
        result.hours[clip.kind] = hours + seconds(samples) / 3600
        for situation in SITUATIONS:
            found = listener.hear(samples, attention_in(situation))
            _score_other(result, clip, situation, found)
    progress(len(work), len(work))
    result.heard_seconds, result.work_seconds = listener.seconds, listener.work_seconds
    result.memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return result


def seconds(samples: Samples) -> float:
    """Return how long a recording is without the quiet laid around it."""
    return len(samples) / HEAR_RATE - clips.BEFORE - clips.AFTER


def chosen(listed: list[clips.Clip], limit: int | None) -> list[clips.Clip]:
    """Return commands, talk and noise, each recording once, at most `limit` of each kind.

    They are evenly chosen.
    """
    found: list[clips.Clip] = []
    for kind in ("command", "talk", "noise"):
        of_kind = list({clips.contents(e.path): e for e in listed if e.kind == kind}.values())
        count = len(of_kind) if limit is None else min(limit, len(of_kind))
        found += (of_kind[index * len(of_kind) // count] for index in range(count))
    return found


def material(
    listed: list[clips.Clip],
    work: list[clips.Clip],
    conditions: Collection[str] = (*CONDITIONS, *HARD),
) -> Iterator[tuple[clips.Clip, str, Samples]]:
    """Yield each clip of `work`, the commands in each of `conditions`; noise is what `listed` has.

    Raises:
        UserError: a clip can't be read.
    """
    noises = [read(each.path, HEAR_RATE) for each in listed if each.kind == "noise"]
    for clip in work:
        samples = read(clip.path, HEAR_RATE)
        if clip.kind != "command":
            yield clip, "clean", clips.quiet_around(samples)
            continue
        for condition in conditions:
            if noises or condition != "noise":
                yield clip, condition, _placed(samples, condition, clip.path.name, noises)


def _placed(samples: Samples, condition: str, name: str, noises: list[Samples]) -> Samples:
    """Return a recording in one condition; its name picks the noise and the room."""
    match condition:
        case "noise":
            noise = noises[zlib.crc32(name.encode()) % len(noises)]
            return surroundings.in_noise(samples, noise, name)
        case "room":
            return surroundings.in_room(samples, name)
        case "far":
            far = surroundings.FAR_DIRECT, surroundings.FAR_DECAY
            return surroundings.in_room(samples, name, *far)
        case "soft":
            return clips.quiet_around(surroundings.softly(samples))
        case "whisper":
            return clips.quiet_around(surroundings.whispered(samples, name))
    return clips.quiet_around(samples)


def _score_command(
    ears: Ears, result: Result, clip: clips.Clip, condition: str, found: list[Found]
) -> None:
    meant = ears.spoken.meaning(clip.text)
    if meant is None:
        raise UserError(f'{clip.path}: its text "{clip.text}" is not a phrase of any command.')
    row = result.commands.setdefault(clip.text, {})
    tally = row.setdefault(condition, Tally())
    heard = [each for each in found if isinstance(each.report, Heard)]
    if heard and all(intent_of(each.report) == meant for each in heard):
        tally.right += 1
        result.delays.append(heard[0].delay)
        return
    tally.nothing += not heard
    tally.other += bool(heard)
    reports = ", ".join(
        f"{each.report.text} ({each.report.why})"
        if isinstance(each.report, Rejected)
        else each.report.text
        for each in found
    )
    result.missed.append(
        {"file": clip.path.name, "said": clip.text, "condition": condition, "heard": reports}
    )


def intent_of(report: Heard | Rejected) -> Intent | None:
    """Return what a report means."""
    if isinstance(report, Rejected):
        return None
    return Intent(report.command, **report.carried())


def _score_other(result: Result, clip: clips.Clip, situation: str, found: list[Found]) -> None:
    for each in found:
        if isinstance(each.report, Heard):
            result.false_accepts.append(
                {
                    "file": clip.path.name,
                    "kind": clip.kind,
                    "said": clip.text,
                    "situation": situation,
                    "command": str(each.report.command),
                    "text": each.report.text,
                }
            )


def worst(result: Result, count: int) -> list[tuple[str, Counter[str]]]:
    """Return the `count` phrases with the most clips not right, with what became of those."""
    lost = {
        text: Counter(
            other=sum(t.other for t in row.values()), nothing=sum(t.nothing for t in row.values())
        )
        for text, row in result.commands.items()
    }
    return sorted(lost.items(), key=lambda each: -each[1].total())[:count]
