"""What the data files of a language hold."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from legsup_voice.content.spoken import Durations
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.commands import Pattern as PatternName
from legsup_voice.protocol.states import State

FAMILIES = (
    "idle screening refused seated setup easier harder choose hold breath time settings benefit "
    "help exit lying side sitting stand done fault emergency"
).split()

MOST_WORDS = 20
MOST_WORDS_HOLD = 8
MOST_SENTENCES = 2
"""Product limits of a line."""

Place = Literal["standing", "floor", "pose"]
"""Where the person is, for the ladders."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Strict):
    """One thing that can be spoken, in one or more variants.

    `offers`: what people are told or expected to say after it; it is understood wherever the line
    is said.
    """

    say: tuple[str, ...] = Field(min_length=1)
    pace: Literal["setup", "hold"] = "setup"
    safety: bool = False
    states: frozenset[State] = frozenset()
    offers: tuple[str, ...] = ()

    @property
    def most_words(self) -> int:
        """How many words it may have, with everything filled in."""
        return MOST_WORDS_HOLD if State.HOLD in self.states else MOST_WORDS

    @model_validator(mode="after")
    def _fits_the_limits(self) -> "Line":
        for text in self.say:
            if "{" in re.sub(r"\{(duration|breathing|times)\}", "", text):
                raise ValueError(f"only duration, breathing and times are filled in: {text!r}")
            if len(text.split()) > self.most_words:
                raise ValueError(f"more than {self.most_words} words: {text!r}")
            if sum(text.count(mark) for mark in ".?!") > MOST_SENTENCES:
                raise ValueError(f"more than two sentences: {text!r}")
        return self


class Lines(RootModel[dict[str, Line]]):
    """The lines of one family by id."""


class Question(_Strict):
    """One safety question: what it asks for, its line, and the line that refuses.

    `lead` is said before the line. `named` are the words after which the condition is named.
    """

    condition: Condition
    lead: str | None = None
    line: str
    named: str
    refusal: str


class Screening(_Strict):
    """The safety questions, in order, and the one that names all their conditions."""

    questions: tuple[Question, ...]
    combined: Question

    @model_validator(mode="after")
    def _asks_for_every_condition_once(self) -> "Screening":
        asked = [question.condition for question in self.questions]
        if sorted(asked) != sorted(Condition):
            raise ValueError(f"each is asked for once: {', '.join(Condition)}")
        return self

    @property
    def conditions(self) -> frozenset[Condition]:
        """Everything that is asked for."""
        return frozenset(question.condition for question in self.questions)


class Step(_Strict):
    """One step into the pose: its prompt, the line that says why, and what it asks for."""

    line: str
    why: str
    floor: bool = False
    raises_legs: bool = False
    asks: Literal["breathing", "minutes"] | None = None


class Rung(_Strict):
    """One variation: its line, and the seconds that it adds to the hold."""

    line: str
    seconds: float = 0.0


class Ladder(_Strict):
    """The variations that fit each place, in the order in which they are given."""

    standing: tuple[Rung, ...] = Field(min_length=1)
    floor: tuple[Rung, ...] = Field(min_length=1)
    pose: tuple[Rung, ...] = Field(min_length=1)

    def rungs(self, place: Place) -> tuple[Rung, ...]:
        """Return the variations that fit `place`."""
        return {"standing": self.standing, "floor": self.floor, "pose": self.pose}[place]


class ExitStep(_Strict):
    """One step out of the pose and the seconds it takes to do."""

    line: str
    seconds: float


class Setup(_Strict):
    """The way into the pose, the ladders of variations, the way out, and the scan of the body."""

    steps: tuple[Step, ...]
    ready: Step
    easier: Ladder
    harder: Ladder
    exit: tuple[ExitStep, ...]
    scan: tuple[str, ...]

    @model_validator(mode="after")
    def _leads_into_the_pose(self) -> "Setup":
        if not any(step.raises_legs for step in self.steps):
            raise ValueError("no step has `raises_legs: true`")
        if {step.asks for step in self.steps} < {"breathing", "minutes"}:
            raise ValueError("one step asks for `breathing` and one for `minutes`")
        return self

    @property
    def raising_step(self) -> int:
        """The first step from which the person counts as in the pose."""
        return next(i for i, step in enumerate(self.steps) if step.raises_legs)

    @property
    def choices(self) -> int:
        """The first step that asks for a choice; "skip" leads there."""
        return next(i for i, step in enumerate(self.steps) if step.asks)


class Pattern(_Strict):
    """A breathing pattern: (cue, seconds) of each phase, and how far its speed may change.

    `line` says which sound is which, `how` says how it is done.
    """

    spoken: str
    line: str
    how: str
    phases: tuple[tuple[Literal["in", "hold", "out"], float], ...]
    slowest: float = 1.0
    fastest: float = 1.0
    at_most_cycles: int | None = None

    @property
    def holds_breath(self) -> bool:
        """Whether the breath is held in it."""
        return any(cue == "hold" for cue, _ in self.phases)


class Patterns(_Strict):
    """All breathing patterns by name, the default one, and how one of the user's own is done."""

    default: PatternName
    how_own: str
    patterns: dict[str, Pattern]

    @model_validator(mode="after")
    def _are_all_there_and_the_default_holds_no_breath(self) -> "Patterns":
        if set(self.patterns) != set(PatternName):
            raise ValueError(f"the patterns are {', '.join(PatternName)}")
        if self.patterns[self.default].holds_breath:
            raise ValueError("the default pattern holds the breath")
        return self


class Asked(_Strict):
    """The question that brings a fact: what is meant, and in which of the states.

    A fact of a step, `next`, comes by itself on the way.
    """

    command: Command
    states: tuple[State, ...] = Field(min_length=1)
    pattern: PatternName | None = None
    symptom: Symptom | None = None
    condition: Condition | None = None


