"""Whether what was heard is a line of ours: its sounds, from anywhere in it to anywhere else.

Echo removal knows nothing of a room when a session begins, and what it leaves of our voice may be
taken for somebody's, and sound like a command: "this is as far as it goes" was "have a pose". But
we know what we say. Where that fits the sounds as well as the command does, nobody else said it.
"""

import itertools
import re
from collections.abc import Iterable

import numpy as np

from legsup_voice.hearing.interpreter import Decision
from legsup_voice.hearing.phones import OUTPUTS, Floats, steps
from legsup_voice.hearing.pronunciations import first_of

AS_WELL = 6.0
"""How much better than every part of a line of ours a command must fit, not to be one."""

BLANK = 0


def words_of(line: str) -> list[str]:
    """Return the words of a line of ours, in small letters."""
    return re.findall(r"(?:[^\W\d_]|')+", line.lower().replace("’", "'"))


class OwnVoice:
    """How our lines sound. Read when it is made: a disk may die in the middle of a session."""

    def __init__(self, lines: Iterable[str]) -> None:
        """`lines`: all that we may say."""
        self._ways = first_of({word for line in lines for word in words_of(line)})

    def says(self, line: str, decision: Decision) -> bool:
        """Tell whether a part of `line` sounds like what was heard as well as `decision` does.

        Where sounds aren't known, as without a verifier, its words count.
        """
        if f" {decision.text} " in f" {' '.join(words_of(line))} ":
            return True
        heard = decision.heard
        return heard is not None and self.fit(line, heard) >= decision.fit - AS_WELL

    def fit(self, line: str, log_posteriors: Floats) -> float:
        """Return how well the likeliest part of `line` fits what was heard.

        As the verifier's fits it is a log-likelihood ratio to the likeliest phones: about 0 for
        what was said, far below for anything else. Words that the lexicon lacks are passed over.
        """
        ways = (self._ways[word] for word in words_of(line) if word in self._ways)
        phones = [OUTPUTS[phone] for phone in itertools.chain.from_iterable(ways)]
        outputs = np.full(2 * len(phones) + 1, BLANK)
        outputs[1::2] = phones
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
