"""What all tests share.

The recordings of people are named as not run where they are missing. What takes long comes first,
and everything else yields the processor to what sounds in real time.
"""

import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command sets it

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes on a busy machine says nothing about the program; and the same commit
# gives the same result: look for new examples with --hypothesis-profile=default.
settings.register_profile(
    "patient", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

PEOPLE = Path(__file__).parents[2] / "shared" / "speech"


FIRST = ("live", "scenarios")
"""Folders of the tests that take long; one process would be left alone with them at the end."""

KINDS = {
    "pure": ("session", "content"),
    "sound": ("engine", "evaluation", "hearing", "recording", "simulation", "speaking"),
    "simulated": ("scenarios",),
    "program": ("bridges", "commands", "docs", "records", "tests"),
    "devices": ("devices", "live"),
    "trained": ("training",),
}
"""What kind of test the modules of a folder are: `pytest -m pure`. Each module has one."""

NICENESS = 10
"""Of every test that isn't live: a fraction of the processor's time where a live one needs it."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    if not item.get_closest_marker("live"):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


def _kind(item: pytest.Item) -> str:
    folder = item.path.parent.name
    kinds = [kind for kind, folders in KINDS.items() if folder in folders]
    if len(kinds) != 1:
        raise pytest.UsageError(f"{item.path}: of what kind is {folder}? See tests/conftest.py.")
    return kinds[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(_kind(item))
    items.sort(key=lambda item: (*FIRST, item.path.parent.name).index(item.path.parent.name))
    again = pytest.mark.flaky(reruns=1)  # real time on a busy machine: what fails twice is a fault
    for item in items:
        if any(item.get_closest_marker(kind) for kind in ("live", "homeassistant", "ovos")):
            item.add_marker(again)
    if PEOPLE.is_dir():
        return
    missing = pytest.mark.skip(reason="not run: the recordings of people are not on this machine")
    for item in items:
        if item.get_closest_marker("people"):
            item.add_marker(missing)
