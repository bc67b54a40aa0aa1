"""What a live session costs while nobody speaks: CPU by thread, wake-ups, memory.

    python -m script.live_cost --seconds 20 --times 3
    python -m script.live_cost --seconds 60 --times 1 --hold --echo --pipewire

Each time `legsup run` starts in a virtual room and waits in IDLE for "start", or guides somebody's
breath from the beginning of a hold on. With --echo its microphone hears the speaker 20 dB quieter;
else it is like a headset's. CPU seconds and voluntary switches are the kernel's, so a
busy machine adds little but colder caches.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from script.live_faults import Session
from tests.live.virtual import LegsUp, PipeWireRoom, Room

SETTLED = 14.0
"""Seconds after which the first line has been said and nothing sounds any more."""

ECHO_DB = -20


@dataclass(frozen=True)
class Thread:
    """What the kernel says of one thread so far."""

    name: str
    seconds: float
    wakes: int


def threads(process: int) -> dict[str, Thread]:
    """Return the threads of `process` by their number."""
    found = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        status = (task / "status").read_text().splitlines()
        wakes = next(line for line in status if line.startswith("voluntary"))
        seconds = int((task / "schedstat").read_text().split()[0]) / 1e9
        name = (task / "comm").read_text().strip()
        found[task.name] = Thread(name, seconds, int(wakes.split()[1]))
    return found


def memory(process: int) -> str:
    """Return the resident, the own and the highest resident memory of `process`, in MB."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in rollup}
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return f"{kilobytes['Rss'] / 1024:.0f} MB, {own / 1024:.0f} its own, at most {peak / 1024:.0f}"


def let_it_echo(room: Room) -> None:
    """Let the microphone of `room` hear the speaker, 20 dB quieter."""
    others = _sink_inputs(room)
    source = "source=legsup_speaker.monitor"
    room.pactl("load-module", "module-loopback", source, "sink=person", "latency_msec=60")
    (it,) = _sink_inputs(room) - others
    room.pactl("set-sink-input-volume", it, f"{ECHO_DB}dB")


def _sink_inputs(room: Room) -> set[str]:
    return {line.split()[0] for line in room.pactl("list", "short", "sink-inputs").splitlines()}


def measure(
    kind: type[Room], seconds: float, *, hold: bool, echo: bool, by_thread: bool
) -> tuple[float, float]:
    """Print what parent and child cost; return the child's CPU of the start and of a second."""
    with ExitStack() as stack:
        room = stack.enter_context(kind(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        if echo:
            let_it_echo(room)
        guide = Session(room, 20.0, breathing="belly") if hold else LegsUp(room).__enter__()
        stack.push(guide.__exit__)
        (child,) = guide.children()
        start = sum(thread.seconds for thread in threads(child).values())
        if isinstance(guide, Session):
            guide.reach("HOLD")
        else:
            time.sleep(SETTLED)
        processes = {"parent": guide.process.pid, "child": child}
        at_first = {name: threads(process) for name, process in processes.items()}
        began = time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - began
        for name, process in processes.items():
            before = at_first[name]
            took = wakes = 0.0
            for number, thread in threads(process).items():
                if number in before:
                    busy = (thread.seconds - before[number].seconds) / passed
                    woken = (thread.wakes - before[number].wakes) / passed
                    took, wakes = took + busy, wakes + woken
                    if by_thread and woken:
                        print(f"    {thread.name:16} {1000 * busy:5.1f} ms {woken:4.0f} wakes")  # noqa: T201
            used = f"{1000 * took:.1f} ms and {wakes:.0f} wakes a second"
            print(f"{name}: {used}; {memory(process)}", flush=True)  # noqa: T201
    return start, took


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--threads", action="store_true", help="also each thread")
    parser.add_argument("--hold", action="store_true", help="in HOLD, not in IDLE")
    parser.add_argument("--echo", action="store_true", help="the microphone hears the speaker")
    parser.add_argument("--pipewire", action="store_true", help="PipeWire, not PulseAudio")
    options = parser.parse_args()
    kind = PipeWireRoom if options.pipewire else Room
    found = [
        measure(
            kind,
            options.seconds,
            hold=options.hold,
            echo=options.echo,
            by_thread=options.threads,
        )
        for _ in range(options.times)
    ]
    start, took = (statistics.median(each) for each in zip(*found, strict=True))
    print(f"median: {start:.2f} s of CPU to start, {1000 * took:.1f} ms a second")  # noqa: T201


if __name__ == "__main__":
    main()
