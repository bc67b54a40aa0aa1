"""What the people in a simulated room say: bundled clips, else the installed voice."""

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

import soxr

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.soundfiles import read
from legsup_voice.speaking.voice import Voice

_PREFIX = "kok-"


class People:
    """Finds or renders what is said; `installed` speaks what no clip says."""

    def __init__(self, installed: Voice) -> None:
        self._installed = installed
        self._clips = _clips()
        self.voices = tuple(dict.fromkeys(voice for _, voice in self._clips))

    def clip(self, text: str, voice: str | None = None) -> Samples:
        """Return `text` said by `voice` (default: the first) at 16 kHz.

        Raises:
            UserError: there is no such voice.
        """
        name = self.voices[0] if voice is None else voice.removeprefix(_PREFIX)
        if name not in self.voices:
            raise UserError(
                f"There is no voice {voice!r}; the voices are {', '.join(self.voices)}."
            )
        path = self._clips.get((_plain(text), name))
        if path is not None and path.is_file():  # an installed package holds few of them
            return read(path, HEAR_RATE)
        spoken: Samples = soxr.resample(self._installed.clip(text, "setup"), SPEAK_RATE, HEAR_RATE)
        return spoken


def _plain(text: str) -> str:
    """Return `text` without the marks that aren't heard."""
    kept = (c if c.isalnum() or c == "'" else " " for c in text.casefold().replace("’", "'"))
    return " ".join("".join(kept).split())


@cache
def _clips() -> dict[tuple[str, str], Path]:
    """Return the bundled clips by text and voice, in the manifest's order."""
    folder = Path(str(files("legsup_voice.simulation"))) / "voices"
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {
            (_plain(row["text"]), row["speaker"].removeprefix(_PREFIX)): folder / row["path"]
            for row in rows
        }
