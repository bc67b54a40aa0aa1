"""Augmented sound for the phone network, made where it is trained: on a GPU a batch takes 20 ms.

What people at home sound like and recordings don't: across a reverberant room, in noise, whispered,
another microphone, another speaker (tempo, pitch and formants together), and cut off right after
the last word, so that the network doesn't learn to speak late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from legsup_voice.hearing.phones import LEVEL
from training.batches import JOIN_SHARE, SHORT, WEIGHTS, Batch
from training.corpus import RATE, Samples, Store, noises, rooms
from training.lexicon import learn, targets
from training.rooms import shoebox

BEFORE, TAIL = 0.3, (0.3, 0.8)
"""Seconds of quiet before the clip, at most, and after it, from and to."""

ROOMS, ROOM_SECONDS, ROOM_SHARE = 600, 0.8, 0.6
DIRECT = (-15.0, 4.0)
"""dB by which the direct sound of a room is louder than its reverberation."""

NOISE_SHARE, NOISE_DB = 0.75, (0.0, 30.0)
TALKER_SHARE, TALKER_DB = 0.15, (6.0, 20.0)
COLOUR_SHARE, WHISPER_SHARE, SILENT_SHARE = 0.5, 0.05, 0.03
LONGEST = 16.6


@dataclass
class Item:
    """A clip in the one long recording: where, how long, and its phones."""

    start: int
    samples: int
    phones: list[int]
    weight: float


class Sound:
    """Everything that training hears, on one device."""

    def __init__(self, stores: list[Path], speech: Path, device: str, seed: int) -> None:
        self.device = device
        self.rng = np.random.default_rng(seed)
        self.items, pcm = _items([Store(folder) for folder in stores])
        self.pcm = torch.from_numpy(pcm).to(device)
        self.short = [item for item in self.items if item.samples < SHORT * RATE]
        recorded = [noise / np.sqrt(np.mean(noise**2) + 1e-9) for noise in noises(speech, "train")]
        self.noise = torch.from_numpy(np.concatenate(recorded).astype(np.float32)).to(device)
        made = [shoebox(self.rng) for _ in range(ROOMS)] + rooms(speech, "train") * 20
        self.rooms = torch.stack([_room(response, self.rng) for response in made]).to(device)

    def batches(self, seconds: float) -> Iterator[Batch]:
        """Yield batches without end: every clip about as often as its source counts."""
        while True:
            weights = np.array([item.weight for item in self.items])
            times = np.floor(weights + self.rng.random(len(weights))).astype(int)
            drawn = self.rng.permutation(np.repeat(np.arange(len(weights)), times))
            for start in range(0, len(drawn), 3000):
                parts = [self._parts(self.items[at]) for at in drawn[start : start + 3000]]
                parts.sort(key=lambda each: sum(item.samples for item in each))
                made = list(_grouped(parts, seconds))
                for choice in self.rng.permutation(len(made)):
                    yield self.batch(made[choice])

    def _parts(self, item: Item) -> list[Item]:
        """Return a clip, or it and a short one after it, or quiet in its place."""
        chance = self.rng.random()
        if chance < SILENT_SHARE:
            return [Item(0, item.samples, [], 0.0)]
        if item.samples < SHORT * RATE and chance < JOIN_SHARE:
            return [item, self.short[self.rng.integers(len(self.short))]]
        return [item]

    def batch(self, group: list[list[Item]]) -> Batch:
        """Place every clip of `group` somewhere else, all equally fast."""
        speed = float(np.clip(np.exp(self.rng.normal(0, 0.08)), 0.8, 1.25))
        clean, spoken = self._placed(group, speed)
        x = self._whispered(clean)
        x = self._coloured(self._in_rooms(x))
        power = (x.square() * spoken).sum(1) / (spoken.sum(1) + 1) + 1e-9
        x = self._with(x, self._noise(x), power, NOISE_SHARE, NOISE_DB)
        x = self._with(x, _normal(x.roll(1, 0)), power, TALKER_SHARE, TALKER_DB)
        x = self._with(x, torch.randn_like(x), power, 1.0, (25.0, 60.0))
        phones = [[phone for item in parts for phone in item.phones] for parts in group]
        given = (LEVEL * _normal(x)).clamp(-1, 1)
        return Batch(given, [given.shape[1]] * len(group), phones)

    def _placed(self, group: list[list[Item]], speed: float) -> tuple[Tensor, Tensor]:
        """Return the clips with quiet around them, and where they are."""
        longest = max(sum(item.samples for item in parts) for parts in group)
        length = int(longest / speed) + int((BEFORE + TAIL[1] + 0.3) * RATE)
        x = torch.zeros(len(group), length, device=self.device)
        spoken = torch.zeros_like(x)
        for row, parts in enumerate(group):
            end = length - int(self.rng.uniform(*TAIL) * RATE)
            for item in reversed(parts):
                clip = self._clip(item, speed)
                start = max(0, end - len(clip))
                x[row, start:end] = clip[: end - start]
                spoken[row, start:end] = float(bool(item.phones))
                end = start - int(self.rng.uniform(0.05, 0.28) * RATE)
                if end <= 0:
                    break
        return x, spoken

    def _clip(self, item: Item, speed: float) -> Tensor:
        if not item.phones:
            return torch.randn(int(item.samples / speed), device=self.device) * 1e-3
        clip = self.pcm[item.start : item.start + item.samples].float() / 32768
        clip = torch.nn.functional.interpolate(
            clip[None, None], scale_factor=1 / speed, mode="linear"
        )[0, 0]
        return clip * (0.05 / (clip.square().mean().sqrt() + 1e-4))

    def _chance(self, x: Tensor, share: float) -> Tensor:
        return (torch.rand(len(x), 1, device=x.device) < share).float()

    def _between(self, x: Tensor, low: float, high: float) -> Tensor:
        return torch.rand(len(x), 1, device=x.device) * (high - low) + low

    def _in_rooms(self, x: Tensor) -> Tensor:
        size = 1 << (x.shape[1] + self.rooms.shape[1] - 1).bit_length()
        room = self.rooms[torch.randint(len(self.rooms), (len(x),), device=x.device)]
        wet = torch.fft.irfft(torch.fft.rfft(x, size) * torch.fft.rfft(room, size), size)
        use = self._chance(x, ROOM_SHARE)
        return use * wet[:, : x.shape[1]] + (1 - use) * x

    def _coloured(self, x: Tensor) -> Tensor:
        """Give some another microphone: tilt, one broad peak or dip, a narrower band."""
        spectrum = torch.fft.rfft(x)
        hertz = torch.fft.rfftfreq(x.shape[1], 1 / RATE, device=x.device).clamp(min=20)[None]
        octave = torch.log2(hertz / 1000)
        where, width = self._between(x, -2.3, 2.6), self._between(x, 0.4, 1.2)
        gain = self._between(x, -4, 4) * octave
        gain = gain + self._between(x, -9, 9) * torch.exp(-0.5 * ((octave - where) / width) ** 2)
        low, high = self._between(x, 60, 350), self._between(x, 3400, 7600)
        narrow = torch.log10(1 + (low / hertz) ** 4) + torch.log10(1 + (hertz / high) ** 6)
        gain = gain - 10 * self._chance(x, 0.4) * narrow
        gain = self._chance(x, COLOUR_SHARE) * gain.clamp(-40, 25)
        return torch.fft.irfft(spectrum * 10 ** (gain / 20), x.shape[1])

    def _whispered(self, x: Tensor) -> Tensor:
        """Replace the voice of some by noise of the same spectral envelope."""
        some = torch.nonzero(self._chance(x, WHISPER_SHARE)[:, 0]).flatten()
        if not len(some):
            return x
        window = torch.hann_window(512, device=x.device)
        heard = torch.stft(x[some], 512, 128, window=window, return_complex=True)
        cepstrum = torch.fft.irfft((heard.abs() + 1e-7).log(), dim=1)
        cepstrum[:, 25:-24] = 0
        envelope = torch.fft.rfft(cepstrum, dim=1).real.exp()
        hertz = torch.arange(257, device=x.device) * RATE / 512
        envelope = envelope * (hertz / 500).square().clamp(max=1)[None, :, None]
        breath = torch.randn(len(some), x.shape[1], device=x.device)
        noise = torch.stft(breath, 512, 128, window=window, return_complex=True)
        out = x.clone()
        out[some] = torch.istft(noise * envelope / 16, 512, 128, window=window, length=x.shape[1])
        return out

    def _noise(self, x: Tensor) -> Tensor:
        """Return recorded noise, coloured noise, or several people at once, one of a kind a row."""
        length = x.shape[1]
        starts = torch.randint(max(1, len(self.noise) - length), (len(x), 1), device=x.device)
        places = (starts + torch.arange(length, device=x.device)) % len(self.noise)
        hertz = torch.fft.rfftfreq(length, 1 / RATE, device=x.device).clamp(min=30)[None]
        slope = self._between(x, 0, 1.2)
        white = torch.fft.rfft(torch.randn_like(x))
        coloured = torch.fft.irfft(white * (hertz / 1000) ** -slope, length)
        babble = torch.stack([_normal(x.roll(n, 0).roll(n * 4999, 1)) for n in (1, 2, 3, 4)]).sum(0)
        kind = torch.rand(len(x), 1, device=x.device)
        noise = torch.where(kind < 0.4, babble, self.noise[places])
        return _normal(torch.where(kind < 0.25, coloured, noise))

    def _with(
        self, x: Tensor, noise: Tensor, power: Tensor, share: float, ratio: tuple[float, float]
    ) -> Tensor:
        """Add `noise` to a share of `x`, so many dB under the speech."""
        gain = power.sqrt()[:, None] * 10 ** (-self._between(x, *ratio) / 20)
        return x + self._chance(x, share) * gain * noise


def _items(stores: list[Store]) -> tuple[list[Item], np.ndarray]:
    """Return the clips that have phones and are short enough, and all samples in one row."""
    texts = (clip.text for store in stores for clip in store.clips)
    lexicon = learn(texts)
    found, rows, base = [], [], 0
    for store in stores:
        for at, clip in enumerate(store.clips):
            start, end = store.starts[at], store.starts[at + 1]
            phones = targets(clip.text, lexicon)
            seconds = (end - start) / RATE
            if phones and seconds < LONGEST and len(phones) <= 25 * seconds:
                weight = WEIGHTS.get(clip.source, 1.0)
                found.append(Item(base + start, end - start, phones, weight))
        rows.append(np.array(store.pcm))
        base += len(store.pcm)
    return found, np.concatenate(rows)


def _grouped(parts: list[list[Item]], seconds: float) -> Iterator[list[list[Item]]]:
    """Yield groups of clips of about one length, each of at most so many seconds in all."""
    group: list[list[Item]] = []
    for each in parts:
        length = sum(item.samples for item in each) / RATE + 0.9
        if group and length * (len(group) + 1) > seconds:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _room(response: Samples, rng: np.random.Generator) -> Tensor:
    """Return a response of one length and energy, its reverberation as strong as it may be."""
    row = np.zeros(int(ROOM_SECONDS * RATE), np.float32)
    row[: len(response)] = response[: len(row)]
    direct = round(0.0025 * RATE)
    early, late = np.sum(row[:direct] ** 2), np.sum(row[direct:] ** 2)
    if late > 1e-9:
        row[direct:] *= np.sqrt(early / late * 10 ** (-rng.uniform(*DIRECT) / 10))
    return torch.from_numpy(row / np.sqrt(np.sum(row**2) + 1e-9))


def _normal(x: Tensor) -> Tensor:
    return x / (x.square().mean(1, keepdim=True).sqrt() + 1e-6)
