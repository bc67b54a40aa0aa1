"""`legsup uninstall`: takes away what this program has put on the computer, and nothing else.

A folder may be one that the user chose and keeps other things in, so only files of ours go, by
name, and a folder only when it is empty then.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import typer

from legsup_voice.config import (
    cache_directory,
    choices_path,
    config_directory,
    config_path,
    control_socket,
    data_directory,
    journal_path,
    phrases_path,
    runtime_directory,
)
from legsup_voice.errors import UserError, shown
from legsup_voice.hearing import compiled, readiness
from legsup_voice.live import service
from legsup_voice.live.lock import LOCK, holders
from legsup_voice.yamlfile import READ


def uninstall(*, everything: bool) -> None:
    """Remove the service and the cache; with `everything` also what the user made or chose.

    Raises:
        UserError: a guide runs, or systemd refuses.
        OSError: a file can't be removed.
    """
    if service.unit_path().exists():
        service.remove()
    lock = runtime_directory().resolve() / LOCK
    if holders(lock):
        raise UserError(
            "A guide is running: end it first, with Ctrl-C where it was started or with"
            f' "kill {lock.read_text().strip()}".'
        )
    for path in (*_made_again(), *(_kept() if everything else ())):
        _remove(path)
    left = [path for path in (data_directory(), config_directory()) if path.exists()]
    if left:
        places = " and ".join(shown(path) for path in left)
        also = "what others put there" if everything else "--everything removes what is ours there"
        typer.echo(f"Kept: {places} ({also}).")
    typer.echo("What is left is the program: remove it as you installed it.")


def _made_again() -> Iterator[Path]:
    """Yield what a next start would make anew, each folder after what is in it."""
    cache, runtime = cache_directory(), runtime_directory()
    yield from cache.glob("*.flac")
    yield from cache.glob("*.part")
    yield from cache.glob(compiled.FILE.format(language="*"))
    yield from (
        cache / READ,
        cache / "matplotlib",  # of versions that drew pictures with it
        cache,
        control_socket(),
        runtime / LOCK,
        runtime,
    )


def _kept() -> Iterator[Path]:
    """Yield what the user would miss, each folder after what is in it."""
    journal, data = journal_path(), data_directory()
    yield from data.glob(f"{journal.stem}.*")  # its log, its flag, and damaged ones
    for name in (choices_path().name, readiness.FILE):
        yield from data.glob(f"{name}*")  # and what was not written whole
    yield from (data / "audio", data)
    yield from (config_path(), phrases_path(), config_directory())


def _remove(path: Path) -> None:
    """Remove a file, a folder of ours with what is in it, or an empty folder."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    elif path.name in ("matplotlib", "audio"):
        shutil.rmtree(path)
    elif not any(path.iterdir()):
        path.rmdir()
