"""What the user set once and for all, and where the program keeps its things.

One flat TOML file: whoever edits it does so over SSH on a machine without a screen, so a mistake is
answered with one sentence that names the file, the line and the key. No setting leads outside the
limits of the protocol, and none reaches how long a rest lasts: that is the session's own.
"""

import contextlib
import os
import re
import tomllib
import warnings
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from legsup_voice import files
from legsup_voice.errors import UserError
from legsup_voice.protocol.limits import MAX_HOLD, MAX_VOLUME, MIN_HOLD, MIN_VOLUME

_APP = "legsup_voice"


class Config(BaseModel):
    """The settings of `config.toml`; every one may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    minutes: float | None = Field(default=None, ge=MIN_HOLD / 60, le=MAX_HOLD / 60)
    """How many minutes to hold; asked for when None."""
    breathing: Literal["belly", "box", "four_six", "four_seven_eight", "none"] | None = None
    """The breathing pattern; asked for when None."""
    belly_seconds: list[Annotated[float, Field(ge=2, le=10)]] | None = Field(
        default=None, min_length=2, max_length=2
    )
    """How long belly breathing breathes in and out: [4, 6] for example. It never holds."""
    box_seconds: list[Annotated[float, Field(ge=2, le=6)]] | None = Field(
        default=None, min_length=4, max_length=4
    )
    """How long box breathing breathes in, holds, breathes out and holds: [4, 2, 6, 2]. "Slower"
    may make that a quarter longer: no hold lasts above 7.5 s."""
    language: str = "en"
    """What is spoken and heard: en; or de, which has to be shown to be heard first (`legsup guide
    add-a-language`)."""
    volume: float = Field(default=0.0, ge=MIN_VOLUME, le=MAX_VOLUME)
    """Decibels above the normal loudness; safety lines are never made quieter."""
    voice: Literal["heart", "michael", "espeak"] = "heart"
    """Who speaks: a recorded woman or man, where their recordings are installed, or espeak-ng."""
    bed: Literal["none", "noise", "waves", "drone", "rain"] = "none"
    """What sounds softly under the hold."""
    bed_file: str | None = Field(default=None, min_length=1)
    """A sound file to be played as the bed instead, round and round."""
    bell: bool = False
    """Whether a bell strikes at the start, half way and at the end of a hold."""
    bell_minutes: float | None = Field(default=None, ge=1, le=10)
    """The bell strikes every so many minutes instead of half way."""
    speech: Literal["normal", "slow"] = "normal"
    """How fast the voice speaks; slow is slow by its pauses."""
    cues: Literal["sounds", "words", "counts"] = "sounds"
    """What tells the phases of a breath: sounds, with "in" and "out", or with counted seconds."""
    keep_awake: Literal["off", "floor", "lead_in"] = "off"
    """For speakers that sleep and cut off first words: a noise too soft to hear, or, where that
    isn't enough, a moment of soft noise before a line."""
    mic: str | None = Field(default=None, min_length=1)
    """The microphone's name or a part of it; the system's default when None."""
    speaker: str | None = Field(default=None, min_length=1)
    """The speaker's, likewise."""
    model: str | None = Field(default=None, min_length=1)
    """A Vosk model's folder or name; the bundled one when None."""
    echo: bool = True
    """Whether our own voice is taken out of what the microphone hears. Off: a headset, or a
    microphone that does it itself; where it hears us after all, only "stop", symptoms and
    conditions count while we speak."""
    keep_audio: bool = False
    """Whether what the microphone hears is kept. Off: no sound is ever stored (safety rule 15)."""
    needs_someone: bool = False
    """Whether programs of the house are told when somebody should come and look: when they are
    unwell, in an emergency, or don't answer after a hold. Off: nothing about health is told."""
    talk: Literal["more", "normal", "less"] = "normal"
    """How much is said in the hold."""

    @field_validator("language")
    @classmethod
    def _is_there(cls, language: str) -> str:
        folders = Path(__file__).parent / "content"
        known = sorted(found.parent.name for found in folders.glob("*/commands"))
        if language not in known:
            raise PydanticCustomError("language", f"Input should be {' or '.join(known)}")
        return language

    @field_validator("model", "bed_file")
    @classmethod
    def _has_a_home(cls, path: str | None) -> str | None:
        try:
            Path(path or "").expanduser()
        except RuntimeError as error:
            raise PydanticCustomError("home", "there is no such user") from error
        return path

    @field_validator("voice", mode="before")
    @classmethod
    def _as_it_is_called_now(cls, voice: object) -> object:
        """Take what the first version's files may hold."""
        return "heart" if voice == "natural" else voice


def config_directory() -> Path:
    """Return the folder of the configuration."""
    return config_path().parent


def config_path() -> Path:
    """Return the configuration file: `$LEGSUP_CONFIG`, else the user's."""
    chosen = os.environ.get("LEGSUP_CONFIG")
    return Path(chosen) if chosen else platformdirs.user_config_path(_APP) / "config.toml"


