"""Numbers and durations the way people say them."""

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"}


def duration(seconds: float) -> str:
    """Return `seconds` (10 to 1200) in words: tens of seconds below a minute, then half minutes."""
    if seconds < 55:
        tens = max(10, round(seconds / 10) * 10)
        return f"{_TENS.get(tens, 'ten')} seconds"
    halves = min(40, round(seconds / 30))
    minutes, half = divmod(halves, 2)
    if half:
        return f"{_ONES[minutes]} and a half minutes"
    return "one minute" if minutes == 1 else f"{_ONES[minutes]} minutes"


DURATIONS = tuple(dict.fromkeys(duration(s) for s in [*range(10, 60, 10), *range(60, 1201, 30)]))
"""Every duration that can be spoken."""
