"""The phone network's recipe: it learns, goes on where it was, and the file computes the same.

Needs PyTorch (extra ``training``).
"""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from legsup_voice.hearing.phones import LEVEL
from training import device_sound
from training.corpus import RATE, Clip
from training.device_sound import Sound
from training.encoder import PhoneNet, from_exported
from training.phone_export import difference, export, load, write_onnx
from training.trainer import Plan, Trainer

WORDS = ("stop", "yes", "no", "go")


@pytest.fixture
def sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sound:
    """Twelve tones that are called words, in two rooms and one noise."""
    monkeypatch.setattr(device_sound, "ROOMS", 2)
    rng = np.random.default_rng(1)
    (tmp_path / "speech" / "noise").mkdir(parents=True)
    (tmp_path / "speech" / "room").mkdir()
    noise = rng.standard_normal(3 * RATE) * 0.1
    soundfile.write(tmp_path / "speech" / "noise" / "hum.flac", noise, RATE)
    store = tmp_path / "store"
    store.mkdir()
    lines, samples = [], []
    for number in range(12):
        tone = np.sin(np.arange(RATE // 2) * 0.1 * (1 + number % 4)) * 3000
        samples.append(tone.astype(np.int16))
        clip = Clip("x", WORDS[number % 4], "s", "made", "none", 0.5)
        lines.append(json.dumps(asdict(clip) | {"samples": len(tone)}))
    np.concatenate(samples).tofile(store / "samples.i16")
    (store / "clips.jsonl").write_text("\n".join(lines) + "\n")
    return Sound([store], tmp_path / "speech", "cpu", seed=1)


def test_batches_are_sound_at_the_networks_level(sound: Sound) -> None:
    torch.manual_seed(1)
    batch = next(sound.batches(seconds=8.0))
    x = torch.as_tensor(batch.features)
    assert torch.isfinite(x).all()
    assert len(x) * x.shape[1] / RATE < 12
    torch.testing.assert_close(
        x.square().mean(1).sqrt(), torch.full((len(x),), LEVEL), rtol=0.1, atol=0.0
    )
    assert any(batch.phones)


def test_what_is_said_ends_soon_before_the_sound_does(sound: Sound) -> None:
    _, spoken = sound._placed([[item] for item in sound.items], 1.0)
    ends = spoken.shape[1] - spoken.flip(1).argmax(1)
    after = (spoken.shape[1] - ends) / RATE
    low, high = device_sound.TAIL
    assert float(after.min()) >= low - 0.01
    assert float(after.max()) <= high + 0.01


def test_the_steps_are_those_of_the_network() -> None:
    net = PhoneNet().eval()
    for samples in (8000, 12345, 16001):
        with torch.no_grad():
            assert net(torch.zeros(1, samples)).shape == (1, net.steps(samples), 40)


def test_the_loss_falls_and_training_goes_on_from_its_checkpoint(
    sound: Sound, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    plan = Plan(tmp_path / "phones.pt", 60.0, 5e-4, memory=0.9, warm_up=1)
    trainer = Trainer(PhoneNet(), plan)
    batches = sound.batches(seconds=6.0)
    losses = [trainer.update(next(batches)) for _ in range(12)]
    assert np.mean(losses[-3:]) < 0.6 * losses[0]
    trainer.elapsed = 3600.0
    trainer.run(iter(()))  # its time is over: it only saves
    again = Trainer(PhoneNet(), plan)
    assert again.step == 12
    for name, value in trainer.average.items():
        torch.testing.assert_close(again.average[name], value)
    assert torch.equal(load(tmp_path / "phones.pt").conv1.weight, trainer.average["conv1.weight"])


def test_the_file_computes_what_the_trainer_does(tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = PhoneNet().eval()
    with torch.no_grad():
        for weights in net.parameters():  # of a trained network no two are alike
            weights.add_(torch.randn_like(weights) * 0.01)
    torch.save({"net": net.state_dict()}, tmp_path / "phones.pt")
    assert export(tmp_path / "phones.pt", tmp_path / "out", ["stop"]) < 1e-2
    assert (tmp_path / "out" / "lexicon.txt").read_text() == "stop S T AA P\n"
    torch.manual_seed(2)
    assert difference(PhoneNet().eval(), tmp_path / "out" / "phones.onnx") > 1e-3
    again = from_exported(tmp_path / "out" / "phones.onnx").eval()
    for name, weights in net.state_dict().items():
        # bfloat16 keeps 8 bits.
        torch.testing.assert_close(again.state_dict()[name], weights, atol=2e-3, rtol=2**-8)
    assert (tmp_path / "out" / "phones.onnx").stat().st_size < 13.5e6
    write_onnx(net, tmp_path / "again.onnx")
    assert not list(tmp_path.glob("*.f32.onnx"))
