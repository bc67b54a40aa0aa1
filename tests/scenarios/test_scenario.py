"""Scenario files: what they may hold, and one sentence with a line number when they hold else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.errors import UserError
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.log import (
    CommandHeard,
    LineBegun,
    LineOver,
    LogRecord,
    StateEntered,
    wire,
)
from legsup_voice.protocol.states import State
from legsup_voice.simulation.director import Director
from legsup_voice.simulation.expect import failures
from legsup_voice.simulation.scenario import Expect, Scenario, Step, load_scenario


def scenario(folder: Path, text: str) -> Scenario:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def test_a_whole_scenario(tmp_path: Path) -> None:
    got = scenario(
        tmp_path,
        """
options: {minutes: 0.5, seed: 7, until: 600}
room:
  echo: {gain_db: -20, delay_ms: 80, impulse: rooms/hall.flac}
  noise: {file: ../kitchen.flac, snr_db: 15}
steps:
  - {in: IDLE, wait: 6, say: "start"}
  - {after: screening, wait: 0.8, say: no, repeat: true}
  - {during: exit.warning, play: talk.wav, gain_db: -6}
  - {at: 100, clock: +3600}
  - {at: 101, kill: true}
expect:
  - {line: time, since: {command: how_long, within: 2}}
  - {no_command: no}
  - {state: DONE, within: 400}
