"""What Home Assistant is told about the guide: one device with its entities, in one message.

Nothing of it tells about anyone's health. `needs_someone` does, a little, so that entity is there
only where the user has turned on the setting of that name.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from legsup_voice import __version__
from legsup_voice.protocol.commands import Pattern
from legsup_voice.protocol.limits import MAX_VOLUME, MIN_VOLUME

ONLINE, OFFLINE = "online", "offline"
UNKNOWN = "None"
"""What Home Assistant takes for "not known"."""

BUTTONS = {
    "start": ("Start", "mdi:play"),
    "stop": ("Come down", "mdi:stop"),
    "pause": ("Pause", "mdi:pause"),
    "resume": ("Resume", "mdi:play-pause"),
}
USUAL = "usual"
"""The breathing that the guide begins with by itself: it asks, or is configured."""

BREATHING = (USUAL, *(pattern.value for pattern in Pattern))

PHASES = {
    "IDLE": "idle",
    "SCREENING": "preparing",
    "SETUP": "preparing",
    "HOLD": "hold",
    "PAUSED": "hold",
    "LEAVING": "coming_down",
    "SIDE": "resting",
    "DONE": "resting",
}


@dataclass(frozen=True)
class Topics:
    """The topics of one guide, below `legsup/<identity>`."""

    identity: str

    @property
    def available(self) -> str:
        """Where it is said whether the guide can be reached."""
        return f"legsup/{self.identity}/available"

    def state(self, entity: str) -> str:
        """Return where an entity's state is published."""
        return f"legsup/{self.identity}/{entity}"

    def command(self, entity: str) -> str:
        """Return where an entity is told what to do."""
        return f"legsup/{self.identity}/{entity}/set"

    def discovery(self, prefix: str) -> str:
        """Return where Home Assistant looks for the device."""
        return f"{prefix}/device/legsup_{self.identity}/config"


def discovery(topics: Topics, *, needs_someone: bool) -> dict[str, Any]:
    """Return the message that describes the device."""
    entities = _entities()
    if not needs_someone:
        del entities["needs_someone"]
    components = {
        name: _component(topics, name, platform, details)
        for name, (platform, details) in entities.items()
    }
    return {
        "device": {
            "identifiers": [f"legsup_{topics.identity}"],
            "name": "Legs up",
            "manufacturer": "legsup_voice",
            "model": "Voice guide for legs up the wall",
            "sw_version": __version__,
        },
        "origin": {"name": "legsup_voice", "sw_version": __version__},
        "availability_topic": topics.available,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "components": components,
    }


def _entities() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return each entity's platform and what is special about it."""
    phases = list(dict.fromkeys(PHASES.values()))
    entities: dict[str, tuple[str, dict[str, Any]]] = {
        "phase": ("sensor", {"name": "Phase", "device_class": "enum", "options": phases}),
        "in_pose": ("binary_sensor", {"name": "In the pose", "icon": "mdi:human-handsup"}),
        "hold_ends": ("sensor", {"name": "Hold ends", "device_class": "timestamp"}),
        "last_hold": (
            "sensor",
            {"name": "Last hold", "device_class": "duration", "unit_of_measurement": "s"},
        ),
        "volume": (
            "number",
            {
                "name": "Volume",
                "icon": "mdi:volume-high",
                "min": MIN_VOLUME,
                "max": MAX_VOLUME,
                "step": 1,
                "unit_of_measurement": "dB",
            },
        ),
        "breathing": (
            "select",
            {"name": "Breathing", "icon": "mdi:weather-windy", "options": list(BREATHING)},
        ),
        "needs_someone": ("binary_sensor", {"name": "Needs someone", "device_class": "problem"}),
    }
    for name, (title, icon) in BUTTONS.items():
        entities[name] = ("button", {"name": title, "icon": icon})
    return entities


def _component(topics: Topics, name: str, platform: str, details: dict[str, Any]) -> dict[str, Any]:
    component = {
        "platform": platform,
        "unique_id": f"legsup_{topics.identity}_{name}",
        "default_entity_id": f"{platform}.legsup_{name}",
    }
    if platform != "button":
        component["state_topic"] = topics.state(name)
    if platform in ("button", "number", "select"):
        component["command_topic"] = topics.command(name)
    return component | details


def states(now: dict[str, Any], clock: datetime) -> dict[str, str]:
    """Return every entity's state for the guide's snapshot `now`, taken at `clock`."""
    found = {
        "phase": PHASES[now["state"]],
        "in_pose": _on_off(now["in_pose"]),
        "hold_ends": UNKNOWN,
        "last_hold": UNKNOWN if now["last_hold"] is None else f"{now['last_hold']:.0f}",
        "volume": f"{now['volume']:g}",
    }
    if now["hold_ends"] is not None:
        ends = clock + timedelta(seconds=now["hold_ends"] - now["t"])
        found["hold_ends"] = ends.isoformat(timespec="seconds")
    if now["needs_someone"] is not None:
        found["needs_someone"] = _on_off(now["needs_someone"])
    return found


def _on_off(value: bool) -> str:
    return "ON" if value else "OFF"
