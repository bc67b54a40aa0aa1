"""The synthesisers: text of one clause to samples at 24 kHz."""

import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile
import soxr

from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.speaking import worker

_ESPEAK_VOICE = "en-us+f3"
_ESPEAK_SPEED = 112  # espeak's words a minute at speed 1; about 140 real ones
_SLOWEST, _FASTEST = 80, 170  # espeak's own lowest, and the highest that is still calm
_PITCH = 38
_PITCH_RANGE = 42


class Espeak:
    """pyttsx3 with espeak-ng, in a worker process that is started when first needed.

    Use as a context manager: the worker ends with it.
    """

    name = f"espeak {_ESPEAK_VOICE} {_ESPEAK_SPEED} {_PITCH} {_PITCH_RANGE}"

    def __init__(self, patience: float = 10.0) -> None:
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def say(self, text: str, speed: float, gap: int) -> Samples:
        """Return `text` at `speed` times the easy speed, its words `gap` steps apart.

        A worker that hangs or dies is replaced once.

        Raises:
            UserError: espeak-ng is missing, or the synthesiser fails twice.
        """
        for attempt in range(2):
            try:
                return self._say(text, speed, gap)
            except (OSError, ValueError, soundfile.SoundFileError) as error:
                self.close()
                if attempt:
                    raise UserError(f"The speech synthesiser fails on {text!r}: {error}.") from None
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the worker."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _say(self, text: str, speed: float, gap: int) -> Samples:
        rate = round(min(max(speed * _ESPEAK_SPEED, _SLOWEST), _FASTEST))
        handle, name = tempfile.mkstemp(suffix=".wav", prefix="legsup-")
        os.close(handle)
        try:
            self._ask(
                {
                    "text": text,
                    "file": name,
                    "voice": _ESPEAK_VOICE,
                    "rate": rate,
                    "gap": gap,
                    "pitch": _PITCH,
                    "range": _PITCH_RANGE,
                }
            )
            samples, source_rate = soundfile.read(name, dtype="float32")
        finally:
            Path(name).unlink(missing_ok=True)
        if not np.any(samples):
            raise ValueError("it made no sound")
        return np.asarray(soxr.resample(samples, source_rate, SPEAK_RATE), np.float32)

    def _ask(self, request: dict[str, str | int]) -> None:
        process = self._process or self._start()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        reply = self._reply(process)
        if "error" in reply:
            raise ValueError(str(reply["error"]))

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", str(Path(worker.__file__))]
        self._process = process = subprocess.Popen(  # noqa: S603 - our own file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends the session, which ends the worker
        )
        reply = self._reply(process)
        if "missing" in reply:
            raise UserError(
                "pyttsx3 finds no espeak-ng to speak with: install it, for instance with "
                "'sudo apt install espeak-ng'."
            )
        return process

    def _reply(self, process: subprocess.Popen[bytes]) -> dict[str, object]:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], self._patience)
        if not ready:
            raise TimeoutError(f"no answer within {self._patience:g} s")
        reply: dict[str, object] = json.loads(process.stdout.readline())
        return reply
