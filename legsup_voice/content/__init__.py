"""What is said and how the session is laid out, as data: the YAML files beside this module.

Everything is checked against a schema and against itself when it is loaded, so a line that a step
names but nobody wrote is an error at start and not a silence in the middle of a session.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, RootModel, model_validator

from legsup_voice import yamlfile
from legsup_voice.content.spoken import DURATIONS, duration
from legsup_voice.protocol.states import State

Schema = TypeVar("Schema", bound=BaseModel)

FAMILIES = (
    "idle screening refused seated setup easier harder choose hold breath time settings benefit "
    "help exit lying side sitting stand done fault emergency"
).split()

_LONGEST_DURATION = max(DURATIONS, key=lambda spoken: len(spoken.split()))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Strict):
    """One thing that can be spoken, in one or more variants."""

    say: tuple[str, ...]
    pace: Literal["setup", "hold"] = "setup"
    safety: bool = False
    states: frozenset[State] = frozenset()

    @model_validator(mode="after")
    def _fits_the_limits(self) -> "Line":
        words = 8 if State.HOLD in self.states else 20
        for text in self.say:
            if len(text.replace("{duration}", _LONGEST_DURATION).split()) > words:
                raise ValueError(f"more than {words} words: {text!r}")
            if sum(text.count(mark) for mark in ".?!") > 2:
                raise ValueError(f"more than two sentences: {text!r}")
        return self


class Lines(RootModel[dict[str, Line]]):
    """All lines by id."""


class Question(_Strict):
    """One safety question: its line, the condition it asks for, and the line that refuses."""

    line: str
    condition: str
    refusal: str


class Screening(_Strict):
    """The safety questions, in order."""

    questions: tuple[Question, ...]


class Step(_Strict):
    """One step into the pose: its prompt, the line that says why, and what it asks for."""

    line: str
    why: str
    raises_legs: bool = False
    asks: Literal["breathing", "minutes"] | None = None


class ExitStep(_Strict):
    """One step out of the pose and the seconds it takes to do."""

    line: str
    seconds: float


class Setup(_Strict):
    """The way into the pose, the ladders of variations, and the way out."""

    steps: tuple[Step, ...]
    easier: tuple[str, ...]
    harder: tuple[str, ...]
    exit: tuple[ExitStep, ...]

    @property
    def raising_step(self) -> int:
        """The first step from which the person counts as in the pose."""
        return next(i for i, step in enumerate(self.steps) if step.raises_legs)

    @property
    def choices(self) -> int:
        """The first step that asks for a choice; "skip" leads there."""
        return next(i for i, step in enumerate(self.steps) if step.asks)


class Pattern(_Strict):
    """A breathing pattern: (cue, seconds) of each phase, and how far its speed may change."""

    spoken: str
    phases: tuple[tuple[Literal["in", "hold", "out"], float], ...]
    slowest: float = 1.0
    fastest: float = 1.0
    at_most_cycles: int | None = None


class Patterns(_Strict):
    """All breathing patterns and the default one."""

    default: str
    patterns: dict[str, Pattern]

    @model_validator(mode="after")
    def _default_holds_no_breath(self) -> "Patterns":
        if any(cue == "hold" for cue, _ in self.patterns[self.default].phases):
            raise ValueError("the default pattern holds the breath")
        return self


@dataclass(frozen=True)
class Content:
    """Everything the session says and follows."""

    lines: dict[str, Line]
    screening: Screening
    setup: Setup
    breathing: Patterns

    def spoken(self) -> Iterator[tuple[str, str]]:
        """Yield (text, pace) of everything that can ever be said, with all values filled in."""
        durations = [{"duration": value} for value in DURATIONS]
        patterns = [{"breathing": pattern.spoken} for pattern in self.breathing.patterns.values()]
        for line in self.lines.values():
            for text in line.say:
                fillings: list[dict[str, str]] = [{}]
                if "{duration}" in text:
                    fillings = durations
                elif "{breathing}" in text:
                    fillings = patterns
                yield from ((capitalised(text.format(**values)), line.pace) for values in fillings)

    def way_out(self) -> Iterator[tuple[str, str]]:
        """Yield (text, pace) of the safety lines that may be due once somebody is in the pose."""
        for line in self.lines.values():
            if line.safety and State.SCREENING not in line.states:
                yield from ((capitalised(text), line.pace) for text in line.say)


def capitalised(text: str) -> str:
    """Return `text` with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def path(name: str) -> Path:
    """Return where the data file `name` of the language is."""
    return Path(str(resources.files(__package__) / "en" / name))


def _read(name: str, schema: type[Schema]) -> Schema:
    return yamlfile.load(path(name), schema)


def _lines(family: str) -> dict[str, Line]:
    lines = _read(f"lines/{family}.yaml", Lines).root
    if strange := {name for name in lines if name.split(".")[0] != family}:
        raise ValueError(f"lines of another family than {family}: {sorted(strange)}")
    return lines


@cache
def content() -> Content:
    """Return the content of this package, checked.

    Raises:
        UserError: a file is damaged or names a line that isn't there.
    """
    loaded = Content(
        lines={name: line for family in FAMILIES for name, line in _lines(family).items()},
        screening=_read("screening.yaml", Screening),
        setup=_read("setup.yaml", Setup),
        breathing=_read("breathing.yaml", Patterns),
    )
    _check(loaded)
    return loaded


def _check(loaded: Content) -> None:
    named = [name for q in loaded.screening.questions for name in (q.line, q.refusal)]
    named += [name for step in loaded.setup.steps for name in (step.line, step.why)]
    named += [*loaded.setup.easier, *loaded.setup.harder]
    named += [step.line for step in loaded.setup.exit]
    named += [f"breath.{pattern}" for pattern in loaded.breathing.patterns]
    missing = set(named) - set(loaded.lines)
    if missing:
        raise ValueError(f"lines that nobody wrote: {sorted(missing)}")


__all__ = ["FAMILIES", "Content", "Line", "Pattern", "capitalised", "content", "duration", "path"]
