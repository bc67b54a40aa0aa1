"""Feeds damaged files to what reads them, for minutes of processor time each: a Markdown table.

    python -m script.fuzz [--minutes 10] [--keep FOLDER] [wav flac clips journal]

Whatever a file holds, reading it ends soon in samples or in one sentence, and a session goes on.
Any other exception is an escape: its input is kept in FOLDER and the status is 1. Who has seen
enough of a kind sends SIGTERM or presses Ctrl-C: its row is printed, and the next is read. Memory
is limited to 1 GB more than what the programs take themselves, so that what eats the machine
escapes too.
"""

import argparse
import contextlib
import hashlib
import io
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE
from legsup_voice.errors import UserError
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from legsup_voice.records.past import lately, readable
from legsup_voice.soundfiles import read
from legsup_voice.speaking.voice import Voice, _unpacked

HEAD = """| what is read | files | taken | refused | longest | escapes |
|---|---|---|---|---|---|"""
ROOM = 1 << 30
SLOW = 20.0
"""Seconds of processor time for one file that count as an escape."""
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
LINE = ("Come down slowly.", "hold")


def sound(form: str, subtype: str, channels: int = 1) -> bytes:
    """Return half a second of noise as a file."""
    noise = np.random.default_rng(1).normal(0, 0.1, (HEAR_RATE // 2, channels))
    file = io.BytesIO()
    soundfile.write(file, noise, HEAR_RATE, format=form, subtype=subtype)
    return file.getvalue()


def journal(folder: Path) -> bytes:
    """Return the journal of some sessions, the last one broken off."""
    path = folder / "whole.db"
    kept = Journal(path, wait=30)
    for number in range(20):
        for state in (State.SETUP, State.HOLD, State.LEAVING, State.SIDE, State.DONE, State.IDLE):
            kept.state(state, float(number), in_pose=state in (State.HOLD, State.LEAVING))
    kept.state(State.HOLD, 0.0, in_pose=True)
    kept.close()
    return path.read_bytes()


def damaged(whole: bytes, chance: random.Random, header: int = 100) -> bytes:
    """Return a file with some of its bytes changed, most of them in its header."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        within = header if chance.random() < 0.7 else len(data)
        at = chance.randrange(max(1, min(within, len(data))))
        match chance.randrange(6):
            case 0:
                data[at : at + 1] = bytes([data[at] ^ 1 << chance.randrange(8)]) if data else b""
            case 1:
                size = chance.choice((1, 2, 4, 8))
                order = chance.choice(("little", "big"))
                number = chance.choice(NUMBERS) % (1 << 8 * size)
                data[at : at + size] = number.to_bytes(size, "big" if order == "big" else "little")
            case 2:
                del data[at:]
            case 3:
                data[at:at] = chance.randbytes(chance.randrange(1, 40))
            case 4:
                data[at : at + 16] = data[:16]
            case 5:
                data[at : at + 8] = chance.randbytes(8)
    return bytes(data)


@dataclass
class Kind:
    """Files to damage, and what reads one: it returns whether it could be taken."""

    wholes: list[bytes]
    take: Callable[[Path, bytes], bool]
    header: int = 100


def take_sound(folder: Path, data: bytes) -> bool:
    """Read it as a sound file."""
    path = folder / "sound"
    path.write_bytes(data)
    try:
        samples = read(path, HEAR_RATE)
    except UserError:
        return False
    assert np.isfinite(samples).all()
    return True


def take_clip(folder: Path, data: bytes) -> bool:
    """Speak a line whose clip it is, under the name that it must have to be looked at.

    One in 256 that can't be taken is made anew, which takes far longer than looking at it.
    """
    voice = Voice(folder, voice="espeak")
    recipe = voice._recipe(*LINE)
    name = f"{recipe}-{hashlib.sha256(data).hexdigest()[:16]}.flac"
    (folder / name).write_bytes(data)
    there = _unpacked(voice._kept(recipe)) is not None
    if there or not hashlib.sha256(data).digest()[0]:
        voice.hold([LINE])
        with contextlib.suppress(UserError):
            assert np.isfinite(voice.clip(*LINE)).all()
    for path in folder.iterdir():
        path.unlink()
    return there


def take_journal(folder: Path, data: bytes) -> bool:
    """Begin on it, keep a hold, and be asked about the past."""
    path = folder / "journal.db"
    path.write_bytes(data)
    kept = Journal(path, wait=30)
    written = kept.state(State.HOLD, 0.0, in_pose=True)
    kept.close()
    assert written or kept.trouble
    lately(readable(path), time.time())
    again = Journal(path, wait=30)
    again.close()
    assert again.interrupted or not written
    for other in folder.iterdir():
        other.unlink()
    return written and not kept.trouble


def kinds(folder: Path) -> dict[str, Kind]:
    """Return all that can be asked for."""
    wav = [sound("WAV", subtype) for subtype in ("PCM_16", "PCM_24", "FLOAT", "ULAW", "MS_ADPCM")]
    wav += [sound("WAVEX", "PCM_16", 2), sound("W64", "PCM_16"), sound("RF64", "PCM_16")]
    flac = [sound("FLAC", "PCM_16"), sound("FLAC", "PCM_24", 2)]
    spoken = io.BytesIO()
    clip = Voice(folder, voice="espeak").clip(*LINE)
    soundfile.write(spoken, clip, SPEAK_RATE, format="FLAC", subtype="PCM_16")
    return {
        "wav": Kind(wav, take_sound),
        "flac": Kind(flac, take_sound),
        "clips": Kind([spoken.getvalue()], take_clip),
        "journal": Kind([journal(folder)], take_journal, 4096),
    }


def cases(kind: Kind, seconds: float) -> Iterator[bytes]:
    """Yield damaged files until so much processor time has gone."""
    chance = random.Random(12)
    until = time.process_time() + seconds
    while time.process_time() < until:
        yield damaged(chance.choice(kind.wholes), chance, kind.header)


def fuzz(name: str, kind: Kind, seconds: float, keep: Path) -> int:
    """Print the row of `kind`; return how many escaped."""
    files = taken = escapes = 0
    longest = 0.0
    with (
        tempfile.TemporaryDirectory(prefix="legsup-") as folder,
        contextlib.suppress(KeyboardInterrupt),
    ):
        for data in cases(kind, seconds):
            files += 1
            began = time.process_time()
            why = ""
            try:
                taken += kind.take(Path(folder), data)
            except Exception as error:  # whatever it is, it is what is looked for
                why = f"{type(error).__name__}: {error}"
            spent = time.process_time() - began
            longest = max(longest, spent)
            if why or spent > SLOW:
                escapes += 1
                keep.mkdir(parents=True, exist_ok=True)
                path = keep / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
                path.write_bytes(data)
                print(f"{path}: {why or f'{spent:.0f} s'}", file=sys.stderr, flush=True)  # noqa: T201
    refused = files - taken - escapes
    print(  # noqa: T201
        f"| {name} | {files:,} | {taken:,} | {refused:,} | {longest:.2f} s | {escapes} |",
        flush=True,
    )
    return escapes


def main() -> int:
    """Fuzz what is asked for; all of it when nothing is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--minutes", type=float, default=10.0, help="processor time for each")
    parser.add_argument("--keep", type=Path, default=Path("escapes"), help="folder for escapes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="legsup-") as folder:
        every = kinds(Path(folder))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(HEAD)  # noqa: T201
    wanted = options.names or list(every)
    escapes = [fuzz(n, every[n], 60 * options.minutes, options.keep) for n in wanted]
    return 1 if any(escapes) else 0


if __name__ == "__main__":
    sys.exit(main())
