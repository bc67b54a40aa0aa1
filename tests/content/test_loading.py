"""A slip in any data file is one sentence at start, with the file and the line."""

import shutil
from pathlib import Path

import pytest

from legsup_voice.content import content, path
from legsup_voice.content.loading import load
from legsup_voice.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(path(""), tmp_path / "xx"))


def change(file: Path, old: str, new: str) -> int:
    """Replace the first `old` in `file` by `new`; return the line on which it stood."""
    text = file.read_text(encoding="utf-8")
    before, found, after = text.partition(old)
    assert found
    file.write_text(before + new + after, encoding="utf-8")
    return before.count("\n") + 1


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("setup.yaml", "setup.wall", "setup.wal", "no line 'setup.wal' (is it 'setup.wall'?)"),
        ("setup.yaml", "benefit.legs", "benefit.less", "no line 'benefit.less'"),
        ("setup.yaml", "asks: minutes", "asks: hours", "'breathing' or 'minutes'"),
        ("setup.yaml", "line: easier.curve", "line: easier.away", "may not be said in HOLD"),
        ("setup.yaml", "exit.knees", "exit.knee", "no line 'exit.knee'"),
        ("screening.yaml", "condition: glaucoma", "condition: glaucomaa", "'glaucoma'"),
        ("screening.yaml", "refusal: refused.pots", "refusal: refused.pot", "'refused.pot'"),
        ("screening.yaml", "lead: screening.all", "lead: screening.al", "'screening.al_lead'"),
        ("screening.yaml", "named: pregnant", "named: expecting", "doesn't say 'expecting'"),
        ("breathing.yaml", "default: belly", "default: bely", "'belly'"),
        ("breathing.yaml", "line: breath.box", "line: breath.boxes", "no line 'breath.boxes'"),
        ("breathing.yaml", "how: breath.how_none", "how: breath.who_none", "'breath.who_none'"),
        ("breathing.yaml", "[in, 5]", "[inn, 5]", "'in'"),
        ("facts.yaml", "lines: [benefit.mat]", "lines: [benefit.matt]", "no line 'benefit.matt'"),
        ("facts.yaml", "command: tingling", "command: tinkling", "'tingling'"),
        ("facts.yaml", "symptom: chest", "symptom: chets", "'chest'"),
        ("facts.yaml", "condition: pots", "condition: pot", "'pots'"),
        ("facts.yaml", "source: pins", "source: needles", "'needles' is not one of the sources"),
        ("recording.yaml", "line: setup.heels", "line: setup.heel", "no line 'setup.heel'"),
        ("recording.yaml", "pause: 20", "pause: -1", "pause"),
        ("spoken.yaml", "{number} seconds", "{numer} seconds", "nothing but {number} is filled in"),
        ("spoken.yaml", "tens: {10: ten", "tens: {1: ten", "words for 10, 20, 30, 40, 50"),
        ("spoken.yaml", "nineteen, ", "", "numbers"),
        ("lines/hold.yaml", "states: [HOLD, PAUSED]", "states: [HOLD, PAUSE]", "'PAUSED'"),
        ("lines/hold.yaml", "pace: hold", "pace: slow", "'hold'"),
        ("lines/hold.yaml", "hold.tingling:", "holt.tingling:", "hold.something"),
        ("lines/hold.yaml", "say:\n", "says:\n", "the key 'say' is missing here"),
        ("lines/time.yaml", "{duration} left", "{durration} left", "{durration} left"),
        ("lines/hold.yaml", "You are half way", "Half way, {duration} are over", "hold.halfway"),
        ("lines/exit.yaml", "Let your feet", "Now let your feet " + "and toes " * 9, "20 words"),
    ],
)
def test_a_slip_is_named_with_file_and_line(
    folder: Path, name: str, old: str, new: str, sentence: str
) -> None:
    line = change(folder / name, old, new)
    with pytest.raises(UserError) as caught:
        load(folder)
    said = str(caught.value)
    assert said.startswith(f"{folder / name}, line ")
    assert abs(int(said.split(", line ")[1].split(":")[0]) - line) <= 5, "a line of that entry"
    assert sentence in said
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize("name", ["hold.begin", "exit.warning", "fault.microphone", "idle.begin"])
def test_a_line_that_the_program_says_must_be_there(folder: Path, name: str) -> None:
    file = folder / "lines" / f"{name.split('.')[0]}.yaml"
    change(file, f"{name}:", f"{name}_x:")
    with pytest.raises(UserError) as caught:
        load(folder)
    assert str(caught.value) == (f"{file}: the line {name!r} is missing, but the program says it.")


def test_a_pattern_that_is_misspelled_or_missing_is_named(folder: Path) -> None:
    change(folder / "breathing.yaml", "four_seven_eight:\n", "four_seven_eigt:\n")
    with pytest.raises(UserError, match="the patterns are belly, box, four_six, four_seven_eight"):
        load(folder)


def test_a_condition_that_nobody_asks_for_is_named(folder: Path) -> None:
    change(folder / "screening.yaml", "condition: pots", "condition: glaucoma")
    with pytest.raises(UserError, match="each is asked for once: blood_pressure"):
        load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "lines" / "exit.yaml").unlink()
    with pytest.raises(UserError, match=r"exit\.yaml can't be read: No such file"):
        load(folder)


def test_another_language_has_every_line_of_ours(folder: Path) -> None:
    assert load(folder, path("")).lines == content().lines
    change(folder / "lines" / "exit.yaml", "exit.are_you_down:", "exit.are_we_down:")
    with pytest.raises(UserError) as caught:
        load(folder, path(""))
    file = folder / "lines" / "exit.yaml"
    missing = "the line 'exit.are_you_down' is missing, but English has it"
    assert str(caught.value) == f"{file}: {missing}."


def test_another_language_says_nothing_where_ours_is_silent(folder: Path) -> None:
    line = change(folder / "lines" / "hold.yaml", "states: [HOLD]", "states: [HOLD, SIDE]")
    with pytest.raises(UserError, match=rf"line {line}: states of 'hold.begin' is not as in"):
        load(folder, path(""))
