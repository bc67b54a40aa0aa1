"""Letter-to-sound for words outside the model's vocabulary: espeak-ng's phones as ARPAbet."""

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence

from legsup_voice.errors import UserError

IPA = {
    "tʃ": "CH",
    "dʒ": "JH",
    "eɪ": "EY",
    "aɪ": "AY",
    "ɔɪ": "OY",
    "aʊ": "AW",
    "oʊ": "OW",
    "əʊ": "OW",
    "ɑ": "AA",
    "æ": "AE",
    "ʌ": "AH",
    "ɐ": "AH",
    "ɚ": "ER",
    "ɝ": "ER",
    "ɜ": "ER",
    "ə": "AH",
    "ɔ": "AO",
    "ɒ": "AA",
    "ɛ": "EH",
    "e": "EH",
    "ɪ": "IH",
    "ᵻ": "IH",
    "i": "IY",
    "ʊ": "UH",
    "u": "UW",
    "o": "OW",
    "a": "AA",
    "b": "B",
    "d": "D",
    "f": "F",
    "ɡ": "G",
    "g": "G",
    "h": "HH",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "ŋ": "NG",
    "p": "P",
    "ɹ": "R",
    "r": "R",
    "s": "S",
    "ʃ": "SH",
    "t": "T",
    "ɾ": "T",
    "ʔ": "T",
    "v": "V",
    "w": "W",
    "j": "Y",
    "z": "Z",
    "ʒ": "ZH",
    "θ": "TH",
    "ð": "DH",
    "x": "K",
    # Of other languages, the nearest.
    "ç": "SH",
    "ʁ": "R",
    "y": "UW",
    "ʏ": "UH",
    "ø": "ER",
    "œ": "ER",
}
"""IPA as espeak-ng writes it → ARPAbet of American English; longer symbols first."""

_SYMBOL = re.compile("|".join(sorted(map(re.escape, IPA), key=len, reverse=True)))
_BATCH = 500


def to_arpabet(ipa: str) -> tuple[str, ...]:
    """Turn one IPA transcription into ARPAbet phones; unknown symbols are left out."""
    phones: list[str] = []
    for symbol in _SYMBOL.findall(ipa):
        phone = IPA[symbol]
        # espeak-ng writes an R-coloured vowel and the R after it; ARPAbet's ER holds both.
        if not (phone == "R" and phones[-1:] == ["ER"]):
            phones.append(phone)
    return tuple(phones)


def pronounce(unknown: Sequence[str], voice: str = "en-us") -> dict[str, tuple[str, ...]]:
    """Guess a pronunciation for every word or phrase with a voice of espeak-ng.

    Raises:
        UserError: espeak-ng is missing.
    """
    result: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(unknown), _BATCH):
        batch = list(unknown[start : start + _BATCH])
        lines = _espeak("\n".join(f"{word}." for word in batch), voice)
        if len(lines) != len(batch):  # a word was split or joined: ask one by one
            lines = [" ".join(_espeak(word, voice)) for word in batch]
        result.update({w: to_arpabet(line) for w, line in zip(batch, lines, strict=True)})
    return result


def _espeak(text: str, voice: str) -> list[str]:
    command = ["espeak-ng", "-q", "--ipa", "-v", voice]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, the text goes to its input
            command,
            input=text,
            capture_output=True,
            text=True,
            check=True,
            # It opens a sound server that it never plays to, and would make its folder.
            env=os.environ | {"PULSE_RUNTIME_PATH": tempfile.gettempdir()},
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(
            "espeak-ng, which says how new words sound, is missing or broken: install it, for "
            "instance with 'sudo apt install espeak-ng'."
        ) from error
    return [line for line in done.stdout.split("\n") if line.strip()]
