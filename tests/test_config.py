"""The configuration file: whatever is in it gives settings or one sentence."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legsup_voice import config
from legsup_voice.commands.cli import main
from legsup_voice.config import Config, load_config
from legsup_voice.content import content
from legsup_voice.errors import UserError
from legsup_voice.protocol.commands import Pattern


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("LEGSUP_CONFIG", str(path))
    return path


def test_without_a_file_everything_has_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEGSUP_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("LEGSUP_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert load_config() == Config()
    assert config.config_path() == tmp_path / "legsup_voice" / "config.toml"
    assert config.journal_path() == tmp_path / "legsup_voice" / "journal.db"


def test_belly_breathing_has_a_length_of_ones_own_within_limits(path: Path) -> None:
    path.write_text("belly_seconds = [4, 6.5]\n")
    seconds = load_config().belly_seconds
    assert seconds is not None
    said = content().with_breaths({Pattern.BELLY: seconds, Pattern.BOX: None})
    assert said.breathing.patterns["belly"].phases == (("in", 4), ("out", 6.5))
    assert content().breathing.patterns["belly"].phases == (("in", 5), ("out", 5))
    for wrong in ("[4]", "[4, 6, 4, 6]", "[1, 6]", "[4, 20]", '["4", "6"]', "4"):
        path.write_text(f"belly_seconds = {wrong}\n")
        with pytest.raises(UserError, match="line 1: belly_seconds"):
            load_config()


def test_box_breathing_has_lengths_of_ones_own_within_limits(path: Path) -> None:
    path.write_text("box_seconds = [4, 2, 6, 2]\n")
    seconds = load_config().box_seconds
    box = content().with_breaths({Pattern.BOX: seconds}).breathing.patterns["box"]
    assert box.phases == (("in", 4), ("hold", 2), ("out", 6), ("hold", 2))
    assert "four" not in " ".join(content().lines[box.how].say)
    for wrong in ("[4, 4]", "[4, 7, 4, 4]", "[4, 4, 4, 1]", "[4, nan, 4, 4]"):
        path.write_text(f"box_seconds = {wrong}\n")
        with pytest.raises(UserError, match="line 1: box_seconds"):
            load_config()


def test_settings_are_taken(path: Path) -> None:
    path.write_text('minutes = 7\nbreathing = "box"\nmic = "USB"\ntalk = "less"\n')
    assert load_config() == Config(minutes=7, breathing="box", mic="USB", talk="less")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("minutes = 7\nminuts = 5\n", "line 2: there is no setting 'minuts'"),
        ("# short\n\n  minutes = 0.1\n", "line 3: minutes: Input should be greater than"),
        ("minutes = nan\n", "line 1: minutes:"),
        ('minutes = "5"\n', "line 1: minutes: Input should be a valid number"),
        ("minutes = true\n", "line 1: minutes:"),
        ('talk = "normal"\nbreathing = "boxx"\n', "line 2: breathing: Input should be 'belly'"),
        ('"keep_audio" = 1\n', "line 1: keep_audio:"),
        ("[hold]\nminimum = 1\n", "line 1: there is no setting 'hold'"),
        ("side.rest = 1\n", "line 1: there is no setting 'side'"),
        ('mic = ""\n', "line 1: mic:"),
        ("minutes = 5\nminutes = \n", "not valid TOML: Invalid value (at line 2, column 11)."),
        ("a = " + "[" * 9999, "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(path: Path, text: str, says: str) -> None:
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        load_config()
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_named_file_must_be_there(path: Path) -> None:
    with pytest.raises(UserError, match="There is no configuration file"):
        load_config()
    path.mkdir()
    with pytest.raises(UserError, match="can't be read"):
        load_config()


TOML_LIKE = st.text("[]{}=.,\"'#\n\\ \t_-:+0189abeinrstuxmT\x00é🦶\r", max_size=60)
LINES = st.lists(
    st.sampled_from(
        ["minutes", "breathing", "mic", "keep_audio", "[talk]", "'talk'", "a.b", ""]
    ).flatmap(lambda key: TOML_LIKE.map(lambda value: f"{key} = {value}"))
).map("\n".join)


@settings(max_examples=400, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.binary(max_size=80) | TOML_LIKE.map(str.encode) | LINES.map(str.encode))
def test_any_bytes_give_settings_or_one_sentence(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        load_config()
    except UserError as error:
        assert str(error).endswith(".")  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(Config.model_fields)), VALUES, max_size=3))
def test_settings_that_are_taken_are_within_the_safe_bounds(values: dict[str, object]) -> None:
    try:
        config = Config.model_validate(values)
    except ValueError:
        return
    assert config.minutes is None or 0.5 <= config.minutes <= 20
    assert -12 <= config.volume <= 6


def test_the_example_of_every_setting_is_valid_toml(path: Path) -> None:
    every = Config(
        minutes=5,
        breathing="belly",
        mic="a",
        speaker="b",
        model="c",
        bed_file="d",
        belly_seconds=[4, 6],
        box_seconds=[4, 2, 6, 2],
        bell_minutes=2,
    )
    lines = [f"{key} = {_toml(value)}" for key, value in every.model_dump().items()]
    path.write_text("\n".join(lines))
    assert tomllib.loads(path.read_text())
    assert load_config() == every


def _toml(value: object) -> str:
    return repr(value).lower() if isinstance(value, bool | float | list) else f'"{value}"'


def test_a_setting_is_changed_and_comments_stay(path: Path) -> None:
    path.write_text("# Grandma's.\nminutes = 5 # as the doctor said\n\nvolume = 0 # dB\n")
    assert main(["config", "volume", "-3"]) == 0
    assert main(["config", "mic", "12"]) == 0
    assert path.read_text() == (
        '# Grandma\'s.\nminutes = 5 # as the doctor said\n\nvolume = -3 # dB\nmic = "12"\n'
    )
    assert load_config() == Config(minutes=5, volume=-3, mic="12")
    assert main(["config", "box_seconds", "[4, 2, 6, 2]"]) == 0
    assert load_config().box_seconds == [4, 2, 6, 2]
    assert main(["config", "--unset", "box_seconds"]) == 0
    assert main(["config", "--unset", "minutes"]) == 0
    assert load_config().minutes is None
    assert path.read_text().startswith("# Grandma's.\n")


def test_a_first_setting_makes_the_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "echo", "false"]) == 0
    assert load_config() == Config(echo=False)
    capsys.readouterr()
    assert main(["config", "echo"]) == 0
    assert capsys.readouterr().out == "false\n"
    assert main(["config", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == Config(echo=False).model_dump()
    assert main(["config"]) == 0
    shown = capsys.readouterr().out
    assert all(key in shown for key in Config.model_fields)


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance", "1"],
        ["dance"],
        ["minutes", "many"],
        ["minutes", "60"],
        ["echo", "perhaps"],
        ["breathing", "[1]"],
        ["box_seconds", "[4, 2]"],
        ["box_seconds", "[[4], 2, 6, 2]"],
        ["box_seconds", "4"],
        ["volume", "nan"],
        ["mic", ""],
        ["--unset"],
        ["--unset", "volume", "3"],
    ],
)
def test_a_wrong_setting_is_one_sentence_and_changes_nothing(
    arguments: list[str], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text("minutes = 5\n")
    assert main(["config", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert path.read_text() == "minutes = 5\n"


def test_a_broken_setting_can_be_put_right(path: Path) -> None:
    path.write_text("minutes = 60\n")
    assert main(["config", "minutes", "6"]) == 0
    assert load_config() == Config(minutes=6)


def test_without_a_file_nothing_is_kept_and_the_voice_is_as_loud_as_it_should_be() -> None:
    assert Config().keep_audio is False, "no sound is ever stored unless the user wants that"
    assert Config().volume == 0.0
    assert Config().bed == "none"
