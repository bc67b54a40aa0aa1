"""Title and chapters of a sound file, in the way its format has them.

ID3v2 chapters in an MP3, CHAPTERxxx comments in an OGG, labelled cue points in a WAV.
"""

import struct
from pathlib import Path

from mutagen import MutagenError
from mutagen.id3 import CHAP, CTOC, ID3, TCON, TIT2, TLEN, TPE1, CTOCFlags, Encoding
from mutagen.oggvorbis import OggVorbis

from legsup_voice.audio import SPEAK_RATE
from legsup_voice.recording.recording import Chapter

_ARTIST = "legsup_voice"
_GENRE = "Meditation"


def add(path: Path, title: str, chapters: tuple[Chapter, ...], seconds: float) -> None:
    """Add `title` and `chapters` to the MP3, OGG or WAV file at `path`, `seconds` long.

    Raises:
        OSError: it can't be written.
    """
    try:
        match path.suffix.lower():
            case ".mp3":
                _add_to_mp3(path, title, chapters, seconds)
            case ".ogg":
                _add_to_ogg(path, title, chapters)
            case _:
                _add_to_wav(path, title, chapters)
    except MutagenError as error:  # it has in it what the system said
        reason = error.args[0] if error.args else error
        raise (reason if isinstance(reason, OSError) else OSError(str(error))) from error


def _add_to_mp3(path: Path, title: str, chapters: tuple[Chapter, ...], seconds: float) -> None:
    tags = ID3()
    for frame, text in ((TIT2, title), (TPE1, _ARTIST), (TCON, _GENRE)):
        tags.add(frame(encoding=Encoding.UTF8, text=[text]))
    tags.add(TLEN(encoding=Encoding.UTF8, text=[str(round(seconds * 1000))]))
    ids = [f"chapter{number}" for number in range(1, len(chapters) + 1)]
    flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    tags.add(CTOC(element_id="toc", flags=flags, child_element_ids=ids, sub_frames=[]))
    ends = [chapter.start for chapter in chapters[1:]] + [seconds]
    for name, chapter, end in zip(ids, chapters, ends, strict=True):
        tags.add(
            CHAP(
                element_id=name,
                start_time=round(chapter.start * 1000),
                end_time=round(end * 1000),
                sub_frames=[TIT2(encoding=Encoding.UTF8, text=[chapter.title])],
            )
        )
    tags.save(path)


def _add_to_ogg(path: Path, title: str, chapters: tuple[Chapter, ...]) -> None:
    file = OggVorbis(path)
    file["title"], file["artist"], file["genre"] = title, _ARTIST, _GENRE
    for number, chapter in enumerate(chapters, start=1):
        minutes, seconds = divmod(chapter.start, 60)
        file[f"CHAPTER{number:03}"] = f"00:{int(minutes):02}:{seconds:06.3f}"
        file[f"CHAPTER{number:03}NAME"] = chapter.title
    file.save()


def _add_to_wav(path: Path, title: str, chapters: tuple[Chapter, ...]) -> None:
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
