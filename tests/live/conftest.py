"""A room for a whole module, and nothing left in it of the test before."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator

import pytest

from legsup_voice.live.lock import holders
from tests.live.virtual import Room, until


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with Room(tmp_path_factory.mktemp("room")) as made:
        yield made


@pytest.fixture
def fresh(room: Room) -> Iterator[None]:
    """Leave nothing of the test before: no journal, no guide, an empty recording."""
    shutil.rmtree(room.folder / "data", ignore_errors=True)
    room.record()
    yield
    lock = room.folder.resolve() / "legsup_voice" / "lock"
    for process in holders(lock):  # a test that failed may have left some
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)
    until(lambda: not holders(lock), "the end")
