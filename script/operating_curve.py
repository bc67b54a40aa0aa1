"""The operating curve: commands right against false commands, as the thresholds move together.

python script/operating_curve.py ../shared/speech/manifest.tsv docs/operating-curve.png
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from legsup_voice.audio import HEAR_RATE
from legsup_voice.evaluation import bench, clips
from legsup_voice.hearing.deciding import Decider, Thresholds
from legsup_voice.hearing.ears import Ears
from legsup_voice.protocol.events import Heard

SHIFTS = np.arange(-4.0, 4.01, 0.25)
"""How far all thresholds are moved, in log-odds."""


def log_odds(probability: float) -> float:
    """Return ln(p / (1 - p))."""
    return float(np.log(probability) - np.log1p(-probability))


def main() -> None:
    """Hear everything once with no threshold at all, then move them over what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--limit", type=int, help="most clips of a kind")
    options = parser.parse_args()
    listed = clips.manifest(options.manifest)
    ears, usual = Ears(decider=partial(Decider, thresholds=Thresholds(0, 0, 0))), Thresholds()
    listener = bench.Listener(ears)
    rights: dict[str, list[float]] = {name: [] for name in bench.CONDITIONS}
    falses: list[float] = []
    seconds = 0.0
    for clip, condition, samples in bench.material(listed, bench.chosen(listed, options.limit)):
        wanted = ears.intents.meaning(clip.text) if clip.kind == "command" else None
        right = -np.inf
        for each in listener.hear(samples):
            intent = bench.intent_of(each.report)
            if not isinstance(each.report, Heard) or intent is None:
                continue
            confidence = min(max(each.report.confidence, 1e-6), 1 - 1e-6)
            above = log_odds(confidence) - log_odds(usual.of(intent))
            if clip.kind != "command":
                falses.append(above)
            elif intent == wanted:
                right = max(right, above)
        if clip.kind == "command":
            rights[condition].append(right)
        else:
            seconds += len(samples) / HEAR_RATE
    hours = seconds / 3600
    figure = Figure(figsize=(8, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    false = [sum(each >= shift for each in falses) / hours for shift in SHIFTS]
    for name, found in rights.items():
        share = [100 * float(np.mean(np.array(found) >= shift)) for shift in SHIFTS]
        (line,) = axes.plot(false, share, label=name)
        here = int(np.argmin(np.abs(SHIFTS)))
        axes.plot(false[here], share[here], "o", color=line.get_color())
        print(f"{name}: {share[here]:.1f} % right at {false[here]:.1f} false an hour")  # noqa: T201
    axes.set_xlabel(f"false commands an hour ({hours:.1f} h of talk and noise)")
    axes.set_ylabel("commands right, %")
    axes.set_ylim(50, 100)
    axes.grid(alpha=0.4)
    axes.legend(title="the dot is where we are")
    figure.savefig(options.picture, dpi=110)


if __name__ == "__main__":
    main()
