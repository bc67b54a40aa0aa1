"""From two listeners' figures to a command."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.hearing.deciding import Calibration, Decider, Evidence
from legsup_voice.hearing.intents import intents
from legsup_voice.hearing.recogniser import Alternative
from legsup_voice.hearing.verifier import LEAST_FIT, Verification
from legsup_voice.protocol.commands import Command

INTENTS = intents()
TEXTS = list(INTENTS.phrases)
CALIBRATION = Calibration()
logs = st.floats(-30, 10)


DECIDER = Decider(INTENTS)


def verification(other: float = -20.0, **fits: float) -> Verification:
    found = np.full(len(TEXTS), -30.0)
    for text, fit in fits.items():
        found[TEXTS.index(text.replace("_", " "))] = fit
    return Verification(found, other)


@given(logs, logs, logs, st.floats(0, 5))
def test_more_evidence_never_lowers_the_confidence(
    margin: float, fit: float, lead: float, more: float
) -> None:
    plain = CALIBRATION.confidence(Evidence(margin, fit, lead))
    assert CALIBRATION.confidence(Evidence(margin + more, fit, lead)) >= plain
    assert CALIBRATION.confidence(Evidence(margin, fit + more, lead)) >= plain
    assert CALIBRATION.confidence(Evidence(margin, fit, lead + more)) >= plain


@given(logs, st.floats(-99, LEAST_FIT - 0.01), logs)
def test_what_does_not_fit_is_never_a_command(margin: float, fit: float, lead: float) -> None:
    assert CALIBRATION.confidence(Evidence(margin, fit, lead)) == 0


def test_a_command_that_both_hear_is_taken() -> None:
    found = DECIDER.decide(
        [Alternative("stop", -9), Alternative("stock", -13)], verification(stop=0.5)
    )
    assert found.intent is not None
    assert (found.intent.command, found.text) == (Command.STOP, "stop")


def test_a_command_that_only_the_recogniser_hears_is_not() -> None:
    found = DECIDER.decide([Alternative("stop", -9)], verification(other=-1.0, stop=-12.0))
    assert (found.intent, found.text) == (None, "stop")


def test_the_verifier_can_name_what_the_recogniser_missed() -> None:
    readings = [Alternative("the bins", -30), Alternative("deepens", -31)]
    found = DECIDER.decide(readings, verification(pins_and_needles=0.5))
    assert found.intent is not None
    assert found.intent.command is Command.TINGLING


def test_of_two_phrases_the_better_supported_is_meant() -> None:
    readings = [Alternative("no", -9.0), Alternative("go", -9.2)]
    found = DECIDER.decide(readings, verification(go=0.5, no=-7.0))
    assert found.text == "go"


def test_a_phrase_that_can_not_be_compared_is_taken_when_the_recogniser_is_sure() -> None:
    own = Verification(np.where(np.array(TEXTS) == "stop", np.nan, -30.0), -3.0)
    assert DECIDER.decide([Alternative("stop", -9), Alternative("stock", -10)], own).text == "stop"
    unsure = DECIDER.decide([Alternative("stock", -9), Alternative("stop", -15)], own)
    assert unsure.intent is None


def test_phrases_of_one_meaning_are_no_rivals() -> None:
    readings = [Alternative("how long left", -10.0), Alternative("how long", -10.1)]
    ((text, _, evidence),) = DECIDER.evidence(
        readings, verification(other=-12.0, how_long_left=0.2, how_long=0.1)
    )
    assert text == "how long left"
    assert evidence.margin == pytest.approx(8.0)
    assert evidence.lead == pytest.approx(12.2)
