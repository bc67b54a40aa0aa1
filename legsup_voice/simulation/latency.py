"""How long a person waits for a reply, out of the event log."""

from collections.abc import Iterable

import numpy as np

from legsup_voice.simulation.expect import Record

LONGEST_SECONDS = 5.0
"""A line that starts later than this is no reply to what was heard."""


def reply_latencies(records: Iterable[Record]) -> list[float]:
    """Return the seconds from the end of each command's speech to the start of the next line.

    A command that no line answers ("stop counting" in silence, a second "stop") has no latency.
    """
    latencies: list[float] = []
    asked: float | None = None
    for record in records:
        if record["kind"] == "heard":
            asked = float(record["speech_end"])
        elif record["kind"] == "say" and asked is not None:
            waited = float(record["start"]) - asked
            if 0.0 <= waited <= LONGEST_SECONDS:
                latencies.append(waited)
            asked = None
    return latencies


def percentile(latencies: Iterable[float], percent: float) -> float | None:
    """Return the `percent` percentile in seconds, None of nothing."""
    values = list(latencies)
    return float(np.percentile(values, percent)) if values else None
