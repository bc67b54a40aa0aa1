"""`legsup commands`."""


def commands() -> None:
    """What can be said, per state."""
    from legsup_voice.commands.phrases import commands as work

    work()
