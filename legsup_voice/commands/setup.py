"""`legsup setup`."""


def setup() -> None:
    """Check what is needed and render the voice lines once."""
    from legsup_voice.live.setup import setup as work

    work()
