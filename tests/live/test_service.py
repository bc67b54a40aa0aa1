"""The systemd unit, checked by systemd itself, and `legsup service` where systemd is and isn't."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from legsup_voice.commands.cli import main
from legsup_voice.live import service
from legsup_voice.live.supervisor import LAST_WORDS


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LEGSUP_CACHE", str(tmp_path / "cache"))
    for name in ("SUDO_USER", "LEGSUP_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put programs that note how they are called where systemctl and loginctl are looked for."""
    calls = tmp_path / "calls"
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setattr(service, "BOOTED", tmp_path)

    def answer(shell: str) -> Path:
        for name in ("systemctl", "loginctl", "systemd-run"):
            program = programs / name
            program.write_text(f'#!/bin/sh\necho {name} "$@" >> {calls}\n{shell}\n')
            program.chmod(0o755)
        return calls

    return answer


def values(unit: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)


def test_the_unit_waits_for_the_last_words_and_always_comes_back() -> None:
    unit = values(service.unit_text())
    assert unit["Type"] == "notify"
    assert unit["Restart"] == "always"
    assert int(unit["WatchdogSec"]) > 0
    assert float(unit["TimeoutStopSec"]) >= LAST_WORDS + 10
    assert unit["KillMode"] == "mixed"
    assert unit["RestrictAddressFamilies"] == "AF_UNIX"
    assert unit["UMask"] == "0077"
    assert unit["StartLimitIntervalSec"] == "0", "it may have to come back for ever"
    assert "sound.target" in unit["After"]
    assert unit["SuccessExitStatus"] == str(128 + 15)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", ["plain", 'a b %h $x "q" \\ é'])
def test_systemd_finds_no_fault_in_the_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path / name))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    path = tmp_path / service.UNIT
    command = ["systemd-analyze", "--user", "verify", "--man=no", str(path)]
    path.write_text(service.unit_text().replace("Restart=", "Restrat="))
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Restrat" in found.stderr, "the check must be able to find something"
    path.write_text(service.unit_text())
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_finds_little_that_is_exposed(tmp_path: Path) -> None:
    path = tmp_path / service.UNIT
    path.write_text(service.unit_text())
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", found)
    assert exposure, found
    assert float(exposure[1]) <= 3.0


def test_only_system_calls_that_it_needs_are_left() -> None:
    filters = re.findall(r"^SystemCallFilter=(.*)$", service.unit_text(), re.MULTILINE)
    assert filters == ["@system-service", "~@privileged @resources"]


def test_the_service_finds_the_folders_that_this_process_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("LEGSUP_CONFIG", "LEGSUP_DATA", "LEGSUP_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    for name in names:
        monkeypatch.setenv(name, str(tmp_path / name))
    unit = service.unit_text()
    for name in names:
        assert f'Environment="{name}={tmp_path / name}"' in unit
    for name in ("LEGSUP_DATA", "LEGSUP_CACHE"):
        assert f'ReadWritePaths="-{tmp_path / name}"' in unit


def test_where_user_namespaces_are_refused_the_rest_still_starts() -> None:
    unit = service.unit_text(namespaces=False)
    assert "PrivateUsers" not in unit
    assert "RestrictAddressFamilies=AF_UNIX" in unit


def test_without_systemd_it_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    for command in ("install", "status", "remove"):
        assert main(["service", command]) == 2
        assert "systemd does not run this computer" in capsys.readouterr().err


def test_install_status_and_remove(
    systemd: Callable[[str], Path], capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    calls = systemd(
        'case "$*" in *show*) printf "LoadState=loaded\\nActiveState=active\\nUnitFileState=enabled'
        '\\nNRestarts=2\\nActiveEnterTimestamp=today\\n";; esac'
    )
    assert main(["service", "install"]) == 0
    unit = home / "systemd" / "user" / service.UNIT
    assert unit.read_text() == service.unit_text(namespaces=True)
    assert "It starts with the computer." in capsys.readouterr().out
    assert main(["service", "status"]) == 0
    assert "It runs since today, is enabled" in capsys.readouterr().out
    assert main(["service", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "installed": True,
        "running": True,
        "state": None,
        "since": "today",
        "at_start": True,
        "brought_back": 2,
    }
    assert main(["service", "remove"]) == 0
    assert not unit.exists()
    assert main(["service", "remove"]) == 0
    assert "not installed" in capsys.readouterr().out
    done = calls.read_text().splitlines()
    assert done[0].startswith("systemd-run --user --wait --property PrivateUsers=yes")
    assert done[1:4] == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable --now {service.UNIT}",
        "loginctl enable-linger",
    ]
    assert done[-2:] == [
        f"systemctl --user disable --now {service.UNIT}",
        "systemctl --user daemon-reload",
    ]


def test_without_leave_to_linger_it_says_how_to_get_it(
    systemd: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    systemd('case "$0" in *loginctl) exit 1;; esac')
    assert main(["service", "install"]) == 0
    assert "sudo loginctl enable-linger" in capsys.readouterr().out


def test_a_refusal_is_one_sentence(
    systemd: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    systemd('echo "Failed to connect to bus: No medium found." >&2; exit 1')
    assert main(["service", "install"]) == 2
    told = capsys.readouterr().err
    assert "systemd refused to daemon-reload: Failed to connect to bus: No medium found." in told


def test_status_of_nothing(
    systemd: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    systemd("echo LoadState=not-found")
    assert main(["service", "status"]) == 1
    assert "not installed" in capsys.readouterr().out
    assert main(["service", "status", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["installed"] is False


def test_root_is_told_to_leave_it_to_the_user(
    systemd: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    systemd("exit 0")
    monkeypatch.setenv("SUDO_USER", "pi")
    assert main(["service", "install"]) == 2
    assert "without sudo" in capsys.readouterr().err
