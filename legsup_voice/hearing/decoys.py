"""Words that people say and that are no command: listed so that the recogniser can hear them."""

from importlib.resources import files


def decoys() -> tuple[str, ...]:
    """Return the words of `content/en/decoys.txt`; `#` begins a comment."""
    text = (files("legsup_voice.content") / "en" / "decoys.txt").read_text(encoding="utf-8")
    lines = (line.split("#")[0] for line in text.splitlines())
    return tuple(word for line in lines for word in line.split())
