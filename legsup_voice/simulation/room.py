"""The simulated room: what the microphone hears of the person, of our own speaker and of noise.

The room runs on the audio clock like the engine. Microphone block n is made of the speaker blocks
before n, because the engine needs microphone block n to make speaker block n: an echo therefore
takes at least one block plus the look-ahead of the resampler, 22 ms (a sound card adds more).
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from legsup_voice.audio import (
    HEAR_BLOCK,
    HEAR_RATE,
    SPEAK_BLOCK,
    SPEAK_RATE,
    Samples,
    amplitude,
)
from legsup_voice.simulation.level import active_level
from legsup_voice.soundfiles import to_16_bit

PERSON_DBFS = -26.0
"""The level of a person at gain 0 dB: the usual speech level of ITU-T P-series tests."""
BREATH_SECONDS = 0.5
"""What a person leaves between two things they say."""
SHORTEST_DELAY_MS = 22.0
_TAPS = 48
"""Half the resampler's length in speaker samples (2 ms)."""
_CUTOFF_HZ = 7_600.0


class Convolver:
    """Convolves a stream of microphone blocks with an impulse response, without added delay.

    Uniformly partitioned overlap-save: a response of three seconds costs 150 products of spectra
    for each block.
    """

    def __init__(self, impulse: Samples) -> None:
        parts = -(-len(impulse) // HEAR_BLOCK)
        padded = np.zeros(parts * HEAR_BLOCK, np.float32)
        padded[: len(impulse)] = impulse
        self._filters = np.fft.rfft(padded.reshape(parts, HEAR_BLOCK), 2 * HEAR_BLOCK)
        self._spectra = np.zeros_like(self._filters)
        self._before = np.zeros(HEAR_BLOCK, np.float32)
        self._newest = 0

    def process(self, block: Samples) -> Samples:
        """Return the next block of the convolved stream."""
        parts = len(self._filters)
        self._newest = (self._newest - 1) % parts
        self._spectra[self._newest] = np.fft.rfft(np.concatenate((self._before, block)))
        self._before = block.copy()
        split = parts - self._newest
        total = np.einsum("pf,pf->f", self._filters[:split], self._spectra[self._newest :])
        total += np.einsum("pf,pf->f", self._filters[split:], self._spectra[: self._newest])
        return np.fft.irfft(total)[HEAR_BLOCK:].astype(np.float32)


class Echo:
    """Our own speaker as the microphone hears it: later, quieter and through the room.

    The 24 kHz stream is resampled to 16 kHz by a windowed sinc that also makes the delay, exact to
    a small part of a sample. `impulse` (16 kHz) is set to unit energy and starts at its strongest
    sample, so that gain and delay mean the same with and without it.
    """

    def __init__(self, gain_db: float, delay_ms: float, impulse: Samples | None = None) -> None:
        delay = max(delay_ms, SHORTEST_DELAY_MS) * SPEAK_RATE / 1000.0
        whole = int(delay)
        # Microphone samples 2q and 2q+1 lie at speaker samples 3q and 3q+1.5.
        offsets = np.arange(-_TAPS, _TAPS + 2)
        phases = np.array([0.0, 1.5])
        distance = phases[None, :] - (delay - whole) - offsets[:, None]
        width = 2.0 * _CUTOFF_HZ / SPEAK_RATE
        window = np.where(
            np.abs(distance) < _TAPS, 0.5 + 0.5 * np.cos(np.pi * distance / _TAPS), 0.0
        )
        taps = width * np.sinc(width * distance) * window
        self._taps: NDArray[np.float32] = (amplitude(gain_db) * taps).astype(np.float32)
        reach = whole + _TAPS + SPEAK_BLOCK
        blocks = -(-reach // SPEAK_BLOCK)
        self._history = np.zeros(blocks * SPEAK_BLOCK, np.float32)
        # The history ends where the microphone's block begins.
        self._first = len(self._history) - whole - _TAPS
        self._convolver = None if impulse is None else Convolver(_normalised(impulse))

    def process(self, speaker: Samples) -> Samples:
        """Take the newest speaker block; return its and all earlier blocks' part in what comes."""
        self._history = np.concatenate((self._history[SPEAK_BLOCK:], speaker))
        last = self._first + SPEAK_BLOCK + len(self._taps) - 3
        windows = sliding_window_view(self._history[self._first : last], len(self._taps))[::3]
        block = (windows @ self._taps).reshape(-1)
        return block if self._convolver is None else self._convolver.process(block)


def _normalised(impulse: Samples) -> Samples:
    direct = impulse[int(np.argmax(np.abs(impulse))) :]
    energy = float(np.sqrt(np.sum(np.square(direct, dtype=np.float64))))
    return direct / np.float32(energy) if energy else direct


@dataclass(frozen=True)
class Uttered:
    """A sound in the room, with its first sample and its length in microphone samples."""

    first: int
    length: int

    @property
    def start(self) -> float:
        """Seconds on the audio clock at which it begins."""
        return self.first / HEAR_RATE

    @property
    def end(self) -> float:
        """Seconds on the audio clock at which it ends."""
        return (self.first + self.length) / HEAR_RATE


@dataclass(frozen=True)
class _Sound:
    first: int
    clip: Samples

    @property
    def last(self) -> int:
        return self.first + len(self.clip)


class Room:
    """The microphone's blocks, one for each block of the speaker.

    `noise` (16 kHz) repeats for ever, `snr_db` below a person at 0 dB.
    """

    def __init__(
        self, echo: Echo | None = None, noise: Samples | None = None, snr_db: float = 0.0
    ) -> None:
        self._echo = echo
        self._noise = None if noise is None else _at_rms(noise, PERSON_DBFS - snr_db)
        self._sounds: list[_Sound] = []
        self._free: dict[str, int] = {}
        self._now = 0
        self.microphone_plugged = True

    @property
    def now(self) -> float:
        """Seconds of microphone sound that have passed."""
        return self._now / HEAR_RATE

    def utter(self, clip: Samples, at: float, gain_db: float, voice: str) -> Uttered:
        """Let `voice` make the sound `clip` (16 kHz) at `at` seconds, or when it is free again.

        One voice can't say two things at once; voices mix. The clip's active level becomes
        `gain_db` above -26 dBFS.
        """
        level = active_level(clip, HEAR_RATE)
        gain = amplitude(PERSON_DBFS + gain_db - level) if np.isfinite(level) else 1.0
        first = max(round(at * HEAR_RATE), self._now, self._free.get(voice, 0))
        self._free[voice] = first + len(clip) + round(BREATH_SECONDS * HEAR_RATE)
        self._sounds.append(_Sound(first, (clip * np.float32(gain)).astype(np.float32)))
        return Uttered(first, len(clip))

    def microphone(self, speaker: Samples) -> Samples:
        """Return the next microphone block, given the speaker block that sounded before it.

        Clipped and rounded to 16 bits, as a sound card gives it. An unplugged microphone is
        silent; the room goes on around it.
        """
        mix = np.zeros(HEAR_BLOCK, np.float32)
        if self._echo is not None:
            mix += self._echo.process(speaker)
        if self._noise is not None:
            mix += np.take(self._noise, np.arange(self._now, self._now + HEAR_BLOCK), mode="wrap")
        self._add_sounds(mix)
        self._now += HEAR_BLOCK
        if not self.microphone_plugged:
            return np.zeros(HEAR_BLOCK, np.float32)
        return to_16_bit(mix).astype(np.float32) / np.float32(32768.0)

    def _add_sounds(self, mix: Samples) -> None:
        end = self._now + HEAR_BLOCK
        for sound in self._sounds:
            begin, stop = max(sound.first, self._now), min(sound.last, end)
            if begin < stop:
                part = sound.clip[begin - sound.first : stop - sound.first]
                mix[begin - self._now : stop - self._now] += part
        self._sounds = [sound for sound in self._sounds if sound.last > end]


def _at_rms(samples: Samples, dbfs: float) -> Samples:
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return (samples * np.float32(amplitude(dbfs) / rms)).astype(np.float32) if rms else samples
