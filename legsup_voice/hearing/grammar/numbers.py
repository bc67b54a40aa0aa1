"""Lengths of time as people say them, out of `content/<language>/numbers.yaml`."""

from pydantic import BaseModel, ConfigDict

from legsup_voice.hearing.grammar.templates import Choice, Expression, parse


class Length(BaseModel):
    """A way to say lengths of `seconds` for each one of the number, and `more`.

    `written`: text may say it, and ears don't listen for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: str
    seconds: float
    more: float = 0.0
    least: int = 0
    most: int = 1_000_000
    written: bool = False


class Numbers(BaseModel):
    """The file's contents: words of numbers, and what is made of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    numbers: dict[int, str]
    lists: dict[str, tuple[Length, ...]]

    def said(self, *, written: bool) -> dict[str, dict[str, Expression]]:
        """Return how each length of each list is said, by its seconds."""
        return {
            name: self._said([each for each in lengths if written or not each.written])
            for name, lengths in self.lists.items()
        }

    def _said(self, lengths: list[Length]) -> dict[str, Expression]:
        ways: dict[str, list[Expression]] = {}
        for length in lengths:
            for number, words in self._within(length).items():
                seconds = f"{number * length.seconds + length.more:g}"
                template = length.say.replace("{number}", f"({words})")
                ways.setdefault(seconds, []).append(parse(template))
        return {seconds: Choice(tuple(each)) for seconds, each in ways.items()}

    def _within(self, length: Length) -> dict[int, str]:
        if "{number}" not in length.say:
            return {1: ""}
        return {n: each for n, each in self.numbers.items() if length.least <= n <= length.most}
