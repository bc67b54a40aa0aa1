"""Broken conduct: what single states do wrong in a mutant, and what a mutant is."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from legsup_voice.content import Content, content
from legsup_voice.protocol.actions import Quit, Say
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard, Rejected
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance, hold, leaving, resting, screening, setup
from legsup_voice.session.conduct import ALWAYS, Conduct
from legsup_voice.session.session import Session
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Mutant:
    """One thing broken: `apply` patches the code and returns the content to run with."""

    name: str
    apply: Callable[[Patch], Content]


def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing, in place of a method."""


def _method(owner: type, name: str, method: Callable[..., Any], what: str) -> Mutant:
    def apply(patch: Patch) -> Content:
        patch.setattr(owner, name, method)
        return content()

    return Mutant(what, apply)


def _also(owner: type, name: str, then: Callable[..., None], what: str) -> Mutant:
    """Return a mutant in which `then` follows the real method, with the same arguments."""
    real = getattr(owner, name)

    @functools.wraps(real)
    def both(*args: Any, **values: Any) -> Any:
        result = real(*args, **values)
        then(*args, **values)
        return result

    return _method(owner, name, both, what)


def _taken(
    owner: type, change: Callable[[frozenset[Command]], frozenset[Command]], what: str
) -> Mutant:
    real = owner.takes  # type: ignore[attr-defined]
    return _method(owner, "takes", lambda self, session: change(real(self, session)), what)


def _passes(*answers: Command) -> Callable[..., None]:
    real = screening.Screening.heard

    def heard(self: screening.Screening, session: Session, said: Heard) -> None:
        real(self, session, Heard(Command.NO) if said.command in answers else said)

    return heard


def _silence_passes(self: screening.Screening, session: Session) -> None:
    session.misses += 1
    if session.misses >= 3:
        self._ask(session, session.question + 1)
    else:
        session.say(self._line(session), variant=1)


def _only_short(self: leaving.Leaving, session: Session) -> None:
    session.hush()
    session.exit_step = 0
    self._warn(session, "exit.short")


def _queues_behind(self: leaving.Leaving, session: Session) -> None:
    guidance.stop(session, 1.0)
    session.exit_step = 0
    self._warn(session, "exit.warning")


def _steps_at_once(self: leaving.Leaving, session: Session) -> None:
    session.hush()
    session.exit_step = 0
    self._step(session)


def _stop_skips(self: leaving.Leaving, session: Session) -> None:
    session.hush()


def _next_skips(self: leaving.Leaving, session: Session, said: Heard) -> None:
    if said.command is Command.NEXT:
        session.hush()
        self._step(session)


def _not_unwell(self: leaving.Leaving, session: Session) -> None:
    self._warn(session, "exit.short")


def _no_second_warning(self: leaving.Leaving, session: Session) -> None:
    session.unwell = True
    session.say("help.symptom")


def _resumes(self: hold.Paused, session: Session) -> None:
    session.go(Trigger.RESUME)


def _pauses(self: hold.Hold, session: Session) -> None:
    session.go(Trigger.PAUSE)


def _only_says(self: Conduct, session: Session, condition: str = "") -> None:
    session.say("hold.offer")


def _new_cap(self: hold.Hold, session: Session) -> None:
    session.plan.cap = session.timers[Timer.CAP] = session.now + 1200


def _no_cap(self: Conduct, session: Session) -> None:
    session.cancel(Timer.CAP)


def _no_set_up_cap(self: setup.Setup, session: Session, index: int) -> None:
    session.cancel(Timer.CAP)


def _no_check_in(self: Conduct, session: Session) -> None:
    session.cancel(Timer.CHECK_IN)


def _unlimited(self: hold.Hold, session: Session, change: float, line: str = "") -> None:
    session.plan.ends += change
    session.start(Timer.CHECK_IN, hold.CHECK_IN_EVERY, keep=True)
    hold._announce(session)
    session.say_time_left(session.plan.ends - session.now)


def _stands_up(self: resting.Sitting, session: Session) -> None:
    session.go(Trigger.FINE)


def _cuts_and_goes_on(self: resting.Side, session: Session, timer: Timer) -> None:
    session.hush()
    session.go(Trigger.RESTED)


def _shorter_than_short(self: hold.Paused, session: Session, change: float) -> None:
    plan = session.plan
    wanted = min(plan.cap - session.now, max(15.0, plan.remaining + change))
    plan.seconds += wanted - plan.remaining
    plan.remaining = wanted


def _dizzy_is_fine(*answers: Command) -> Callable[..., None]:
    def heard(self: resting.Sitting, session: Session, said: Heard) -> None:
        session.go(Trigger.FINE if said.command in answers else Trigger.UNWELL)

    return heard


def _silence_is_fine(self: resting.Sitting, session: Session) -> None:
    session.go(Trigger.FINE)


def _always_better(self: resting.Lying, session: Session, said: Heard) -> None:
    session.go(Trigger.BETTER)


def _quits_at_once(self: Session) -> None:
    self.ending = True
    self.timers.clear()
    self.hush()
    self.act(Quit())


def _begins_anew(self: Session, interrupted: bool) -> None:
    self.renew()
    self.say("idle.begin")


def _hushes_all(self: Session, *, safety_too: bool) -> list[Say]:
    return self.hush()


def _keeps_pattern(self: Session) -> None:
    self.guidance.pattern = "box"


