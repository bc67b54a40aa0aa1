"""The command line: what can be asked for; the work is done in a module for each command.

Those modules are imported when their command runs, so that `legsup --help` doesn't wait for a
recogniser to load. Every mistake of the user is one line on stderr and exit status 2.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from legsup_voice.errors import UserError

app = typer.Typer(
    name="legsup",
    help="A voice guide for the legs-up-the-wall pose: it listens, speaks and keeps you safe.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
service_app = typer.Typer(help="Start with the computer (systemd).")
app.add_typer(service_app, name="service")

USER_MISTAKE = 2
INTERRUPTED = 130

Model = Annotated[
    str | None,
    typer.Option(help="A Vosk model: its folder or its name. The bundled one if left out."),
]


@app.command()
def run(
    mic: Annotated[str | None, typer.Option(help="The microphone's name or a part of it.")] = None,
    speaker: Annotated[str | None, typer.Option(help="The speaker's name or a part of it.")] = None,
    events: Annotated[Path | None, typer.Option(help="Write the event log to this file.")] = None,
    minutes: Annotated[float | None, typer.Option(help="How long to hold; else it asks.")] = None,
    breathing: Annotated[
        str | None, typer.Option(help="belly, box, four_six, four_seven_eight or none.")
    ] = None,
    model: Model = None,
) -> None:
    """A live session on the microphone and the speaker."""
    from legsup_voice.live.supervisor import run as work

    raise typer.Exit(
        work(
            mic=mic,
            speaker=speaker,
            events=events,
            minutes=minutes,
            breathing=breathing,
            model=model,
        )
    )


@app.command()
def simulate(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.yaml")],
    out: Annotated[Path, typer.Option(help="The folder for sounds, events and the picture.")],
) -> None:
    """The same session in a simulated room, faster than real time."""
    from legsup_voice.simulation.simulate import simulate as work

    raise typer.Exit(work(scenario, out))


@app.command()
def setup() -> None:
    """Check what is needed and render the voice lines once."""
    from legsup_voice.live.setup import setup as work

    work()


@app.command()
def doctor(
    mic: Annotated[str | None, typer.Option(help="The microphone's name or a part of it.")] = None,
    speaker: Annotated[str | None, typer.Option(help="The speaker's name or a part of it.")] = None,
) -> None:
    """Check microphone, speaker, levels, echo, model, voice and disk, and say the fix."""
    from legsup_voice.live.doctor import doctor as work

    raise typer.Exit(work(mic=mic, speaker=speaker))


@app.command()
def hear(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILES...")] = None,
    bench: Annotated[
        Path | None, typer.Option(metavar="MANIFEST.tsv", help="Print the accuracy table.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    limit: Annotated[int | None, typer.Option(help="Most recordings of a kind.", min=1)] = None,
    model: Model = None,
) -> None:
    """What command each recording is, as JSON lines."""
    from legsup_voice.commands.hear import hear as work

    work(files or [], bench=bench, model=model, as_json=json, limit=limit)


@app.command()
def render(
    out: Annotated[Path, typer.Argument(metavar="OUT.mp3", help="MP3, WAV or OGG.")],
    minutes: Annotated[float, typer.Option(help="How long to hold.")] = 10.0,
    breathing: Annotated[
        str, typer.Option(help="belly, box, four_six, four_seven_eight or none.")
    ] = "belly",
) -> None:
    """A guided session as one sound file with chapters."""
    from legsup_voice.recording.render import render as work

    work(out, minutes=minutes, breathing=breathing)


@app.command()
def history(
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw it.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Past sessions."""
    from legsup_voice.records.history import history as work

    work(plot=plot, json=json)


@app.command()
def commands() -> None:
    """What can be said, per state."""
    from legsup_voice.commands.phrases import commands as work

    work()


@app.command()
def diagram() -> None:
    """The state diagram as Mermaid text, drawn from the transition table."""
    from legsup_voice.commands.diagram import diagram as work

    typer.echo(work())


@service_app.command("install")
def service_install() -> None:
    """Start with the computer."""
    from legsup_voice.live.service import install as work

    work()


@service_app.command("status")
def service_status() -> None:
    """Whether it is installed and runs."""
    from legsup_voice.live.service import status as work

    raise typer.Exit(work())


@service_app.command("remove")
def service_remove() -> None:
    """Don't start with the computer any more."""
    from legsup_voice.live.service import remove as work

    work()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line with `arguments` (default: the process's) and return its status."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        status = app(args=given or ["--help"], standalone_mode=False)
    except UserError as error:
        return _complain(str(error))
    except typer.TyperException as error:
        return _complain(error.format_message())
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be told, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(status or 0)


def _complain(sentence: str) -> int:
    typer.echo(f"legsup: {' '.join(sentence.split())}", err=True)
    return USER_MISTAKE


if __name__ == "__main__":
    sys.exit(main())
