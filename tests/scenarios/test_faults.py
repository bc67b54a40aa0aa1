"""Faults that a scenario brings about arrive the way the real ones do."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from legsup_voice.records.eventlog import read_events
from legsup_voice.simulation.faults import WallClock, full_disk
from legsup_voice.simulation.simulate import NOTICE, run_scenario


def simulated(folder: Path, steps: str, until: int) -> list[dict[str, object]]:
    path = folder / "a.yaml"
    path.write_text(f"options: {{until: {until}}}\nsteps: {steps}\n")
    run_scenario(path, folder)
    return read_events(folder / "events.jsonl")


def test_a_full_disk_takes_no_byte_more_until_it_is_over(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with full_disk(), pytest.raises(OSError, match="large"):
        path.write_text("x")
    path.write_text("x")
    assert path.read_text() == "x"


def test_a_clock_jumps() -> None:
    clock = WallClock()
    before = clock()
    clock.jump(-3600)
    assert clock() == pytest.approx(before - 3600, abs=60)


def test_a_lost_microphone_is_silent_and_noticed(tmp_path: Path) -> None:
    steps = "[{at: 1, unplug: microphone}, {at: 2, say: yes}, {at: 6, plug: microphone}]"
    errors = [r for r in simulated(tmp_path, steps, 8) if r["kind"] == "error"]
    assert [(r["what"], r["t"]) for r in errors] == [
        ("microphone lost", pytest.approx(1 + NOTICE, abs=0.04)),
        ("microphone back", pytest.approx(6, abs=0.04)),
    ]
    samples, rate = soundfile.read(tmp_path / "microphone.wav")
    assert not np.any(samples[1 * rate : 6 * rate])


def test_a_plug_put_back_at_once_is_no_loss(tmp_path: Path) -> None:
    steps = "[{at: 1, unplug: speaker}, {at: 2, plug: speaker}]"
    assert not [r for r in simulated(tmp_path, steps, 5) if r["kind"] == "error"]
    samples, rate = soundfile.read(tmp_path / "speaker.wav")
    assert np.any(samples[:rate])
    assert not np.any(samples[round(1.02 * rate) : round(1.98 * rate)])


def test_time_goes_on_after_a_kill(tmp_path: Path) -> None:
    log = simulated(tmp_path, "[{at: 5, kill: true}]", 8)
    begun = [r["t"] for r in log if r["kind"] == "state" and r["state"] == "IDLE"]
    assert begun == [0.0, pytest.approx(5.0, abs=0.03)]
    times = [float(str(r["t"])) for r in log]
    assert times == sorted(times)
    assert soundfile.info(tmp_path / "speaker.wav").duration == pytest.approx(8.0)
