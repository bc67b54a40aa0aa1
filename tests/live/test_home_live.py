"""From the house, in real time: a session begun by MQTT, answered by voice, ended by MQTT."""

from time import sleep

import pytest

from legsup_voice.content import content
from legsup_voice.speaking.voice import Voice
from tests.bridges.broker import MOSQUITTO, BridgeProcess, Listener, Mosquitto
from tests.live.test_live import BEGINNING, answers
from tests.live.virtual import LegsUp, Room, find, hurry

pytestmark = [
    pytest.mark.live,
    pytest.mark.mqtt,
    pytest.mark.skipif(MOSQUITTO is None, reason="not run: there is no mosquitto here"),
]


RECORDER = 0.1
"""Seconds by which what is recorded may be behind what sounds (`Room.record`)."""


def test_start_by_mqtt_answers_by_voice_and_come_down_by_mqtt_during_a_line(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("home")
    with Room(folder) as room, Mosquitto(folder) as broker, Listener(broker.port) as listener:
        options = ("--port", str(broker.port), "--identity", "test")
        with (
            LegsUp(room, "--minutes", "1", "--breathing", "none") as program,
            BridgeProcess(folder, *options) as bridge,
        ):
            for process in (bridge.process.pid, broker.process.pid):
                hurry(process)
            listener.wait_for("legsup/test/phase", "idle")
            program.wait_for(lambda: program.of("said"), "the first line", 30)
            listener.publish("legsup/test/start/set", "PRESS")
            listener.wait_for("legsup/test/phase", "preparing")
            program.converse(answers(), goal="SETUP", seconds=200)
            program.converse({"setup": ["skip this", "skip"]}, goal="HOLD", seconds=120)
            listener.wait_for("legsup/test/phase", "hold")
            spoken = len(program.of("say"))
            program.wait_for(lambda: len(program.of("say")) > spoken, "a line in the hold", 60)
            sleep(0.7)
            recorded = len(room.heard)
            listener.publish("legsup/test/stop/set", "PRESS")
            program.wait_for(lambda: program.state() == "LEAVING", "the way down", 5)
            program.wait_for(lambda: program.of("say", line="exit.warning"), "the warning", 5)
            listener.wait_for("legsup/test/phase", "coming_down")
            sleep(3)
            heard = room.heard
        (asked,) = program.of("heard", command="stop")
        cut = next(e for e in program.of("said") if e["t"] >= asked["t"])
        first = next(e for e in program.of("say") if e["t"] >= asked["t"])
    assert cut["cut"]
    assert first["line"] == "exit.warning"
    assert cut["end"] - asked["t"] <= 0.3
    clip = Voice().clip(first["text"], content().lines["exit.warning"].pace)
    begins, likeness = find(heard[recorded:], clip[:BEGINNING])
    assert likeness > 0.8
    assert begins - (first["start"] - cut["end"]) <= 0.3 + RECORDER
