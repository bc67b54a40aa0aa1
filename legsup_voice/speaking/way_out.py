"""Where the lines of the way down are kept as sound, for when nothing else can be said.

Small, because the supervisor is: it asks too.
"""

from pathlib import Path

ENGLISH = "en"
"""What they are said in where nothing else is known."""

FOLDERS = Path(__file__).parent / "recorded" / "way_out"
"""A folder for each language."""


def folder(language: str) -> Path:
    """Return the folder of these lines, by their ids; the English ones where there are none."""
    return FOLDERS / (language if (FOLDERS / language).is_dir() else ENGLISH)
