"""Files that people write in YAML: whatever is in one, it fits or one sentence says why not."""

import io
import sys
from datetime import date
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

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


class Entry(BaseModel):
    """One entry of a file as people write it."""

    model_config = ConfigDict(extra="forbid")

    command: str
    phrases: list[str] = []


class Entries(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    intents: list[Entry] = []


def dumped(structure: object) -> bytes:
    stream = io.StringIO()
    YAML(typ="safe", pure=True).dump(structure, stream)
    return stream.getvalue().encode("utf-8", "surrogatepass")


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
    check(path, dumped(structure))


@settings(max_examples=300, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.data())
def test_any_slip_in_a_good_file_fits_or_is_named(path: Path, data: st.DataObject) -> None:
    content = EXAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.integers(0, 5))
        content = content[:at] + data.draw(YAML_LIKE) + content[at + cut :]
    check(path, content.encode())


def test_merges_are_refused_before_they_grow(path: Path) -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 40)]
    path.write_text("\n".join(lines))
    with pytest.raises(UserError, match="line 2: '<<' can't be used here"):
        load_scenario(path)


def test_what_is_nested_too_deeply_is_called_that(path: Path) -> None:
    path.write_text("a: " + "[" * 5000 + "]" * 5000)
    with pytest.raises(UserError, match="not valid YAML: it is nested too deeply"):
        load_scenario(path)


@pytest.mark.parametrize("text", ["steps: {a: b}", "steps: halt"])
def test_what_should_be_a_list_is_called_that(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(UserError, match="line 1: steps: this should be a list"):
        load_scenario(path)


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


def test_a_key_of_ones_own_is_named_whatever_its_end(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text("options: {minutes: 0.5}\nfirstStep: 1\n")
    with pytest.raises(UserError, match=r"line 2: 'firstStep' is not a key"):
        load_scenario(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"# nothing yet\n", b"intents:\n", b"intents: []\n", b"\xef\xbb\xbfintents:\n"],
)
def test_a_file_with_nothing_in_it_is_fine(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert yamlfile.load(path, Entries).intents == []


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfintents:\n  - command: stop\n    phrases: [no]\n",
        b"intents:\r  - command: stop\r    phrases: [no]\r",
        b"intents:\r\n  - command: stop\r\n    phrases: [no]\r\n",
    ],
)
def test_marks_and_line_ends_of_any_system_are_taken(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert yamlfile.load(path, Entries).intents == [Entry(command="stop", phrases=["no"])]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("\n- command: stop\n", 'line 2: write "intents:" above it, and what stands here below'),
        ("intents:\n- phrases: [a]\n", "line 2: the key 'command' is missing here."),
        ("intents:\n- command: a\n  phrase: [a]\n", "line 3: 'phrase' is not a key"),
        ("intents:\n- command: a\n  command: b\n", "line 3: 'command' stands here twice"),
        ("intents:\n- command: [a]\n", "line 2: intents.0.command: this should be a valid string"),
    ],
)
def test_a_sentence_says_what_to_write_and_where(path: Path, content: str, sentence: str) -> None:
    path.write_text(content)
    with pytest.raises(UserError) as caught:
        yamlfile.load(path, Entries)
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


def test_no_yes_and_on_are_words(path: Path) -> None:
    path.write_text("intents: [{command: no, phrases: [yes, no, on, off]}]")
    entry = Entry(command="no", phrases=["yes", "no", "on", "off"])
    assert yamlfile.load(path, Entries).intents == [entry]


def test_what_was_read_is_kept_and_read_no_more(tmp_path: Path) -> None:
    place, path = tmp_path / "cache" / yamlfile.READ, tmp_path / "a.yaml"
    path.write_text(EXAMPLE)
    with yamlfile.kept(place):
        first = yamlfile.read(path).data
    calls = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and "ruamel" in frame.f_code.co_filename

    before = sys.getprofile()
    with yamlfile.kept(place):
        sys.setprofile(note)
        document = yamlfile.read(path)
        sys.setprofile(before)
    assert document.data == first
    assert calls == 0
    assert document.line(["steps", 1]) == 6
    assert place.stat().st_mode & 0o77 == 0


def test_a_file_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    place, path = tmp_path / yamlfile.READ, tmp_path / "a.yaml"
    for seed in (7, 8):
        path.write_text(EXAMPLE.replace("seed: 7", f"seed: {seed}"))
        with yamlfile.kept(place):
            assert yamlfile.read(path).data["options"]["seed"] == seed
    path.write_text(EXAMPLE + "steps: []\n")
    with yamlfile.kept(place), pytest.raises(UserError, match="twice"):
        yamlfile.read(path)


@pytest.mark.parametrize("damage", [b"", b"x" * 100, None])
def test_what_is_kept_is_used_whole_or_not_at_all(tmp_path: Path, damage: bytes | None) -> None:
    place, path = tmp_path / yamlfile.READ, tmp_path / "a.yaml"
    path.write_text("a: start")
    with yamlfile.kept(place):
        yamlfile.read(path)
    whole = place.read_bytes()
    place.write_bytes(whole.replace(b"start", b"stone") if damage is None else damage)
    with yamlfile.kept(place):
        assert yamlfile.read(path).data == {"a": "start"}
    assert place.read_bytes() == whole


def test_what_json_cannot_tell_exactly_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("2001-01-01: 1")
    for _ in range(2):
        with yamlfile.kept(tmp_path / yamlfile.READ):
            assert list(yamlfile.read(path).data) == [date(2001, 1, 1)]