def phrases_path() -> Path:
    """Return the file of the user's own phrases, which may not exist."""
    return config_directory() / "phrases.yaml"


def data_directory() -> Path:
    """Return the folder of what the program keeps: `$LEGSUP_DATA`, else the user's."""
    chosen = os.environ.get("LEGSUP_DATA")
    return Path(chosen) if chosen else platformdirs.user_data_path(_APP)


def cache_directory() -> Path:
    """Return the folder of what can be made again: `$LEGSUP_CACHE`, else the user's."""
    chosen = os.environ.get("LEGSUP_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path(_APP)


def runtime_directory() -> Path:
    """Return the folder of what only a running program needs: its lock and its control socket."""
    with warnings.catch_warnings(action="ignore"):  # that no session of the system names one
        try:
            return platformdirs.user_runtime_path(_APP)
        except FileNotFoundError:  # no folder can be written: whoever needs this one finds that out
            return Path("/run/user", str(os.getuid()), _APP)


def control_socket() -> Path:
    """Return the control socket of the guide that runs."""
    return runtime_directory() / "control.sock"


def journal_path() -> Path:
    """Return the journal's file, which may not exist yet."""
    return data_directory() / "journal.db"


def choices_path() -> Path:
    """Return the file of what was chosen last, which may not exist yet."""
    return data_directory() / "choices.json"


def load_config(path: Path | None = None) -> Config:
    """Return the settings of the file at `path` (default: the user's), or the defaults without one.

    Raises:
        UserError: the file can't be read, is no TOML, or a setting is unknown or out of bounds.
    """
    source = path or config_path()
    text = _text_of(source)
    if text is None:
        if path or os.environ.get("LEGSUP_CONFIG"):
            raise UserError(f"There is no configuration file {source}.")
        return Config()
    return _checked(text, source)


def change_config(key: str, value: str | None) -> Config:
    """Write `value` for the setting `key` into the user's file, or take the setting out for None.

    Everything else in the file stays as it is, comments too. Returns all settings.

    Raises:
        UserError: there is no such setting, it can't be that, or the file can't be read or written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if key not in Config.model_fields:
        known = ", ".join(Config.model_fields)
        raise UserError(f"There is no setting {key!r}; the settings are {known}.")
    source = config_path()
    before = _text_of(source) or ""
    try:
        document = tomlkit.parse(before)
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise UserError(f"The configuration {source} is not valid TOML: {error}.") from error
    if value is None:
        document.pop(key, None)
    else:
        document[key] = _typed(key, value)
    text = document.as_string()
    settings = _checked(text, source)
    if text != before:
        _write(source, text)
    return settings


def _typed(key: str, value: str) -> str | float | bool | list[float]:
    """Return `value` as what the setting takes: as in TOML, or else the text itself.

    Raises:
        UserError: the setting can't be that.
    """
    meant: list[str | float | bool | list[float]] = [value]
    with contextlib.suppress(ValueError, RecursionError):
        parsed = tomllib.loads(f"value = {value}")["value"]
        if isinstance(parsed, str | float | bool | int | list):
            meant.insert(0, parsed)
    wrong: list[str] = []
    for each in meant:
        try:
            Config.model_validate({key: each})
        except ValidationError as error:
            wrong.append(error.errors(include_url=False)[0]["msg"])
        else:
            return each
    raise UserError(f"{key} can't be {value!r}: {wrong[0]}.")


def _text_of(source: Path) -> str | None:
    """Return what is in the file, None without one."""
    try:
        return files.text(source)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"The configuration {source} can't be read: {error.strerror}.") from error


def _write(source: Path, text: str) -> None:
    try:
        source.resolve().parent.mkdir(parents=True, exist_ok=True)
        with files.whole(source) as made:
            made.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"The configuration {source} can't be written: {reason}.") from error


def _checked(text: str, source: Path) -> Config:
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise UserError(f"The configuration {source} is not valid TOML: {reason}.") from error
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise UserError(_sentence(source, text, error)) from error


def _sentence(source: Path, text: str, error: ValidationError) -> str:
    """Return one sentence on the first mistake, with its line where the key is found."""
    first = error.errors(include_url=False)[0]
    key = str(first["loc"][0])
    line = _line_of(text, key)
    place = f"The configuration {source}, line {line}" if line else f"The configuration {source}"
    if first["type"] == "extra_forbidden":
        known = ", ".join(Config.model_fields)
        return f"{place}: there is no setting {key!r}; the settings are {known}."
    return f"{place}: {key}: {first['msg']}."


def _line_of(text: str, key: str) -> int | None:
    """Return the 1-based line that sets `key` (plain, quoted, dotted or as a table)."""
    pattern = re.compile(rf"""\s*(\[\[?\s*)?(["']?){re.escape(key)}\2\s*[=.\]]""")
    lines = text.split("\n")
    return next((number for number, line in enumerate(lines, 1) if pattern.match(line)), None)
