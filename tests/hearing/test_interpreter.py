"""Between two listeners: what each names, what stands against it, and what is decided."""

import numpy as np
import pytest

from legsup_voice.evaluation import clips
from legsup_voice.hearing import models
from legsup_voice.hearing.attention import Attention, Situation
from legsup_voice.hearing.compiled import of
from legsup_voice.hearing.deciding import Evidence, Kind, table
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.interpreter import UNTAKEN, Candidate, Interpreter
from legsup_voice.hearing.phones import OUTPUTS, Floats, phones_in
from legsup_voice.hearing.recogniser import Alternative, Recogniser
from legsup_voice.hearing.verifier import Verification, Verifier
from legsup_voice.protocol.commands import Command, Condition
from tests.hearing.voices import voice

GRAMMAR = grammar()
COMPILED = of(GRAMMAR, tuple(GRAMMAR.phrases(1000)))
SPOKEN = COMPILED.spoken
ALL = Attention(frozenset(Command))
STOP, LOUDER, NO = Intent(Command.STOP), Intent(Command.LOUDER), Intent(Command.NO)
HOW_LONG = Intent(Command.HOW_LONG)
UNHEARD = -30.0
GLAUCOMA = Condition.GLAUCOMA
SAID = ("what are the benefits", "pause", "glaucoma")


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(COMPILED)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(models.load(None), COMPILED)


@pytest.fixture(scope="module")
def interpreter(recogniser: Recogniser, verifier: Verifier) -> Interpreter:
    return Interpreter(COMPILED, recogniser, verifier)


def verification(
    verifier: Verifier, fits: dict[Intent, float], filler: float = UNHEARD
) -> Verification:
    found = np.full(len(verifier.labels), UNHEARD)
    for at, labels in enumerate(verifier.labels):
        found[at] = fits.get(SPOKEN.senses[labels[0]][0].intent, UNHEARD)
    return Verification(found, filler, np.zeros((1, 40), np.float32))


def evidence(candidates: list[Candidate], intent: Intent) -> Evidence:
    return next(each.evidence for each in candidates if each.intent == intent)


def test_phrases_of_one_meaning_are_no_rivals(interpreter: Interpreter, verifier: Verifier) -> None:
    readings = [Alternative("how long left", -10.0), Alternative("how long", -10.1)]
    found = interpreter.candidates(readings, verification(verifier, {HOW_LONG: 0.2}), ALL)
    assert [each.text for each in found] == ["how long left"]
    assert evidence(found, HOW_LONG).margin == pytest.approx(8.0)
    assert evidence(found, HOW_LONG).lead == pytest.approx(30.2)


def test_a_filler_stands_against_a_command(interpreter: Interpreter, verifier: Verifier) -> None:
    found = interpreter.candidates([], verification(verifier, {STOP: -1.0}, filler=-0.5), ALL)
    assert evidence(found, STOP).lead == pytest.approx(-0.5)


def test_the_verifier_names_what_the_recogniser_missed(
    interpreter: Interpreter, verifier: Verifier
) -> None:
    readings = [Alternative("the bins", -30)]
    found = interpreter.candidates(readings, verification(verifier, {STOP: 0.5}), ALL)
    assert [(each.intent, each.text) for each in found] == [(STOP, None)]
    assert evidence(found, STOP).margin is None


def test_what_is_not_taken_now_hardly_stands_against_what_is(
    interpreter: Interpreter, verifier: Verifier
) -> None:
    heard = verification(verifier, {NO: -1.0, LOUDER: 0.0})
    question = Attention(frozenset({Command.NO, Command.YES}), asks=frozenset({Command.NO}))
    readings = [Alternative("no", -3.0)]
    assert evidence(interpreter.candidates(readings, heard, question), NO).lead == UNTAKEN - 1.0
    assert evidence(interpreter.candidates(readings, heard, ALL), NO).lead == -1.0


@pytest.mark.parametrize("text", ["stop", "how long left", "i feel dizzy", "box breathing"])
def test_what_is_said_is_meant(interpreter: Interpreter, text: str) -> None:
    found = interpreter.interpret(clips.quiet_around(voice(text)), ALL, Situation.SESSION)
    assert (found.intent, found.text) == (SPOKEN.meaning(text), text)
    assert 0.5 < found.confidence <= 1


def test_without_a_verifier_the_recogniser_decides_alone(recogniser: Recogniser) -> None:
    alone = Interpreter(COMPILED, recogniser, None)
    found = alone.interpret(clips.quiet_around(voice("stop")), ALL, Situation.SESSION)
    assert found.intent == STOP
    nothing = alone.interpret(np.zeros(16_000, np.float32), ALL, Situation.SESSION)
    assert nothing.intent is None


