"""Long runs on the audio clock: a day of idling beside other people's talk, sessions in a row.

    python script/soak.py ../shared/speech --hours 24 --sessions 500

The idle hours go through the real ears and engine: of each, a tenth is people who talk of other
things, a tenth household noise, the rest a quiet room. The sessions have someone who answers every
line in words that need no hearing, so that 500 take minutes. Prints one line an hour and one for
every fifty sessions, then what came of it; the status is 1 when a promise was broken.
"""

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from legsup_voice.audio import BLOCKS_PER_SECOND, HEAR_BLOCK, HEAR_RATE, Samples, amplitude
from legsup_voice.engine.engine import Hearing
from legsup_voice.engine.wiring import put_together
from legsup_voice.evaluation import clips
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Ears, Report
from legsup_voice.live.memory import give_back_memory
from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.log import CommandHeard, LineOver, LogRecord, StateEntered, wire
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from legsup_voice.session.settings import Settings
from legsup_voice.soundfiles import read
from legsup_voice.speaking.voice import Voice

HOUR = 3600 * BLOCKS_PER_SECOND
SHARE = 0.1
"""Part of every hour that is talk, and that is noise."""
HISS_DBFS = -72.0
FLAT = 0.05
"""How much memory may grow after the first hour, or the first fifty sessions."""
HOLD_SECONDS = 30.0
ANSWERS = {
    "idle.begin": Command.START,
    "screening": Command.NO,
    "setup": Command.SKIP,
    "sitting.dizzy": Command.NO,
}
SILENT_BLOCK: Samples = np.zeros(HEAR_BLOCK, np.float32)


def memory() -> float:
    """Return this process's resident memory in MB, without what is free to be given back."""
    give_back_memory()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def background(speech: Path) -> Iterator[Samples]:
    """Yield the microphone of a room in which nobody speaks to us, for ever."""
    listed = clips.manifest(speech / "manifest.tsv")
    chance, hiss = random.Random(1), np.random.default_rng(1)
    kinds = {kind: [c.path for c in listed if c.kind == kind] for kind in ("talk", "noise")}
    while True:
        for kind in ("talk", "noise"):
            yield from sounds(kinds[kind], round(SHARE * HOUR), chance, hiss)
        for _ in range(round((1 - 2 * SHARE) * HOUR)):
            yield quiet(hiss)


def sounds(
    paths: list[Path], blocks: int, chance: random.Random, hiss: np.random.Generator
) -> Iterator[Samples]:
    """Yield that many blocks of the recordings at random, a second of quiet between them."""
    done = 0
    while done < blocks:
        heard = clips.quiet_around(read(chance.choice(paths), HEAR_RATE))
        for block in heard[: len(heard) // HEAR_BLOCK * HEAR_BLOCK].reshape(-1, HEAR_BLOCK):
            if done == blocks:
                return
            yield block + quiet(hiss)
            done += 1


def quiet(hiss: np.random.Generator) -> Samples:
    """Return a block of a quiet room."""
    return hiss.standard_normal(HEAR_BLOCK, np.float32) * np.float32(amplitude(HISS_DBFS))


def idle(speech: Path, hours: int) -> bool:
    """Idle for `hours`; return whether nothing was taken for a command and memory stayed flat."""
    commands: list[CommandHeard] = []

    def log(record: LogRecord) -> None:
        if isinstance(record, CommandHeard):
            commands.append(record)

    engine = put_together(Settings(), Ears(), Voice(), log)
    room, used = background(speech), []
    for hour in range(1, hours + 1):
        for _ in range(HOUR):
            engine.process(next(room))
            engine.settle(0)
        used.append(memory())
        print(f"hour {hour}: {used[-1]:.1f} MB, {len(commands)} commands", flush=True)  # noqa: T201
    for record in commands:
        print(f"taken for a command: {wire(record)}")  # noqa: T201
    return not commands and is_flat(used)


@dataclass
class Answers(Hearing):
    """Ears that hear an answer to every line half a second after it has ended."""

    records: list[LogRecord] = field(default_factory=list)
    now: float = 0.0
    _taken: int = 0
    _due: list[tuple[float, Command]] = field(default_factory=list)

    def listen(self, microphone: Samples, speaker: Samples, attention: Attention) -> list[Report]:
        """Take one block of each; return the answers that are due."""
        self.now += 1 / BLOCKS_PER_SECOND
        for record in self.records[self._taken :]:
            if isinstance(record, LineOver) and not record.cut:
                answer = ANSWERS.get(record.line) or ANSWERS.get(record.line.split(".")[0])
                if answer:
                    self._due.append((self.now + 0.5, answer))
        self._taken = len(self.records)
        due = [answer for at, answer in self._due if at <= self.now]
        self._due = [(at, answer) for at, answer in self._due if at > self.now]
        return [Heard(each) for each in due if each in attention.accepts]


def sessions(count: int) -> bool:
    """Have whole sessions in a row; return whether each was whole, on time, and memory flat."""
    voice, used, wrong = Voice(), [], 0
    with tempfile.TemporaryDirectory(prefix="legsup-") as folder:
        for number in range(1, count + 1):
            wrong += not one_session(voice, Path(folder) / "journal.db", number)
            if number % 50 == 0:
                used.append(memory())
                print(f"session {number}: {used[-1]:.1f} MB, {wrong} wrong", flush=True)  # noqa: T201
    return not wrong and is_flat(used)


def one_session(voice: Voice, path: Path, seed: int) -> bool:
    """Have one session; return whether it was whole and its hold as long as it should be."""
    answers, journal = Answers(), Journal(path)
    settings = Settings(minutes=HOLD_SECONDS / 60, breathing=Pattern.FOUR_SIX, seed=seed)
    interrupted = journal.interrupted
    engine = put_together(settings, answers, voice, answers.records.append, journal)
    while not engine.finished and engine.now < 900:
        engine.process(SILENT_BLOCK)
        engine.settle(0)
    trouble = journal.trouble
    journal.close()
    at = {r.state: r.t for r in answers.records if isinstance(r, StateEntered)}
    held = at.get(State.LEAVING, 0.0) - at.get(State.HOLD, 0.0)
    whole = engine.finished and State.DONE in at and not interrupted and not trouble
    return whole and abs(held - HOLD_SECONDS) <= 0.25


def is_flat(used: list[float]) -> bool:
    """Say and return whether memory stayed where it was when first looked at."""
    if len(used) < 2:
        return True
    growth = max(used) / used[0] - 1
    print(f"memory: {used[0]:.1f} to {max(used):.1f} MB, {100 * growth:+.1f} %")  # noqa: T201
    return growth <= FLAT


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--sessions", type=int, default=500)
    options = parser.parse_args()
    kept = [not options.hours or idle(options.speech, options.hours)]
    kept.append(not options.sessions or sessions(options.sessions))
    print("all promises kept" if all(kept) else "a promise was broken")  # noqa: T201
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
