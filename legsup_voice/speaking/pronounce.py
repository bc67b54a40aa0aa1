"""How words that the synthesiser would mispronounce are spelled for it.

Only what is rendered changes; what is logged keeps its spelling.
"""

import re
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import RootModel

from legsup_voice import yamlfile


class Pronunciation(RootModel[dict[str, str]]):
    """Words or phrases as written, each with the spelling that sounds right."""


@cache
def _dictionary() -> tuple[re.Pattern[str], dict[str, str]]:
    path = Path(str(resources.files("legsup_voice.content") / "en" / "pronunciation.yaml"))
    spellings = yamlfile.load(path, Pronunciation).root
    longest_first = sorted(spellings, key=len, reverse=True)
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})\b")
    return pattern, spellings


def pronounced(text: str) -> str:
    """Return `text` with the words of the dictionary respelled (case counts)."""
    pattern, spellings = _dictionary()
    return pattern.sub(lambda match: spellings[match.group()], text)