def test_thresholds_decide(recogniser: Recogniser, verifier: Verifier) -> None:
    usual = table()
    never = {each: dict.fromkeys(Kind, 99.0) for each in Situation}
    strict = usual.model_copy(update={"thresholds": never})
    interpreter = Interpreter(COMPILED, recogniser, verifier, strict)
    found = interpreter.interpret(clips.quiet_around(voice("stop")), ALL, Situation.SESSION)
    assert (found.intent, found.text, found.why) == (None, "stop", "unsure")


def test_a_phrase_that_only_the_verifier_hears_gets_its_words(verifier: Verifier) -> None:
    heard = verifier.verify(clips.quiet_around(voice("pins and needles")))
    tingling = Intent(Command.TINGLING)
    labels = next(each for each in verifier.labels if SPOKEN.senses[each[0]][0].intent == tingling)
    assert verifier.text(labels, heard.heard) == "pins and needles"


def test_what_fits_nothing_is_not_asked_of_the_recogniser(verifier: Verifier) -> None:
    """The recogniser that would be asked isn't there."""
    deaf = Interpreter(COMPILED, None, verifier)  # type: ignore[arg-type]
    talk = np.concatenate([voice(each) for each in SAID])
    found = deaf.interpret(talk, ALL, Situation.SPEAKING)
    assert (found.intent, found.why, found.speech) == (None, "unknown", True)


def test_what_no_phrase_says_is_read_as_text(interpreter: Interpreter) -> None:
    talk = np.concatenate([voice(each) for each in SAID])
    assert SPOKEN.meaning(" ".join(SAID)) is None
    found = interpreter.interpret(talk, ALL, Situation.SESSION)
    assert (found.intent, found.text) == (
        Intent(Command.CONDITION, condition=GLAUCOMA),
        " ".join(SAID),
    )
    not_now = Attention(frozenset({Command.STOP}))
    assert not interpreter.interpret(talk, not_now, Situation.SESSION).taken


@pytest.mark.parametrize("attempt", ["early", "over our own line"])
def test_nothing_is_read_in_haste_or_over_a_line_of_ours(
    interpreter: Interpreter, attempt: str
) -> None:
    talk = np.concatenate([voice(each) for each in SAID])
    situation = Situation.SESSION if attempt == "early" else Situation.SPEAKING
    found = interpreter.interpret(talk, ALL, situation, first=attempt == "early")
    assert found.intent is None


def test_what_sounds_the_same_is_no_rival(interpreter: Interpreter, verifier: Verifier) -> None:
    readings = [Alternative("know", -9.0), Alternative("no", -9.5), Alternative("go", -13.5)]
    found = interpreter.candidates(readings, verification(verifier, {NO: -1.0}), ALL)
    assert evidence(found, NO).margin == pytest.approx(4.0)


def test_what_is_seldom_said_and_sounds_like_other_talk_is_not_listened_for() -> None:
    """Somebody's "well, not" is no answer, and two letters, "C U", end nothing."""
    for text in ("no now", "well no now", "nah"):
        assert SPOKEN.meaning(text) is None, text
        assert GRAMMAR.reader.read(text) is not None, text
    assert SPOKEN.meaning("see you") is None


def phones_of(text: str, slip: float = 0.0) -> Floats:
    """Return the posteriors of `text`, where each second phone is less likely by `slip` than "ZH".

    A step of blank is between any two.
    """
    rows = []
    phones = [phone for word in text.split() for phone in COMPILED.ways[word][0]]
    for number, phone in enumerate(phones):
        for at in (OUTPUTS[phone], 0):
            rows.append(np.full(40, -30.0, np.float32))
            rows[-1][at] = 0.0
        rows[-2][OUTPUTS["ZH"]] = slip if number % 2 else -30.0
    return np.array(rows)


def read(interpreter: Interpreter, text: str, again: str, slip: float) -> Intent | None:
    """Return what `text` means that fits badly by `slip`, and then is heard as `again`."""
    first = Verification(np.zeros(1), 0.0, phones_of(text, slip))
    found = interpreter._read(
        first, iter([phones_of(again)] if again else []), ALL, Situation.SESSION
    )
    return None if found is None else found.intent


def test_what_may_be_said_to_us_is_heard_again_where_it_fits_badly(
    interpreter: Interpreter,
) -> None:
    said = "i think i need to get up now"
    assert read(interpreter, said, "", 0.0) == STOP
    assert read(interpreter, said, "", 4.0) is None
    assert read(interpreter, said, said, 4.0) == STOP
    assert read(interpreter, said, "no i do not have any of those", 4.0) is None, "a no is sure"
    assert read(interpreter, "window kitchen seven blanket", said, 0.0) is None


def test_of_few_phones_only_what_templates_cover_is_read_and_what_fits(
    interpreter: Interpreter,
) -> None:
    said = "head pounding"
    assert table().fewest_whole <= phones_in(phones_of(said)) <= 10
    assert read(interpreter, said, "", 0.0) is not None
    assert read(interpreter, said, said, 3.0) is None
