"""docs/transcripts.md shows sessions as they go; `python -m script.transcripts` writes it anew.

A line that is worded anew leaves the page true enough; one that comes or goes does not.
"""

import re

import pytest

from script.transcripts import FILE, facts, transcript
from tests.session.people import PEOPLE, Person

PAGE = FILE.read_text(encoding="utf-8")


def outline(play: str) -> list[str]:
    """Return who is heard and what happens, without times and the guide's words."""
    lines = [re.sub(r"^ *\d+:\d+ +", "", line) for line in play.splitlines()]
    return [re.sub(r"^(guide|sound) .*", r"\1", line) for line in lines]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.title)
def test_a_session_in_the_docs_goes_as_it_does(person: Person) -> None:
    shown = PAGE[PAGE.index(f"### {person.title}\n") :].partition("```\n")[0]
    assert outline(shown) == outline(transcript(person).removesuffix("```\n"))


def test_the_facts_in_the_docs_are_those_it_knows() -> None:
    assert facts() in PAGE
