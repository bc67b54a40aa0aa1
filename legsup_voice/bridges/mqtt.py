"""`legsup bridge mqtt`: the guide on an MQTT broker, a device that Home Assistant finds by itself.

A process of its own and a client of the control socket: whatever happens to it, to the broker or to
the network, the guide doesn't notice. It looks for both without end, and says everything again to a
broker, or a Home Assistant, that comes back. A command that the broker kept for us is none: nobody
wants what was pressed yesterday.
"""

import json
import logging
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import FrameType
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from legsup_voice.bridges import guide
from legsup_voice.bridges.discovery import (
    BREATHING,
    BUTTONS,
    OFFLINE,
    ONLINE,
    USUAL,
    Topics,
    discovery,
    states,
)
from legsup_voice.errors import UserError

RECONNECT = (1, 30)
"""Seconds between two tries to reach the broker, at first and at most."""

AT_LEAST_ONCE = 1

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Broker:
    """Where the broker is and how to be let in; `ca`: whose certificates count, for TLS."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca: Path | None = None


class Bridge:
    """Joins one guide and one broker; `identity` names the guide in the topics."""

    def __init__(self, broker: Broker, identity: str, prefix: str, socket: Path | None) -> None:
        self._topics = Topics(identity)
        self._prefix = prefix
        self._socket = socket
        self._lock = Lock()
        self._guide: dict[str, Any] | None = None
        self._said: dict[str, str] = {}
        self._breathing = USUAL
        self._trouble = ""
        self._client = self._client_for(broker)

    def run(self) -> None:
        """Carry over what the guide does, until the process is ended."""
        self._client.loop_start()
        try:
            for message in guide.follow_always(self._socket):
                if message is None or message["kind"] in ("hello", "status"):
                    self._notice(message)
        finally:
            self._publish(self._topics.available, OFFLINE)
            self._client.disconnect()
            self._client.loop_stop()

    def _client_for(self, broker: Broker) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"legsup-{self._topics.identity}")
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if broker.tls or broker.ca:
            try:
                client.tls_set(str(broker.ca) if broker.ca else None)
            except OSError as error:
                reason = error.strerror or str(error)
                raise UserError(f"The certificates {broker.ca} can't be read: {reason}.") from error
        client.will_set(self._topics.available, OFFLINE, AT_LEAST_ONCE, retain=True)
        client.reconnect_delay_set(*RECONNECT)
        client.on_connect = self._connected
        client.on_connect_fail = lambda _client, _data: self._complain("it does not answer")
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.connect_async(broker.host, broker.port)
        return client

    # --- from the guide --------------------------------------------------------------------

    def _notice(self, now: dict[str, Any] | None) -> None:
        with self._lock:
            before, self._guide = self._guide, now
            if (before is None) != (now is None):
                self._introduce()
            else:
                self._tell()

    def _introduce(self) -> None:
        """Say everything: to a broker or a Home Assistant that is new, or of a guide that is."""
        self._said.clear()
        if self._guide is None:
            self._publish(self._topics.available, OFFLINE)
            return
        needs = self._guide["needs_someone"] is not None
        device = discovery(self._topics, needs_someone=needs)
        self._publish(self._topics.discovery(self._prefix), json.dumps(device))
        self._publish(self._topics.available, ONLINE)
        self._tell()

    def _tell(self) -> None:
        """Say what has changed."""
        if self._guide is None:
            return
        now = states(self._guide, datetime.now(UTC)) | {"breathing": self._breathing}
        for entity, state in now.items():
            if self._said.get(entity) != state:
                self._publish(self._topics.state(entity), state)
        self._said = now

    def _publish(self, topic: str, payload: str) -> None:
        self._client.publish(topic, payload, AT_LEAST_ONCE, retain=True)

    # --- from the broker, in paho's thread -------------------------------------------------

    def _connected(
        self,
        client: Client,
        _data: object,
        _flags: ConnectFlags,
        why: ReasonCode,
        _p: Properties | None,
    ) -> None:
        if why.is_failure:
            self._complain(f"it refuses: {why}")
            return
        self._trouble = ""
        log.info("The broker is there.")
        client.subscribe(
            [
                (self._topics.command("+"), AT_LEAST_ONCE),
                (f"{self._prefix}/status", AT_LEAST_ONCE),
            ]
        )
        with self._lock:
            self._introduce()

    def _disconnected(
        self,
        _c: Client,
        _data: object,
        _flags: DisconnectFlags,
        why: ReasonCode,
        _p: Properties | None,
    ) -> None:
        if why.is_failure:
            self._complain(f"the connection is lost: {why}")

    def _complain(self, trouble: str) -> None:
        """Say what is wrong with the broker, once."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("The broker can't be reached yet: %s.", trouble)

    def _received(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        payload = message.payload.decode("utf-8", "replace")
        if message.topic == f"{self._prefix}/status":
            if payload == ONLINE:
                with self._lock:
                    self._introduce()
        elif not message.retain:
            self._obey(message.topic.split("/")[-2], payload)

    def _obey(self, entity: str, payload: str) -> None:
        if entity == "breathing" and payload in BREATHING:
            with self._lock:
                self._breathing = payload
                self._tell()
            return
        request = self._request(entity, payload)
        if request is None:
            log.warning("What was sent to %r is not a command, and was left out.", entity)
            return
        try:
            answer = guide.ask(request, self._socket)
        except guide.NoGuideError as error:
            answer = {"ok": False, "why": str(error)}
        if not answer["ok"]:
            log.warning("%r was refused: %s", entity, answer["why"])
            with self._lock:
                self._said.pop(entity, None)  # so that Home Assistant shows what is true
                self._tell()

    def _request(self, entity: str, payload: str) -> Mapping[str, object] | None:
        if entity == "start" and self._breathing != USUAL:
            return {"command": "start", "pattern": self._breathing}
        if entity in BUTTONS:
            return {"command": entity}
        if entity == "volume":
            try:
                return {"command": "volume", "gain_db": float(payload)}
            except ValueError:
                return None
        return None


def bridge(broker: Broker, identity: str, prefix: str = "homeassistant") -> None:
    """Run the bridge until SIGTERM or SIGINT.

    Raises:
        UserError: the certificates can't be read.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    joined = Bridge(broker, identity, prefix, None)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    joined.run()
