"""Every state a session can be in keeps the safety rules of the product; see `exploration`.

Where each rule is checked: 1 to 7, 9 to 11, 13 and 14 on every transition (`oracle`), the texts of
3, 5, 13, 14 and 15 for all lines (`turn.check_texts`), 8 below. Not the session's part, and tested
where they live: 4, that sound stops within 300 ms (mixer), 10, that a break is noticed (journal),
11, that a lost device is noticed (devices, scenarios), 12, that its own voice isn't heard (hearing;
here only that `own voice` does nothing), 15, that the network is off and nothing about health is
kept (journal).
"""

import ast
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

import legsup_voice.session
from legsup_voice.content import content
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.limits import MAX_HOLD, MIN_HOLD
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.settings import Settings
from legsup_voice.session.table import Trigger
from tests.session.conversation import Conversation, in_hold
from tests.session.exploration import beginning, explore, leave_in_silence
from tests.session.turn import check_texts
from tests.session.ways import WAYS, along
from tests.session.world import FROM_OUTSIDE, LAST, PERSON, Node

CHANGES: tuple[tuple[Command, float | None], ...] = (
    (Command.LONGER, None),
    (Command.SHORTER, None),
    (Command.EASIER, None),
    (Command.HARDER, None),
    *((Command.DURATION, seconds) for seconds in (-4.0, 30.0, 90.0, 300.0, 1200.0, 9e9)),
)


def beginnings() -> list[Node]:
    """Return how a session can begin: for a new person, one who comes back, and after a break."""
    kinds = (
        Settings(),
        Settings(last=LAST),
        Settings(returning=True, last=LAST),
    )
    begin = [beginning(settings, content()) for settings in kinds]
    return [*begin, beginning(Settings(), content(), interrupted=True)]


def test_the_states_around_the_usual_ways_keep_the_rules() -> None:
    check_texts(content())
    around = [node for first in beginnings() for way in WAYS for node in along(first, way)]
    found = explore(around, limit=len(around) + 1500)
    leave_in_silence(found.nodes.values())
    assert {node.session.state for node in found.nodes.values()} == set(State)


@pytest.mark.slow
def test_every_state_keeps_the_rules(
    capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> None:
    check_texts(content())
    found = explore(beginnings())
    posed = leave_in_silence(found.nodes.values())
    assert found.complete
    assert {node.session.state for node in found.nodes.values()} == set(State)
    record_property("states", found.states)
    record_property("transitions", found.transitions)
    with capsys.disabled():
        print(  # noqa: T201
            f"\nexplored {found.states} states and {found.transitions} transitions; "
            f"{posed} states in the pose are left in silence"
        )


@pytest.mark.parametrize("breathing", ["belly", "four_seven_eight", "none"])
def test_choices_made_in_the_settings_keep_the_rules(breathing: str) -> None:
    chosen = Settings.model_validate({"minutes": 0.5, "breathing": breathing, "talk": "less"})
    assert explore([beginning(chosen, content())], limit=400).states >= 400


@pytest.mark.slow
def test_rule_20_nothing_from_outside_answers_a_safety_question() -> None:
    people = {move.name for move in PERSON}
    outside = {move.name for move in PERSON if move.event.command in FROM_OUTSIDE}  # type: ignore[union-attr]
    found = explore(
        beginnings()[:3], allowed=lambda name: name.split(" (")[0] not in people - outside
    )
    assert found.complete
    states = {node.session.state for node in found.nodes.values()}
    assert State.SCREENING in states
    assert not states & {State.SETUP, State.HOLD, State.PAUSED, State.SEATED}


@pytest.mark.parametrize("minutes", [0.5, 1.0, 2.0, 2.5, 5.0, 19.0, 20.0])
def test_every_change_of_the_hold_keeps_the_limits(minutes: float) -> None:
    """The arithmetic of the hold's end, over elapsed times, pauses and pairs of changes."""
    seconds = minutes * 60
    waits = {0.5, 14.0, 16.0, *(seconds * part / 8 for part in range(1, 8)), seconds - 1}
    for wait, pause, first, second in itertools.product(
        sorted(w for w in waits if 0 < w < seconds), (0.0, 100.0, 1195.0), CHANGES, CHANGES
    ):
        _change(in_hold_at(minutes, wait), pause, first, second)


def in_hold_at(minutes: float, wait: float) -> Session:
    """Return a session `wait` seconds into its hold of `minutes`."""
    session = Session(Settings(minutes=minutes), content(), state=State.SETUP)
    session.desk.visit.raised = True
    session.desk.visit.plan.cap = MAX_HOLD
    session.go(Trigger.READY)
    session.desk.now = wait
    return session


def _change(
    session: Session,
    pause: float,
    first: tuple[Command, float | None],
    second: tuple[Command, float | None],
) -> None:
    plan = session.desk.visit.plan
    began = plan.started
    now = session.desk.now
    if pause:
        session.handle(Heard(Command.PAUSE), now)
        session.tick(now + pause)
        now += pause
    for command, seconds in (first, second):
        for _ in range(4 if command in (Command.EASIER, Command.HARDER) else 1):
            session.handle(Heard(command, seconds=seconds), now)
        assert MIN_HOLD - 1e-6 <= plan.seconds <= MAX_HOLD + 1e-6
        assert session.state is State.LEAVING or plan.cap == began + MAX_HOLD
        if pause and session.state is State.PAUSED:
            session.handle(Heard(Command.RESUME), now)
        if session.state is State.HOLD:
            assert now - 1e-6 <= plan.ends <= plan.cap


def test_rule_8_the_session_knows_no_clock() -> None:
    folder = Path(next(iter(legsup_voice.session.__path__)))
    for source in folder.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            names = [alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")]
            assert not {"time", "datetime", "asyncio", "threading"} & {*names}, source


@pytest.mark.parametrize("later", [1e3, 1e6])
def test_rule_8_the_same_session_at_another_time_is_the_same(later: float) -> None:
    def lines(talk: Conversation) -> list[str]:
        return talk.hear(Command.LONGER).wait_for(State.DONE).listen().told

    moved = in_hold(2.0)
    moved.now += later
    desk = moved.session.desk
    desk.timers = {timer: at + later for timer, at in desk.timers.items()}
    for name in ("started", "ends", "cap"):
        setattr(desk.visit.plan, name, getattr(desk.visit.plan, name) + later)
    moved._line_ends = moved._line_ends and moved._line_ends + later
    assert lines(moved) == lines(in_hold(2.0))
