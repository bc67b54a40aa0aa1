"""What lines offer to say is understood (data and pure functions, fast)."""

import re
from collections.abc import Iterator

import pytest

from legsup_voice.content import content
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.words import in_words

GRAMMAR = grammar()
NO_OFFERS = {"settings.less_talk", "settings.more_talk", "fault.hearing"}
"""Lines whose "say" is not about what the person may say."""


def _offers() -> Iterator[tuple[str, str]]:
    """Yield (line, offer) of every line that says what to say: "Say next, or say stop."."""
    for name, line in content().lines.items():
        for text in line.say if name not in NO_OFFERS else ():
            for offer in re.findall(r"\b[Ss]ay ([^.?!:;]*)", text):
                if not re.match(r"(a|how|when) ", offer):
                    parts = re.split(r",? or (?:say |ask )?|, ", offer)
                    yield from ((name, part.strip()) for part in parts)


def _heard(offer: str) -> bool:
    """Whether the ears listen for `offer`, or its beginning: "start" of "start when you like"."""
    words = in_words(offer, {})
    return any(GRAMMAR.meaning(" ".join(words[:end])) for end in range(1, len(words) + 1))


def test_there_are_many_offers() -> None:
    assert len(set(_offers())) > 80


@pytest.mark.parametrize(("name", "offer"), sorted(set(_offers())))
def test_an_offer_is_heard(name: str, offer: str) -> None:
    assert _heard(offer), name
