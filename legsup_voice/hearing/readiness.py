"""Whether a language may be used for a session: only if it has been shown to be heard here.

English is, by the figures in docs/hearing.md. Any other is when a folder of recordings was heard
right (`legsup hear --check`), by this model and with these words; when the model or a word changes,
that has to be shown again.
"""

import contextlib
import hashlib
import json
from pathlib import Path

from legsup_voice import content
from legsup_voice.config import data_directory
from legsup_voice.errors import UserError
from legsup_voice.hearing import models
from legsup_voice.private import write_whole

FILE = "languages.json"
"""Its name in the data folder: what was shown, by language."""


def refuse_unready(language: str, model: Path | str | None) -> None:
    """See that `language` is ready with `model`, or the language's own.

    Raises:
        UserError: it isn't, or there is no such model.
    """
    if not is_ready(language, model):
        raise UserError(
            f"{content.locale(language).name} isn't ready here: nobody has shown that stop, "
            "symptoms, conditions and numbers are heard with this model. 'legsup hear --check "
            "FOLDER' does, with a folder of recordings ('legsup guide add-a-language')."
        )


def is_ready(language: str, model: Path | str | None) -> bool:
    """Return whether it has been shown that `language` is heard by `model`.

    Raises:
        UserError: there is no such model.
    """
    if content.locale(language).verified:
        return True
    kept = _kept().get(language)  # without one, no model is looked for, nor fetched
    return kept is not None and kept == _shown(language, model)


def note_ready(language: str, model: Path | str | None) -> None:
    """Keep that it has been shown.

    Raises:
        UserError: that can't be kept.
    """
    kept = _kept() | {language: _shown(language, model)}
    path = data_directory() / FILE
    try:
        write_whole(path, json.dumps(kept, indent=2).encode())
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror or error}.") from error


def _kept() -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads((data_directory() / FILE).read_bytes())
        if isinstance(kept, dict):
            return kept
    return {}


def _shown(language: str, model: Path | str | None) -> str:
    """Return a digest of the words of `language` and of the acoustic model."""
    folder = models.find(model or content.locale(language).model)
    inner = folder / "am" if (folder / "am").is_dir() else folder
    words = [
        *sorted(content.path("commands", language).glob("*.yaml")),
        *(content.path(name, language) for name in ("rules.yaml", "numbers.yaml", "fillers.txt")),
    ]
    digest = hashlib.sha256()
    for path in (*words, inner / "final.mdl"):
        with contextlib.suppress(OSError):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
