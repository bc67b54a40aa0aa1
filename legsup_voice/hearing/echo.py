"""Echo removal: takes our own speaker out of what the microphone hears.

The person must be able to say "stop" while we speak, at the level of our own voice in the room. A
linear filter alone keeps the person's voice whole: it learns the way from loudspeaker to
microphone and subtracts what came along it. So this is a frequency-domain Kalman filter (Enzner
and Vary 2006; partitioned as in Kuech et al. 2014). Its own uncertainty sets the step of learning,
which makes it robust when both talk at once, and tells how much echo is left, which a mild gain in
each band then takes down.

It stands on numpy alone because the libraries with wheels for x86-64 and aarch64 did
worse. Of 136 people who say "stop", the bundled model hears 115 when nothing else sounds; over our
lines at 0 dB echo it hears, with

                              nothing   AEC3 (livekit)   SpeexDSP (pyaec)   this filter
    22 ms, no room               4           10               108               115
    80 ms, a bathroom            4            7                98               110
    commands of our own heard
    in 22 lines, all taken     0-5            0              0-10                 0

AEC3 takes off 50 dB at once, but most of the person with it; it also brings 28 MB, four threads and
a panic handler that ends the process. SpeexDSP's port takes off 17-20 dB and names no licence.

The filter spans 440 ms from the speaker block that sounds with the microphone block, so the delay
of a sound card and the room is where the filter's peak lies. What comes back later than 0.3 s is
given to it later (`echo_delay.py`).
"""

from collections import deque
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_RATE, Resampler, Samples
from legsup_voice.hearing.clock_drift import FRAME, ClockDrift
from legsup_voice.hearing.echo_jump import RECENT, jump

PARTS = 44
"""440 ms: 180 ms of delay and 260 ms of a bathroom, in which its echo has fallen by 40 dB."""
PASSES = 3
"""A frame is learnt from three times while there is much to learn: 21 dB after 5 s in a bathroom at
0 dB echo instead of 8 with one."""
TURNS = 4
"""Only every fourth part of the filter is held to its own 10 ms in a pass; the parts take turns. To
do so with all of them each time takes half of the processor's time and learns no better."""
WELL_LEARNT = 0.0015
"""Once the filter expects to leave less than this part of the echo's energy, one pass in every
fourth frame keeps it there, disturbs it less when somebody speaks, and takes a fifth of the
processor's time: then both frames of a block are filtered at once, too."""
KEPT = 8 * PARTS
"""Spectra of the speaker for which there is room: those in use are moved to its end seldom."""
PRIOR = 0.01
"""What is thought of the filter before anything is heard: the variance of each part's gain."""
MEMORY = 0.9999**2
"""How much of the filter stays true from one frame to the next (squared)."""
BLUR = np.float32(0.01)
"""What a pass adds to the uncertainty while the clocks of speaker and microphone are seen to run
apart, as a part of each filter part's energy: what was learnt meanwhile is blurred. With nothing an
echo without a room is still 16 dB above that ten seconds after the clocks are known."""
NOISE_MEMORY = 0.6
"""Smoothing of the spectrum of all that is not echo, per frame."""
SUPPRESSION_FLOOR = 0.3
"""The residual echo is turned down by 10 dB at most: more eats the person's consonants."""
SILENCE = 1e-9
"""Mean square of a reference frame below which nothing sounds (-90 dBFS)."""
SILENT_BLOCKS = PARTS // 2
"""Blocks of silence after which no part of the filter holds any sound."""
FORGOTTEN_BLOCKS = SILENT_BLOCKS + 5
"""Blocks of digital silence after which no part of the filter or resampler holds any sound."""
LEVEL_MEMORY = 0.96
"""Smoothing of the levels before and after, per block: half a second."""
LATE_MEMORY = 0.81
"""The same over 0.1 s, to tell who speaks."""
PERSON = 0.03
"""More than this part of the echo's energy left over is a person: the echo itself leaves less than
0.01 once it is learnt, somebody 15 dB below it more."""
STAYS = 8
"""Blocks in a row of that, where clocks drift: a line may begin before a new rate is known."""
TRUST_MEMORY = 0.993
"""Smoothing of how often next to nothing is left over, per block with an echo: three seconds."""
TRUSTED = 0.5
"""Less often than this it is the echo itself that is left over: the clocks of speaker and
microphone drift apart, say. Nobody speaks half of the time that we do."""
ECHOES = 0.3
"""It is judged only while the echo has this part of its energy of late, not in our own pauses."""
TRUST = 0.6
"""To begin with, once it has learnt."""
PROVEN = 0.9
"""This often next to nothing is left over where the room is known: after some two lines."""
CLEAN = 0.015
"""More than this part of the echo's energy was left over lately, whatever the filter expects, where
it has seen too little of our voice: with a line in its ears for the first time it takes off 12 to
17 dB of the next word."""
ROUGHLY = 0.2
"""Once it expects to leave less than this part of the echo, what it leaves tells of the clocks."""
LEARNT = 0.005
"""The filter knows the echo path once it expects to leave less than this part of the echo. Without
any echo it never expects less than 0.1."""
USELESS = 0.2
"""It no longer does when it takes off less than this part of the energy of the echo it predicts:
the echo comes later or sooner, or the speaker or the microphone stands elsewhere now."""
LOST = 3
"""Blocks of that after which it is surely so."""
PATIENCE = 15
"""Blocks in which the echo is looked for later and sooner, before the filter starts anew, once."""
AUDIBLE = 0.3
"""Only judged while the predicted echo has this part of the energy heard: beside a louder person
the difference of two large levels says nothing."""

