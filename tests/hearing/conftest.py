"""One pair of ears for all tests of this folder: loading them takes longer than hearing."""

import pytest

from legsup_voice.evaluation.bench import Listener
from legsup_voice.hearing.ears import Ears


@pytest.fixture(scope="session")
def _ears() -> Ears:
    return Ears(echo=False)


@pytest.fixture
def ears(_ears: Ears) -> Ears:
    _ears.reset()
    return _ears


@pytest.fixture
def listener(ears: Ears) -> Listener:
    return Listener(ears)
