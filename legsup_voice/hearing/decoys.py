"""Words that people say and that are no command: listed so that the recogniser can hear them."""

from importlib.resources import files


def decoys() -> tuple[str, ...]:
    """Return the words of `content/decoys.txt`, one phrase a line, `#` begins a comment."""
    text = (files("legsup_voice.content") / "decoys.txt").read_text(encoding="utf-8")
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line)
