"""What of ALSA's configuration PortAudio gets to see; each try in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import ctypes
from legsup_voice.devices import names
alsa = ctypes.CDLL("libasound.so.2")
def there(name):
    found, top = ctypes.c_void_p(), ctypes.c_void_p.in_dll(alsa, "snd_config")
    alsa.snd_config_update()
    return alsa.snd_config_search(top, name, ctypes.byref(found)) >= 0
names.portaudio()
before = there(b"pcm.a52"), there(b"pcm.null")
names.refresh()
loaded = "libavcodec" in open("/proc/self/maps").read()
print(*before, there(b"pcm.a52"), there(b"pcm.null"), loaded)
"""


def seen(home: Path) -> list[str]:
    """Return whether the coder and `null` are there, at first and looked for again, and a codec."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.skipif(
    Path("/etc/asound.conf").exists(), reason="this computer's devices are set up by hand"
)
def test_portaudio_finds_no_surround_coder(tmp_path: Path) -> None:
    assert seen(tmp_path) == ["False", "True", "False", "True", "False"]


def test_what_somebody_has_set_up_stays(tmp_path: Path) -> None:
    (tmp_path / ".asoundrc").write_text("pcm.a52 { type null }\n")
    assert seen(tmp_path)[:4] == ["True"] * 4
