"""Our own lines are known by their sounds, however little echo removal knows of the room."""

import numpy as np
import pytest

from legsup_voice.content import content
from legsup_voice.evaluation.clips import quiet_around
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.interpreter import Decision
from legsup_voice.hearing.own_voice import AS_WELL, OwnVoice, words_of
from legsup_voice.hearing.phones import PhoneNetwork
from legsup_voice.hearing.pronunciations import lexicon
from legsup_voice.simulation.room import Echo
from legsup_voice.speaking.voice import Voice
from script.bench_echo import echo_of, listen, tape
from tests.hearing.test_decoder import heard
from tests.hearing.voices import voice

OWN = OwnVoice(text for text, _ in content().spoken())
LINE = "This is as far as it goes."


@pytest.mark.parametrize("part", ["F AA R AE Z", "AE Z IH T G OW Z", "DH IH S"])
def test_every_part_of_a_line_fits(part: str) -> None:
    assert OWN.fit(LINE, heard(part)) > -0.5


@pytest.mark.parametrize("other", ["HH AE V AH P OW Z", "S T AA P", "Y EH S", "G OW Z F AA R"])
def test_other_words_do_not(other: str) -> None:
    assert OWN.fit(LINE, heard(other)) < -5.0


def test_all_words_of_our_lines_are_in_the_lexicon() -> None:
    words = {word for text, _ in content().spoken() for word in words_of(text)}
    assert not words - lexicon().keys()


def test_without_sounds_the_words_count() -> None:
    assert OWN.says(LINE, Decision("as far", None, 1.0))
    assert not OWN.says(LINE, Decision("as fast", None, 1.0))
    assert OWN.says("Jetzt schließ die Augen.", Decision("schließ die augen", None, 1.0))


def test_a_command_is_no_part_of_a_line_that_sounds_otherwise() -> None:
    sounds = PhoneNetwork().log_posteriors(quiet_around(voice("stop", "am_michael")))
    stop = Decision("stop", None, 1.0, fit=0.0, heard=sounds)
    others = [
        text
        for text, _ in content().spoken()
        if "stop" not in words_of(text) and OWN.fit(text, sounds) >= stop.fit - AS_WELL
    ]
    assert not others


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("It was forty seconds. The same again?", "Something is wrong, so I can't start."),
        ("We will hold for ten minutes. Say", "We will hold for eighteen and a half"),
    ],
)
def test_the_first_lines_of_a_session_are_no_commands(first: str, second: str) -> None:
    """Each was one, as loud as a person, before echo removal had heard enough of our voice."""
    lines = [
        next(line for line in content().spoken() if line[0].startswith(begun))
        for begun in (first, second)
    ]
    speaker, spoken = tape(lines, Voice())
    echo = echo_of(speaker, Echo(0.0, 80.0), 0.0)
    assert not list(listen(Ears(), echo, speaker, np.zeros_like(echo), spoken))
