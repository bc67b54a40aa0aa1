"""What written lines mean, without sound."""

import json
from pathlib import Path

from legsup_voice import files
from legsup_voice.config import phrases_path
from legsup_voice.content import LANGUAGE, locale
from legsup_voice.errors import UserError
from legsup_voice.hearing.compiled import compiled
from legsup_voice.hearing.grammar.intent import Intent


def hear_text(path: Path, language: str = LANGUAGE) -> None:
    """Print one JSON line for each line of `path`: what is said, the command, what it carries.

    A line means what it means foremost, whatever is waited for; empty lines are left out.

    Raises:
        UserError: the file can't be read, the person's own phrases are wrong, or there is no such
            language.
    """
    locale(language)
    try:
        lines = files.text(path, files.LARGEST_LIST).splitlines()
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from error
    reader = compiled(phrases_path(), language).reader
    for line in lines:
        if line.strip():
            print(json.dumps(_record(line.strip(), reader.read(line)), ensure_ascii=False))  # noqa: T201


def _record(said: str, intent: Intent | None) -> dict[str, object]:
    if intent is None:
        return {"said": said, "command": None}
    return {"said": said, "command": str(intent.command), **intent.details()}
