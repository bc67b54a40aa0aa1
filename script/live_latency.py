"""How soon a live session falls silent after "stop", and how soon it answers "start".

    python -m script.live_latency --times 10

`legsup run` in a virtual room (PulseAudio) whose speaker and person are channels of one sink: what
either of them plays is recorded on one clock. Each time a person says "start", and "stop" over the
question that follows, in another voice each time. What the room takes by itself, and the sound
cards, is measured first: from a click to silence, where nobody decides (`live_reflex.py`).
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE, Samples, amplitude
from tests.live.virtual import LegsUp, Room, hurry, until

HOUSE = (
    "module-native-protocol-unix auth-anonymous=1 socket={socket}",
    "module-null-sink sink_name=house rate=48000 channels=4"
    " channel_map=front-left,front-right,rear-left,rear-right",
    "module-remap-sink sink_name=legsup_speaker master=house remix=no channels=2"
    " channel_map=front-left,front-right master_channel_map=front-left,front-right",
    "module-remap-sink sink_name=person master=house remix=no channels=2"
    " channel_map=front-left,front-right master_channel_map=rear-left,rear-right",
    "module-remap-source source_name=legsup_mic master=house.monitor remix=no channels=2"
    " channel_map=front-left,front-right master_channel_map=rear-left,rear-right",
)
"""Speaker and person on one clock."""

SOUNDING = amplitude(-50)
"""Of full scale, as the level of 5 ms: what is below is silence. The microphone has -86 dB."""

FRAME = SPEAK_RATE // 200
OVER = 1.1
"""Seconds into the question at which somebody says "stop"."""


def spans(sound: Samples, gap: float) -> list[tuple[float, float]]:
    """Return where it sounds, in seconds; what is less than `gap` apart is one."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    loud = np.flatnonzero(np.sqrt(np.mean(frames**2, axis=1)) > SOUNDING) * FRAME / SPEAK_RATE
    found: list[tuple[float, float]] = []
    for at in loud:
        if found and at - found[-1][1] < gap:
            found[-1] = (found[-1][0], float(at) + FRAME / SPEAK_RATE)
        else:
            found.append((float(at), float(at) + FRAME / SPEAK_RATE))
    return found


def percentiles(name: str, seconds: list[float]) -> str:
    """Return what is printed of `seconds`."""
    median, most = np.median(seconds), max(seconds)
    p95 = np.percentile(seconds, 95)
    return f"{name}: median {1000 * median:.0f} ms, p95 {1000 * p95:.0f}, at most {1000 * most:.0f}"


def asked(guide: LegsUp, before: int) -> bool:
    """Return whether more lines have begun than `before`."""
    return len(guide.of("say")) > before


def converse(room: Room, times: int) -> None:
    """Say "start" and "stop" `times` times."""
    with LegsUp(room, "--speaker", "legsup_speaker", "--mic", "legsup_mic") as guide:
        guide.wait_for(lambda: guide.of("said"), "the first line", 30)
        time.sleep(2.0)
        for number in range(times):
            began = len(guide.of("say"))
            room.say("start", number)
            guide.wait_for(partial(asked, guide, began), "the question", 10)
            time.sleep(OVER)
            room.say("stop", number)
            guide.wait_for(lambda: guide.state() == "IDLE", "the end", 15)
            time.sleep(1.0)
            guide.wait_for(lambda: len(guide.of("said")) == len(guide.of("say")), "silence", 15)
            time.sleep(1.5)


def click(room: Room, way: str, times: int) -> None:
    """Let the person click `times` times over a tone that falls silent by itself."""
    path = room.folder / "click.wav"
    soundfile.write(path, 0.3 * np.sin(np.arange(HEAR_RATE // 10)), HEAR_RATE)
    tone = room._start(sys.executable, "-m", "script.live_reflex", way)
    time.sleep(4.0)
    hurry(tone.pid)
    for number in range(times):
        room.say(path)
        time.sleep(1.2 + 0.013 * number)  # at another place of the room's periods each time
    tone.kill()


def recorded(room: Room, act: Callable[[], None]) -> Samples:
    """Return what sounds in the house meanwhile, on four channels."""
    path = room.folder / "house.raw"
    path.unlink(missing_ok=True)
    recorder = room._start_tool(
        "parec", "--device=house.monitor", "--format=s16le", f"--rate={SPEAK_RATE}",
        "--channels=4", "--channel-map=front-left,front-right,rear-left,rear-right",
        "--latency-msec=200", str(path),
    )  # fmt: skip
    until(lambda: path.exists() and path.stat().st_size, "sound", 4)
    act()
    time.sleep(0.5)
    recorder.terminate()
    recorder.wait()
    sound = np.fromfile(path, np.int16)
    return sound[: len(sound) // 4 * 4].reshape(-1, 4).astype(np.float32) / np.float32(32768)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="a file for the four channels of sound")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Room(Path(folder), HOUSE) as room:
        for way, what in (("server", "the room's least"), ("cards", "by our sound cards")):
            sound = recorded(room, partial(click, room, way, options.times))
            print(percentiles(f"click to silence, {what}", reflexes(sound)), flush=True)  # noqa: T201
        sound = recorded(room, partial(converse, room, options.times))
    if options.keep:
        soundfile.write(options.keep, sound, SPEAK_RATE)
    report(sound)


def reflexes(four: Samples) -> list[float]:
    """Return how long after each click the tone fell silent, in seconds."""
    tones, clicks = spans(four[:, 0], 0.25), spans(four[:, 2], 0.5)
    return [next(end for _, end in tones if end > click) - click for click, _ in clicks]


def report(four: Samples) -> None:
    """Print how soon, from four channels of sound."""
    lines, words = spans(four[:, 0], 0.25), spans(four[:, 2], 0.5)
    silent, answered = [], []
    for number, (_, end) in enumerate(words):
        if number % 2:
            off = next(stop for start, stop in lines if stop > end - 0.5)
            silent.append(off - end)
        else:
            answered.append(next(start for start, _ in lines if start > end) - end)
    print(percentiles('"stop" to silence', silent))  # noqa: T201
    print(percentiles('"start" to the answer', answered))  # noqa: T201


if __name__ == "__main__":
    main()