Spectra = NDArray[np.complex64]
Powers = NDArray[np.float32]


class EchoCanceller:
    """Removes the echo of the speaker stream from the microphone stream.

    Deterministic; its only time is the blocks it is given. The output is 10 ms late and otherwise
    equal to the input while nothing has sounded for 440 ms.
    """

    def __init__(self) -> None:
        bins = FRAME + 1
        self._reference = Resampler(SPEAK_RATE, HEAR_RATE)
        self._clock = ClockDrift()
        self._before = np.zeros(FRAME, np.float32)
        self._kept: Spectra = np.zeros((KEPT, bins), np.complex64)
        self._kept_power = np.zeros((KEPT, bins), np.float32)
        self._at = KEPT - PARTS
        self._quiet_blocks = SILENT_BLOCKS
        self._silent_blocks = 0
        self._window = np.sqrt(np.hanning(2 * FRAME + 1)[:-1]).astype(np.float32)
        self._cleaned = np.zeros(FRAME, np.float32)
        self._heard = np.zeros(FRAME, np.float32)
        self._overlap: Samples = np.zeros(FRAME, np.float32)
        self._recent: deque[tuple[Samples, Samples]] = deque(maxlen=RECENT)
        self._forget()

    def _forget(self) -> None:
        """Return to knowing nothing of the echo path."""
        bins = FRAME + 1
        self._filter: Spectra = np.zeros((PARTS, bins), np.complex64)
        self._variance = np.full((PARTS, bins), PRIOR, np.float32)
        self._noise = np.full(bins, 1e-4, np.float32)
        self._levels = np.zeros(5)
        self._lately = np.zeros(5)
        self._learnt = False
        self._trust = TRUST
        self._blocks = self._turn = self._lost = self._more_left = 0

    @property
    def delay_ms(self) -> float | None:
        """Time from a speaker block to its strongest echo, in ms; None until there is one."""
        response = self._impulse_response()
        if not response.any():
            return None
        late = int(np.argmax(np.abs(response))) + self._clock.delay
        return 1000.0 * (late / HEAR_RATE + self._reference.late)

    @property
    def learnt(self) -> bool:
        """Whether the echo path is known."""
        return self._learnt

    @property
    def proven(self) -> bool:
        """Whether next to nothing has been left of our lines for some time."""
        return self._learnt and self._trust >= PROVEN

    @property
    def lost(self) -> bool:
        """Whether the echo isn't where it was: what was left over a moment ago was no person."""
        return not 0 <= self._lost < LOST

    @property
    def person(self) -> bool | None:
        """Whether what is left now is more than our own voice; None when that can't be told yet."""
        more = self._more_left_than_echo()
        brief = more and self._clock.follows and self._more_left < STAYS
        return None if self._unsure or self._lost or brief else more

    def _more_left_than_echo(self) -> bool:
        _, _, out, echo, _ = self._lately
        return bool(out > PERSON * echo)

    def process(self, microphone: Samples, speaker: Samples, *, speech: bool = True) -> Samples:
        """Return 320 microphone samples without the echo of the 480 speaker samples and earlier.

        `speaker` is the block that sounded while `microphone` was recorded. `speech`: it may hold a
        line of ours. Once the echo path is known, breathing sounds and beds teach nothing as long
        as no more of them is left over than of an echo: they are a few tones, and who goes on
        learning those forgets our voice. The first line in a hold was taken down by 8 to 38 dB for
        two seconds in rooms in which it is 21 to 49 now.
        """
        microphone = np.clip(microphone, -1.0, 1.0).astype(np.float32, copy=False)
        self._silent_blocks = 0 if speaker.any() else self._silent_blocks + 1
        moved = self._clock.step()
        if moved:
            self._move(moved * FRAME)
        if self._silent_blocks > FORGOTTEN_BLOCKS:
            return self._delayed(microphone)
        reference = self._clock.read(self._reference.process(speaker), 2 + moved)
        quiet = float(np.dot(reference, reference)) < SILENCE * HEAR_BLOCK
        self._quiet_blocks = self._quiet_blocks + 1 if quiet else 0
        self._push(reference)
        if self._quiet_blocks > SILENT_BLOCKS:
            return self._suppress(microphone, microphone, np.zeros((2, FRAME + 1), np.float32))
        teaches = speech or self._unsure
        if teaches and self._levels[4] >= WELL_LEARNT * self._levels[3]:
            cleaned, echo_left = self._learn(microphone)
        else:
            learns = teaches or self._more_left_than_echo()
            cleaned, echo_left = self._keep_up(microphone, learns=learns)
        out = self._suppress(microphone, cleaned, echo_left)
        self._watch(microphone, cleaned, out, float(np.sum(echo_left)) / (2 * FRAME))
        return out

    @property
    def _unsure(self) -> bool:
        """Whether the echo path isn't known, or what is left over is most often the echo itself."""
        return not self._learnt or self._trust < TRUSTED

    def _delayed(self, microphone: Samples) -> Samples:
        """Return what `process` would when nothing can echo, without its work."""
        out = np.concatenate((self._cleaned, microphone[:FRAME]))
        self._cleaned = self._heard = microphone[FRAME:].copy()
        self._overlap = self._cleaned * self._window[FRAME:] ** 2
        return out

    def _push(self, reference: Samples) -> None:
        """Put the spectra of a block's frames before the others: the newest comes first."""
        count = len(reference) // FRAME
        if self._at < count:
            at, self._at = self._at, KEPT - PARTS
            for kept in (self._kept, self._kept_power):
                kept[self._at :] = kept[at : at + PARTS]
        self._at -= count
        spectra = np.fft.rfft(_frames(np.concatenate((self._before, reference))))[::-1]
        self._before = reference[-FRAME:]
        self._kept[self._at : self._at + count] = spectra
        self._kept_power[self._at : self._at + count] = _power(spectra)

    def _move(self, samples: int) -> None:
        """Have the filter expect its echo so many samples later."""
        response = np.roll(self._impulse_response(), samples)
        response[slice(samples) if samples > 0 else slice(samples, None)] = 0.0
        self._filter[:] = np.fft.rfft(response.reshape(PARTS, FRAME), 2 * FRAME)
        self._variance[:] = np.roll(self._variance, round(samples / FRAME), axis=0)

    def _learn(self, microphone: Samples) -> tuple[Samples, Powers]:
        """Return the block without echo, and the power of the echo thought to be left by frame."""
        cleaned, lefts = [], []
        for age, frame in ((1, microphone[:FRAME]), (0, microphone[FRAME:])):
            echo, left = self._echo(age), self._echo_left(age)
            for step in range(PASSES):
                left = self._echo_left(age) if step else left
                self._improve(frame - echo, left, age, None if step else echo, first=step == 0)
                echo = self._echo(age)
            cleaned.append(frame - echo)
            lefts.append(left)
        return np.concatenate(cleaned), np.stack(lefts)

    def _keep_up(self, microphone: Samples, *, learns: bool) -> tuple[Samples, Powers]:
        """Do what `_learn` does where there is little to learn, or nothing."""
        spectra, powers = _both(self._kept, self._at), _both(self._kept_power, self._at)
        echo = np.fft.irfft(np.einsum("pb,fpb->fb", self._filter, spectra))[:, FRAME:]
        left = 0.5 * np.einsum("pb,fpb->fb", self._variance, powers)
        cleaned = np.asarray(microphone - echo.reshape(-1), np.float32)
        self._blocks += 1
        if learns and self._blocks % 2:
            tells = self._clock.follows or self._blocks % 4 == 1
            self._improve(cleaned[FRAME:], left[1], 0, echo[1] if tells else None)
        return cleaned, left

    def _improve(
        self,
        error: Samples,
        left: NDArray[np.float32],
        age: int,
        echo: Samples | None,
        *,
        first: bool = True,
    ) -> None:
        """Learn from what the filter leaves of the frame that is `age` frames old.

        `echo` is what it took off, where that is to tell of the clocks; `first`: for the first
        time.
        """
        spectrum = np.fft.rfft(np.concatenate((np.zeros(FRAME, np.float32), error)))
        power = _power(spectrum) + np.float32(1e-10)
        if first:
            self._noise *= NOISE_MEMORY
            self._noise += (1.0 - NOISE_MEMORY) * power
        # The larger of both: a person who begins to speak must not be learnt as echo.
        noise = np.maximum(self._noise, power)
        if echo is not None and self._levels[4] < ROUGHLY * self._levels[3]:
            self._clock.measure(echo, spectrum, noise)
        gain = self._variance * (1.0 / (left + noise))
        step = self._spectra(age).conj()
        step *= spectrum
        step *= gain
        self._filter += step
        self._constrain()
        gain *= self._powers(age)
        gain *= -0.5 * MEMORY
        gain += MEMORY
        self._variance *= gain
        self._variance += (1.0 - MEMORY) * _power(self._filter)
        if self._clock.lags:
            self._variance += BLUR * np.mean(_power(self._filter), axis=1, keepdims=True)

    def _spectra(self, age: int) -> Spectra:
        return self._kept[self._at + age : self._at + age + PARTS]

    def _powers(self, age: int) -> Powers:
        return self._kept_power[self._at + age : self._at + age + PARTS]

    def _echo_left(self, age: int) -> NDArray[np.float32]:
        # Half of a frame's doubled length is zeros, so half of the power is seen.
        left: NDArray[np.float32] = 0.5 * np.einsum("pb,pb->b", self._variance, self._powers(age))
        return left

    def _constrain(self) -> None:
        """Leave of those of the filter's parts whose turn it is what lies within their frame."""
        self._turn = (self._turn + 1) % TURNS
        parts = self._filter[self._turn :: TURNS]
        response = np.fft.irfft(parts, axis=1)
        response[:, FRAME:] = 0.0
        parts[:] = np.fft.rfft(response, axis=1)

    def _echo(self, age: int) -> Samples:
        spectrum = np.einsum("pb,pb->b", self._filter, self._spectra(age))
        return np.asarray(np.fft.irfft(spectrum)[FRAME:], np.float32)

    def _suppress(self, microphone: Samples, cleaned: Samples, echo_left: Powers) -> Samples:
        """Turn down the bands in which echo is left; the output is one frame late."""
        frames = _frames(np.concatenate((self._cleaned, cleaned)))
        heard = _frames(np.concatenate((self._heard, microphone)))
        self._cleaned, self._heard = cleaned[FRAME:], microphone[FRAME:]
        spectra = np.fft.rfft(frames * self._window)
        spectra *= np.maximum(
            SUPPRESSION_FLOOR, 1.0 - echo_left / (_power(spectra) + np.float32(1e-12))
        )
        # A filter that knows little may add what was never there.
        added = _energies(frames) / np.maximum(_energies(heard), np.float32(1e-12))
        level = np.maximum(1.0, added)[:, np.newaxis] ** -0.5
        first, second = np.fft.irfft(spectra) * self._window * level
        out = np.concatenate((self._overlap + first[:FRAME], first[FRAME:] + second[:FRAME]))
        self._overlap = second[FRAME:]
        return np.asarray(np.clip(out, -1.0, 1.0), np.float32)

    def _watch(self, microphone: Samples, cleaned: Samples, out: Samples, left: float) -> None:
        """Follow the levels; find the echo again where it is no longer where it was."""
        expected = microphone - cleaned
        self._recent.append((microphone, expected))
        if self._lost < 0:  # what was left before the filter was moved still comes out
            self._lost += 1
            return
        signals = (microphone, cleaned, out, expected)
        levels = np.array([*(float(np.dot(signal, signal)) for signal in signals), left])
        self._levels += (1.0 - LEVEL_MEMORY) * (levels - self._levels)
        self._lately += (1.0 - LATE_MEMORY) * (levels - self._lately)
        self._more_left = self._more_left + 1 if self._more_left_than_echo() else 0
        _, _, over, echo, left = self._levels
        if left < LEARNT * echo and over < CLEAN * echo:
            self._learnt = True
        if self._learnt and self._lately[3] > ECHOES * echo:
            clean = float(not self._more_left_than_echo())
            self._trust += (1.0 - TRUST_MEMORY) * (clean - self._trust)
        self._lost = self._lost + 1 if self._learnt and _useless(self._lately) else 0
        if self._lost > PATIENCE and _useless(self._levels):
            self._forget()
        elif self._lost:
            self._look_elsewhere()

    def _look_elsewhere(self) -> None:
        """Move the filter if the echo comes later or sooner all at once; the room is the same."""
        heard, expected = (np.concatenate(each) for each in zip(*self._recent, strict=True))
        later = jump(heard, expected) if len(self._recent) == RECENT else None
        if later is not None:
            self._move(later)
            self._levels[:] = self._lately[:] = 0.0
            self._lost = -2

    def _impulse_response(self) -> Samples:
        return np.asarray(np.fft.irfft(self._filter, axis=1)[:, :FRAME].reshape(-1), np.float32)


def _frames(samples: Samples) -> Samples:
    """Return a view of frames as one less, each with the one before it."""
    step = samples.itemsize
    return as_strided(samples, (len(samples) // FRAME - 1, 2 * FRAME), (FRAME * step, step))


def _useless(levels: NDArray[np.float64]) -> bool:
    before, after, _, echo, _ = levels
    return bool(echo > AUDIBLE * before and before - after < USELESS * echo)


def _both(kept: NDArray[Any], at: int) -> NDArray[Any]:
    """Return a view of what the filter's parts see in each of a block's two frames."""
    row, step = kept.strides
    return as_strided(kept[at + 1 :], (2, PARTS, FRAME + 1), (-row, row, step))


def _power(spectrum: NDArray[np.complexfloating]) -> Powers:
    power: Powers = np.square(np.asarray(spectrum.real, np.float32))
    power += np.square(spectrum.imag)
    return power


def _energies(frames: Samples) -> Samples:
    energies: Samples = np.einsum("fs,fs->f", frames, frames)
    return energies
