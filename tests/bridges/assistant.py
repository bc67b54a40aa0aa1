"""A Home Assistant of our own: no screen, no add-ons, and spoken to by its REST API.

It runs where `LEGSUP_HASS_PYTHON` names a Python that has it, such as `script/counterparts` makes.
"""

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest

from tests.bridges.broker import BridgeProcess, Mosquitto, free_port, until

PYTHON = os.environ.get("LEGSUP_HASS_PYTHON", "")
BLUEPRINT = Path(__file__).parents[2] / "docs" / "home-assistant" / "light.yaml"
STARTING = 180.0
"""Seconds it may take to start on a busy machine."""

DIMMED, BRIGHT = 26, 153
"""Of 255: 10 % and 60 %, which the blueprint has if nobody says otherwise."""

needs_home_assistant = pytest.mark.skipif(
    not PYTHON, reason="not run: LEGSUP_HASS_PYTHON names no Python with Home Assistant"
)

CONFIGURATION = """\
homeassistant: {{name: Test, time_zone: UTC}}
http: {{server_host: 127.0.0.1, server_port: {port}}}
frontend:
automation: !include automations.yaml
input_boolean: {{lamp: }}
input_number: {{lamp: {{min: 0, max: 255, initial: 255}}}}
light:
  - platform: template
    lights:
      lamp:
        value_template: "{{{{ is_state('input_boolean.lamp', 'on') }}}}"
        level_template: "{{{{ states('input_number.lamp') | int }}}}"
        turn_on: {{service: input_boolean.turn_on, target: {{entity_id: input_boolean.lamp}}}}
        turn_off: {{service: input_boolean.turn_off, target: {{entity_id: input_boolean.lamp}}}}
        set_level:
          - service: input_number.set_value
            target: {{entity_id: input_number.lamp}}
            data: {{value: "{{{{ brightness }}}}"}}
          - service: input_boolean.turn_on
            target: {{entity_id: input_boolean.lamp}}
"""
"""A lamp that is nothing but two helpers, and what an owner's configuration always has."""


