"""How long something lasts, in digits."""


def clock(seconds: float) -> str:
    """Return `seconds` as "m:ss"; from an hour on as "h:mm:ss"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
