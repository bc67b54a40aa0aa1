"""What all tests share: the recordings of people are named as not run where they are missing."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes on a busy machine says nothing about the program; and the same commit
# gives the same result: look for new examples with --hypothesis-profile=default.
settings.register_profile(
    "patient", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

PEOPLE = Path(__file__).parents[2] / "shared" / "speech"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if PEOPLE.is_dir():
        return
    missing = pytest.mark.skip(reason="not run: the recordings of people are not on this machine")
    for item in items:
        if item.get_closest_marker("people"):
            item.add_marker(missing)
