"""Whether what was heard is a line of ours: its sounds, from anywhere in it to anywhere else.

Echo removal knows nothing of a room when a session begins, and what it leaves of our voice may be
taken for somebody's, and sound like a command: "this is as far as it goes" was "have a pose". But
we know what we say. Where that fits the sounds as well as the command does, nobody else said it.
"""

import itertools
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from legsup_voice.hearing.phones import OUTPUTS, Floats, steps
from legsup_voice.hearing.pronunciations import lexicon

BLANK = 0


def words_of(line: str) -> list[str]:
    """Return the words of a line of ours, in small letters."""
    return re.findall(r"(?:[^\W\d_]|')+", line.lower().replace("’", "'"))


def fit(line: str, log_posteriors: Floats) -> float:
    """Return how well the likeliest part of `line` fits what was heard.

    As the verifier's fits it is a log-likelihood ratio to the likeliest phones: about 0 for what
    was said, far below for anything else. Words that the lexicon lacks are passed over.
    """
    outputs = _outputs(line)
    rows = steps(log_posteriors)[:, outputs]
    # From one phone to the next without a blank between, unless they are the same.
    may_skip = np.zeros(len(outputs))
    may_skip[2:] = (outputs[2:] != BLANK) & (outputs[2:] != outputs[:-2])
    total = rows[0]
    for row in rows[1:]:
        before = np.concatenate(([0.0], total[:-1]))
        earlier = np.concatenate(([0.0, 0.0], total))[: len(total)]
        total = (total + before + may_skip * earlier) * row
    return float(np.log(total.max() + 1e-300))


@lru_cache(maxsize=16)
def _outputs(line: str) -> npt.NDArray[np.intp]:
    """Return the network's outputs for the phones of `line`, with a blank around each."""
    known = lexicon()
    ways = (known[word][0] for word in words_of(line) if word in known)
    phones = [OUTPUTS[phone] for phone in itertools.chain.from_iterable(ways)]
    outputs = np.zeros(2 * len(phones) + 1, np.intp)
    outputs[1::2] = phones
    return outputs
