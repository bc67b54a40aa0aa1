"""`legsup doctor`: is everything there that a session needs, and if not, what is to be done.

Each check gives one finding. What the echo shows comes through the very sound card code that a
session uses, so its echo delay is the one the ears must live with.
"""

import json as json_format
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import typer

from legsup_voice.audio import HEAR_BLOCK, SPEAK_BLOCK, SPEAK_RATE, Samples, level_db
from legsup_voice.config import (
    Config,
    cache_directory,
    data_directory,
    load_config,
    phrases_path,
)
from legsup_voice.content import LANGUAGE, content, locale
from legsup_voice.devices.exchange import exchange
from legsup_voice.devices.pulse import SoundServer
from legsup_voice.devices.soundcard import SoundCard
from legsup_voice.errors import UserError
from legsup_voice.evaluation.echo_path import find_echo, sweep
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.readiness import refuse_unready
from legsup_voice.live import service, waking
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.simulation.people import People
from legsup_voice.speaking.lead_in import KeepAwake
from legsup_voice.speaking.voice import Voice

NOISY = -45.0
"""dB below full scale: speech across a room arrives at about -35, and needs 10 dB of distance."""

DEAD = -95.0
"""dB below full scale: less than the last bit of 16."""

OFFSET = 0.02
"""Of full scale; more direct current than this eats the room that loud speech needs."""

CLIPPED = 0.001
"""Share of samples at full scale."""

LOUD_ECHO = -15.0
"""dB below full scale: louder than the person, it drowns them."""

NEEDED_SPACE = 200_000_000
"""Bytes: all clips of the voice take 80 MB."""


_BEGIN = 'nothing is wrong; "legsup run" begins.'


@dataclass(frozen=True)
class Finding:
    """What a check found; `fix` is what to do, empty if nothing is wrong."""

    check: str
    found: str
    fix: str = ""


