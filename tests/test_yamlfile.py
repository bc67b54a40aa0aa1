"""Files that people write in YAML: whatever is in one, it fits or one sentence says why not."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from legsup_voice import yamlfile
from legsup_voice.errors import UserError
from legsup_voice.simulation.scenario import Scenario, load_scenario

EXAMPLE = """\
options: {minutes: 0.5, seed: 7}
room:
  echo: {gain_db: -20, delay_ms: 80}
steps:
  - {in: IDLE, wait: 6, say: "start"}
  - {after: setup, repeat: true, say: next}
  - {at: 30, unplug: microphone}
expect:
  - {line: time, since: {command: how_long, within: 2}}
"""
WORDS = st.sampled_from(
    (
        "options room steps expect echo at in after during say play unplug clock kill state line"
        " since within minutes seed IDLE true null -1 1e999 .nan 2001-01-01 <<"
    ).split()
)
STRUCTURES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
YAML_LIKE = st.lists(
    WORDS
    | st.sampled_from([*"-:?[]{},#&a*a!|>'\"%@`\n \t\\", "\n  ", ": ", "- ", "!!int ", "!!"])
    | st.sampled_from(["!!float ", "!!timestamp ", "!!bool ", "!!binary ", "!!set ", "\x00", "é"])
).map("".join)


def check(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        load_scenario(path)
    except UserError as error:
        assert str(error).startswith(str(path))  # noqa: PT017
        assert str(error).endswith(".")  # noqa: PT017


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("yaml") / "scenario.yaml"


def test_the_example_is_valid(path: Path) -> None:
    path.write_text(EXAMPLE)
    assert len(yamlfile.load(path, Scenario).steps) == 3


@settings(max_examples=300, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.binary(max_size=60) | YAML_LIKE.map(str.encode))
@example(b"a: !!int ''")
@example(b"a: !!float ''")
@example(b"a: !!bool maybe")
@example(b"a: !!timestamp x")
@example(b"? [1]\n: 2")
@example(b"? {}\n: 2")
@example(b"a: &a [*a]")
@example(b"steps: &a [{in: IDLE, say: *a}]")
@example(b"<<: 3")
@example(b"--- 1\n--- 2")
@example(b"a: " + b"[" * 5000)
@example(b"a: " + b"9" * 5000)
@example(b"a: 2001-99-99")
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_fit_or_are_named(path: Path, content: bytes) -> None:
    check(path, content)


@settings(max_examples=300, deadline=None, suppress_health_check=[*HealthCheck])
@given(STRUCTURES)
def test_any_structure_fits_or_is_named(path: Path, structure: object) -> None:
    check(path, yaml.safe_dump(structure, allow_unicode=True).encode("utf-8", "surrogatepass"))


@settings(max_examples=300, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.data())
def test_any_slip_in_a_good_file_fits_or_is_named(path: Path, data: st.DataObject) -> None:
    content = EXAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.integers(0, 5))
        content = content[:at] + data.draw(YAML_LIKE) + content[at + cut :]
    check(path, content.encode())


def test_a_mistake_is_named_with_its_line(path: Path) -> None:
    path.write_text(EXAMPLE.replace("unplug: microphone", "unplug: mikrofon"))
    with pytest.raises(UserError, match="line 7"):
        load_scenario(path)


def test_a_file_of_aliases_does_not_take_all_memory(path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    path.write_text("\n".join([*lines, "steps: *a11"]))
    with pytest.raises(UserError):
        load_scenario(path)


def test_an_unknown_key_with_a_bracket_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text("'options[options': {minutes: 0.5}\n")
    with pytest.raises(UserError, match=r"line 1: 'options\[options' is not a key"):
        load_scenario(path)
