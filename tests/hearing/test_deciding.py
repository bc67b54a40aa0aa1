"""From two listeners' figures to a sum of evidence, and what it must reach."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.errors import UserError
from legsup_voice.hearing.attention import Situation
from legsup_voice.hearing.deciding import Evidence, Kind, a_phone, confidence, table
from legsup_voice.protocol.commands import Command

TABLE = table()
logs = st.floats(-30, 10)


@given(logs, logs, logs, st.floats(0, 5))
def test_more_evidence_never_lowers_the_score(
    margin: float, fit: float, lead: float, more: float
) -> None:
    plain = TABLE.score(Evidence(margin, fit, lead))
    assert TABLE.score(Evidence(margin + more, fit, lead)) >= plain
    assert TABLE.score(Evidence(margin, fit + more, lead)) >= plain
    assert TABLE.score(Evidence(margin, fit, lead + more)) >= plain


@given(logs, st.floats(-99, TABLE.least_fit - 0.01), logs)
def test_what_does_not_fit_is_never_a_command(margin: float, fit: float, lead: float) -> None:
    assert TABLE.score(Evidence(margin, fit, lead)) == -math.inf


def test_the_recognisers_reading_speaks_for_a_meaning() -> None:
    assert TABLE.score(Evidence(3.0, -1.0, 0.5)) > TABLE.score(Evidence(None, -1.0, 0.5))


@pytest.mark.parametrize("situation", Situation)
def test_a_missed_stop_costs_more_than_a_false_one(situation: Situation) -> None:
    def least(command: Command, *, verified: bool) -> float:
        return TABLE.threshold(command, situation, verified=verified)

    for verified in (False, True):
        stop = least(Command.STOP, verified=verified)
        assert (
            stop <= least(Command.NEXT, verified=verified) <= least(Command.QUIT, verified=verified)
        )


def test_in_idle_everything_must_be_surer() -> None:
    for kinds in (TABLE.thresholds, TABLE.alone):
        assert all(kinds[Situation.IDLE][k] >= kinds[Situation.SESSION][k] for k in Kind)


def test_a_false_no_is_the_dearest_answer() -> None:
    least = TABLE.thresholds[Situation.QUESTION]
    assert least[Kind.NO] > least[Kind.ANSWER]


def test_confidence_is_a_half_at_the_threshold() -> None:
    assert confidence(1.5, 1.5) == 0.5
    assert confidence(-math.inf, 0.0) < 1e-9
    assert confidence(20.0, 0.0) > 0.99


def test_every_kind_has_a_threshold_everywhere() -> None:
    for kinds in (TABLE.thresholds, TABLE.alone):
        assert set(kinds) == set(Situation)
        assert all(set(row) == set(Kind) for row in kinds.values())


def test_a_malformed_table_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "thresholds.yaml").write_text("least_fit: low\n")
    with pytest.raises(UserError, match="least_fit"):
        table(tmp_path / "thresholds.yaml")


@given(st.floats(-1, 0), st.floats(0, 8), st.integers(3, 30), st.integers(0, 30))
def test_longer_phrases_are_surer_and_their_slips_cost_no_more(
    fit: float, lead: float, phones: int, more: int
) -> None:
    plain = Evidence(None, a_phone(fit * phones, phones), lead, phones)
    longer = phones + more
    assert (
        TABLE.score(Evidence(None, a_phone(fit * longer, longer), lead, longer))
        >= TABLE.score(plain) - TABLE.fit * (a_phone(fit * phones, phones) - fit) - 1e-9
    )
