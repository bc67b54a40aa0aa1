"""A second language shows that the structure holds: German lines. Nobody is heard in it yet."""

import pytest

from legsup_voice.content import content

GERMAN = content("de")


def test_german_says_every_line_that_english_says() -> None:
    assert GERMAN.lines.keys() == content().lines.keys()
    both = [(line.say, GERMAN.lines[name].say) for name, line in content().lines.items()]
    assert sum(ours == theirs for ours, theirs in both) == 1, "{breathing}. is the same in both"


def test_what_happens_is_the_same_in_german() -> None:
    assert GERMAN.setup == content().setup
    assert GERMAN.facts == content().facts
    ours, theirs = content().breathing.patterns, GERMAN.breathing.patterns
    assert {n: p.phases for n, p in ours.items()} == {n: p.phases for n, p in theirs.items()}


@pytest.mark.parametrize(
    ("seconds", "spoken"),
    [
        (30, "dreißig Sekunden"),
        (60, "eine Minute"),
        (90, "eineinhalb Minuten"),
        (270, "viereinhalb Minuten"),
        (1200, "zwanzig Minuten"),
    ],
)
def test_lengths_of_time_in_german(seconds: float, spoken: str) -> None:
    assert GERMAN.duration(seconds) == spoken


@pytest.mark.parametrize("name", ["exit.warning", "exit.short"])
def test_rule_3_in_german(name: str) -> None:
    for text in GERMAN.lines[name].say:
        for said in ("langsam", "seite", "sitz", "blutdruck"):
            assert said in text.lower()
