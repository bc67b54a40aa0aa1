"""Fitting the decision, and the file of what was heard: figures that can be told beforehand."""

from pathlib import Path

import numpy as np
import pytest

from legsup_voice.hearing.attention import Situation
from legsup_voice.hearing.deciding import Evidence, table
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.interpreter import Candidate
from legsup_voice.hearing.recogniser import Alternative
from legsup_voice.protocol.commands import Command
from training.decision import TAIL, WEIGHTS, Weighed, fitting, least, right, write
from training.evidence import Take, Utterance, read
from training.evidence import write as keep

STOP, NO = Intent(Command.STOP), Intent(Command.NO)
TABLE = table().model_copy(update=dict.fromkeys(WEIGHTS[1:], 0.0))


def take(kind: str, seconds: float = 1.0, condition: str = "clean") -> Take:
    return Take(kind, "stop", "somebody", "a.flac", condition, seconds, [])


def weighed(kind: str, *leads: float, intent: Intent = STOP, seconds: float = 1.0) -> Weighed:
    utterances = [[Candidate(intent, Evidence(None, 0.0, lead), None)] for lead in leads]
    return Weighed(take(kind, seconds), STOP if kind == "command" else None, utterances)


def test_other_talk_reaches_the_least_score_as_often_as_asked() -> None:
    rng = np.random.default_rng(1)
    scores = rng.exponential(1.5, 4000) - 7.0
    hours = 10.0
    talk = [weighed("talk", *scores.tolist(), seconds=hours * 3600)]
    found = least(talk, TABLE, 2.0)
    expected = -7.0 + 1.5 * np.log(len(scores) / (hours * 2.0))
    assert found == pytest.approx(expected, abs=1.5)
    assert len(scores) > TAIL


def test_only_the_right_command_above_the_threshold_counts() -> None:
    people = [
        weighed("command", 2.0),
        weighed("command", 0.5),
        weighed("command", 2.0, intent=NO),
        weighed("command", 0.5, 2.0),
    ]
    assert right(people, TABLE, 1.0) == {"clean": 0.5}


def test_what_fits_badly_counts_for_nothing() -> None:
    bad = Weighed(take("command"), STOP, [[Candidate(STOP, Evidence(9.0, -20.0, 9.0), "stop")]])
    assert right([bad], TABLE, -50.0) == {"clean": 0.0}


def test_speakers_are_split_in_halves() -> None:
    halves = [
        fitting(Take("talk", "", f"sc-{n}", f"{n}.flac", "clean", 1.0, [])) for n in range(400)
    ]
    assert 150 < sum(halves) < 250


def test_what_was_heard_is_read_as_it_was_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    heard = [
        Utterance(
            [Alternative("stop", -9.5), Alternative("", -11.0)],
            [rng.standard_normal((steps, 40)).astype(np.float16).astype(np.float32) for steps in s],
        )
        for s in ((5, 6, 4), (0, 1, 2))
    ]
    takes = [Take("command", "stop", "x", "a.flac", "noise", 0.8, heard), take("talk")]
    assert keep(takes, tmp_path / "evidence.npz") == 2
    first, second = read(tmp_path / "evidence.npz")
    assert (first.text, first.condition, second.utterances) == ("stop", "noise", [])
    for found, wanted in zip(first.utterances, heard, strict=True):
        assert found.readings == wanted.readings
        for one, other in zip(found.passes, wanted.passes, strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_table_is_written_as_it_is_read(tmp_path: Path) -> None:
    fitted = TABLE.model_copy(update={"margin": 0.15})
    write(fitted, tmp_path / "thresholds.yaml")
    assert table(tmp_path / "thresholds.yaml") == fitted
    assert set(fitted.thresholds) == set(Situation)
