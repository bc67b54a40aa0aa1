"""When the steps of a scenario happen, told by what the event log says."""

import heapq
from collections.abc import Sequence
from itertools import count

from legsup_voice.protocol.log import LineBegun, LineOver, LogRecord, StateEntered
from legsup_voice.simulation.expect import is_line
from legsup_voice.simulation.scenario import Step


class Director:
    """Turns log records into acts on the audio clock.

    `after` counts from the end of a line's sound, also when it was cut; `during` from its start.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._fired: set[int] = set()
        self._order = count()
        self._due: list[tuple[float, int, Step]] = []
        for step in steps:
            if step.at is not None:
                self._schedule(step.at + step.wait, step)

    @property
    def waiting(self) -> bool:
        """Whether an act is to come even when nothing more happens."""
        return bool(self._due)

    def notice(self, record: LogRecord) -> None:
        """Schedule what the event `record` triggers."""
        for number, step in enumerate(self._steps):
            at = _triggered(step, record)
            if at is None or (number in self._fired and not step.repeat):
                continue
            self._fired.add(number)
            self._schedule(at + step.wait, step)

    def acts(self, until: float) -> list[tuple[float, Step]]:
        """Return what is due before `until` seconds, with its time, earliest first."""
        acts = []
        while self._due and self._due[0][0] < until:
            at, _, step = heapq.heappop(self._due)
            acts.append((at, step))
        return acts

    def _schedule(self, at: float, step: Step) -> None:
        heapq.heappush(self._due, (at, next(self._order), step))


def _triggered(step: Step, record: LogRecord) -> float | None:
    """Return the time of `record` if it is the step's trigger."""
    match record:
        case StateEntered() if record.state == step.in_:
            return record.t
        case LineOver() if step.after is not None and is_line(record.line, step.after):
            return record.end
        case LineBegun() if step.during is not None and is_line(record.line, step.during):
            return record.start
    return None
