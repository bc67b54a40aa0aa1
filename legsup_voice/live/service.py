"""`legsup service`: starts the guide with the computer and brings it back whenever it ends.

It is a unit of the user's own service manager, not of the system's: sound belongs to the user
(PipeWire and PulseAudio run once per user), nothing here needs root, and lingering makes the unit
start at boot although nobody logs in.

What the guide doesn't need is shut off. Part of that needs user namespaces, which some systems
refuse to users; a guide that doesn't start keeps nobody safe, so `install` asks systemd first and
leaves that part out where it can't be had. The network is closed in either case: a filter on
system calls forbids every socket but those of this computer.
"""

import getpass
import json as json_format
import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs
import typer

from legsup_voice.config import cache_directory, data_directory
from legsup_voice.errors import UserError
from legsup_voice.files import write_output
from legsup_voice.private import private_folder

UNIT = "legsup.service"
BOOTED = Path("/run/systemd/system")
"""Is there when systemd runs the computer (sd_booted(3))."""

_PASSED_ON = (
    *("LEGSUP_CONFIG", "LEGSUP_DATA", "LEGSUP_CACHE"),
    *("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"),
)
"""What of this process's environment the service must see too, to find the same folders."""

_TEMPLATE = """\
[Unit]
Description=legsup_voice, the spoken guide for legs up the wall
After=sound.target pipewire.service pipewire-pulse.service wireplumber.service pulseaudio.service
# Whatever keeps it from starting may pass, and someone may be lying there: never give up.
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={command}
{environment}\
# Ten seconds without a sign of life are a hang; the main process watches over the session.
WatchdogSec=10
Restart=always
RestartSec=2
# On SIGTERM the way out of the pose is spoken first, by the main process and its helpers.
KillMode=mixed
TimeoutStopSec=60
SuccessExitStatus=143
# Before anything else of this user that wants the processor or the disk.
CPUWeight=1000
IOWeight=1000
UMask=0077
RuntimeDirectory=legsup_voice
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
# Only sockets of this computer: nothing listens on the network, nothing is sent.
RestrictAddressFamilies=AF_UNIX
NoNewPrivileges=yes
LockPersonality=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# Not MemoryDenyWriteExecute: the sound card's callback is made at run time.
{namespaces}
[Install]
WantedBy=default.target
"""

_NAMESPACES = """\
PrivateUsers=yes
PrivateNetwork=yes
IPAddressDeny=any
PrivateTmp=yes
PrivateMounts=yes
ProtectSystem=strict
ProtectHome=read-only
{writable}\
DevicePolicy=closed
DeviceAllow=char-alsa rw
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
CapabilityBoundingSet=
"""
"""What needs user namespaces. Not ProcSubset: onnxruntime reads /proc/cpuinfo on ARM."""


def unit_path() -> Path:
    """Return where the unit belongs."""
    return platformdirs.user_config_path("systemd") / "user" / UNIT


def unit_text(*, namespaces: bool = True) -> str:
    """Return the unit, which starts the program as this process was started."""
    command = [sys.executable, "-P", "-m", "legsup_voice", "run"]
    set_here = [f"{name}={os.environ[name]}" for name in _PASSED_ON if os.environ.get(name)]
    environment = "".join(f"Environment={_quoted(setting)}\n" for setting in set_here)
    writable = "".join(f"ReadWritePaths={_quoted(f'-{path}')}\n" for path in _written())
    return _TEMPLATE.format(
        command=" ".join(map(_quoted, command)),
        environment=environment,
        namespaces=_NAMESPACES.format(writable=writable) if namespaces else "",
    )


def _written() -> tuple[Path, Path]:
    """Return the folders that a session writes to."""
    return data_directory().absolute(), cache_directory().absolute()


def install() -> None:
    """Write, enable and start the unit, and let it start at boot without anyone logging in.

    Raises:
        UserError: there is no systemd, it refuses, or the unit can't be written.
    """
    _need_systemd()
    if os.environ.get("SUDO_USER"):
        raise UserError("Run this without sudo: the sound belongs to your user, not to root.")
    path = unit_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in _written():  # they must be there before the service may write to them
            private_folder(folder)
        write_output(path, unit_text(namespaces=_may_use_namespaces()).encode())
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror}.") from error
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", UNIT)
    typer.echo(f"Installed {path} and started it; it comes back by itself, whatever ends it.")
    if _lingers():
        typer.echo("It starts with the computer.")
    else:
        typer.echo(
            "It starts when you log in. To start it with the computer, allow it once with: "
            f"sudo loginctl enable-linger {getpass.getuser()}"
        )


def facts() -> dict[str, str]:
    """Return what systemd knows of the unit, by systemd's names.

    Raises:
        UserError: there is no systemd, or it refuses.
    """
    _need_systemd()
    names = "LoadState,UnitFileState,ActiveState,SubState,NRestarts,ActiveEnterTimestamp"
    shown = _systemctl("show", UNIT, f"--property={names}")
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


def status(*, json: bool) -> int:
    """Say whether it is installed and runs; return 0 when it runs, else 1.

    Raises:
        UserError: there is no systemd, or it refuses.
    """
    is_ = facts()
    installed = is_.get("LoadState") != "not-found"
    running = is_.get("ActiveState") == "active"
    if json:
        told = {
            "installed": installed,
            "running": running,
            "state": is_.get("SubState"),
            "since": is_.get("ActiveEnterTimestamp") or None,
            "at_start": is_.get("UnitFileState") == "enabled",
            "brought_back": int(is_.get("NRestarts") or 0),
        }
        typer.echo(json_format.dumps(told, indent=2))
    elif installed:
        since = f" since {is_['ActiveEnterTimestamp']}" if running else f" ({is_.get('SubState')})"
        typer.echo(
            f"It {'runs' if running else 'does not run'}{since}, is {is_.get('UnitFileState')}, and"
            f" was restarted {is_.get('NRestarts')} times."
        )
    else:
        typer.echo('It is not installed; "legsup service install" does that.')
    return 0 if running else 1


def remove() -> None:
    """Stop it, after the spoken way out if someone is in the pose, and delete the unit.

    Raises:
        UserError: there is no systemd, or it refuses.
    """
    _need_systemd()
    path = unit_path()
    if not path.exists():
        typer.echo("It is not installed.")
        return
    _systemctl("disable", "--now", UNIT)
    path.unlink(missing_ok=True)
    _systemctl("daemon-reload")
    typer.echo(f"Removed {path}; it does not start any more.")


def _need_systemd() -> None:
    if not (shutil.which("systemctl") and BOOTED.is_dir()):
        raise UserError(
            "systemd does not run this computer, so there is no service to manage:"
            ' let what starts your programs start "legsup run".'
        )


def _systemctl(*arguments: str) -> str:
    done = _call("systemctl", "--user", *arguments)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0].rstrip(".")
        raise UserError(f"systemd refused to {' '.join(arguments)}: {reason}.")
    return done.stdout


def _may_use_namespaces() -> bool:
    """Return whether the user's service manager can shut off what needs user namespaces."""
    wanted = _NAMESPACES.format(writable="").splitlines()
    settings = [word for line in wanted for word in ("--property", line)]
    try:
        return not _call("systemd-run", "--user", "--wait", *settings, "true").returncode
    except OSError:
        return False


def _lingers() -> bool:
    """Let the user's services start at boot; return whether that is allowed."""
    return bool(shutil.which("loginctl")) and not _call("loginctl", "enable-linger").returncode


def _call(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def _quoted(text: str) -> str:
    """Return `text` as one word of a unit file."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return f'"{text}"'
