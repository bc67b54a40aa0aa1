"""A guide with its control socket: the real engine, driven block by block."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from legsup_voice.audio import BLOCKS_PER_SECOND
from legsup_voice.bridges import guide
from legsup_voice.live.control import Control
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.log import LogRecord, wire
from legsup_voice.protocol.states import State
from tests.bridges.broker import until
from tests.engine.scripted import Stage

HEALTH = [
    *(str(each) for each in (*Symptom, *Condition) if each not in ("help", "other", "none")),
    *("symptom", "condition", "tingling", "dizzy", "faint", "pregnan", "pressure", "refuse"),
    *("seated", "lying", "unwell", "ambulance"),
    *("schwindel", "schwindlig", "schmerz", "übel", "blutdruck", "schwanger", "arzt", "notfall"),
    *("kribbel", "herz", "atemnot", "hilfe"),
]
"""What nobody outside may read."""


def health_words(text: str) -> list[str]:
    """Return the words about health that are in `text`; how to breathe is none."""
    plain = text.lower().replace("breathing", "")
    return [word for word in HEALTH if word in plain]


class House(Stage):
    """A guide with its control socket, driven block by block."""

    def __init__(self, path: Path, *, tells_need: bool = False, **settings: Any) -> None:
        super().__init__(**settings)
        self.path = path
        self.control = Control(path, tells_need=tells_need)
        self._told = 0

    def block(self) -> None:
        """Let one block pass, as `legsup run` does."""
        self.control.exchange(self.engine)
        self.play(1 / BLOCKS_PER_SECOND)
        for record in self.log[self._told :]:
            self.control.record(record)
        self._told = len(self.log)

    def until(self, condition: Callable[[], object], seconds: float = 600.0) -> None:
        """Go on until `condition` holds, at most `seconds` of the audio clock."""
        end = self.engine.now + seconds
        while not condition():
            assert self.engine.now < end, [record.kind for record in self.log[-5:]]
            self.block()

    def say(self, command: Command, **details: Any) -> None:
        self.ears.due.append(Heard(command, **details))
        self.block()

    def to_hold(self) -> None:
        """Answer for someone healthy until the hold begins."""
        while self.state is not State.HOLD:
            self.until(lambda: not self.engine.speaking or self.state is State.HOLD)
            self.say(self.answer())
            self.until(lambda: self.engine.speaking or self.state is State.HOLD)

    def answer(self) -> Command:
        """Return what someone healthy, who knows the pose, says now."""
        if self.state is State.IDLE:
            return Command.START
        if self.state is State.SCREENING:
            return Command.NO
        return Command.SKIP if Command.SKIP in self.engine.session.accepts else Command.NEXT

    @property
    def state(self) -> State:
        return self.engine.session.state

    def asked(self, **request: object) -> dict[str, Any]:
        """Send a request from outside and return its answer; it takes one block of time."""
        answers: list[dict[str, Any]] = []
        client = threading.Thread(target=lambda: answers.append(guide.ask(request, self.path)))
        client.start()
        self.block()
        while client.is_alive():
            self.control.exchange(self.engine)
            time.sleep(0.001)
        return answers[0]


class RunningHouse(House):
    """A house whose time passes by itself, as fast as a clock on the wall or `faster`."""

    def __init__(self, path: Path, faster: float = 1.0, **settings: Any) -> None:
        super().__init__(path, **settings)
        self.keep_pace(faster)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def keep_pace(self, faster: float) -> None:
        """Let time pass that much faster than on the wall, from now on."""
        self._block_seconds = 1 / BLOCKS_PER_SECOND / faster

    def until_sitting(self) -> list[LogRecord]:
        """Let the session go on until the person may sit up; return its events until then."""
        until(lambda: State.SITTING in self.states(), "the end", 120)
        sitting = next(n for n, r in enumerate(self.log) if wire(r).get("state") == "SITTING")
        return self.log[:sitting]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self.control.close()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ended.is_set():
            self.block()
            due += self._block_seconds
            while time.monotonic() < due and not self._ended.is_set():
                self.control.exchange(self.engine)
                time.sleep(min(0.002, max(0.0, due - time.monotonic())))
