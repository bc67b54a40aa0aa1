"""How long replies take, out of an event log."""

import pytest

from legsup_voice.simulation.expect import Record
from legsup_voice.simulation.latency import percentile, reply_latencies


def heard(speech_end: float) -> Record:
    return {"t": speech_end + 0.3, "kind": "heard", "command": "why", "speech_end": speech_end}


def say(start: float) -> Record:
    return {"t": start, "kind": "say", "line": "benefit.what", "text": "", "start": start}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], []),
        ([say(1.0)], []),
        ([heard(2.0), say(2.4), say(9.0)], [0.4]),
        ([heard(2.0), {"t": 2.3, "kind": "state", "state": "HOLD"}, say(2.5)], [0.5]),
        ([heard(2.0), say(2.25), heard(12.0), say(12.5)], [0.25, 0.5]),
        ([heard(2.0), heard(3.0), say(3.5)], [0.5]),
        ([heard(2.0), say(60.0)], []),
    ],
)
def test_a_reply_is_the_first_line_after_a_command(
    records: list[Record], expected: list[float]
) -> None:
    assert reply_latencies(records) == pytest.approx(expected)


def test_percentiles() -> None:
    assert percentile([0.1, 0.2, 0.3], 50) == pytest.approx(0.2)
    assert percentile([], 95) is None
