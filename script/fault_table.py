"""What is heard after each fault in each state, and how soon: a Markdown table, all simulated.

python script/fault_table.py
"""

import json
import tempfile
from pathlib import Path

from legsup_voice.audio import BLOCKS_PER_SECOND
from legsup_voice.records.eventlog import read_events
from legsup_voice.simulation.simulate import run_scenario

FAULTS: dict[str, dict[str, object]] = {
    "microphone unplugged": {"unplug": "microphone"},
    "speaker unplugged for 10 s, from its return": {"unplug": "speaker"},
    "killed and started again": {"kill": True},
    "recogniser stalls": {"stall": "recogniser"},
    "disk full": {"disk": "full"},
    "clock set on by an hour": {"clock": 3600},
}
BEGIN = [
    {"after": "idle.begin", "wait": 1, "say": "start"},
    {"after": "screening", "wait": 0.8, "say": "no", "repeat": True},
]
SKIP = {"after": "setup.wall", "wait": 0.8, "say": "skip this"}
NEXT = {"after": "setup", "wait": 0.8, "say": "next", "repeat": True}
AFTER = [{"after": "sitting", "wait": 0.8, "say": "no", "repeat": True}]
PLACES: dict[str, tuple[list[dict[str, object]], dict[str, object]]] = {
    "SCREENING": ([], {"during": "screening.glaucoma", "wait": 1}),
    "SETUP, standing": ([], {"after": "setup.wall", "wait": 1.0}),
    "SETUP, legs up": ([NEXT], {"after": "setup.heels", "wait": 0.2}),
    "HOLD": ([SKIP], {"in": "HOLD", "wait": 8}),
    "PAUSED": (
        [SKIP, {"in": "HOLD", "wait": 14, "say": "pause"}],
        {"in": "PAUSED", "wait": 5},
    ),
    "LEAVING": ([SKIP], {"during": "exit.warning", "wait": 1}),
    "SIDE": ([SKIP], {"in": "SIDE", "wait": 8}),
    "SITTING": ([SKIP], {"in": "SITTING", "wait": 10}),
}
SPEAKER_BACK = 10.0
BLOCK = 1 / BLOCKS_PER_SECOND
"""Seconds; an act is logged at the end of the block in which it happens."""
HEAD = """| fault | in | first words after it | after | exit warning | ended in |
|---|---|---|---|---|---|"""


def scenario(place: str, fault: str) -> dict[str, object]:
    """Return a session in which `fault` happens at `place`."""
    steps, trigger = PLACES[place]
    acts = [{**trigger, **FAULTS[fault]}]
    if FAULTS[fault].get("unplug") == "speaker":
        wait = float(str(trigger.get("wait", 0))) + SPEAKER_BACK
        acts.append({**trigger, "wait": wait, "plug": "speaker"})
    options = {"minutes": 0.5, "breathing": "belly", "voice": "am_michael", "until": 330}
    return {"options": options, "steps": [*BEGIN, *steps, *AFTER, *acts]}


def row(place: str, fault: str, folder: Path) -> str:
    """Simulate, and return what came of it as a row of the table."""
    path = folder / "scenario.yaml"
    path.write_text(json.dumps(scenario(place, fault)), encoding="utf-8")
    run_scenario(path, folder)
    events = read_events(folder / "events.jsonl")
    acts = [e for e in read_events(folder / "room.jsonl") if e["kind"] == "act"]
    if not acts:
        return f"| {fault} | {place} | the place was not reached | | | |"
    at = acts[-1]["t"]  # that the speaker is back, where it was gone
    said = [e for e in events if e["kind"] == "say" and e["start"] >= at - BLOCK]
    first = f"“{said[0]['text']}”" if said else "nothing"
    soon = f"{max(0, said[0]['start'] - at):.1f} s" if said else ""
    warnings = [e["start"] for e in said if e["line"] in ("exit.warning", "exit.short")]
    warned = f"after {max(0, warnings[0] - at):.1f} s" if warnings else "-"
    states = [e["state"] for e in events if e["kind"] == "state"]
    return f"| {fault} | {place} | {first} | {soon} | {warned} | {states[-1]} |"


def main() -> None:
    """Print the table."""
    print(HEAD)  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="legsup-") as folder:
        for fault in FAULTS:
            for place in PLACES:
                print(row(place, fault, Path(folder)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
