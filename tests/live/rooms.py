"""Rooms for tests: where a kind is missing, and several at once, before what looks at them."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Generic, TypeVar

import pytest

from tests.live.virtual import PipeWireRoom, Room

T = TypeVar("T")


def skip_where_missing(kind: type[Room]) -> None:
    """Skip a test in a room whose sound server isn't on this computer."""
    if kind is PipeWireRoom and shutil.which("pipewire-pulse") is None:
        pytest.skip("PipeWire is not installed beside PulseAudio")


class Rooms(Generic[T]):
    """What comes of acts, each in a room of its own."""

    def __init__(
        self,
        acts: Sequence[Callable[[Room], T]],
        rooms: Executor,
        folders: pytest.TempPathFactory,
        kind: type[Room] = Room,
    ) -> None:
        """Begin with the acts, as many at a time as `rooms` takes."""
        self._acts = {act.__name__: act for act in acts}
        self._folders, self._kind = folders, kind
        # The folders are made here: pytest's factory is not made for threads.
        self._first = {
            name: rooms.submit(self._have, name, folders.mktemp(name)) for name in self._acts
        }

    def of(self, name: str, test: pytest.FixtureRequest) -> T:
        """Return what came of an act; of the act done anew for a test that is run again."""
        if test.node.execution_count > 1:
            return self._have(name, self._folders.mktemp(name))
        return self._first[name].result()

    def _have(self, name: str, folder: Path) -> T:
        with self._kind(folder) as room:
            return self._acts[name](room)
