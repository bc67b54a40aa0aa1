"""What is said keeps to the limits of the product, with every value filled in."""

import re

import pytest

from legsup_voice.content import Line, content
from legsup_voice.protocol.breathing import Breathing, Phase
from legsup_voice.protocol.states import State
from legsup_voice.speaking.prosody import LONGEST_LINE, PACES


def test_every_text_is_short_enough() -> None:
    for text, pace in content().spoken():
        words = len(text.split())
        assert words <= 20, text
        assert 60 * words / PACES[pace].fastest <= LONGEST_LINE, text
        assert len(re.findall(r"[.?!]", text)) <= 2, text
        assert "{" not in text


@pytest.mark.parametrize(("name", "line"), [*content().lines.items()])
def test_lines_of_the_hold_are_eight_words_at_most(name: str, line: Line) -> None:
    if State.HOLD in line.states:
        assert line.pace == "hold", name


@pytest.mark.parametrize(("name", "line"), [*content().lines.items()])
def test_the_way_down_is_in_the_slow_class(name: str, line: Line) -> None:
    """What is said while someone comes down, and nowhere before the pose, is said slowly."""
    down = {State.LEAVING, State.LYING, State.SIDE, State.SITTING, State.DONE}
    if line.safety and ((line.states and line.states <= down) or name.startswith("exit.")):
        assert line.pace == "hold", name


@pytest.mark.parametrize(("name", "line"), [*content().lines.items()])
def test_rule_13_no_line_claims_and_benefits_are_hedged(name: str, line: Line) -> None:
    for text in line.say:
        assert not re.search(r"\b(cures?|treats?|heals?|will (help|lower|improve))\b", text.lower())
        promise = r"\b(stretch|ease|calm|help|lower|flow|benefit)(s|es)?\b"
        if name.startswith("benefit.") and re.search(promise, text.lower()):
            assert re.search(r"\b(may|can|gentle|stronger)\b", text.lower()), text


@pytest.mark.parametrize(("name", "line"), [*content().lines.items()])
def test_rule_5_only_stand_lines_tell_anyone_to_stand(name: str, line: Line) -> None:
    for text in line.say:
        if re.search(r"(?<!you )(?<!belly )\b(stand|get up|rise)\b", text.lower()):
            assert name.startswith("stand.") or name in {"setup.rise", "refused.pots"}, text


@pytest.mark.parametrize("name", ["exit.warning", "exit.short"])
def test_rule_3_the_warning_says_slowly_side_sit_and_why(name: str) -> None:
    for text in content().lines[name].say:
        for said in ("slowly", "side", "sit", "blood pressure"):
            assert said in text.lower()


@pytest.mark.parametrize(("name", "line"), [*content().lines.items()])
def test_rule_15_nothing_in_the_hold_asks_to_look_or_reach(name: str, line: Line) -> None:
    if State.HOLD in line.states:
        for text in line.say:
            assert not re.search(r"\b(look|see|watch|reach|take|press the|screen)\b", text.lower())


def test_rule_13_no_default_holds_the_breath() -> None:
    patterns = content().breathing
    assert all(cue != "hold" for cue, _ in patterns.patterns[patterns.default].phases)


def test_lines_heard_often_have_variants() -> None:
    for family in ("idle", "hold", "help", "lying", "done", "refused.offer", "setup.waiting"):
        lines = [line for name, line in content().lines.items() if name.startswith(family)]
        assert any(len(line.say) > 1 for line in lines)


@pytest.mark.parametrize(
    ("seconds", "spoken"),
    [
        (30, "thirty seconds"),
        (44, "forty seconds"),
        (58, "one minute"),
        (90, "one and a half minutes"),
        (270, "four and a half minutes"),
        (1200, "twenty minutes"),
    ],
)
def test_durations_are_spoken_naturally(seconds: float, spoken: str) -> None:
    assert content().duration(seconds) == spoken


def test_the_breathing_clock_has_no_drift() -> None:
    breathing = Breathing("belly", (Phase("in", 4567), Phase("out", 5433)), cycles=120)
    schedule = list(breathing.schedule())
    assert len(schedule) == 240
    assert [at for at, _, phase in schedule if phase.cue == "in"] == list(range(0, 1200000, 10000))
    assert breathing.seconds == 1200
