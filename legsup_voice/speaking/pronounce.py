"""How words that the synthesiser would mispronounce are spelled for it.

Only what is rendered changes; what is logged keeps its spelling.
"""

import re
from functools import cache

from pydantic import RootModel

from legsup_voice import content, yamlfile


class Pronunciation(RootModel[dict[str, str]]):
    """Words or phrases as written, each with the spelling that sounds right."""


@cache
def _dictionary(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    path = content.path("pronunciation.yaml", language)
    spellings = yamlfile.load(path, Pronunciation).root
    longest_first = sorted(spellings, key=len, reverse=True)
    listed = "|".join(map(re.escape, longest_first))
    pattern = re.compile(rf"\b({listed})\b" if listed else "(?!)")
    return pattern, spellings


def pronounced(text: str, language: str = content.LANGUAGE) -> str:
    """Return `text` with the words of the language's dictionary respelled (case counts)."""
    pattern, spellings = _dictionary(language)
    return pattern.sub(lambda match: spellings[match.group()], text)
