"""A scenario: what happens in a simulated room, when, and what must come of it.

The file is YAML; product words stay product words (`in: HOLD`, `after: setup`, `say: "next"`).
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from legsup_voice import yamlfile
from legsup_voice.content import FAMILIES, LANGUAGE, content
from legsup_voice.protocol.commands import Command, Pattern
from legsup_voice.protocol.states import State

Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Decibels = Annotated[float, Field(ge=-120, le=60, allow_inf_nan=False)]


Line = str
"""A line's id (`exit.warning`) or its family (`exit`)."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)

    def _given(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if getattr(self, name) is not None]


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(name.rstrip("_") for name in names)


class Options(_Strict):
    """What the session is started with; `until` ends the simulation."""

    minutes: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None
    breathing: Pattern | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    returning: bool = False
    """Whether the person finished a session here yesterday."""

    language: str = LANGUAGE
    model: str | None = None
    voice: str | None = None
    """Whose clips say what the scenario says."""
    until: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = None


class EchoOptions(_Strict):
    """How the microphone hears our own speaker."""

    gain_db: Decibels = -20.0
    delay_ms: Annotated[float, Field(ge=0, le=1000)] = 80.0
    impulse: Path | None = None


class NoiseOptions(_Strict):
    """What goes on around: a sound file that repeats for ever."""

    file: Path
    snr_db: Decibels = 20.0
    """How far its RMS lies below a person's level at gain 0."""


class RoomOptions(_Strict):
    """The room; without anything it is silent and has no echo."""

    echo: EchoOptions | None = None
    noise: NoiseOptions | None = None


_TRIGGERS = ("at", "in_", "after", "during")
_ACTS = ("say", "play", "unplug", "plug", "stall", "disk", "clock", "kill")
Device = Literal["microphone", "speaker"]


class Step(_Strict):
    """One trigger and one act."""

    at: Seconds | None = None
    in_: State | None = Field(default=None, alias="in")
    after: Line | None = None
    during: Line | None = None
    wait: Seconds = 0.0
    repeat: bool = False

    say: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    play: Path | None = None
    unplug: Device | None = None
    plug: Device | None = None
    stall: Literal["recogniser"] | None = None
    disk: Literal["full"] | None = None
    clock: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)] | None = None
    kill: Literal[True] | None = None

    gain_db: Decibels = 0.0
    voice: str | None = None

    @model_validator(mode="after")
    def _one_trigger_and_one_act(self) -> "Step":
        for names, what in ((_TRIGGERS, "trigger"), (_ACTS, "act")):
            if len(self._given(names)) != 1:
                raise ValueError(f"a step has exactly one {what} of {_names(names)}")
        return self


_SINCE = ("state", "line", "command")
_SEEN = ("state", "line", "no_line", "command", "no_command")


class Since(_Strict):
    """What starts the clock of an `expect`, and how long it runs."""

    state: State | None = None
    line: Line | None = None
    command: Command | None = None
    within: Seconds | None = None

    @model_validator(mode="after")
    def _one_event(self) -> "Since":
        if len(self._given(_SINCE)) != 1:
            raise ValueError(f"`since` has exactly one of {_names(_SINCE)}")
        return self


class Expect(_Strict):
    """Something that must, or must not, be in the event log."""

    state: State | None = None
    line: Line | None = None
    no_line: Line | None = None
    command: Command | None = None
    no_command: Command | None = None
    within: Seconds | None = None
    since: Since | None = None

    @model_validator(mode="after")
    def _one_event(self) -> "Expect":
        if len(self._given(_SEEN)) != 1:
            raise ValueError(f"an `expect` has exactly one of {_names(_SEEN)}")
        if self.within is not None and self.since is not None:
            raise ValueError("an `expect` has `within` or `since`, not both")
        return self


class Scenario(_Strict):
    """A whole scenario file."""

    options: Options = Options()
    room: RoomOptions = RoomOptions()
    steps: tuple[Step, ...] = ()
    expect: tuple[Expect, ...] = ()


def _check_lines(scenario: Scenario, document: yamlfile.Document) -> None:
    """See that every line that is named is one: what was never to come may not come unnoticed."""
    known = {*FAMILIES, *content(scenario.options.language).lines}
    named: list[tuple[yamlfile.Keys, str | None]] = []
    for n, step in enumerate(scenario.steps):
        named += [(("steps", n, "after"), step.after), (("steps", n, "during"), step.during)]
    for n, each in enumerate(scenario.expect):
        named += [(("expect", n, "line"), each.line), (("expect", n, "no_line"), each.no_line)]
        if each.since is not None:
            named.append((("expect", n, "since", "line"), each.since.line))
    for keys, line in named:
        if line is not None and line not in known:
            raise document.wrong(keys, f"there is no line or family {line!r}")


def load_scenario(path: Path) -> Scenario:
    """Return the scenario at `path`; file names in it become relative to its folder.

    Raises:
        UserError: it can't be read or something in it is wrong; names the line.
    """
    document = yamlfile.read(path)
    scenario = document.fit(Scenario)
    _check_lines(scenario, document)
    folder = path.parent
    room = scenario.room
    if room.echo and room.echo.impulse:
        echo = room.echo.model_copy(update={"impulse": folder / room.echo.impulse})
        room = room.model_copy(update={"echo": echo})
    if room.noise:
        noise = room.noise.model_copy(update={"file": folder / room.noise.file})
        room = room.model_copy(update={"noise": noise})
    steps = tuple(
        step.model_copy(update={"play": folder / step.play}) if step.play else step
        for step in scenario.steps
    )
    return scenario.model_copy(update={"room": room, "steps": steps})
