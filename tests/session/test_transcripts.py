"""docs/transcripts.md shows what is said today; `python -m script.transcripts` writes it anew."""

import pytest

from script.transcripts import FILE, facts, transcript
from tests.session.people import PEOPLE, Person

PAGE = FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.title)
def test_a_session_in_the_docs_is_as_it_is_heard(person: Person) -> None:
    assert transcript(person) in PAGE


def test_the_facts_in_the_docs_are_those_it_knows() -> None:
    assert facts() in PAGE
