"""The guide on a real MQTT broker; what Home Assistant would read and press."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from legsup_voice.bridges.discovery import PHASES
from legsup_voice.commands.cli import main
from legsup_voice.content import LANGUAGE, languages
from legsup_voice.live.outward import SEEN_AS
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.log import CommandHeard, LineBegun, LineOver, LogRecord
from legsup_voice.protocol.states import State
from tests.bridges.broker import MOSQUITTO, BridgeProcess, Listener, Mosquitto, until
from tests.bridges.house import RunningHouse, health_words

pytestmark = [
    pytest.mark.mqtt,
    pytest.mark.skipif(MOSQUITTO is None, reason="not run: there is no mosquitto here"),
]

CONFIG = "homeassistant/device/legsup_test/config"


def socket_in(folder: Path) -> Path:
    return folder / "legsup_voice" / "control.sock"


class Home:
    """A guide, a broker, the bridge between them, and who listens in."""

    def __init__(
        self, stack: ExitStack, folder: Path, faster: float = 10.0, language: str = LANGUAGE
    ) -> None:
        self.broker = stack.enter_context(Mosquitto(folder))
        self.listener = stack.enter_context(Listener(self.broker.port))
        self.house = stack.enter_context(
            RunningHouse(socket_in(folder), faster, minutes=1, breathing="belly", language=language)
        )
        options = ("--port", str(self.broker.port), "--identity", "test")
        self.bridge = stack.enter_context(BridgeProcess(folder, *options))
        self.listener.wait_for("legsup/test/available", "online")

    def hold(self) -> None:
        """Answer for someone healthy until the hold has begun."""
        until(lambda: not self.house.engine.speaking, "silence")
        for _ in range(60):
            if self.house.state is State.HOLD:
                return
            self.house.ears.due.append(Heard(self.house.answer()))
            until(lambda: not self.house.ears.due, "the answer")
            until(
                lambda: not self.house.engine.speaking or self.house.state is State.HOLD, "silence"
            )
        raise AssertionError(f"no hold, only {self.house.states()}")


@pytest.fixture
def language() -> str:
    return LANGUAGE


@pytest.fixture
def home(tmp_path: Path, language: str) -> Iterator[Home]:
    with ExitStack() as stack:
        yield Home(stack, tmp_path, language=language)


def test_home_assistant_finds_one_device_with_all_entities(home: Home) -> None:
    device = json.loads(home.listener.wait_for(CONFIG))
    platforms = {name: each["platform"] for name, each in device["components"].items()}
    assert platforms == {
        "phase": "sensor",
        "in_pose": "binary_sensor",
        "hold_ends": "sensor",
        "last_hold": "sensor",
        "volume": "number",
        "breathing": "select",
        "start": "button",
        "stop": "button",
        "pause": "button",
        "resume": "button",
    }
    assert len({each["unique_id"] for each in device["components"].values()}) == len(platforms)
    assert all("default_entity_id" in each for each in device["components"].values())
    assert device["availability_topic"] == "legsup/test/available"
    assert device["device"]["identifiers"]
    assert device["origin"]["name"]
    for name, each in device["components"].items():
        if each["platform"] != "button":
            home.listener.wait_for(each["state_topic"])
            assert each["state_topic"] == f"legsup/test/{name}"


def test_a_session_shows_and_can_be_steered(home: Home) -> None:
    listener = home.listener
    until(lambda: not home.house.engine.speaking, "silence")
    listener.publish("legsup/test/breathing/set", "box")
    listener.wait_for("legsup/test/breathing", "box")
    listener.publish("legsup/test/start/set", "PRESS")
    listener.wait_for("legsup/test/phase", "preparing")
    started = next(r for r in home.house.log if isinstance(r, CommandHeard))
    assert (started.command, started.pattern, started.outside) == ("start", "box", True)
    home.hold()
    listener.wait_for("legsup/test/phase", "hold")
    listener.wait_for("legsup/test/in_pose", "ON")
    until(lambda: listener.payloads("legsup/test/hold_ends")[-1] != "None", "the end")
    ends = datetime.fromisoformat(listener.payloads("legsup/test/hold_ends")[-1])
    assert 0 < (ends - datetime.now(UTC)).total_seconds() <= 61
    listener.publish("legsup/test/volume/set", "-4")
    listener.wait_for("legsup/test/volume", "-4")
    listener.publish("legsup/test/volume/set", "60")
    listener.wait_for("legsup/test/volume", "-4", since=2)
    listener.publish("legsup/test/pause/set", "PRESS")
    until(lambda: home.house.state is State.PAUSED, "the pause")
    listener.publish("legsup/test/resume/set", "PRESS")
    until(lambda: home.house.state is State.HOLD, "the hold")
    listener.publish("legsup/test/stop/set", "PRESS")
    listener.wait_for("legsup/test/phase", "coming_down")
    listener.wait_for("legsup/test/phase", "resting")
    assert float(listener.payloads("legsup/test/last_hold")[-1]) > 0
    assert home.house.lines()[-1].startswith(("exit.", "side.", "stand.", "sitting."))


def test_come_down_by_mqtt_is_silent_within_300_ms_and_warns_first(tmp_path: Path) -> None:
    """On a clock as fast as the wall's: broker, bridge and socket take their time in it."""
    with ExitStack() as stack:
        home = Home(stack, tmp_path, faster=10)
        home.hold()
        until(lambda: isinstance(home.house.log[-1], LineBegun), "a line", 60)
        home.house.keep_pace(1.0)
        pressed = home.house.engine.now
        home.listener.publish("legsup/test/stop/set", "PRESS")
        until(lambda: begun(home, pressed), "the next line")
        assert begun(home, pressed) == ["exit.warning"]
        cut = next(r for r in home.house.log if isinstance(r, LineOver) and r.t >= pressed)
        assert cut.cut
        assert cut.end - pressed <= 0.3


