"""Discriminative training: what was said must be likelier than what it is mistaken for.

CTC alone makes the right phones likely; a command is judged by how much likelier it is than every
other word (`hearing/deciding.py`). So each short clip is also compared with rivals, the words and
phrases whose phones are nearest to its own and some at random, as maximum mutual information
training does with a lattice (Bahl et al., 1986; for CTC with rival hypotheses, Prabhavalkar et
al., 2018).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.lexicon import learn, targets

NEAR, ANY = 14, 6
LONGEST = 14
"""Phones of a clip that is compared: a short phrase."""

Phones = tuple[int, ...]


class Rivals:
    """Everything else that a clip could be taken for, as phones."""

    def __init__(self, texts: Iterable[str], seed: int) -> None:
        listed = list(texts)
        lexicon = learn(listed)
        found = {tuple(targets(text, lexicon) or ()) for text in listed}
        self._all = sorted(phones for phones in found if 0 < len(phones) <= LONGEST)
        self._table = np.full((len(self._all), LONGEST), -1)
        for row, phones in enumerate(self._all):
            self._table[row, : len(phones)] = phones
        self._lengths = np.array([len(phones) for phones in self._all])
        self._rng = np.random.default_rng(seed)
        self._near = cache(self._nearest)

    def of(self, phones: Phones, steps: int) -> list[Phones]:
        """Draw rivals of ``phones`` that fit into ``steps`` output steps."""
        near = self._rng.permutation(self._near(phones))[:NEAR]
        drawn = [self._all[i] for i in near]
        drawn += [self._all[i] for i in self._rng.integers(len(self._all), size=ANY)]
        return [rival for rival in drawn if rival != phones and _needed(rival) <= steps]

    def _nearest(self, phones: Phones) -> npt.NDArray[np.int64]:
        """Return twice `NEAR` rows by edit distance to ``phones``, the row of itself left out."""
        distance = np.tile(np.arange(LONGEST + 1), (len(self._all), 1))
        for phone in phones:
            before = distance.copy()
            distance[:, 0] += 1
            for place in range(LONGEST):
                change = before[:, place] + (self._table[:, place] != phone)
                step = np.minimum(before[:, place + 1], distance[:, place]) + 1
                distance[:, place + 1] = np.minimum(change, step)
        found = distance[np.arange(len(self._all)), self._lengths]
        order = np.argsort(found, kind="stable")
        return order[found[order] > 0][: 2 * NEAR]


def _needed(phones: Phones) -> int:
    """Return the output steps that CTC needs: one a phone, one more between equal ones."""
    return len(phones) + sum(a == b for a, b in pairwise(phones))


def rival_loss(
    posteriors: Tensor, phones: list[list[int]], steps: Tensor, rivals: Rivals
) -> Tensor:
    """Sum, over the short clips, the negative log share of the right phones among their rivals.

    ``posteriors`` are log posteriors (n, t, outputs) and ``steps`` their lengths (n).
    """
    rows: list[int] = []
    tried: list[Phones] = []
    starts: list[int] = []
    for row, said in enumerate(phones):
        if not 0 < len(said) <= LONGEST:
            continue
        starts.append(len(rows))
        hypotheses = [tuple(said), *rivals.of(tuple(said), int(steps[row]))]
        rows += [row] * len(hypotheses)
        tried += hypotheses
    if not rows:
        return posteriors.new_zeros(())
    index = torch.tensor(rows, device=posteriors.device)
    losses = functional.ctc_loss(
        posteriors[index].transpose(0, 1),
        torch.tensor([phone for each in tried for phone in each]),
        steps[torch.tensor(rows)],
        torch.tensor([len(each) for each in tried]),
        reduction="none",
    )
    groups = torch.tensor_split(-losses, starts[1:])
    return torch.stack([torch.logsumexp(group, 0) - group[0] for group in groups]).sum()