def _obeys_itself(patch: Patch) -> Content:
    real = Session.handle

    def handle(self: Session, event: Any, now: float) -> Any:
        if isinstance(event, Rejected):
            event = Heard(Command.STOP)
        return real(self, event, now)

    patch.setattr(Session, "handle", handle)
    return content()


def _without(fault: Fault) -> Callable[[Patch], Content]:
    real = Session._failed

    def apply(patch: Patch) -> Content:
        patch.setattr(
            Session, "_failed", lambda self, told: None if told is fault else real(self, told)
        )
        return content()

    return apply


def _no_pose_in_setup(patch: Patch) -> Content:
    held = (State.HOLD, State.PAUSED, State.LEAVING)
    patch.setattr(Session, "in_pose", property(lambda self: self.state in held))
    return content()


LEAVING = leaving.Leaving
CONDUCT = (
    _method(screening.Screening, "heard", _passes(Command.UNSURE), "unsure passes"),
    _method(screening.Screening, "heard", _passes(Command.YES), "yes passes"),
    _method(screening.Screening, "missed", _silence_passes, "silence passes"),
    _method(screening.Screening, "unclear", _nothing, "talk that is no answer never counts"),
    _taken(
        screening.Screening, lambda taken: taken | {Command.NO}, "an answer before the question"
    ),
    _method(screening.Screening, "condition", _nothing, "a condition is ignored in the screening"),
    _method(LEAVING, "entered", _only_short, "leaving begins with the short warning"),
    _method(LEAVING, "entered", _queues_behind, "the warning waits behind other lines"),
    _method(LEAVING, "entered", _steps_at_once, "leaving without a warning"),
    _method(LEAVING, "stop", _stop_skips, "stop skips the warning"),
    _method(LEAVING, "heard", _next_skips, "next skips the warning"),
    _method(LEAVING, "symptom", _not_unwell, "a symptom while leaving leads to the side"),
    _method(LEAVING, "symptom", _no_second_warning, "a symptom breaks the warning off"),
    _method(LEAVING, "quiet", _nothing, "mute after the warning"),
    _method(LEAVING, "speaker_back", Conduct.speaker_back, "the warning isn't said again"),
    _method(hold.Paused, "symptom", _resumes, "a symptom in a pause resumes"),
    _method(hold.Hold, "symptom", _only_says, "a symptom in the hold is only answered"),
    _method(hold.Hold, "stop", _pauses, "stop only pauses"),
    _method(hold.Hold, "condition", _only_says, "a condition in the hold is only answered"),
    _also(hold.Hold, "entered", _new_cap, "a pause renews the cap"),
    _also(hold.Paused, "entered", _no_cap, "a pause stops the cap"),
    _also(hold.Hold, "entered", _no_check_in, "no check-ins"),
    _method(hold.Hold, "timer", _nothing, "the end of the hold is ignored"),
    _method(hold.Paused, "timer", _nothing, "the cap is ignored in a pause"),
    _method(hold.Hold, "_resize", _unlimited, "longer passes the cap"),
    _method(hold.Hold, "unclear", Conduct.unclear, "talk counts as no answer to a check-in"),
    _taken(hold.Hold, lambda taken: taken - {Command.SYMPTOM}, "symptoms are not taken in HOLD"),
    _taken(hold.Hold, lambda taken: taken - {Command.REPEAT}, "no repeat in HOLD"),
    _taken(setup.Setup, lambda taken: taken - {Command.STOP}, "no stop in SETUP"),
    _also(setup.Setup, "_show", _no_set_up_cap, "set-up in the pose has no end"),
    _method(setup.Setup, "microphone_lost", Conduct.microphone_lost, "waits unheard in the pose"),
    _method(setup.Setup, "speaker_lost", _nothing, "a hold begins without a speaker"),
    _method(Conduct, "microphone_lost", _nothing, "the lost microphone isn't said"),
    _method(resting.Sitting, "heard", _dizzy_is_fine(Command.NO, Command.YES), "dizzy is fine"),
    _method(resting.Sitting, "heard", _dizzy_is_fine(Command.NO, Command.UNSURE), "unsure is fine"),
    _method(resting.Sitting, "missed", _silence_is_fine, "told to stand without an answer"),
    _taken(resting.Sitting, lambda _: ALWAYS | {Command.NO}, "sitting may be cut short"),
    _method(resting.Side, "symptom", _nothing, "a symptom on the side is ignored"),
    _method(resting.Side, "timer", _cuts_and_goes_on, "the end of a rest cuts safety lines"),
    _method(resting.Sitting, "stop", _stands_up, "stop ends the sitting"),
    _method(hold.Paused, "_resize", _shorter_than_short, "shorter in a pause passes the limit"),
    _method(resting.Lying, "heard", _always_better, "no means better"),
    _method(resting.Lying, "quiet", _nothing, "lying goes mute"),
    _method(Session, "interrupt", _hushes_all, "any command cuts safety lines"),
    _method(Session, "_repeat", _nothing, "repeat says nothing"),
    _method(Session, "_terminate", _quits_at_once, "asked to end, it leaves people in the pose"),
    _method(Session, "_began", _begins_anew, "no warning after a power cut"),
    _also(Session, "renew", _keeps_pattern, "the breathing of the person before stays"),
    Mutant("obeys what was no command", _obeys_itself),
    Mutant("a lost speaker is ignored", _without(Fault.SPEAKER_LOST)),
    Mutant("SIGTERM is ignored", _without(Fault.TERMINATE)),
    Mutant("legs up in SETUP don't count as the pose", _no_pose_in_setup),
)