""",
    )
    assert got.options.until == 600
    assert got.room.echo is not None
    assert got.room.echo.impulse == tmp_path / "rooms/hall.flac"
    assert got.room.noise is not None
    assert got.room.noise.file == tmp_path / "../kitchen.flac"
    assert got.steps[0].in_ is State.IDLE
    assert got.steps[1].say == "no"
    assert got.steps[2].play == tmp_path / "talk.wav"
    assert got.steps[3].clock == 3600
    assert got.expect[1].no_command is Command.NO


@pytest.mark.parametrize(
    ("text", "line", "names"),
    [
        ("options: {seed: -1}", 1, "options.seed"),
        ("option: {minutes: 1}", 1, "'option'"),
        ("options:\n  minute: 1", 2, "'minute'"),
        ("steps:\n  - {at: 1, say: hi}\n  - {at: 1, sya: hi}", 3, "'sya'"),
        ("steps:\n  - say: hi\n", 2, "exactly one trigger"),
        ("steps:\n  - {at: 1, after: exit, say: hi}", 2, "exactly one trigger"),
        ("steps:\n  - {at: 1}", 2, "exactly one act"),
        ("steps:\n  - {at: 1, say: hi, kill: true}", 2, "exactly one act"),
        ("steps:\n  - at: 1\n    say: hi\n    wait: -2", 4, "wait"),
        ("steps:\n  - {at: .nan, say: hi}", 2, "at"),
        ("steps:\n  - {in: hold, say: hi}", 2, "HOLD"),
        ("steps:\n  - {after: screning, say: hi}", 2, "screning"),
        ("steps:\n  - {during: exit.warnin, say: hi}", 2, "'exit.warnin'"),
        ("expect:\n  - {state: DONE}\n  - {no_line: exit.warnin}", 3, "'exit.warnin'"),
        ("expect:\n  - {line: hold.remindr}", 2, "'hold.remindr'"),
        ("expect:\n  - state: DONE\n    since:\n      line: goodbye", 4, "'goodbye'"),
        ("steps:\n  - {at: 1, unplug: camera}", 2, "microphone"),
        ("steps:\n  - {at: 1, disk: half}", 2, "full"),
        ("expect:\n  - {command: dance}", 2, "command"),
        ("expect:\n  - {state: DONE, line: done}", 2, "exactly one"),
        ("expect:\n  - {state: DONE, within: 3, since: {state: HOLD}}", 2, "not both"),
        ("expect:\n  - {state: DONE, since: {within: 3}}", 2, "exactly one"),
        ("room:\n  echo: {gain: 3}", 2, "'gain'"),
        ("room:\n  noise: {snr_db: 3}", 2, "file"),
        ("options: {minutes: 1}\noptions: {seed: 1}", 2, "twice"),
        ("steps: [\n", 2, "not valid YAML"),
        ("- a list", 1, '"options:"'),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(
    tmp_path: Path, text: str, line: int, names: str
) -> None:
    with pytest.raises(UserError) as error:
        scenario(tmp_path, text)
    sentence = str(error.value)
    assert f"line {line}" in sentence
    assert names in sentence
    assert "\n" not in sentence


@given(st.text(max_size=200))
def test_any_text_is_a_scenario_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    try:
        scenario(folder, text)
    except UserError as error:
        assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize("text", ["[" * 5000, "&a [*a]", "steps: &a\n  - *a", "? [a]\n: b"])
def test_nesting_and_loops_are_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError):
        scenario(tmp_path, text)


def test_a_missing_file_and_a_folder_are_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(UserError, match="can't be read"):
            load_scenario(path)


HAPPENED: list[LogRecord] = [
    StateEntered(0.0, State.IDLE),
    LineBegun(1.0, "idle.begin", "Welcome.", 1.0),
    LineOver(3.0, "idle.begin", 3.0, cut=False, lost=0.0),
    CommandHeard(5.0, Command.START, "start", 1.0, 4.6),
    StateEntered(5.0, State.SCREENING),
    StateEntered(9.0, State.IDLE),
    LineBegun(10.0, "idle.back", "All right.", 10.0),
    LineOver(11.0, "idle.back", 11.0, cut=True, lost=0.0),
]
LOG = [wire(record) for record in HAPPENED]


@pytest.mark.parametrize(
    ("expect", "reason"),
    [
        ({"state": "SCREENING"}, None),
        ({"state": "SCREENING", "within": 5}, None),
        ({"state": "SCREENING", "within": 4}, "only at 5.00 s"),
        ({"state": "DONE"}, "never happened"),
        ({"line": "idle"}, None),
        ({"line": "idle.back"}, None),
        ({"line": "idle.goodbye"}, "never happened"),
        ({"command": "start"}, None),
        ({"command": "stop"}, "never happened"),
        ({"no_command": "stop"}, None),
        ({"no_command": "start"}, "happened at 5.00 s"),
        ({"no_command": "start", "within": 4}, None),
        ({"no_line": "exit"}, None),
        ({"no_line": "idle.begin"}, "happened at 1.00 s"),
        ({"line": "idle", "since": {"command": "start", "within": 5}}, None),
        ({"line": "idle", "since": {"command": "start", "within": 4}}, "only at 1.00 s"),
        ({"state": "IDLE", "since": {"state": "SCREENING"}}, None),
        ({"no_line": "idle", "since": {"state": "SCREENING", "within": 4}}, None),
        ({"no_line": "idle", "since": {"state": "IDLE", "within": 1}}, "happened at 1.00 s"),
        ({"no_line": "exit", "since": {"state": "HOLD", "within": 4}}, "counted from never"),
        ({"line": "idle", "since": {"line": "exit", "within": 4}}, "counted from never"),
    ],
)
def test_what_is_expected_is_looked_for(expect: dict[str, object], reason: str | None) -> None:
    found = failures([Expect.model_validate(expect)], LOG)
    assert len(found) == (reason is not None)
    if reason is not None:
        assert reason in found[0]
        assert str(next(iter(expect.values()))) in found[0]


def said(director: Director, until: float = 1e9) -> list[tuple[float, str | None]]:
    return [(at, step.say) for at, step in director.acts(until)]


def test_triggers_fire_once_or_every_time() -> None:
    steps = [
        {"at": 2, "wait": 1, "say": "at"},
        {"in": "IDLE", "wait": 6, "say": "once"},
        {"in": "IDLE", "say": "always", "repeat": True},
        {"after": "idle", "wait": 0.5, "say": "after", "repeat": True},
        {"during": "idle.back", "say": "during"},
    ]
    director = Director([Step.model_validate(step) for step in steps])
    for record in HAPPENED:
        director.notice(record)
    assert said(director, until=3.0) == [(0.0, "always")]
    assert said(director) == [
        (3.0, "at"),
        (3.5, "after"),
        (6.0, "once"),
        (9.0, "always"),
        (10.0, "during"),
        (11.5, "after"),
    ]
    assert not director.waiting