def doctor(*, mic: str | None, speaker: str | None, json: bool) -> int:
    """Check everything, print each finding as it comes, say the result; return 1 if there is a fix.

    `json`: print all of them at the end instead.

    Raises:
        UserError: the configuration is wrong.
    """
    config = load_config()
    findings: list[Finding] = []

    def tell(found: Iterable[Finding]) -> None:
        for finding in found:
            findings.append(finding)
            if not json:
                _print(finding)

    for found in (*_speech(config), _disk(), _service(), _server()):
        tell(found)
    try:
        card = SoundCard(mic or config.mic, speaker or config.speaker)
    except UserError as error:
        tell([Finding("sound", "can't be opened", str(error))])
    else:
        try:
            tell(_sound(card, KeepAwake(config.keep_awake)))
            _say(card, findings, config.language)
        finally:
            card.close()
    fixes = [finding.fix for finding in findings if finding.fix]
    if json:
        typer.echo(json_format.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        typer.echo("\nWhat to do next: " + ("\n- ".join(["", *fixes]) if fixes else _BEGIN))
    return 1 if fixes else 0


def _speech(config: Config) -> tuple[Iterator[Finding], Iterator[Finding]]:
    language = config.language
    return _voice(config.voice, language), _model(config.model, language)


def _voice(name: str, language: str) -> Iterator[Finding]:
    lines = set(content(language).spoken())
    try:
        voice = Voice(voice=name, language=language)
        said = content(language).lines["idle.begin"].say[0]
        clip = voice.clip(said, "setup")
    except UserError as error:
        yield Finding("voice", "can't speak", str(error))
        return
    recorded = sum(voice.is_recorded(*line) for line in lines)
    found = f"{recorded} of {len(lines)} lines are recorded" if recorded else "espeak-ng speaks"
    yield Finding("voice", f"{found}; “{said}” takes {len(clip) / SPEAK_RATE:.1f} s")


def _model(model: str | None, language: str) -> Iterator[Finding]:
    try:
        refuse_unready(language, model)
        ears = Ears(model, phrases_path(), language=language)
    except UserError as error:
        yield Finding("model", "can't hear", str(error))
        return
    stop = People(Voice(voice="espeak", language=language)).clip(locale(language).stop)
    clip = np.pad(stop, (HEAR_BLOCK * 30, HEAR_BLOCK * 60))
    attention, silence = Attention(frozenset(Command)), np.zeros(SPEAK_BLOCK, np.float32)
    heard = [
        report.command
        for block in _blocks(clip)
        for report in ears.listen(block, silence, attention)
        if isinstance(report, Heard)
    ]
    found = f"knows {len(ears.spoken.words)} words"
    missed = f"It does not hear “{locale(language).stop}”: choose another model."
    fix = "" if heard == [Command.STOP] else missed
    yield Finding("model", found, fix)


def _blocks(samples: Samples) -> Iterator[Samples]:
    for at in range(0, len(samples) - HEAR_BLOCK + 1, HEAR_BLOCK):
        yield samples[at : at + HEAR_BLOCK]


def _disk() -> Iterator[Finding]:
    for name, folder in (("disk: data", data_directory()), ("disk: voice", cache_directory())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder) as file:
                file.write(b"written")
        except OSError as error:
            yield Finding(name, f"{folder}: {error.strerror}", f"Make {folder} writable.")
            continue
        free = shutil.disk_usage(folder).free
        fix = "" if free >= NEEDED_SPACE else f"Make room on the disk of {folder}."
        yield Finding(name, f"{_megabytes(free)} free in {_short(folder)}", fix)


def _service() -> Iterator[Finding]:
    if not service.unit_path().exists():
        yield Finding("service", 'does not start with the computer ("legsup service install")')
        return
    try:
        is_ = service.facts()
    except UserError as error:
        yield Finding("service", "is installed, but can't be asked", str(error))
        return
    runs = is_.get("ActiveState") == "active"
    fix = "" if runs else 'Look why it ended: "journalctl --user --unit legsup".'
    yield Finding("service", f"is installed and {'runs' if runs else 'does not run'}", fix)


def _server() -> Iterator[Finding]:
    server = SoundServer()
    yield Finding("sound server", server.name or "none: ALSA itself")
    server.close()


def _sound(card: SoundCard, keep_awake: KeepAwake) -> Iterator[Finding]:
    """Listen to the room, to the sweep in it, and to a tone after silence."""
    yield Finding("speaker", card.speaker_name)
    yield Finding("microphone", card.microphone_name)
    for direction, gain in card.gains_db.items():
        yield Finding("volume", f"{direction} {gain:+.0f} dB")
    # The first half second holds what the cards do when they begin.
    quiet = exchange(card, np.zeros(round(2.5 * SPEAK_RATE), np.float32))[8000:]
    heard = exchange(card, _with_end(sweep()))
    yield from level_findings(quiet, heard)
    yield from echo_findings(quiet, heard)
    echo = find_echo(heard, quiet)
    after_silence = exchange(card, _with_end(waking.probe(keep_awake)))
    cut = waking.cut_off(after_silence, echo.delay) if echo else None
    if cut is not None:
        found = f"the first {cut:.1f} s after silence are cut off" if cut else "nothing is cut off"
        yield Finding("waking", found, waking.advice(cut, keep_awake))
    losses = card.losses
    fix = "The computer is too busy: close other programs." if losses.late > 0.1 else ""
    yield Finding("timing", f"{losses.late * 1000:.0f} ms of sound came too late", fix)


def _with_end(samples: Samples) -> Samples:
    """Return `samples` with a second of silence, in which they arrive."""
    return np.pad(samples, (0, SPEAK_RATE))


def level_findings(quiet: Samples, heard: Samples) -> Iterator[Finding]:
    """Judge the microphone by a quiet room (16 kHz) and by the same room with the sweep in it."""
    noise, loudest = level_db(quiet), max(level_db(quiet), level_db(heard))
    found = f"background noise {noise:.0f} dBFS" if np.isfinite(noise) else "digital silence"
    fix = ""
    if loudest < DEAD:
        fix = "The microphone gives no sound: switch it on, or choose another with --mic."
    elif np.mean(np.abs(quiet) > 0.99) > CLIPPED:
        fix = "The microphone is overdriven: turn its gain down."
    elif abs(float(np.mean(quiet))) > OFFSET:
        fix = "The microphone has an electrical fault (direct current): try another one."
    elif noise > NOISY:
        fix = "The room is loud: turn off what makes noise, or move the microphone nearer to you."
    yield Finding("levels", found, fix)


def echo_findings(quiet: Samples, heard: Samples) -> Iterator[Finding]:
    """Judge the way from the speaker to the microphone by the sweep in `heard` (16 kHz)."""
    echo = find_echo(heard, quiet)
    if echo is None:
        yield Finding(
            "echo",
            "the microphone does not hear the speaker",
            "Turn the speaker up, or choose another with --speaker; with headphones, never mind.",
        )
        return
    found = (
        f"comes after {echo.delay * 1000:.0f} ms at {echo.level:.0f} dBFS "
        f"({echo.gain:+.0f} dB from what was played)"
    )
    loud = echo.level > LOUD_ECHO or np.mean(np.abs(heard) > 0.99) > CLIPPED
    fix = "Turn the speaker down, or move it away from the microphone." if loud else ""
    yield Finding("echo", found, fix)


def _say(card: SoundCard, findings: Iterable[Finding], language: str) -> None:
    fixes = [finding.fix for finding in findings if finding.fix]
    voice = Voice(voice="espeak", language=LANGUAGE if fixes else language)
    for sentence in fixes or [content(language).lines["idle.begin"].say[0]]:
        try:
            clip = voice.clip(sentence, "setup")
        except UserError:
            return
        exchange(card, np.pad(clip, (0, SPEAK_RATE // 2)))


def _print(finding: Finding) -> None:
    mark = "wrong" if finding.fix else "good "
    typer.echo(f"{mark}  {finding.check:<12} {finding.found}")
    if finding.fix:
        typer.echo(f"{'':<20}{finding.fix}")
    sys.stdout.flush()


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:,.0f} MB"


def _short(folder: Path) -> str:
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)
