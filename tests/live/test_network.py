"""Nothing leaves the machine: a session in a network namespace with nothing in it, under strace.

Every socket and every file that is opened to be written is looked at, in every process.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from legsup_voice.content import content
from legsup_voice.records.eventlog import read_events
from legsup_voice.speaking import recorded
from legsup_voice.speaking.voice import Voice
from tests.live.virtual import Room, until

ALONE = ("unshare", "--map-root-user", "--net")


def can_be_traced() -> bool:
    """Return whether there is strace, and a network namespace may be made."""
    if not (shutil.which("strace") and shutil.which("unshare")):
        return False
    return not subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode


pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not can_be_traced(), reason="no strace, or no network namespace here"),
]

SCENARIO = {
    "options": {"minutes": 0.5, "breathing": "belly", "until": 40},
    "steps": [
        {"after": "idle.begin", "wait": 1, "say": "start"},
        {"after": "screening", "wait": 0.8, "say": "no", "repeat": True},
    ],
    "expect": [{"state": "SCREENING"}],
}
WRITES = re.compile(r'(?:openat|open|creat)\((?:AT_FDCWD, )?"([^"]*)", [^)]*O_(?:WRONLY|RDWR)')
SOCKETS = re.compile(r"socket(?:pair)?\((\w+)")


def watched(trace: Path, *arguments: str) -> list[str]:
    """Return the command that runs the program with an empty network, all its calls noted."""
    calls = "trace=socket,socketpair,open,openat,creat"
    strace = ["strace", "-f", "-o", str(trace), "-e", calls, "-s", "300"]
    return [*ALONE, *strace, sys.executable, "-m", "legsup_voice", *arguments]


def check(trace: Path, *ours: Path) -> None:
    """See that no socket leads anywhere, and nothing was written but in our own folders."""
    calls = trace.read_text(encoding="utf-8", errors="replace")
    assert "onnxruntime" in calls, "what this is about was not even loaded"
    assert set(SOCKETS.findall(calls)) <= {"AF_UNIX", "AF_LOCAL"}
    allowed = ("/dev/", "/proc/", *map(str, ours), str(Voice().cache), os.environ["TMPDIR"])
    written = {path for path in WRITES.findall(calls) if path.startswith("/")}
    assert written, "nothing was seen at all"
    assert {path for path in written if not path.startswith(allowed)} == set()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it, and no setting of ours that would hide what a library does."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("LEGSUP_CACHE", str(Voice().cache))
    monkeypatch.setenv("HOME", str(home))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "ORT_DISABLE_TELEMETRY"):
        monkeypatch.delenv(name, raising=False)
    return home


def test_a_simulated_session_keeps_to_itself(tmp_path: Path, home: Path) -> None:
    scenario, out = tmp_path / "scenario.yaml", tmp_path / "out"
    scenario.write_text(json.dumps(SCENARIO))
    command = watched(tmp_path / "trace", "simulate", str(scenario), "--out", str(out))
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    check(tmp_path / "trace", out)
    assert not list(home.rglob("*"))


def test_a_live_session_keeps_to_itself(tmp_path: Path, home: Path) -> None:
    """From its first words to its last; the sound server is behind a socket of this computer."""
    events = tmp_path / "events.jsonl"
    with Room(tmp_path / "home") as room:
        program = room._start(*watched(tmp_path / "trace", "run", "--events", str(events)))
        until(lambda: events.exists() and len(read_events(events)) > 2, "its first words", 120)
        (tracer,) = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()[:1]
        subprocess.run(["kill", f"-{signal.SIGTERM}", tracer], check=True)
        program.wait(timeout=60)
        check(tmp_path / "trace", events, home / "data", home / "legsup_voice")
    opened = (tmp_path / "trace").read_text(encoding="utf-8", errors="replace")
    recordings = [recorded.find(*line) for line in content().spoken_from_the_pose_on()]
    unread = [path for path in recordings if path is not None and path.name not in opened]
    assert unread == [], "whatever may be said in the pose is in memory before anybody is there"
