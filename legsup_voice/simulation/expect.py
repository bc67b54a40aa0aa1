"""Whether the event log holds what a scenario expects of it."""

from collections.abc import Sequence
from typing import Any

from legsup_voice.simulation.scenario import Expect, Since

Record = dict[str, Any]
"""One line of the event log."""


def failures(expects: Sequence[Expect], records: Sequence[Record]) -> list[str]:
    """Return one sentence for every expectation that `records` don't meet.

    A wanted event must follow at least one occurrence of `since` in time; an unwanted one must
    follow none. What `since` names must have happened: otherwise nothing was tested.
    """
    return [sentence for expect in expects if (sentence := _failure(expect, records))]


def _failure(expect: Expect, records: Sequence[Record]) -> str | None:
    unwanted = expect.no_line is not None or expect.no_command is not None
    seen = _times(
        records, expect.state, expect.line or expect.no_line, expect.command or expect.no_command
    )
    windows = _windows(expect, records)
    if not windows:
        return f"expected {describe(expect)}: what it is counted from never happened"
    hits = [at for at in seen if any(begin <= at <= end for begin, end in windows)]
    if unwanted and hits:
        return f"expected {describe(expect)}: it happened at {hits[0]:.2f} s"
    if not unwanted and not hits:
        when = f"it happened only at {seen[0]:.2f} s" if seen else "it never happened"
        return f"expected {describe(expect)}: {when}"
    return None


def _windows(expect: Expect, records: Sequence[Record]) -> list[tuple[float, float]]:
    if expect.since is None:
        return [(0.0, float("inf") if expect.within is None else expect.within)]
    since = expect.since
    length = float("inf") if since.within is None else since.within
    starts = _times(records, since.state, since.line, since.command)
    return [(start, start + length) for start in starts]


def _times(
    records: Sequence[Record], state: str | None, line: str | None, command: str | None
) -> list[float]:
    """Return when the state was entered, the line began or the command was heard, in order."""
    if state is not None:
        return [r["t"] for r in records if r["kind"] == "state" and r["state"] == state]
    if line is not None:
        return [r["start"] for r in records if r["kind"] == "say" and is_line(r["line"], line)]
    return [r["t"] for r in records if r["kind"] == "heard" and r["command"] == command]


def is_line(line: str, name: str) -> bool:
    """Tell whether the line id `line` is `name`, or of the family `name`."""
    return name in (line, line.split(".")[0])


def describe(expect: Expect | Since) -> str:
    """Return the expectation the way the scenario has it."""
    parts = []
    for name, value in expect.model_dump(exclude_none=True).items():
        if name == "since" and isinstance(expect, Expect) and expect.since is not None:
            parts.append(f"since {{{describe(expect.since)}}}")
        else:
            parts.append(f"{name}: {value:g}" if name == "within" else f"{name}: {value}")
    return ", ".join(parts)
