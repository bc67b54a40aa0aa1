"""`legsup setup`: checks what a session needs and renders lines that have no recording, once."""

import ctypes.util
import shutil
import sys

import typer

from legsup_voice.config import load_config, phrases_path
from legsup_voice.content import content
from legsup_voice.errors import UserError
from legsup_voice.speaking.voice import Voice

_PACKAGES = {"espeak-ng": "the voice", "libportaudio2": "sound cards"}


def setup() -> None:
    """Check the libraries and the model, render what is missing, and say what there is.

    Raises:
        UserError: something is missing that this command can't make; names the remedy.
    """
    missing = missing_packages()
    if missing:
        wanted = " and ".join(f"{name} ({_PACKAGES[name]})" for name in missing)
        raise UserError(f"Install {wanted}: sudo apt-get install {' '.join(missing)}")
    from legsup_voice.hearing.ears import Ears

    config = load_config()
    heard = Ears(config.model, phrases_path(), language=config.language)
    typer.echo(f"model: hears {len(heard.spoken.words)} words")
    voice = Voice(voice=config.voice, language=config.language)
    lines = set(content(config.language).spoken())
    recorded = sum(voice.is_recorded(*line) for line in lines)
    render_missing(voice)
    if unkept := voice.missing(lines):
        raise UserError(
            f"{unkept} of {len(lines)} lines could not be kept in {voice.cache}:"
            " its disk is full, or it may not be written."
        )
    typer.echo(f"voice: {recorded} lines are recorded, {len(lines) - recorded} rendered")


def missing_packages() -> list[str]:
    """Return the Debian packages that are not there."""
    missing = []
    if shutil.which("espeak-ng") is None and ctypes.util.find_library("espeak-ng") is None:
        missing.append("espeak-ng")
    if ctypes.util.find_library("portaudio") is None:
        missing.append("libportaudio2")
    return missing


def render_missing(voice: Voice) -> None:
    """Render every line that is neither recorded nor cached, with a progress bar on stderr."""
    lines = tuple(content(voice.language).spoken())
    if not voice.missing(lines):
        return
    # Nearly no start has any; what draws the bar takes 50 ms and 3 MB.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("Rendering the voice", total=None, visible=False)
        voice.render_all(
            lines,
            lambda done, total: bar.update(task, completed=done, total=total, visible=True),
        )
