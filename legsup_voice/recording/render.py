"""`legsup render`: a guided session as one sound file, for anything that plays sound."""

import io
import warnings
from pathlib import Path

import soundfile
import typer
from rich.console import Console

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.config import load_config
from legsup_voice.content import content
from legsup_voice.durations import clock
from legsup_voice.engine.wiring import settings_of
from legsup_voice.errors import UserError
from legsup_voice.files import whole
from legsup_voice.protocol.commands import Pattern
from legsup_voice.protocol.limits import MAX_HOLD, MIN_HOLD
from legsup_voice.recording import chapters
from legsup_voice.recording.recording import Recording, record
from legsup_voice.session.settings import clamp_hold
from legsup_voice.speaking.voice import Voice

_FORMATS = (".mp3", ".wav", ".ogg")


def render(out: Path, *, minutes: float, breathing: str, night: bool = False) -> None:
    """Write a guided session with a hold of `minutes` to `out`; its ending chooses the format.

    One for the `night` has no bell and ends with sleep.

    Raises:
        UserError: a value is out of bounds, the voice is missing, or `out` can't be written.
    """
    seconds, pattern = _checked(minutes, breathing)
    if out.suffix.lower() not in _FORMATS:
        raise UserError(f"{out}: the file's name must end in .mp3, .wav or .ogg.")
    if not out.parent.is_dir():
        raise UserError(f"There is no folder {out.parent} to write {out.name} to.")
    config = load_config()
    voice = Voice(voice=config.voice, language=config.language)
    with Console(stderr=True).status("Speaking the session"):
        recording = record(voice, seconds, pattern, night=night)
        try:
            said = content(config.language)
            title = said.recording.title.format(duration=said.duration(seconds))
            _write(recording, out, title)
        except OSError as error:
            raise UserError(f"{out} can't be written: {error.strerror or error}.") from error
    typer.echo(f"{out}: {clock(recording.seconds)}, of it {clock(seconds)} in the pose")
    for chapter in recording.chapters:
        typer.echo(f"  {clock(chapter.start)}  {chapter.title}")


def _checked(minutes: float, breathing: str) -> tuple[float, Pattern]:
    """Return the hold's seconds and the pattern."""
    settings = settings_of(minutes=minutes, breathing=breathing)
    seconds = clamp_hold(minutes * 60)
    if abs(seconds - minutes * 60) > 1e-6:
        limits = f"{MIN_HOLD / 60:g} to {MAX_HOLD / 60:g}"
        raise UserError(f"--minutes: a hold lasts {limits} minutes, not {minutes:g}.")
    assert settings.breathing is not None
    return round(seconds), settings.breathing


def _write(recording: Recording, out: Path, title: str) -> None:
    kind = out.suffix.lower()
    with whole(out) as made:
        if kind == ".wav":
            _export_wav(recording, made)
        else:
            _encode(recording, made, kind[1:].upper())
        chapters.add(made, title, recording.chapters, recording.seconds)


def _encode(recording: Recording, path: Path, form: str) -> None:
    """Write an MP3 or OGG, made second by second: libsndfile's Vorbis crashes on minutes at once.

    It doesn't say, either, what the disk has against a file, so it is made in memory.
    """
    made = io.BytesIO()
    with soundfile.SoundFile(made, "w", SPEAK_RATE, channels=1, format=form) as file:
        for start in range(0, len(recording.samples), SPEAK_RATE):
            file.write(recording.samples[start : start + SPEAK_RATE])
    path.write_bytes(made.getbuffer())


def _export_wav(recording: Recording, path: Path) -> None:
    with warnings.catch_warnings():  # pydub warns of a missing ffmpeg, and of its own escapes
        warnings.simplefilter("ignore")
        from pydub import AudioSegment

    sound = AudioSegment(
        recording.samples.tobytes(), frame_rate=SPEAK_RATE, sample_width=2, channels=1
    )
    sound.export(path, "wav").close()
