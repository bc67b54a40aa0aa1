"""Fitting the decision: the right weights are found, and what they are worth is told."""

from functools import cache

import numpy as np
import pytest

from legsup_voice.hearing.deciding import Calibration, Evidence
from legsup_voice.hearing.intents import Intent, intents
from training.decision import Take, fit, table


@cache
def stop() -> Intent:
    found = intents().meaning("stop")
    assert found is not None
    return found


def people(true: Calibration, count: int) -> list[Take]:
    """Commands and other talk as a decider with the weights `true` would expect them."""
    rng = np.random.default_rng(1)
    found = []
    for number in range(count):
        margin = None if rng.random() < 0.2 else float(rng.normal(0, 4))
        evidence = Evidence(margin, -1.0, float(rng.normal(0, 4)))
        right = rng.random() < true.confidence(evidence)
        utterance = [("stop", stop(), evidence)]
        found.append(Take("clean", stop() if right else None, bool(number % 2), [utterance]))
    return found


def test_the_weights_behind_the_answers_are_found() -> None:
    true = Calibration(bias=1.0, unread=-2.0, margin=0.7, lead=0.5)
    found = fit(people(true, 6000))
    for name in ("bias", "unread", "margin", "lead"):
        assert getattr(found, name) == pytest.approx(getattr(true, name), abs=0.25)


def test_what_fits_badly_teaches_nothing() -> None:
    bad = Take("clean", None, False, [[("stop", stop(), Evidence(8.0, -20.0, 8.0))]])
    some = people(Calibration(), 500)
    assert fit([*some, *[bad] * 500]) == fit(some)


def test_the_table_counts_right_ones_above_the_bar() -> None:
    def take(wanted: bool, lead: float, aside: bool) -> Take:
        utterance = [("stop", stop(), Evidence(lead, -1.0, lead))]
        return Take("clean", stop() if wanted else None, aside, [utterance])

    heard = [take(True, lead, aside) for lead in (1.0, 5.0) for aside in (False, True)]
    heard += [take(False, lead, aside) for lead in (-5.0, 2.0) for aside in (False, True)]
    lines = table(heard).splitlines()
    assert lines[2] == "| 0 | all | 50.0 | - | - |"
    assert lines[-1] == "| 4 | kept aside | 100.0 | - | - |"