class Fact(_Strict):
    """Something this program knows: the lines that say it, and the question that brings it.

    `source` is the key of who says so, for what concerns health.
    """

    fact: str
    lines: tuple[str, ...] = Field(min_length=1)
    asked: Asked
    source: str | None = None


class Facts(_Strict):
    """Everything it knows, in the order of being told, and who says so."""

    sources: dict[str, str]
    facts: dict[str, Fact]


class Part(_Strict):
    """A line of the content, or a text of its own, and the seconds of quiet after it."""

    line: str = ""
    say: str = ""
    pause: float = Field(ge=0, le=120)

    @model_validator(mode="after")
    def _speaks(self) -> "Part":
        if bool(self.line) == bool(self.say):
            raise ValueError("a part has either `line` or `say`")
        return self


class Section(_Strict):
    """A chapter of a session as a sound file."""

    title: str
    parts: tuple[Part, ...]


class Script(_Strict):
    """A session as a sound file: what is said around the hold, and the chapter of each state.

    `title` names the file. `night` is what comes instead of `after` where sleep follows.
    """

    title: str
    before: tuple[Section, ...]
    states: dict[State, str]
    after: tuple[Section, ...]
    night: tuple[Section, ...]

    def texts(self) -> Iterator[str]:
        """Yield what is said in the file only."""
        for section in (*self.before, *self.after, *self.night):
            yield from (part.say for part in section.parts if part.say)


class Locale(_Strict):
    """Who speaks a language and who hears it.

    `voice` is espeak-ng's, `speed` its words a minute at an easy pace; `model` is the Vosk model,
    by name; `stop` is a word for stop. `verified`: the network of `models/phones` knows its sounds.
    `recorded`: its lines may be recorded. `cues` are said with the breathing sounds, when wished.
    """

    name: str
    voice: str
    speed: int
    model: str
    stop: str
    verified: bool = False
    recorded: bool = False
    cues: dict[Literal["in", "out", "hold"], str] = Field(min_length=3)


@dataclass(frozen=True)
class Content:
    """Everything the session says and follows, in one language."""

    lines: dict[str, Line]
    screening: Screening
    setup: Setup
    breathing: Patterns
    facts: Facts
    durations: Durations
    recording: Script
    acknowledgements: frozenset[str]
    """What may only mean that something was heard, not that it was done."""

    def acknowledges(self, text: str) -> bool:
        """Tell whether `text` is nothing but an "okay", or a thank you."""
        return " ".join(re.findall(r"[\w']+", text.lower())) in self.acknowledgements

    def duration(self, seconds: float) -> str:
        """Return `seconds` (10 to 1200) in words."""
        return self.durations.say(seconds)

    def with_breaths(self, own: Mapping[PatternName, Sequence[float] | None]) -> "Content":
        """Return the content with that many seconds for each phase of a pattern, where given."""
        patterns = dict(self.breathing.patterns)
        for name, seconds in own.items():
            if seconds is not None:
                cues = [cue for cue, _ in patterns[name].phases]
                phases = tuple(zip(cues, seconds, strict=True))
                update = {"phases": phases, "how": self.breathing.how_own}
                patterns[name] = patterns[name].model_copy(update=update)
        return replace(self, breathing=self.breathing.model_copy(update={"patterns": patterns}))

    def spoken(self) -> Iterator[tuple[str, str]]:
        """Yield (text, pace) of everything that can ever be said, with all values filled in."""
        for line in self.lines.values():
            yield from self._filled(line)
        yield from ((text, "setup") for text in self.recording.texts())

    def way_out(self) -> Iterator[tuple[str, str]]:
        """Yield (text, pace) of the safety lines that may be due once somebody is in the pose."""
        for line in self.lines.values():
            if line.safety and State.SCREENING not in line.states:
                yield from ((capitalised(text), line.pace) for text in line.say)

    def spoken_from_the_pose_on(self) -> Iterator[tuple[str, str]]:
        """Yield (text, pace) of everything that may be due once the legs go up."""
        before = {State.IDLE, State.SCREENING, State.REFUSED, State.SEATED}
        for line in self.lines.values():
            if not line.states or line.states - before:
                yield from self._filled(line)

    def _filled(self, line: Line) -> Iterator[tuple[str, str]]:
        for text in line.say:
            yield from ((filled, line.pace) for filled in self.fillings(text))

    def fillings(self, text: str) -> Iterator[str]:
        """Yield `text` with every value that it can have filled in."""
        durations = self.durations.every() if "{duration}" in text else ("",)
        patterns = self.breathing.patterns.values()
        names = [pattern.spoken for pattern in patterns] if "{breathing}" in text else [""]
        counts = self.durations.every_times() if "{times}" in text else ("",)
        for duration, name, times in product(durations, names, counts):
            yield capitalised(text.format(duration=duration, breathing=name, times=times))

    def next_fact(self, state: State, after: int) -> tuple[int, str]:
        """Return the number and the line of the fact that "tell me more" gives in `state`.

        It is the first after number `after` (-1: none was told yet) that has a line for `state`;
        after the last one comes the first.

        Raises:
            LookupError: nothing is told in `state`.
        """
        told = [fact for fact in self.facts.facts.values() if fact.asked.command is Command.MORE]
        for number in (at % len(told) for at in range(after + 1, after + 1 + len(told))):
            for line in told[number].lines:
                if state in self.lines[line].states:
                    return number, line
        raise LookupError(f"no fact is told in {state}")


def capitalised(text: str) -> str:
    """Return `text` with its first letter as a capital."""
    return text[:1].upper() + text[1:]
