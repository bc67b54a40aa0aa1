"""Lengths of time the way people say them, in the words of a language."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from legsup_voice.protocol.limits import MAX_HOLD

TENS = (10, 20, 30, 40, 50)
ALMOST_DAILY = 24
"""More of thirty days than these are nearly every day."""


class Durations(BaseModel):
    """The words for lengths of time: `numbers` from zero to twenty, and the forms they fill."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    numbers: tuple[str, ...] = Field(min_length=21, max_length=21)
    tens: dict[int, str]
    seconds: str
    one_minute: str
    minutes: str
    minutes_and_a_half: str
    times: tuple[str, ...] = Field(min_length=10, max_length=10)
    many_times: str
    daily: str

    @model_validator(mode="after")
    def _can_say_every_length(self) -> "Durations":
        if sorted(self.tens) != [*TENS]:
            raise ValueError(f"`tens` has words for {', '.join(map(str, TENS))}")
        try:
            self.every()
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("nothing but {number} is filled in") from error
        return self

    def say(self, seconds: float) -> str:
        """Return `seconds` in words: tens below a minute, then half minutes.

        From ten seconds to the longest hold: what is shorter or longer is said as these.
        """
        if seconds < TENS[-1] + 5:
            tens = max(TENS[0], round(seconds / 10) * 10)
            return self.seconds.format(number=self.tens[tens])
        minutes, half = divmod(round(min(MAX_HOLD, seconds) / 30), 2)
        if half:
            return self.minutes_and_a_half.format(number=self.numbers[minutes])
        return (
            self.one_minute if minutes == 1 else self.minutes.format(number=self.numbers[minutes])
        )

    def say_times(self, times: int, days: int) -> str:
        """Return how often something was done in thirty days, 1 or more, on how many `days`."""
        if days > ALMOST_DAILY:
            return self.daily
        return self.times[times - 1] if times <= len(self.times) else self.many_times

    def every_times(self) -> tuple[str, ...]:
        """Return everything that `say_times` can return."""
        return (*self.times, self.many_times, self.daily)

    def every(self) -> tuple[str, ...]:
        """Return every length that can be said, each once."""
        lengths = [*TENS, *range(60, round(MAX_HOLD) + 1, 30)]
        return tuple(dict.fromkeys(self.say(seconds) for seconds in lengths))