def begun(home: Home, since: float) -> list[str]:
    """Return the lines that have begun after `since`."""
    return [r.line for r in home.house.log if isinstance(r, LineBegun) and r.t > since]


def test_what_the_broker_kept_is_no_command(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Listener(broker.port) as listener:
        for name in ("start", "stop", "volume"):
            listener.publish(f"legsup/test/{name}/set", "3", retain=True)
        options = ("--port", str(broker.port), "--identity", "test")
        with (
            RunningHouse(socket_in(tmp_path), 10) as house,
            BridgeProcess(tmp_path, *options),
        ):
            listener.wait_for("legsup/test/volume", "0")
            until(lambda: not house.engine.speaking, "silence")
            listener.publish("legsup/test/volume/set", "-2")
            listener.wait_for("legsup/test/volume", "-2")
            assert house.states() == [State.IDLE]
            assert set(listener.payloads("legsup/test/volume")) == {"0", "-2"}


def test_home_assistant_that_starts_again_is_told_everything(home: Home) -> None:
    home.listener.wait_for(CONFIG)
    home.listener.publish("homeassistant/status", "online")
    home.listener.wait_for(CONFIG, since=1)
    home.listener.wait_for("legsup/test/phase", since=1)


def test_a_killed_bridge_is_unavailable(home: Home) -> None:
    home.bridge.process.kill()
    home.listener.wait_for("legsup/test/available", "offline")


def test_a_guide_that_ends_is_unavailable_and_comes_back(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Listener(broker.port) as listener:
        options = ("--port", str(broker.port), "--identity", "test")
        with BridgeProcess(tmp_path, *options):
            for number in range(2):
                with RunningHouse(socket_in(tmp_path), 10):
                    listener.wait_for("legsup/test/available", "online", since=2 * number)
                listener.wait_for("legsup/test/available", "offline", since=2 * number)


def test_kill_9_of_broker_and_bridge_in_hold_changes_no_event(tmp_path: Path) -> None:
    """Every event of the hold and the way down, to the sample, is that of a session alone."""

    def whole_session(folder: Path, disturbed: bool) -> list[LogRecord]:
        folder.mkdir(mode=0o700)
        house = RunningHouse(socket_in(folder), 40, minutes=1, breathing="belly")
        house.to_hold()
        with ExitStack() as stack:
            if disturbed:
                broker = stack.enter_context(Mosquitto(folder))
                listener = stack.enter_context(Listener(broker.port))
                options = ("--port", str(broker.port), "--identity", "test")
                bridge = stack.enter_context(BridgeProcess(folder, *options))
                listener.wait_for("legsup/test/available", "online")
            stack.enter_context(house)
            if disturbed:
                broker.kill()
                bridge.process.kill()
            return house.until_sitting()

    alone = whole_session(tmp_path / "alone", False)
    disturbed = whole_session(tmp_path / "disturbed", True)
    assert len(alone) > 20
    assert disturbed == alone


def test_a_broker_that_comes_back_is_told_everything(tmp_path: Path) -> None:
    with ExitStack() as stack:
        home = Home(stack, tmp_path)
        home.broker.kill()
        until(lambda: "can't be reached" in home.bridge.messages, "the complaint")
        home.broker.start()
        with Listener(home.broker.port) as again:
            again.wait_for("legsup/test/available", "online")
            again.wait_for(CONFIG)
            again.wait_for("legsup/test/phase")


@pytest.mark.parametrize("language", languages())
def test_nothing_about_health_is_published(home: Home) -> None:
    """`mosquitto_sub -v '#'` over every symptom and condition, in the pose and out of it."""
    told = [Heard(Command.SYMPTOM, symptom=each) for each in Symptom]
    told += [Heard(Command.CONDITION, condition=each) for each in Condition]
    house = home.house
    house.keep_pace(40)
    for heard in told:  # before the pose: whoever names one is refused
        until(lambda: not house.engine.speaking, "silence")
        asked = house.states().count(State.SCREENING)
        home.listener.publish("legsup/test/start/set", "PRESS")
        until(lambda asked=asked: house.states().count(State.SCREENING) > asked, "the questions")  # type: ignore[misc]
        house.ears.due.append(heard)
        until(lambda: house.state is not State.SCREENING, f"what follows {heard}")
        until(lambda: not house.engine.speaking, "silence")
        house.ears.due.append(Heard(Command.NO))
        until(lambda: house.state is State.IDLE, f"the end after {heard}", 60)
    house.keep_pace(10)
    home.hold()
    for heard in told:  # in it, and on the way down
        before = len(home.house.log)
        home.house.ears.due.append(heard)
        until(lambda before=before: len(home.house.log) > before + 2, "a reply")  # type: ignore[misc]
        until(lambda: not home.house.engine.speaking, "silence")
    home.listener.publish("legsup/test/volume/set", "-1")
    home.listener.wait_for("legsup/test/volume", "-1")
    read = "\n".join(f"{topic} {payload}" for _, topic, payload in home.listener.read)
    assert "coming_down" in read
    assert health_words(read) == []


def test_the_password_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    made = ["mosquitto_passwd", "-b", "-c", str(passwords), "guide", "s3cret word"]
    subprocess.run(made, check=True, capture_output=True)
    secret = tmp_path / "secret"
    secret.write_text("s3cret word\n")
    access = ("allow_anonymous false", f"password_file {passwords}")
    with Mosquitto(tmp_path, *access) as broker, RunningHouse(socket_in(tmp_path), 10):
        options = ("--port", str(broker.port), "--username", "guide")
        with BridgeProcess(tmp_path, *options, LEGSUP_MQTT_PASSWORD="wrong") as bridge:  # noqa: S106
            until(lambda: "refuses" in bridge.messages, "the complaint")
            assert "wrong" not in bridge.messages
        for given in ({"LEGSUP_MQTT_PASSWORD": "s3cret word"}, {}):
            file = () if given else ("--password-file", str(secret))
            with BridgeProcess(tmp_path, *options, *file, **given) as bridge:
                asked = ["mosquitto_sub", "-p", str(broker.port), "-u", "guide", "-P"]
                asked += ["s3cret word", "-t", "legsup/+/available", "-C", "1", "-W", "20"]
                said = subprocess.run(asked, check=True, capture_output=True, text=True)
                assert said.stdout.strip() in ("online", "offline")
                assert "refuses" not in bridge.messages


def test_tls_needs_the_right_certificate(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    made += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(made, check=True, capture_output=True)
    access = ("allow_anonymous true", f"certfile {certificate}", f"keyfile {key}")
    with Mosquitto(tmp_path, *access) as broker, RunningHouse(socket_in(tmp_path), 10):
        options = ("--port", str(broker.port))
        with BridgeProcess(tmp_path, *options, "--tls") as bridge:
            until(lambda: "can't be reached" in bridge.messages, "the complaint")
        with BridgeProcess(tmp_path, *options, "--ca", str(certificate)) as bridge:
            asked = ["mosquitto_sub", "-h", "localhost", "-p", str(broker.port), "--cafile"]
            asked += [str(certificate), "-t", "legsup/+/phase", "-C", "1", "-W", "20"]
            said = subprocess.run(asked, check=True, capture_output=True, text=True)
            assert said.stdout.strip() == "idle"


def test_every_state_that_is_seen_has_a_phase() -> None:
    assert set(PHASES) == {SEEN_AS.get(state, state).value for state in State}


def test_who_wants_it_is_told_when_somebody_is_needed(tmp_path: Path) -> None:
    house = RunningHouse(socket_in(tmp_path), 10, tells_need=True, minutes=1, breathing="belly")
    house.to_hold()
    with Mosquitto(tmp_path) as broker, Listener(broker.port) as listener, house:
        options = ("--port", str(broker.port), "--identity", "test")
        with BridgeProcess(tmp_path, *options):
            listener.wait_for("legsup/test/needs_someone", "OFF")
            assert "needs_someone" in json.loads(listener.wait_for(CONFIG))["components"]
            house.ears.due.append(Heard(Command.SYMPTOM, symptom=Symptom.CHEST))
            listener.wait_for("legsup/test/needs_someone", "ON")


def test_the_bridge_prints_a_unit_that_runs_it(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bridge", "mqtt", "--host", "my broker", "--print-unit"]
    assert main(arguments) == 0
    unit = capsys.readouterr().out
    (command,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    assert command.endswith("-m legsup_voice bridge mqtt --host 'my broker'")
    assert "Restart=always" in unit


@pytest.mark.parametrize(
    "options",
    [
        ["--password-file", "/none"],
        ["--ca", "/none"],
        ["--identity", "/"],
        ["--port", "0"],
    ],
)
def test_a_wrong_option_is_one_sentence(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bridge", "mqtt", *options]) == 2
    assert capsys.readouterr().err.count("\n") == 1
