"""`legsup commands`."""

from legsup_voice.commands.options import Json


def commands(json: Json = False) -> None:
    """What can be said, per state."""
    from legsup_voice.commands.phrases import commands as work

    work(json=json)
