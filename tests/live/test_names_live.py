"""Live: PortAudio's list of devices, before and after there is a sound server."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.virtual import Room

pytestmark = pytest.mark.live

SCRIPT = """
import sys
from legsup_voice.devices import names

def mine():
    return sorted(device.name for device in names.devices("speaker"))

print(mine(), flush=True)
sys.stdin.readline()
print(sorted(names.names_there_now()))
print(mine())
names.refresh()
print(mine())
"""


def test_a_device_that_came_later_is_seen_by_others_first(tmp_path: Path) -> None:
    room = Room(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=room.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert "pulse" not in program.stdout.readline()
        with room:
            program.stdin.write("\n")
            program.stdin.flush()
            lines = program.stdout.read().splitlines()
    assert ["pulse" in line for line in lines] == [True, False, True]
