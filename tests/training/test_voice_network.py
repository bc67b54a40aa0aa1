"""The voice detector's network as it comes with the package, and as it is made."""

import numpy as np

from legsup_voice.hearing.models import bundled
from training.voice_network import source, tensors, weights


def test_what_comes_with_the_package_is_what_is_made() -> None:
    made = weights(tensors(source()))
    with np.load(bundled("voice") / "voice.npz") as stored:
        assert stored.files == list(made)
        assert all(np.array_equal(stored[name], made[name]) for name in made)
