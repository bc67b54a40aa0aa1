"""`legsup doctor`."""

import typer

from legsup_voice.commands.options import Mic, Speaker


def doctor(mic: Mic = None, speaker: Speaker = None) -> None:
    """Check microphone, speaker, levels, echo, model, voice and disk, and say the fix."""
    from legsup_voice.live.doctor import doctor as work

    raise typer.Exit(work(mic=mic, speaker=speaker))
