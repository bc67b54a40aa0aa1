"""The command line: every command is a function in a module of its own beside this one.

Those modules import what does the work when their command runs, so that `legsup --help` doesn't
wait for a recogniser to load. Every mistake of the user is one line on stderr and exit status 2.
"""

import contextlib
import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from legsup_voice import __version__
from legsup_voice.commands import bridge, service, terminal
from legsup_voice.commands.commands import commands
from legsup_voice.commands.config import config
from legsup_voice.commands.diagram import diagram
from legsup_voice.commands.doctor import doctor
from legsup_voice.commands.guide import guide
from legsup_voice.commands.hear import hear
from legsup_voice.commands.history import history
from legsup_voice.commands.render import render
from legsup_voice.commands.run import run
from legsup_voice.commands.setup import setup
from legsup_voice.commands.simulate import simulate
from legsup_voice.commands.status import status
from legsup_voice.commands.stop import stop
from legsup_voice.commands.uninstall import uninstall
from legsup_voice.errors import UserError, shown

BROKE_OFF = 1
USER_MISTAKE = 2
INTERRUPTED = 130

app = typer.Typer(
    name="legsup",
    help="A voice guide for the legs-up-the-wall pose: it listens, speaks and keeps you safe.",
    epilog="Exit status: 0 done, 1 something is wrong (the command's help says what), 2 a mistake"
    " in what was asked for, 130 interrupted, 128 and the signal's number when a signal ended it.",
    pretty_exceptions_enable=False,
)
for command in (
    run, status, stop, simulate, setup, doctor, hear, render, history, commands, diagram,
    guide, uninstall,
):  # fmt: skip
    app.command()(command)
app.command(context_settings={"ignore_unknown_options": True})(config)  # `config volume -3`
app.add_typer(service.app, name="service")
app.add_typer(bridge.app, name="bridge")


class LogLevel(StrEnum):
    """What is logged: never what was heard or said about health, at any level."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"legsup {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version this is.", callback=_show_version, is_eager=True
        ),
    ] = False,
    log_level: Annotated[
        LogLevel, typer.Option(help="How much is told of the program's own workings, on stderr.")
    ] = LogLevel.WARNING,
) -> None:
    """Take the options that stand before a command."""
    logging.basicConfig(level=log_level.upper(), format="legsup: %(message)s", force=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line with `arguments` (default: the process's) and return its status.

    Whatever goes wrong is told in one sentence on stderr.
    """
    given = sys.argv[1:] if arguments is None else arguments
    terminal.show_what_it_can()
    try:
        status = int(app(args=given or ["--help"], prog_name="legsup", standalone_mode=False) or 0)
        terminal.flush()
    except UserError as error:
        return _complain(str(error), USER_MISTAKE)
    except typer.TyperException as error:
        return _complain(error.format_message(), USER_MISTAKE)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone; nothing more can be told
        return 0
    except SystemExit as error:  # what Typer and Rich make of that
        if isinstance(error.__context__, BrokenPipeError):
            return 0
        raise
    except OSError as error:
        where = f"{shown(Path(error.filename))}: " if isinstance(error.filename, str) else ""
        return _complain(f"{where}{error.strerror or error}.", BROKE_OFF)
    except MemoryError:
        return _complain("There is not enough memory for this.", BROKE_OFF)
    except Exception as error:
        logging.getLogger(__name__).info("", exc_info=True)
        what = f"{type(error).__name__}: {error}".rstrip(".: ")
        return _complain(
            f"This should not have happened, please report it: {what}."
            " With --log-level info it says where.",
            BROKE_OFF,
        )
    finally:
        terminal.leave()
    return status


def _complain(sentence: str, status: int) -> int:
    with contextlib.suppress(OSError, MemoryError):  # stderr may be what is full
        typer.echo(f"legsup: {' '.join(sentence.split())}", err=True)
    return status
