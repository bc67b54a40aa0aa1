"""Runs pyttsx3 in a process of its own: one clause in, one WAV file out, over and over.

Why a process: espeak-ng can be set up once per process only, its driver prints to standard output,
and a synthesiser that hangs can be killed here without taking a session with it. Why the waiting:
the driver's `runAndWait` cancels whatever espeak-ng has queued, and with it a property set just
before, so a line would now and then come out at the speed of the line before it or empty.

Requests and replies are JSON lines on standard input and output. Only the standard library and
pyttsx3 are imported, so a worker starts in a tenth of a second.
"""

import json
import os
import sys
import threading
import time
from typing import IO

_WORD_GAP = 7  # espeakWORDGAP of speak_lib.h, in units of 10 ms at the normal speed
_PITCH_RANGE = 4  # espeakRANGE, 0 (monotone) to 100
_PATIENCE = 8.0  # seconds for one clause; it takes hundredths of one


def main() -> None:
    """Answer requests until standard input ends."""
    with _replies() as replies:
        try:
            speech = _Speech()
        except Exception as error:  # whatever a broken installation raises is reported
            _reply(replies, {"missing": f"{type(error).__name__}: {error}"})
            return
        _reply(replies, {"ready": True})
        for line in sys.stdin:
            try:
                speech.save(json.loads(line))
                _reply(replies, {"done": True})
            except Exception as error:  # the parent decides what a failed line means
                _reply(replies, {"error": f"{type(error).__name__}: {error}"})


class _Speech:
    """The one pyttsx3 engine of this process."""

    def __init__(self) -> None:
        import pyttsx3  # raises where espeak-ng is missing; reported by main
        from pyttsx3.drivers import _espeak

        self._espeak = _espeak
        self._engine = pyttsx3.init("espeak")
        self._finished = threading.Event()
        self._failure: Exception | None = None
        self._engine.connect("finished-utterance", lambda **_: self._finished.set())
        self._engine.connect("error", self._failed)
        self._settle()
        self._run("ready", os.devnull)  # leaves the driver idle: properties then apply at once

    def save(self, request: dict[str, str | int]) -> None:
        """Render `text` into `file` with the given voice and prosody."""
        for name in ("voice", "rate", "pitch"):
            self._engine.setProperty(name, request[name])
            self._settle()
        self._espeak.SetParameter(_WORD_GAP, int(request["gap"]), 0)
        self._espeak.SetParameter(_PITCH_RANGE, int(request["range"]), 0)
        self._settle()
        self._run(str(request["text"]), str(request["file"]))

    def _run(self, text: str, file: str) -> None:
        self._finished.clear()
        self._engine.save_to_file(text, file)
        self._engine.runAndWait()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        if not self._finished.wait(_PATIENCE):
            raise TimeoutError(f"no sound after {_PATIENCE:g} s")
        self._settle()  # the driver says so a moment before espeak-ng is done

    def _settle(self) -> None:
        """Wait until espeak-ng has taken in what was set."""
        deadline = time.monotonic() + _PATIENCE
        while self._espeak.IsPlaying():
            if time.monotonic() > deadline:
                raise TimeoutError(f"busy for {_PATIENCE:g} s")
            time.sleep(0.0005)

    def _failed(self, exception: Exception, **_: object) -> None:
        self._failure = exception


def _replies() -> IO[str]:
    """Return the real standard output and send what the driver prints to nowhere."""
    real = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return os.fdopen(real, "w", encoding="utf-8")


def _reply(replies: IO[str], message: dict[str, object]) -> None:
    replies.write(json.dumps(message) + "\n")
    replies.flush()


if __name__ == "__main__":
    main()
