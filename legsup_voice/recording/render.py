"""`legsup render`: a guided session as one sound file, for anything that plays sound.

pydub writes the file: WAV by itself, MP3 and OGG through ffmpeg. Chapters are ID3v2 chapters in an
MP3, CHAPTERxxx comments in an OGG and labelled cue points in a WAV.
"""

import shutil
import struct
import tempfile
import warnings
from pathlib import Path

import typer
from pydantic import ValidationError
from rich.console import Console

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.content import duration
from legsup_voice.errors import UserError
from legsup_voice.recording.recording import Chapter, Recording, record
from legsup_voice.session.settings import Settings, clamp_hold
from legsup_voice.speaking.voice import Voice

_FORMATS = (".mp3", ".wav", ".ogg")
_ARTIST = "legsup_voice"
_BITRATE = "64k"  # mono speech at 24 kHz


def render(out: Path, *, minutes: float, breathing: str) -> None:
    """Write a guided session with a hold of `minutes` to `out`; its ending chooses the format.

    Raises:
        UserError: a value is out of bounds, ffmpeg or the voice is missing, or `out` can't be
            written.
    """
    seconds, pattern = _checked(minutes, breathing)
    if out.suffix.lower() not in _FORMATS:
        raise UserError(f"{out}: the file's name must end in .mp3, .wav or .ogg.")
    if out.suffix.lower() != ".wav" and shutil.which("ffmpeg") is None:
        raise UserError(
            f"Writing {out.suffix} needs ffmpeg: install it ('sudo apt install ffmpeg') or "
            "choose a name that ends in .wav."
        )
    if not out.parent.is_dir():
        raise UserError(f"There is no folder {out.parent} to write {out.name} to.")
    with Console(stderr=True).status("Speaking the session"):
        recording = record(Voice(), seconds, pattern)
        try:
            _write(recording, out, f"Legs up the wall, {duration(seconds)}")
        except OSError as error:
            raise UserError(f"{out} can't be written: {error.strerror or error}.") from error
    typer.echo(f"{out}: {_clock(recording.seconds)}, of it {_clock(seconds)} in the pose")
    for chapter in recording.chapters:
        typer.echo(f"  {_clock(chapter.start)}  {chapter.title}")


def _checked(minutes: float, breathing: str) -> tuple[float, str]:
    """Return the hold's seconds and the pattern."""
    try:
        settings = Settings.model_validate({"minutes": minutes, "breathing": breathing})
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"--{first['loc'][0]}: {first['msg']}.") from error
    seconds = clamp_hold(minutes * 60)
    if abs(seconds - minutes * 60) > 1e-6:
        raise UserError(f"--minutes: a hold lasts 0.5 to 20 minutes, not {minutes:g}.")
    assert settings.breathing is not None
    return round(seconds), settings.breathing


def _write(recording: Recording, out: Path, title: str) -> None:
    with warnings.catch_warnings():  # pydub warns of a missing ffmpeg, and of its own escapes
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
        from pydub.exceptions import CouldntEncodeError

    sound = AudioSegment(
        recording.samples.tobytes(), frame_rate=SPEAK_RATE, sample_width=2, channels=1
    )
    tags = {"title": title, "artist": _ARTIST, "genre": "Meditation"}
    kind = out.suffix.lower()[1:]
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".legsup-") as folder:
        made = Path(folder) / out.name
        try:
            match kind:
                case "wav":
                    sound.export(made, "wav").close()
                    _append_cues(made, recording.chapters, title)
                case "ogg":
                    tags |= _comments(recording.chapters)
                    sound.export(made, "ogg", tags=tags, parameters=["-q:a", "4"]).close()
                case _:
                    tags["TLEN"] = str(round(recording.seconds * 1000))
                    chapters = Path(folder) / "chapters"
                    chapters.write_text(_ffmetadata(recording), encoding="utf-8")
                    extra = ["-f", "ffmetadata", "-i", str(chapters), "-map_metadata", "1"]
                    extra += ["-map", "0:a", "-b:a", _BITRATE]
                    sound.export(made, "mp3", tags=tags, parameters=extra).close()
        except CouldntEncodeError as error:
            raise OSError("ffmpeg could not encode it") from error
        made.replace(out)


def _ffmetadata(recording: Recording) -> str:
    """Return the chapters in ffmpeg's metadata format."""
    ends = [chapter.start for chapter in recording.chapters[1:]] + [recording.seconds]
    lines = [";FFMETADATA1"]
    for chapter, end in zip(recording.chapters, ends, strict=True):
        lines += ["[CHAPTER]", "TIMEBASE=1/1000"]
        lines += [f"START={round(chapter.start * 1000)}", f"END={round(end * 1000)}"]
        lines += [f"title={chapter.title}"]
    return "\n".join(lines) + "\n"


def _comments(chapters: tuple[Chapter, ...]) -> dict[str, str]:
    """Return the chapters as Vorbis comments."""
    comments = {}
    for number, chapter in enumerate(chapters, start=1):
        minutes, seconds = divmod(chapter.start, 60)
        comments[f"CHAPTER{number:03}"] = f"00:{int(minutes):02}:{seconds:06.3f}"
        comments[f"CHAPTER{number:03}NAME"] = chapter.title
    return comments


def _append_cues(path: Path, chapters: tuple[Chapter, ...], title: str) -> None:
    """Add cue points with labels, and the title, to a WAV file."""
    cues = struct.pack("<I", len(chapters))
    labels = b"adtl"
    for number, chapter in enumerate(chapters, start=1):
        place = round(chapter.start * SPEAK_RATE)
        cues += struct.pack("<II4sIII", number, place, b"data", 0, 0, place)
        labels += _chunk(b"labl", struct.pack("<I", number) + chapter.title.encode() + b"\0")
    names = b"INFO" + _chunk(b"INAM", title.encode() + b"\0") + _chunk(b"IART", _ARTIST.encode())
    with path.open("r+b") as file:
        file.seek(0, 2)
        file.write(_chunk(b"cue ", cues) + _chunk(b"LIST", labels) + _chunk(b"LIST", names))
        size = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", size))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
