"""ALSA itself, without a sound server: devices that are none end in a sentence, never in a wait."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NULL = "pcm.!default { type null }\nctl.!default { type null }\n"
"""Takes and gives whatever is asked for, as fast as it is asked."""


@pytest.mark.parametrize(("command", "status"), [("doctor", 1), ("run", 2)])
@pytest.mark.parametrize(
    ("configuration", "why"),
    [(NULL, "keeps no time"), ("", "configuration is empty"), ("ctl.x {}", "is empty")],
)
def test_what_is_no_sound_card_is_refused(
    command: str, status: int, configuration: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "asound.conf").write_text(configuration)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PULSE")}
    kept |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    kept["ALSA_CONFIG_PATH"] = str(tmp_path / "asound.conf")
    tmp_path.chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-m", "legsup_voice", command],
        env=kept,
        capture_output=True,
        text=True,
        timeout=300,  # a hang; it takes seconds
    )
    assert done.returncode == status, done.stderr
    assert why in done.stdout + done.stderr
    assert ("What to do next" in done.stdout) is (command == "doctor")
    assert "Traceback" not in done.stderr
