"""Fitting the decision: what makes an utterance a command (`legsup_voice/hearing/deciding.py`).

The product's own ears hear the measuring set once; what speaks for each phrase is kept. A logistic
curve is fitted to it, once to everybody and, to see what that is worth for people it was not fitted
to, once to each half of the speakers and tried on the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from legsup_voice.audio import HEAR_BLOCK, SPEAK_BLOCK
from legsup_voice.evaluation import bench, clips
from legsup_voice.hearing.deciding import Calibration, Decider, Evidence, limited
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.intents import Intent
from legsup_voice.hearing.recogniser import Alternative
from legsup_voice.hearing.verifier import Verification
from legsup_voice.protocol.events import Heard, Rejected
from training.corpus import kept_aside

FALSE_COMMANDS = (0, 1, 2, 4)
"""How many false commands over the whole talk and noise the bar may let through, in the table."""

Weighed = list[tuple[str, Intent, Evidence]]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Take:
    """One clip in one condition: what was meant (None: other talk), and its utterances."""

    condition: str
    wanted: Intent | None
    aside: bool
    utterances: list[Weighed]


class Recorder(Decider):
    """A decider that remembers what it last weighed."""

    heard: str | None = None
    last: Weighed

    def evidence(self, readings: Sequence[Alternative], verification: Verification) -> Weighed:
        """Weigh as ever."""
        self.heard = readings[0].text if readings else ""
        self.last = super().evidence(readings, verification)
        return self.last


def takes(manifest: Path, limit: int | None) -> Iterator[Take]:
    """Hear every clip of a list of recordings, commands in every condition."""
    ears = Ears(decider=Recorder)
    recorder = ears.decider
    assert isinstance(recorder, Recorder)
    silence = np.zeros(SPEAK_BLOCK, np.float32)
    listed = clips.manifest(manifest)
    for clip, condition, samples in bench.material(listed, bench.chosen(listed, limit)):
        utterances: list[Weighed] = []
        whole = len(samples) // HEAR_BLOCK * HEAR_BLOCK
        for block in samples[:whole].reshape(-1, HEAR_BLOCK):
            for report in ears.listen(block, silence, bench.EVERYTHING):
                # What is too long to be a command is rejected without having been weighed.
                weighed = isinstance(report, Rejected) and report.text == recorder.heard
                if weighed or isinstance(report, Heard):
                    utterances.append(recorder.last)
                    recorder.heard = None
        ears.reset()
        wanted = ears.intents.meaning(clip.text) if clip.kind == "command" else None
        yield Take(condition, wanted, kept_aside(clip.speaker), utterances)


def fit(heard: Iterable[Take]) -> Calibration:
    """Find the weights under which the right meanings are likeliest."""
    rows, right = [], []
    for take in heard:
        for utterance in take.utterances:
            for _, intent, evidence in utterance:
                if evidence.lead is not None and not evidence.misfit:
                    rows.append(_row(evidence))
                    right.append(intent == take.wanted)
    x, sign = np.array(rows), np.where(right, 1.0, -1.0)

    def loss(weights: Floats) -> float:
        return float(np.logaddexp(0, -sign * (x @ weights)).mean() + 1e-5 * weights @ weights)

    bias, unread, margin, lead = minimize(loss, np.zeros(4)).x
    return Calibration(float(bias), float(unread), float(margin), float(lead))


def _row(evidence: Evidence) -> list[float]:
    margin, lead = evidence.margin, evidence.lead or 0.0
    return [1.0, float(margin is None), limited(margin or 0.0), limited(lead)]


def table(heard: list[Take]) -> str:
    """Return what fitting to one half of the speakers does for the other, as a Markdown table."""
    fitted = {
        aside: fit(take for take in heard if take.aside is not aside) for aside in (False, True)
    }
    decided = [(take, list(_decided(take, fitted[take.aside]))) for take in heard]
    false = sorted(
        (c for take, found in decided if take.wanted is None for c, _ in found), reverse=True
    )
    lines = ["| false commands | people | clean | noise | room |", "|---|---|---|---|---|"]
    for count in FALSE_COMMANDS:
        bar = false[count] if count < len(false) else 0.0
        for name in ("all", "kept aside"):
            shares = []
            for condition in bench.CONDITIONS:
                right = [
                    {intent for confidence, intent in found if confidence > bar} == {take.wanted}
                    for take, found in decided
                    if take.wanted and take.condition == condition
                    and (name == "all" or take.aside)
                ]  # fmt: skip
                shares.append(f"{100 * float(np.mean(right)):.1f}" if right else "-")
            lines.append(f"| {count} | {name} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _decided(take: Take, calibration: Calibration) -> Iterator[tuple[float, Intent]]:
    for utterance in take.utterances:
        yield max(
            ((calibration.confidence(evidence), intent) for _, intent, evidence in utterance),
            key=lambda each: each[0],
        )
