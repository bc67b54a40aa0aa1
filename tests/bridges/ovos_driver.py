"""An OVOS with our skill in it, for the test beside this file; runs where OVOS is installed.

Prints the type of every message on its bus, with what is spoken; takes from its input a message
type, or words that somebody says to it.
"""

import json
import sys
from threading import Lock

from ovos_bus_client.message import Message
from ovoscope import get_minicroft

SKILL = "ovos-skill-legsup.legsup"
PRINTING = Lock()


def tell(serialized: str) -> None:
    """Print one message of the bus."""
    message = json.loads(serialized)
    spoken = message["data"].get("utterance", "") if message["type"] == "speak" else ""
    with PRINTING:  # the messages come from many threads
        print("BUS", message["type"], spoken, flush=True)  # noqa: T201


def main() -> None:
    """Take messages until the input ends."""
    croft = get_minicroft([SKILL])
    croft.bus.on("message", tell)
    print("BUS ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        text = line.strip()
        if text.startswith("say "):
            said = {"utterances": [text.removeprefix("say ")], "lang": "en-US"}
            croft.bus.emit(Message("recognizer_loop:utterance", said))
        else:
            croft.bus.emit(Message(text))
    croft.stop()


if __name__ == "__main__":
    main()
