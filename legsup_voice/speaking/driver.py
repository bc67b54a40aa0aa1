"""A pyttsx3 driver of our own: recorded lines where there are some, espeak-ng for the rest.

pyttsx3 looks a driver up by name among its own modules, so this module is put there. Its properties
are pyttsx3's and one more: `voice` names who speaks, `language` what, `rate` is the words a minute
of one of our classes, which says how a line is paced. It renders into files; what sounds when is
the mixer's business.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import soundfile
from pyttsx3.engine import Engine

from legsup_voice.audio import SPEAK_RATE, Samples, amplitude
from legsup_voice.content import LANGUAGE, locale
from legsup_voice.errors import UserError
from legsup_voice.soundfiles import to_16_bit
from legsup_voice.speaking import loudness, prosody, recorded
from legsup_voice.speaking.pronounce import pronounced
from legsup_voice.speaking.synthesis import Espeak

VOICES = {"heart": recorded.HEART, "michael": recorded.MICHAEL, "espeak": None}
"""Who can speak, by the names of the setting `voice`, and whose recordings that takes."""

_NAME = "legsup_voice"
_SILENCE_DB = -46.0  # below the loudest 10 ms of a clause: the synthesiser's own silence
_LEAD_IN, _LEAD_OUT = 0.008, 0.03  # seconds kept around what is louder


def recordings_of(voice: str, language: str) -> str | None:
    """Return whose recordings `voice` plays in `language`, if anybody's."""
    return VOICES[voice] if locale(language).recorded else None


class Speech:
    """pyttsx3 with the driver below."""

    def __init__(self, voice: str, language: str = LANGUAGE) -> None:
        """Speak `language` with one of `VOICES`; of another than English nothing is recorded.

        Raises:
            UserError: there is no such voice, or its recordings are not installed.
        """
        if voice not in VOICES:
            raise UserError(f"There is no voice {voice!r}; the voices are {', '.join(VOICES)}.")
        recordings = recordings_of(voice, language)
        if recordings and not recorded.installed(recordings):
            raise UserError(
                f"The recordings of the voice {voice!r} are not installed: put them into "
                f"{recorded.folder(recordings)}, or choose another voice."
            )
        sys.modules.setdefault(f"pyttsx3.drivers.{_NAME}", sys.modules[__name__])
        self._engine = Engine(_NAME)
        self._failure: Exception | None = None
        self._engine.connect("error", self._failed)
        self._engine.startLoop(False)
        self._engine.iterate()
        self._engine.setProperty("voice", voice)
        self._engine.setProperty("language", language)

    def save(self, text: str, pace: str, file: str) -> None:
        """Write `text` as a WAV file of mono 16 bits at 24 kHz.

        Raises:
            UserError: it has no recording, and espeak-ng is missing or fails.
        """
        self._failure = None
        self._engine.setProperty("rate", prosody.PACES[pace].target)
        self._engine.save_to_file(text, file)
        if self._failure is not None:
            raise self._failure

    def rest(self) -> None:
        """Let go of what rendering needs."""
        self._engine.stop()

    def _failed(self, exception: Exception, **_: object) -> None:
        self._failure = exception


class Driver:
    """What pyttsx3 calls. Names and arguments are its own."""

    def __init__(self, proxy: Any) -> None:  # noqa: ANN401 - pyttsx3 has no types
        self._proxy = proxy
        self._properties: dict[str, Any] = {
            "voice": "espeak",
            "language": LANGUAGE,
            "rate": 120.0,
            "volume": 1.0,
        }
        self._espeak = Espeak()

    def save_to_file(self, text: str, filename: str) -> None:
        """Write what is recorded, else what espeak-ng makes of it."""
        pace = _pace(self._properties["rate"])
        language = self._properties["language"]
        recordings = recordings_of(self._properties["voice"], language)
        samples = _recording(text, pace, recordings) if recordings else None
        if samples is None:
            samples = _rendered(text, pace, self._espeak, language)
        soundfile.write(filename, to_16_bit(samples), SPEAK_RATE, format="WAV", subtype="PCM_16")
        self._proxy.notify("finished-utterance", completed=True)

    def say(self, text: str) -> None:
        """Refuse: lines sound by the mixer."""
        raise NotImplementedError("this driver renders; it does not play")

    def getProperty(self, name: str) -> object:  # noqa: N802 - pyttsx3's name
        """Return a property; raises KeyError for an unknown one."""
        return list(VOICES) if name == "voices" else self._properties[name]

    def setProperty(self, name: str, value: object) -> None:  # noqa: N802 - pyttsx3's name
        """Set a property; raises KeyError for an unknown one or an unknown voice."""
        if name not in self._properties or (name == "voice" and value not in VOICES):
            raise KeyError(name)
        self._properties[name] = value
        if name == "language":
            self._espeak.close()
            self._espeak = Espeak(str(value))

    def startLoop(self) -> None:  # noqa: N802 - pyttsx3's name
        """Do what is queued: rendering never waits for anything."""
        self._proxy.setBusy(False)

    def iterate(self) -> Iterator[None]:
        """Do what is queued."""
        self._proxy.setBusy(False)
        yield

    def endLoop(self) -> None:  # noqa: N802 - pyttsx3's name
        """Nothing runs between two commands."""

    def stop(self) -> None:
        """End espeak-ng; it starts again when it is needed."""
        self._espeak.close()

    def destroy(self) -> None:
        """End with the engine."""
        self._espeak.close()


buildDriver: Callable[[Any], Driver] = Driver  # noqa: N816 - the name pyttsx3 looks for


def _pace(rate: float) -> str:
    """Return the class whose target is nearest to `rate` words a minute."""
    return min(prosody.PACES, key=lambda pace: abs(prosody.PACES[pace].target - rate))


def _recording(text: str, pace: str, voice: str) -> Samples | None:
    """Return a line as it was recorded; None when it wasn't or the file is damaged."""
    path = recorded.find(text, pace, voice)
    try:
        return recorded.read(path) if path else None
    except (OSError, ValueError, soundfile.SoundFileError):
        return None


def _rendered(text: str, pace: str, espeak: Espeak, language: str) -> Samples:
    def clause(part: str, speed: float, gap: int) -> Samples:
        return _trimmed(espeak.say(part, speed, gap))

    words = len(text.split())
    pace_class = prosody.PACES[pace]
    samples = prosody.spoken(pronounced(text, language), pace_class, words, clause, espeak.rounds)
    return loudness.levelled(_trimmed(samples))


def _trimmed(samples: Samples) -> Samples:
    """Cut silence off both ends and fade the new ends, so clauses join without a click."""
    frame = SPEAK_RATE // 100
    frames = np.abs(samples[: len(samples) // frame * frame].reshape(-1, frame)).max(axis=1)
    loud = np.flatnonzero(frames > frames.max(initial=0.0) * amplitude(_SILENCE_DB))
    if not len(loud):
        return samples
    start = max(0, loud[0] * frame - round(_LEAD_IN * SPEAK_RATE))
    end = min(len(samples), (loud[-1] + 1) * frame + round(_LEAD_OUT * SPEAK_RATE))
    kept = samples[start:end].copy()
    rise, fall = round(0.003 * SPEAK_RATE), round(0.015 * SPEAK_RATE)
    kept[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    kept[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32)
    return kept
