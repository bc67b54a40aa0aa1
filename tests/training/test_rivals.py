"""What a clip is compared with in discriminative training. Needs PyTorch."""

import torch

from training.lexicon import PHONES, learn, targets
from training.rivals import Rivals, rival_loss


def test_rivals_are_near_and_never_the_same() -> None:
    rivals = Rivals(["stop", "stopped", "shop", "how much time is left", "glaucoma"], seed=1)
    said = tuple(targets("stop", learn(["stop"])) or ())
    found = rivals.of(said, steps=20)
    assert said not in found
    assert {len(found[0]), len(found[1])} <= {3, 5}
    assert all(len(each) <= 3 for each in rivals.of(said, steps=3))


def test_the_loss_against_rivals_is_small_only_for_the_right_phones() -> None:
    rivals = Rivals(["stop", "shop", "step", "go", "no"], seed=1)
    said = targets("stop", learn(["stop"])) or []
    sure = torch.full((1, 12, len(PHONES)), -12.0)
    sure[0, ::3, :] = -12.0
    path = [0, said[0], said[0], 0, said[1], said[1], 0, said[2], 0, said[3], said[3], 0]
    sure[0, range(12), path] = 0.0
    steps = torch.tensor([12])
    right = rival_loss(sure, [said], steps, rivals)
    wrong = rival_loss(sure, [targets("shop", learn(["shop"])) or []], steps, rivals)
    assert right < 1e-3 < 1 < wrong
    assert rival_loss(sure, [[]], steps, rivals) == 0
