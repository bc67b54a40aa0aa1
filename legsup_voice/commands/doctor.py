"""`legsup doctor`."""

import typer

from legsup_voice.commands.options import Json, Mic, Speaker


def doctor(mic: Mic = None, speaker: Speaker = None, json: Json = False) -> None:
    """Check microphone, speaker, levels, echo, model, voice and disk, and say the fix.

    Exit status 1 when something is wrong.
    """
    from legsup_voice.live.doctor import doctor as work

    raise typer.Exit(work(mic=mic, speaker=speaker, json=json))
