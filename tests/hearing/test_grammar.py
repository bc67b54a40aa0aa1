"""What people say and what it means (data and pure functions, fast)."""

from pathlib import Path

import pytest

from legsup_voice.errors import UserError
from legsup_voice.evaluation import clips
from legsup_voice.hearing.grammar.entries import NEEDED
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.protocol.commands import Command

VOICES = Path(__file__).parents[2] / "legsup_voice" / "simulation" / "voices" / "manifest.tsv"
GRAMMAR = grammar()
SPOKEN = GRAMMAR.spoken


def test_what_a_phrase_means_depends_on_what_is_taken() -> None:
    assert SPOKEN.meaning("go on", {Command.NEXT}) == Intent(Command.NEXT)
    assert SPOKEN.meaning("go on", {Command.RESUME}) == Intent(Command.RESUME)
    assert SPOKEN.meaning("go on", {Command.STOP}) is None


def test_a_bare_number_is_a_length_only_where_one_is_asked() -> None:
    five = Intent(Command.DURATION, seconds=300)
    assert SPOKEN.meaning("five", {Command.DURATION}, {Command.DURATION}) == five
    assert SPOKEN.meaning("five", {Command.DURATION}, set()) is None
    assert SPOKEN.meaning("five minutes", {Command.DURATION}, set()) == five


def test_who_says_only_easy_is_never_given_more() -> None:
    assert SPOKEN.meaning("easy") == Intent(Command.EASIER)
    assert SPOKEN.meaning("that's easy") == Intent(Command.HARDER)


def test_phrases_are_plain_and_mean_what_the_graph_says() -> None:
    listed = GRAMMAR.phrases(500)
    assert len(listed) == min(500, len(GRAMMAR.phrases(100_000)))
    assert all(SPOKEN.meaning(text) == intent for text, intent in listed.items())


def test_every_template_is_whole() -> None:
    for template in GRAMMAR.templates:
        template.check()


def test_what_the_ears_listen_for_is_understood_as_text_too() -> None:
    listed = GRAMMAR.phrases(1500)
    other = {
        text
        for text, intent in listed.items()
        if (read := GRAMMAR.reader.read(text, {intent.command})) is None
        or read.command is not intent.command
    }
    assert not other


def test_over_twenty_thousand_ways_in_a_small_graph() -> None:
    graph = SPOKEN.graph
    assert graph.ways > 20_000
    assert len(graph.to) < 180_000


def test_own_phrases_are_added(tmp_path: Path) -> None:
    own = tmp_path / "phrases.yaml"
    own.write_text('intents:\n- command: stop\n  phrases: ["Namaste, my friend!"]\n')
    assert grammar(own).spoken.meaning("namaste my friend") == Intent(Command.STOP)
    assert grammar(own).spoken.meaning("okay namaste my friend please") == Intent(Command.STOP)


def test_an_own_phrase_that_means_something_else_already_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "phrases.yaml"
    own.write_text('intents:\n- command: stop\n  phrases: ["go on"]\n')
    with pytest.raises(UserError, match='"go on" can\'t mean stop, because it already means next'):
        grammar(own)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("seven minutes", 420),
        ("two and a half minutes", 150),
        ("ninety seconds", 90),
        ("half an hour", 1800),
        ("one minute", 60),
        ("half a minute", 30),
        ("a quarter of an hour", 900),
        ("a minute and a half", 90),
        ("one minute thirty", 90),
        ("thirty seconds", 30),
        ("twenty five minutes", 1500),
    ],
)
def test_a_length_of_time_is_heard_and_read(text: str, seconds: float) -> None:
    assert SPOKEN.meaning(text) == Intent(Command.DURATION, seconds=seconds)
    assert GRAMMAR.reader.read(text) == Intent(Command.DURATION, seconds=seconds)


@pytest.mark.parametrize("minutes", range(2, 21))
def test_every_number_of_minutes_is_read_in_digits_too(minutes: int) -> None:
    intent = Intent(Command.DURATION, seconds=60 * minutes)
    assert GRAMMAR.reader.read(f"{minutes} minutes") == intent
    assert GRAMMAR.reader.read(f"{minutes}", asks={Command.DURATION}) == intent


@pytest.mark.parametrize("text", ["down", "left", "on", "off", "", "the", "minutes", "and", "half"])
def test_other_words_mean_nothing(text: str) -> None:
    assert SPOKEN.meaning(text) is None
    assert GRAMMAR.reader.read(text) is None


def test_every_command_can_be_said() -> None:
    said = {sense.intent.command for senses in SPOKEN.senses for sense in senses}
    assert said == set(Command)


def test_every_recorded_phrase_is_heard_and_read() -> None:
    for clip in clips.manifest(VOICES):
        assert SPOKEN.meaning(clip.text) is not None, clip.text
        assert GRAMMAR.reader.read(clip.text) is not None, clip.text


def test_more_words_may_make_a_phrase_mean_something_else() -> None:
    assert SPOKEN.may_go_on("go")
    assert SPOKEN.may_go_on("start")
    assert not SPOKEN.may_go_on("louder")


@pytest.mark.parametrize(
    ("said", "details"),
    [
        ("start", {}),
        ("start five minutes", {"seconds": 300.0}),
        ("start box breathing", {"pattern": "box"}),
        ("start ten minutes of box breathing", {"seconds": 600.0, "pattern": "box"}),
        ("box breath", {"pattern": "box"}),
        ("add five minutes", {"seconds": 300.0}),
    ],
)
def test_what_is_heard_carries_what_was_said_and_no_more(
    said: str, details: dict[str, object]
) -> None:
    meaning = SPOKEN.meaning(said)
    assert meaning is not None
    assert meaning.details() == details


def test_every_meaning_heard_carries_what_its_command_needs() -> None:
    for senses in SPOKEN.senses:
        for sense in senses[:1]:
            needed = NEEDED.get(sense.intent.command)
            assert needed is None or getattr(sense.intent, needed) is not None, sense
