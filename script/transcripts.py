"""Writes docs/transcripts.md: ten people's sessions, how much is said, and everything it knows.

    python -m script.transcripts

A session's times are those of the middle of each pace; seconds of talk are those of the recorded
lines. A test tells when the file is out of date.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import soundfile

from legsup_voice.content import content
from legsup_voice.protocol.actions import Enter, Say
from legsup_voice.protocol.choices import Choices, Talk
from legsup_voice.protocol.commands import Pattern
from legsup_voice.protocol.states import State
from legsup_voice.speaking import recorded
from tests.session.people import PEOPLE, Person
from tests.session.spoken import Spoken

FILE = Path(__file__).parents[1] / "docs" / "transcripts.md"

INTRO = """# Conversations
Ten people's sessions as they are heard, how much is said, and everything that can be asked for.
`python -m script.transcripts` writes this page; nobody edits it.
"""


def transcript(person: Person) -> str:
    """Return a session as a play, in a block of code under its title."""
    told = []
    for at, who, words in person.lives().play:
        time = f"{int(at) // 60:2d}:{int(at) % 60:02d}"
        told.append(f"{time}  {words}" if who == "state" else f"{time}    {who:8}{words}")
    return "\n".join([f"### {person.title}", person.about, "", "```text", *told, "```", ""])


# --- how much is said ------------------------------------------------------------------------

LAST = Choices(600.0, Pattern.BELLY)
NO_TO_ALL = ["no"] * len(content().screening.questions)
STEPS = ["okay"] * content().setup.choices
COMING: dict[str, Callable[[], Spoken]] = {
    "a newcomer, every step": lambda: Spoken().say(
        "start", *NO_TO_ALL, *STEPS, "belly", "five minutes"
    ),
    'a newcomer who knows the pose ("skip")': lambda: Spoken().say(
        "start", *NO_TO_ALL, "skip", "belly", "five minutes", "ready"
    ),
    'somebody who comes back, "same as last time"': lambda: Spoken(returning=True, last=LAST).say(
        "same as last time", "no", "ready"
    ),
    'somebody who comes back, "start", and takes the offer': lambda: Spoken(
        returning=True, last=LAST
    ).say("start", "no", "yes", "ready"),
    'somebody who comes back, "start ten minutes of box breathing"': lambda: Spoken(
        returning=True
    ).say("start ten minutes of box breathing", "no", "ready"),
}
AMOUNTS = {
    'silence ("quiet please", "just breathe")': Choices(0.0, Pattern.NONE, Talk.LESS),
    'little ("less talking")': Choices(0.0, Pattern.BELLY, Talk.LESS),
    "as usual": Choices(0.0, Pattern.BELLY),
    'much ("keep guiding")': Choices(0.0, Pattern.BELLY, Talk.MORE, guided=True),
    'much, without counting ("talk to me", "just breathe")': Choices(0.0, Pattern.NONE, Talk.MORE),
}


def seconds(says: Iterable[Say]) -> float:
    """Return how long lines sound: their recordings, else what their pace gives them."""
    total = 0.0
    for say in says:
        path = recorded.find(say.text, say.pace)
        total += soundfile.info(path).duration if path else Spoken().seconds(say)
    return total


def said_in(talk: Spoken, first: State, last: State) -> float:
    """Return the seconds of talk from when `first` is entered until `last` is."""
    actions = [action for _, action in talk.actions]
    since, until = actions.index(Enter(first)), actions.index(Enter(last))
    return seconds(action for action in actions[since:until] if isinstance(action, Say))


def held(minutes: int, wishes: Choices) -> Spoken:
    """Return a hold of so many minutes, with every check-in answered."""
    talk = Spoken(minutes=minutes, breathing=wishes.pattern, returning=True, last=wishes)
    talk.say("start", "no", "ready").wait_for(State.HOLD)
    while talk.session.state is State.HOLD:
        if vars(talk.session.handler)["awaiting"] and talk.silent:
            talk.speak("yes")
        talk.wait(1)
    return talk


def amounts() -> str:
    """Return how much is said, as two tables."""
    rows = ['| from "start" to the hold | seconds of talk |', "| --- | --- |"]
    for who, comes in COMING.items():
        talk = comes().wait_for(State.HOLD)
        rows.append(f"| {who} | {said_in(talk, State.SCREENING, State.HOLD):.0f} |")
    rows += ["", "| seconds of talk in a hold of | 5 min | 10 min | 20 min |"]
    rows.append("| --- | --- | --- | --- |")
    for amount, wishes in AMOUNTS.items():
        talks = [held(minutes, wishes) for minutes in (5, 10, 20)]
        cells = [f"{said_in(talk, State.HOLD, State.LEAVING):.0f}" for talk in talks]
        rows.append(f"| {amount} | {' | '.join(cells)} |")
    rows += ["", "In the holds every check-in is answered; the set-up takes from the 20 min."]
    return "\n".join(["## How much is said", *rows, ""])


# --- what it knows ---------------------------------------------------------------------------

WHO = re.compile(r".*?\(\d{4}\)|[^,:]*")
"""A source, without what it is called."""

QUESTIONS = {
    "next": "comes by itself",
    "why": '"why"',
    "more": '"tell me more"',
    "what_is_this": '"what is this", "how do I breathe"',
    "easier": '"easier"',
    "harder": '"harder"',
    "duration": '"ten minutes"',
    "condition": "naming it",
    "symptom": "naming it",
    "tingling": '"my feet are tingling"',
    "stop": '"stop"',
}


def facts() -> str:
    """Return every fact with the question that brings it, as a table."""
    known = content().facts
    rows = ["| it knows | asked by | in | who says so |", "| --- | --- | --- | --- |"]
    for fact in known.facts.values():
        asked = fact.asked
        question = QUESTIONS[asked.command]
        if asked.pattern is not None:
            question = f'"how do I do {content().breathing.patterns[asked.pattern].spoken}"'
        said = WHO.match(known.sources[fact.source]) if fact.source else None
        rows.append(
            f"| {fact.fact} | {question} | {', '.join(asked.states)} | {said[0] if said else ''} |"
        )
    return "\n".join(["## What it knows", *rows, ""])


def page() -> str:
    """Return the whole page."""
    plays = [transcript(person) for person in PEOPLE]
    return "\n".join([INTRO, amounts(), "## Sessions", *plays, facts()])


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
