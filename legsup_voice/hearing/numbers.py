"""Spoken lengths of time: "two and a half minutes" is 150 seconds, and which are listened for.

The recogniser needs every phrase listed, so `SPOKEN` holds the lengths people ask for; the parser
is more general than the list and reads each of them. Clamping to what is safe is the session's.
"""

from collections.abc import Iterator

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
TENS = dict(zip(_TENS, range(20, 100, 10), strict=True))
UNITS = {"second": 1, "seconds": 1, "minute": 60, "minutes": 60, "hour": 3600, "hours": 3600}
FRACTIONS = {"half": 0.5, "quarter": 0.25}


def words_of(number: int) -> str:
    """Return `number` (0 to 99) in words: 25 is "twenty five".

    Raises:
        ValueError: it is outside 0 to 99.
    """
    if not 0 <= number <= 99:
        raise ValueError(f"{number} is not between 0 and 99")
    if number < 20:
        return ONES[number]
    tens = next(word for word, value in TENS.items() if value == number // 10 * 10)
    return tens if number % 10 == 0 else f"{tens} {ONES[number % 10]}"


def seconds(text: str) -> float | None:
    """Return the length `text` names, in seconds; None when it is no length of time.

    Understands "ninety seconds", "a minute", "half an hour", "a quarter of an hour", "two and a
    half minutes", "a minute and a half", "one minute thirty", "an hour and ten minutes".
    """
    words = text.split()
    total, position, last_unit = 0.0, 0, 0
    while position < len(words):
        if position and words[position] == "and":
            position += 1
        part = _part(words[position:], last_unit)
        if part is None:
            return None
        used, value, unit = part
        if last_unit and unit >= last_unit:
            return None
        total, position, last_unit = total + value, position + used, unit
    return total if words else None


def _part(words: list[str], larger: int) -> tuple[int, float, int] | None:
    """Read one amount with its unit: (words used, seconds, seconds of the unit)."""
    if larger and words == ["a", "half"]:
        return 2, larger / 2, larger - 1
    number, used = _amount(words)
    if number is None:
        return None
    rest = words[used:]
    if rest and rest[0] in UNITS:
        unit = UNITS[rest[0]]
        return used + 1, number * unit, unit
    if not rest and larger == 60 and number == int(number):
        return used, number, 1
    return None


def _amount(words: list[str]) -> tuple[float | None, int]:
    """Read "two", "twenty five", "two and a half", "half a", "a quarter of an", "a"."""
    lead = 1 if words[:1] == ["a"] and len(words) > 1 and words[1] in FRACTIONS else 0
    if len(words) > lead and words[lead] in FRACTIONS:
        tail = words[lead + 1 :]
        for joint in (["a"], ["an"], ["of", "an"], ["of", "a"]):
            if tail[: len(joint)] == joint:
                return FRACTIONS[words[lead]], lead + 1 + len(joint)
        return None, 0
    if words and words[0] in ("a", "an"):
        return 1.0, 1
    number, used = _integer(words)
    if number is not None and words[used : used + 3] == ["and", "a", "half"]:
        return number + 0.5, used + 3
    return (None if number is None else float(number)), used


def _integer(words: list[str]) -> tuple[int | None, int]:
    if not words:
        return None, 0
    if words[0] in ONES:
        return ONES.index(words[0]), 1
    if words[0] in TENS:
        if len(words) > 1 and words[1] in ONES[1:10]:
            return TENS[words[0]] + ONES.index(words[1]), 2
        return TENS[words[0]], 1
    return None, 0


def _spoken() -> Iterator[str]:
    yield from ("a minute", "half a minute", "half an hour", "one hour")
    yield from ("a quarter of an hour", "a minute and a half", "one and a half minutes")
    yield "one minute"
    for minutes in (*range(2, 26), 30, 35, 40, 45, 50, 60, 90):
        yield f"{words_of(minutes)} minutes"
    for minutes in range(2, 11):
        yield f"{words_of(minutes)} and a half minutes"
    for length in (*range(5, 60, 5), 60, 90):
        yield f"{words_of(length)} seconds"


SPOKEN: tuple[str, ...] = tuple(_spoken())
"""Every length of time the recogniser listens for."""
