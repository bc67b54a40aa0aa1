"""German as text: what people say, what lines offer, a whole session. Nothing here was heard."""

from pathlib import Path

import pytest

from legsup_voice.content import content
from legsup_voice.hearing.grammar.grammar import grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.protocol.actions import Action, Say
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom
from legsup_voice.protocol.states import State
from tests.session.conversation import Conversation

HERE = Path(__file__).parent
GRAMMAR = grammar(language="de")
READER = GRAMMAR.reader


def _rows() -> list[tuple[Command, dict[str, str], str]]:
    rows = (HERE / "phrasings_de.tsv").read_text(encoding="utf-8").splitlines()
    split = [row.split("\t") for row in rows if not row.startswith("#")]
    return [
        (Command(command), dict(each.split("=") for each in carries.split()), said)
        for command, carries, said in split
    ]


def _right(intent: Intent | None, command: Command, carries: dict[str, str]) -> bool:
    details = {} if intent is None else intent.details()
    given = {name: str(value).removesuffix(".0") for name, value in details.items()}
    return intent is not None and intent.command is command and carries.items() <= given.items()


def test_people_are_understood_where_what_they_mean_is_taken() -> None:
    wrong = [row for row in _rows() if not _right(READER.read(row[2], {row[0]}), row[0], row[1])]
    assert len(wrong) <= 0.02 * len(_rows()), wrong


def test_what_matters_most_is_understood_whatever_is_taken() -> None:
    urgent = {Command.STOP, Command.SYMPTOM, Command.CONDITION}
    rows = [row for row in _rows() if row[0] in urgent]
    assert len(rows) > 50
    assert not [row for row in rows if not _right(READER.read(row[2]), row[0], row[1])]


def test_nothing_but_a_no_is_a_no() -> None:
    others = [said for command, _, said in _rows() if command is not Command.NO]
    passed = [said for said in others if READER.read(said, {Command.NO}) is not None]
    assert passed == ["gar keine", "ohne"], "which are answers where a breathing is asked for"


def test_other_talk_is_no_command() -> None:
    lines = (HERE / "other_talk_de.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if READER.read(line) is not None]


def test_every_template_fits_its_command() -> None:
    for template in GRAMMAR.templates:
        template.check()


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("Nein, ich bin nicht schwanger.", Intent(Command.NO, condition=Condition.PREGNANCY)),
        ("nein, mir ist schlecht", Intent(Command.SYMPTOM, symptom=Symptom.SICK)),
        ("zehn, nein warte, fünf Minuten", Intent(Command.DURATION, seconds=300)),
        ("mir ist nicht schwindlig", Intent(Command.NO)),
        ("Los geht's!", Intent(Command.START)),
        ("5 Minuten", Intent(Command.DURATION, seconds=300)),
        ("los", Intent(Command.START)),
        ("ja nein", None),
        ("muss aufstehen", Intent(Command.STOP)),
        ("bin schwanger", Intent(Command.CONDITION, condition=Condition.PREGNANCY)),
    ],
)
def test_said_means(said: str, intent: Intent | None) -> None:
    assert READER.read(said) == intent


@pytest.mark.parametrize("name", sorted(n for n, x in content("de").lines.items() if x.offers))
def test_what_a_line_offers_is_understood(name: str) -> None:
    for offer in content("de").lines[name].offers:
        assert READER.read(offer) is not None, offer


class _Talk(Conversation):
    """A conversation in German: what the person says is read, what the guide says is kept."""

    def __init__(self) -> None:
        self.guide: list[str] = []
        super().__init__(language="de")

    def speaks(self, *texts: str) -> "_Talk":
        """Let the person say each of `texts` after the voice has fallen silent."""
        for text in texts:
            self.listen().wait(0.5)
            accepts = self.session.accepts
            meant = READER.read(text, accepts, self.session.asks)
            assert meant is not None, (text, self.session.state)
            self.hear(meant.command, **meant.carried())
        return self

    def _do(self, actions: list[Action]) -> None:
        self.guide += [action.text for action in actions if isinstance(action, Say)]
        super()._do(actions)


def test_a_whole_session_in_german() -> None:
    talk = _Talk().speaks("fang bitte an", *["nein"] * 5, "nicht dass ich wüsste").listen()
    assert talk.lines()[-1].startswith("setup.")
    talk.speaks("sag das nochmal", *["weiter"] * 9)
    while talk.session.state is State.SETUP and len(talk.told) < 200:
        step = talk.listen().lines()[-1]
        asked = {"choose.breathing": "Bauchatmung", "choose.minutes": "fünf Minuten"}
        talk.speaks(asked.get(step, "weiter")).listen().wait(1)
    assert talk.session.state is State.HOLD
    assert talk.session.desk.visit.guidance.pattern is Pattern.BELLY
    talk.speaks("wie lange noch", "etwas lauter bitte").wait(30)
    talk.speaks("mir ist ein bisschen schwindlig").wait_for(State.LYING)
    warning = content("de").lines["exit.warning"].say
    assert set(warning) & set(talk.guide)
    talk.listen().speaks("mir geht es wieder gut").wait_for(State.SITTING)
