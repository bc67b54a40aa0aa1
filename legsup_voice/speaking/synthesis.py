"""espeak-ng by pyttsx3: the text of one clause to samples at 24 kHz.

It runs in a worker process that is started when first needed and spoken to in JSON lines. A worker
that hangs or dies is replaced once.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.content import LANGUAGE, locale
from legsup_voice.errors import UserError

_SLOWEST, _FASTEST = 80, 170  # espeak's own lowest, and the highest that is still calm
_PITCH, _PITCH_RANGE = 40, 45
_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, a full disk can still speak
_REMEDY = (
    "pyttsx3 finds no espeak-ng to speak with: install it, for instance with "
    "'sudo apt install espeak-ng'."
)


def scratch() -> Path | None:
    """Return where files of a moment are kept; None: the system's own place."""
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


class Espeak:
    """A worker process that renders clauses, until it is closed."""

    patience = 10.0
    """Seconds after which a worker that doesn't answer is given up."""
    rounds = 6
    """How often a line may be rendered to find its pace."""

    def __init__(self, language: str = LANGUAGE) -> None:
        """Speak `language`.

        Raises:
            UserError: there is no such language.
        """
        self._locale = locale(language)
        self._process: subprocess.Popen[bytes] | None = None

    def say(self, text: str, speed: float, gap: int) -> Samples:
        """Return `text` at `speed` times the easy speed, its words `gap` steps apart.

        Raises:
            UserError: what the synthesiser needs is missing, or it fails twice.
        """
        for attempt in range(2):
            try:
                return self._say(text, speed, gap)
            except (OSError, ValueError, soundfile.SoundFileError) as error:
                self.close()
                if attempt:
                    raise UserError(f"The speech synthesiser fails on {text!r}: {error}.") from None
        raise AssertionError("unreachable")

    @property
    def name(self) -> str:
        """What the voice is and how it is set: part of a clip's identity."""
        return f"espeak {self._locale.voice} {self._locale.speed} {_PITCH} {_PITCH_RANGE}"

    def close(self) -> None:
        """End the worker."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _say(self, text: str, speed: float, gap: int) -> Samples:
        handle, name = tempfile.mkstemp(suffix=".wav", prefix="legsup-", dir=scratch())
        os.close(handle)
        try:
            self._ask({"text": text, "file": name, **self._request(speed, gap)})
            samples, source_rate = soundfile.read(name, dtype="float32")
        finally:
            Path(name).unlink(missing_ok=True)
        if not np.any(samples):
            raise ValueError("it made no sound")
        return np.asarray(soxr.resample(samples, source_rate, SPEAK_RATE), np.float32)

    def _ask(self, request: dict[str, str | float]) -> None:
        process = self._process or self._start()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        reply = self._reply(process)
        if "error" in reply:
            raise ValueError(str(reply["error"]))

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", str(Path(__file__).with_name("worker.py"))]
        self._process = process = subprocess.Popen(  # noqa: S603 - our own file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends the session, which ends the worker
            # espeak-ng opens a sound server that it never plays to, and would make its folder.
            env=os.environ | {"PULSE_RUNTIME_PATH": tempfile.gettempdir()},
        )
        if "missing" in self._reply(process):
            self.close()
            raise UserError(_REMEDY)
        return process

    def _request(self, speed: float, gap: int) -> dict[str, str | float]:
        """Return how the worker is asked for this speed and word gap."""
        return {
            "voice": self._locale.voice,
            "rate": round(min(max(speed * self._locale.speed, _SLOWEST), _FASTEST)),
            "gap": gap,
            "pitch": _PITCH,
            "range": _PITCH_RANGE,
        }

    def _reply(self, process: subprocess.Popen[bytes]) -> dict[str, object]:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], self.patience)
        if not ready:
            raise TimeoutError(f"no answer within {self.patience:g} s")
        reply: dict[str, object] = json.loads(process.stdout.readline())
        return reply
