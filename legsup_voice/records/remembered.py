"""What was chosen in the last session, kept for "the same as last time": one small JSON file.

It appears whole or not at all. One that is missing, damaged or of another version is as good as
none: the choices are asked for again.
"""

import json
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from legsup_voice.files import content
from legsup_voice.private import write_whole
from legsup_voice.protocol.choices import Choices

_CHOICES = TypeAdapter(Choices)


def remember(path: Path, choices: Choices) -> None:
    """Keep `choices` in the file at `path`, for this user alone.

    Raises:
        OSError: the disk doesn't take it; what was kept before stays.
    """
    write_whole(path, (json.dumps(asdict(choices)) + "\n").encode(), to_disk=True)


def remembered(path: Path) -> Choices | None:
    """Return what is kept at `path`, if anything."""
    try:
        return _CHOICES.validate_json(content(path))
    except (OSError, ValidationError):
        return None
