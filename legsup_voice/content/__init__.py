"""What is said and how a session is laid out, as data: a folder for each language.

Everything is checked against a schema, against itself and against what the program names when it
is loaded, so that a line nobody wrote is a sentence at start and not a silence in a session.
"""

from functools import cache
from importlib import resources
from pathlib import Path

from legsup_voice import yamlfile
from legsup_voice.content.loading import load
from legsup_voice.content.schema import (
    FAMILIES,
    Content,
    Line,
    Locale,
    Pattern,
    Question,
    Rung,
    Section,
    Step,
    capitalised,
)
from legsup_voice.errors import UserError

LANGUAGE = "en"
"""The language whose lines every other must have."""

ELSEWHERE = "rules.yaml numbers.yaml fillers.txt wake_words.txt pronunciation.yaml".split()
"""The files of a language that those read who hear and speak."""


def path(name: str, language: str = LANGUAGE) -> Path:
    """Return where the data file `name` of `language` is."""
    return Path(str(resources.files(__package__))) / language / name


def languages() -> tuple[str, ...]:
    """Return the languages in which commands are written."""
    return tuple(sorted(found.parent.name for found in path("", "").glob("*/commands")))


def content(language: str = LANGUAGE) -> Content:
    """Return the content of this package in `language`, checked.

    Raises:
        UserError: a file is missing or damaged, or something in it doesn't fit the rest.
    """
    return _content(language)  # cached by its language, however that is given


@cache
def _content(language: str) -> Content:
    locale(language)
    for name in ELSEWHERE:
        if not path(name, language).is_file():
            raise UserError(f"{path(name, language)} is missing.")
    return load(path("", language), None if language == LANGUAGE else path(""))


def locale(language: str = LANGUAGE) -> Locale:
    """Return who speaks and hears `language`.

    Raises:
        UserError: there is no such language, or its file is missing or damaged.
    """
    return _locale(language)


@cache
def _locale(language: str) -> Locale:
    if language not in languages():
        raise UserError(f"There is no language {language!r}; there are {', '.join(languages())}.")
    where = path("locale.yaml", language)
    found = yamlfile.load(where, Locale)
    if language != LANGUAGE and (found.verified or found.recorded):
        raise UserError(f"{where}: only English is `verified` or `recorded`; take these lines out.")
    return found


__all__ = [
    "FAMILIES",
    "Content",
    "Line",
    "Locale",
    "Pattern",
    "Question",
    "Rung",
    "Section",
    "Step",
    "capitalised",
    "content",
    "languages",
    "locale",
    "path",
]
