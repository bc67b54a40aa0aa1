"""A mosquitto of our own, a bridge to it, and someone who listens in."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
PATIENCE = 20.0


class Mosquitto:
    """The broker; use it in a `with` statement."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        user = f"user {os.environ.get('USER', 'root')}" if os.getuid() == 0 else ""
        access = lines or ("allow_anonymous true",)
        listener = f"listener {self.port} 127.0.0.1"
        self._config.write_text("\n".join([user, listener, *access]) + "\n")

    def __enter__(self) -> "Mosquitto":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, at first or again, and wait until it listens."""
        assert MOSQUITTO is not None
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._listens, "the broker")

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()
        self.process.wait()

    def _listens(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0


class BridgeProcess:
    """`legsup bridge mqtt` for the guide in `folder`; use it in a `with` statement."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self._command = [sys.executable, "-m", "legsup_voice", "bridge", "mqtt", *options]
        self._environment = os.environ | {"XDG_RUNTIME_DIR": str(folder)} | environment
        self._messages = folder / "bridge.txt"

    def __enter__(self) -> "BridgeProcess":
        with self._messages.open("wb") as messages:
            self.process = subprocess.Popen(
                self._command, env=self._environment, stdout=messages, stderr=messages
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        self.process.kill()
        self.process.wait()

    @property
    def messages(self) -> str:
        """What it has written to the terminal."""
        return self._messages.read_text()


class Listener:
    """Whoever reads everything on a broker, and can publish; use it in a `with` statement."""

    def __init__(self, port: int) -> None:
        self.read: list[tuple[float, str, str]] = []
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("#", 1)
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = self._received
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert subscribed.wait(PATIENCE)

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish, and wait until the broker has it."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(PATIENCE)

    def payloads(self, topic: str) -> list[str]:
        """Return what was published on `topic`, in order."""
        return [payload for _, on, payload in self.read if on == topic]

    def wait_for(self, topic: str, payload: str | None = None, since: int = 0) -> str:
        """Wait until `payload`, or anything, has come on `topic` after the first `since`."""

        def there() -> bool:
            found = self.payloads(topic)[since:]
            return payload in found if payload is not None else bool(found)

        until(there, f"{payload} on {topic} ({self.payloads(topic)})")
        return self.payloads(topic)[-1]

    def _received(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.read.append((time.monotonic(), message.topic, message.payload.decode()))


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.02)


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])
