"""How well the ears hear: commands in three conditions, and what other sound makes them believe."""

import resource
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

import numpy as np

from legsup_voice.audio import BLOCKS_PER_SECOND, HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, Samples
from legsup_voice.errors import UserError
from legsup_voice.evaluation import clips
from legsup_voice.hearing.ears import Attention, Ears
from legsup_voice.hearing.intents import Intent
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard, Rejected
from legsup_voice.soundfiles import read

EVERYTHING = Attention(frozenset(Command))
"""All commands open: the hardest case for rejection."""

CONDITIONS = ("clean", "noise", "room")


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
    hours: dict[str, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    heard_seconds: float = 0.0
    work_seconds: float = 0.0
    memory_mb: float = 0.0

    def total(self, condition: str) -> Tally:
        """Return all commands of one condition together."""
        rows = [each[condition] for each in self.commands.values() if condition in each]
        return Tally(*(sum(getattr(r, n) for r in rows) for n in ("right", "other", "nothing")))

    def per_hour(self) -> float:
        """False commands per hour of talk and noise."""
        hours = sum(self.hours.values())
        return len(self.false_accepts) / hours if hours else 0.0

    def delay(self, percent: float) -> float | None:
        """Return a percentile of the delays; None when nothing was heard."""
        return float(np.percentile(self.delays, percent)) if self.delays else None

    def as_data(self) -> dict[str, object]:
        """Return it as plain data for JSON."""
        conditions = [name for name in CONDITIONS if self.total(name).count]
        return {
            "commands": {
                name: {each: asdict(tally) for each, tally in row.items()}
                for name, row in self.commands.items()
            },
            "right": {name: round(self.total(name).share, 4) for name in conditions},
            "false_accepts": self.false_accepts,
            "false_accepts_per_hour": round(self.per_hour(), 3),
            "hours": {name: round(value, 4) for name, value in self.hours.items()},
            "delay_p50": self.delay(50),
            "delay_p95": self.delay(95),
            "real_time_factor": round(self.work_seconds / max(self.heard_seconds, 1e-9), 4),
            "memory_mb": round(self.memory_mb, 1),
        }


class Listener:
    """Plays recordings to one pair of ears, all commands open."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._blocks = 0
        self.work_seconds = 0.0
        self._silence = np.zeros(SPEAK_BLOCK, np.float32)

    @property
    def seconds(self) -> float:
        """Sound heard so far."""
        return self._blocks / BLOCKS_PER_SECOND

    def hear(self, samples: Samples) -> list[Found]:
        """Return what the ears report of 16 kHz `samples`, which end in quiet."""
        found = []
        whole = len(samples) // HEAR_BLOCK * HEAR_BLOCK
        for block in samples[:whole].reshape(-1, HEAR_BLOCK):
            started = time.process_time()
            reports = self._ears.listen(block, self._silence, EVERYTHING)
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
        found = listener.hear(samples)
        if clip.kind == "command":
            _score_command(ears, result, clip, condition, found)
        else:
            _score_other(result, clip, samples, found)
    progress(len(work), len(work))
    result.heard_seconds, result.work_seconds = listener.seconds, listener.work_seconds
    result.memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return result


def chosen(listed: list[clips.Clip], limit: int | None) -> list[clips.Clip]:
    """Return commands, talk and noise, at most `limit` of each kind, evenly chosen."""
    found: list[clips.Clip] = []
    for kind in ("command", "talk", "noise"):
        of_kind = [each for each in listed if each.kind == kind]
        count = len(of_kind) if limit is None else min(limit, len(of_kind))
        found += (of_kind[index * len(of_kind) // count] for index in range(count))
    return found


def material(
    listed: list[clips.Clip], work: list[clips.Clip]
) -> Iterator[tuple[clips.Clip, str, Samples]]:
    """Yield each clip of `work`, the commands in every condition that `listed` has sounds for.

    Raises:
        UserError: a clip can't be read.
    """
    noises = [read(each.path, HEAR_RATE) for each in listed if each.kind == "noise"]
    rooms = [read(each.path, HEAR_RATE) for each in listed if each.kind == "room"]
    for clip in work:
        if clip.kind == "command":
            for condition, samples in _conditions(clip, noises, rooms):
                yield clip, condition, samples
        else:
            yield clip, "clean", clips.quiet_around(read(clip.path, HEAR_RATE))


def _conditions(
    clip: clips.Clip, noises: list[Samples], rooms: list[Samples]
) -> Iterator[tuple[str, Samples]]:
    """Yield the clip clean, and in a noise and a room that its name picks."""
    samples, pick = read(clip.path, HEAR_RATE), zlib.crc32(clip.path.name.encode())
    yield "clean", clips.quiet_around(samples)
    if noises:
        yield "noise", clips.in_noise(samples, noises[pick % len(noises)], clip.path.name)
    if rooms:
        yield "room", clips.in_room(samples, rooms[pick % len(rooms)])


def _score_command(
    ears: Ears, result: Result, clip: clips.Clip, condition: str, found: list[Found]
) -> None:
    meant = ears.intents.meaning(clip.text)
    if meant is None:
        raise UserError(f'{clip.path}: its text "{clip.text}" is no command\'s phrase.')
    row = result.commands.setdefault(clip.text, {})
    tally = row.setdefault(condition, Tally())
    heard = [each for each in found if isinstance(each.report, Heard)]
    if not heard:
        tally.nothing += 1
    elif all(intent_of(each.report) == meant for each in heard):
        tally.right += 1
        result.delays.append(heard[0].delay)
    else:
        tally.other += 1


def intent_of(report: Heard | Rejected) -> Intent | None:
    """Return what a report means."""
    if isinstance(report, Rejected):
        return None
    details = (report.pattern, report.symptom, report.condition, report.seconds)
    return Intent(report.command, *details)


def _score_other(result: Result, clip: clips.Clip, samples: Samples, found: list[Found]) -> None:
    seconds = len(samples) / HEAR_RATE - clips.BEFORE - clips.AFTER
    result.hours[clip.kind] = result.hours.get(clip.kind, 0.0) + seconds / 3600
    for each in found:
        if isinstance(each.report, Heard):
            command, text = str(each.report.command), each.report.text
            result.false_accepts.append(
                {"file": clip.path.name, "said": clip.text, "command": command, "text": text}
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
