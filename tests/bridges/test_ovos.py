"""The skill in a real OVOS (ovoscope's), with the real guide behind the control socket.

It runs where `LEGSUP_OVOS_PYTHON` names a Python that has OVOS and the skill, such as
`script/counterparts` makes.
"""

import contextlib
import json
import os
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from legsup_voice.bridges import guide
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.log import LineBegun, LogRecord
from legsup_voice.protocol.states import State
from tests.bridges.broker import until
from tests.bridges.house import RunningHouse

PYTHON = os.environ.get("LEGSUP_OVOS_PYTHON", "")
SKILL = Path(__file__).parents[2] / "legsup_voice" / "bridges" / "ovos_skill"
ASLEEP = ["recognizer_loop:sleep", "mycroft.mic.mute"]
AWAKE = ["mycroft.mic.unmute", "recognizer_loop:wake_up"]

needs_ovos = pytest.mark.skipif(
    not PYTHON, reason="not run: LEGSUP_OVOS_PYTHON names no Python with OVOS"
)


class Ovos:
    """An OVOS with the skill; use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        self.bus: list[str] = []
        environment = os.environ | {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
        self.process = subprocess.Popen(
            [PYTHON, str(Path(__file__).with_name("ovos_driver.py"))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Ovos":
        self._reader.start()
        until(lambda: "ready" in self.bus, "OVOS", 90)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def tell(self, what: str) -> None:
        """Send a message type, or `say WORDS`."""
        assert self.process.stdin is not None
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("BUS "):
                self.bus.append(line.removeprefix("BUS ").strip())

    def of(self, *types: str) -> list[str]:
        """Return the messages of these types, in order."""
        return [message for message in self.bus if message in types]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[RunningHouse]:
    path = tmp_path / "legsup_voice" / "control.sock"
    with RunningHouse(path, 10, minutes=1, breathing="belly") as house:
        until(lambda: not house.engine.speaking, "silence")
        yield house


def hold(house: RunningHouse) -> None:
    """Answer for someone healthy until the hold has begun."""
    while house.state is not State.HOLD:
        house.ears.due.append(Heard(house.answer()))
        until(lambda: not house.ears.due, "the answer")
        until(lambda: not house.engine.speaking or house.state is State.HOLD, "silence")


@pytest.mark.ovos
@needs_ovos
def test_ovos_is_mute_before_our_first_line_and_until_the_end(
    house: RunningHouse, tmp_path: Path
) -> None:
    with Ovos(tmp_path) as assistant:
        assistant.tell("say start legs up the wall")
        until(lambda: house.state is State.SCREENING, "the questions", 30)
        assert assistant.of(*ASLEEP, *AWAKE) == ASLEEP
        hold(house)
        for unmuting in ("recognizer_loop:audio_output_end", "mycroft.stop"):
            before = len(assistant.of(*ASLEEP))
            assistant.tell(unmuting)
            until(lambda before=before: len(assistant.of(*ASLEEP)) > before, "mute again")  # type: ignore[misc]
        assert not assistant.of(*AWAKE)
        until(lambda: house.state is State.LEAVING, "the way down")
        since = next(r.t for r in house.log if r.kind == "state" and "LEAVING" in str(r))
        begun: list[LineBegun] = []

        def a_line() -> bool:
            begun[:] = [r for r in house.log if isinstance(r, LineBegun) and r.t >= since]
            return bool(begun)

        until(a_line, "a line", 60)
        assert begun[0].line == "exit.warning"
        until(lambda: house.state is State.SITTING, "sitting", 60)
        until(lambda: Command.NO in house.engine.session.accepts, "the question", 60)
        until(lambda: not house.engine.speaking, "silence", 60)
        assert not assistant.of(*AWAKE)
        house.ears.due.append(Heard(Command.NO))
        until(lambda: State.DONE in house.states(), "the end", 60)
        until(lambda: assistant.of(*AWAKE) == AWAKE, "the wakening", 60)


@pytest.mark.ovos
@needs_ovos
def test_ovos_wakes_when_the_session_is_over_or_the_guide_is_gone(
    house: RunningHouse, tmp_path: Path
) -> None:
    with Ovos(tmp_path) as assistant:
        assistant.tell("say begin legs up")
        until(lambda: house.state is State.SCREENING, "the questions", 30)
        assistant.tell("mycroft.stop")
        until(lambda: house.state is State.IDLE, "the end")
        until(lambda: assistant.of(*AWAKE) == AWAKE, "the wakening")
        until(lambda: not house.engine.speaking, "silence")
        assistant.tell("say start legs up the wall")
        until(lambda: house.states().count(State.SCREENING) == 2, "the questions", 30)
        house.control.close()
        until(lambda: assistant.of(*AWAKE) == [*AWAKE, *AWAKE], "the wakening")


@pytest.mark.ovos
@needs_ovos
def test_kill_9_of_ovos_in_hold_changes_no_event(tmp_path: Path) -> None:
    """Every event from the start to the end of the rest, to the sample, is that of one alone."""

    def whole_session(folder: Path, *, by_ovos: bool) -> list[LogRecord]:
        path = folder / "legsup_voice" / "control.sock"
        folder.mkdir(mode=0o700)
        house = RunningHouse(path, 40, minutes=1, breathing="belly")
        house.until(lambda: house.engine.speaking)
        house.until(lambda: not house.engine.speaking)
        with contextlib.ExitStack() as stack:
            if by_ovos:
                assistant = stack.enter_context(Ovos(folder))
                assistant.tell("say start legs up the wall")
            else:
                threading.Thread(target=guide.ask, args=({"command": "start"}, path)).start()

            before = len(house.log)

            def is_asked() -> bool:
                house.control.exchange(house.engine)  # no time passes
                return len(house.log) > before

            until(is_asked, "the start", 60)
            house.until(lambda: house.state is State.SCREENING, 1)
            house.to_hold()
            if by_ovos:
                assert assistant.of(*ASLEEP, *AWAKE) == ASLEEP
                assistant.process.kill()
            stack.enter_context(house)
            return house.until_sitting()

    alone = whole_session(tmp_path / "alone", by_ovos=False)
    killed = whole_session(tmp_path / "killed", by_ovos=True)
    assert len(alone) > 20
    assert killed == alone


def test_the_package_has_what_ovos_looks_for() -> None:
    project = tomllib.loads((SKILL / "pyproject.toml").read_text())["project"]
    (dependency,) = project["dependencies"]
    assert dependency.startswith("ovos-workshop")
    package = SKILL / "ovos_skill_legsup"
    for group in ("opm.skill", "ovos.plugin.skill"):
        (name, target), *_ = project["entry-points"][group].items()
        module, skill = target.split(":")
        assert module == package.name
        assert f"class {skill}(" in (package / "__init__.py").read_text()
        assert json.loads((package / "skill.json").read_text())["skill_id"] == name
    locale = package / "locale" / "en-US"
    assert (locale / "start.intent").read_text().strip()
    for trouble in ("no_guide", "refused"):
        assert (locale / f"{trouble}.dialog").read_text().strip()