class HomeAssistant:
    """A running Home Assistant that knows the broker at `broker_port`; use it in a `with`."""

    def __init__(self, folder: Path, broker_port: int) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self._broker_port = broker_port
        self._folder = folder / "home-assistant"
        self._token = ""
        blueprints = self._folder / "blueprints" / "automation" / "legsup"
        blueprints.mkdir(parents=True)
        shutil.copy(BLUEPRINT, blueprints)
        (self._folder / "configuration.yaml").write_text(CONFIGURATION.format(port=port))
        (self._folder / "automations.yaml").write_text("[]\n")

    def __enter__(self) -> "HomeAssistant":
        environment = os.environ | {"HOME": str(self._folder)}
        with (self._folder / "messages.txt").open("wb") as messages:
            self.process = subprocess.Popen(
                [PYTHON, "-m", "homeassistant", "--skip-pip", "-c", str(self._folder)],
                env=environment,
                stdout=messages,
                stderr=messages,
            )
        until(self._answers, "Home Assistant", STARTING)
        self._move_in()
        until(lambda: self.ask("GET", "config")["state"] == "RUNNING", "its start", STARTING)
        assert not self.ask("GET", "config")["recovery_mode"], self.messages
        self._join_broker()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=20)
        self.process.kill()
        self.process.wait()

    @property
    def messages(self) -> str:
        """What it has written to the terminal."""
        return (self._folder / "messages.txt").read_text()

    def ask(self, method: str, path: str, **data: object) -> Any:
        """Return the answer of its REST API."""
        return self._fetch(method, f"/api/{path}", json.dumps(data).encode() if data else None)

    def entities(self) -> dict[str, str]:
        """Return the guide's entities: what each is called, without the device's name, and its id.

        What Home Assistant knows of the device is asked for by its template language.
        """
        listed = (
            "{% for entity in device_entities(device_id('Legs up')) or [] %}"
            "{{ state_attr(entity, 'friendly_name') }}={{ entity }}\n{% endfor %}"
        )
        lines = str(self.ask("POST", "template", template=listed)).splitlines()
        pairs = (line.strip().removeprefix("Legs up ").split("=") for line in lines if "=" in line)
        return dict(pairs)

    def state(self, entity: str) -> dict[str, Any]:
        """Return an entity's state, with its attributes and times; nothing while it isn't there."""
        try:
            state: dict[str, Any] = self.ask("GET", f"states/{entity}")
        except HTTPError as error:
            if error.code != HTTPStatus.NOT_FOUND:
                raise
            return {}
        return state

    def call(self, service: str, entity: str, **data: object) -> None:
        """Call `domain.service` for one entity, as a press in the app does."""
        self.ask("POST", f"services/{service.replace('.', '/')}", entity_id=entity, **data)

    def use_blueprint(self, **inputs: object) -> None:
        """Make an automation of our blueprint, for the lamp."""
        inputs["light"] = {"entity_id": "light.lamp"}
        blueprint = {"path": f"legsup/{BLUEPRINT.name}", "input": inputs}
        self.ask("POST", "config/automation/config/legs", alias="Legs", use_blueprint=blueprint)
        until(lambda: self.state("automation.legs").get("state") == "on", "the automation")

    def lamp_is(self, brightness: int, since: float) -> float:
        """Wait until the lamp is that bright, after `since`; return when it was (Unix time)."""
        found: list[float] = []

        def there() -> bool:
            lamp = self.state("light.lamp")
            at = datetime.fromisoformat(lamp["last_updated"]).timestamp()
            if lamp["attributes"].get("brightness") == brightness and at >= since:
                found.append(at)
            return bool(found)

        until(there, f"a lamp of {brightness}")
        return found[0]

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.messages
        with contextlib.suppress(OSError):
            return bool(self._fetch("GET", "/api/onboarding"))
        return False

    def _move_in(self) -> None:
        """Be its first user."""
        user = {"name": "T", "username": "t", "password": f"{time.time()}", "language": "en"}
        user["client_id"] = f"{self.url}/"
        code = self.ask("POST", "onboarding/users", **user)["auth_code"]
        asked = {"grant_type": "authorization_code", "code": code, "client_id": f"{self.url}/"}
        token = self._fetch(
            "POST", "/auth/token", urlencode(asked).encode(), "x-www-form-urlencoded"
        )
        self._token = token["access_token"]

    def _join_broker(self) -> None:
        """Add the MQTT integration, as its page of settings does."""
        flows = "config/config_entries/flow"
        flow = self.ask("POST", flows, handler="mqtt")["flow_id"]
        made = self.ask("POST", f"{flows}/{flow}", broker="127.0.0.1", port=self._broker_port)
        assert made["type"] == "create_entry", made

    def _fetch(self, method: str, path: str, body: bytes | None = None, kind: str = "json") -> Any:
        headers = {"Content-Type": f"application/{kind}"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(self.url + path, body, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=STARTING) as answer:  # noqa: S310
            text = answer.read().decode()
        return json.loads(text) if "json" in answer.headers["Content-Type"] else text


class Flat:
    """A broker, a Home Assistant, and from `meet` on the bridge that joins the guide to them."""

    def __init__(self, stack: contextlib.ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self.broker = stack.enter_context(Mosquitto(folder))
        self.assistant = stack.enter_context(HomeAssistant(folder, self.broker.port))

    def meet(self, phase: str, entities: int = 10) -> None:
        """Start the bridge to the guide in the folder; wait for its entities and its phase."""
        options = ("--port", str(self.broker.port), "--identity", "test")
        self.bridge = self._stack.enter_context(BridgeProcess(self._folder, *options))
        until(lambda: len(self.assistant.entities()) == entities, "the device", 60)
        self.found = self.assistant.entities()
        until(lambda: self.state("Phase") == phase, f"the phase {phase}")

    def state(self, entity: str) -> str:
        """Return what Home Assistant takes the state of an entity to be."""
        return str(self.assistant.state(self.found[entity])["state"])

    def press(self, button: str) -> None:
        """Press a button in Home Assistant."""
        self.assistant.call("button.press", self.found[button])

    def make_a_lamp_follow(self) -> None:
        """Make an automation of our blueprint."""
        found = self.found
        self.assistant.use_blueprint(phase=found["Phase"], hold_ends=found["Hold ends"])
