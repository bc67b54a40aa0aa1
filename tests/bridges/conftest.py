"""What the tests of the bridges share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return a folder with a short name: a socket's path has at most 107 characters."""
    with tempfile.TemporaryDirectory(prefix="legsup-") as folder:
        yield Path(folder)
