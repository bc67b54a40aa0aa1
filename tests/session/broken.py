"""Broken handlers: what single states do wrong in a mutant, and what a mutant is."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from legsup_voice.content import Content, content
from legsup_voice.protocol.actions import Action, Hush, Quit, Say
from legsup_voice.protocol.commands import Command, Condition, Pattern, Symptom
from legsup_voice.protocol.events import Began, Event, Failed, Heard, LineEnded, Rejected
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session import (
    guidance,
    hold,
    idle,
    leaving,
    lying,
    paused,
    resting,
    screening,
    setup,
)
from legsup_voice.session import session as machine
from legsup_voice.session.caller import Caller
from legsup_voice.session.desk import Desk
from legsup_voice.session.handler import Handler
from legsup_voice.session.session import Session
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer
from legsup_voice.session.visit import Plan

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Mutant:
    """One thing broken: `apply` patches the code and returns the content to run with."""

    name: str
    apply: Callable[[Patch], Content]


def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing, in place of a method."""


def _method(owner: object, name: str, method: Any, what: str) -> Mutant:
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
    real = owner.takes.fget  # type: ignore[attr-defined]
    return _method(owner, "takes", property(lambda self: change(real(self))), what)


def _passes(*answers: Command) -> Callable[..., None]:
    real = screening.Screening.heard

    def heard(self: screening.Screening, said: Heard) -> None:
        real(self, Heard(Command.NO) if said.command in answers else said)

    return heard


def _silence_passes(self: screening.Screening) -> None:
    self.misses += 1
    if self.misses >= 3:
        self.heard(Heard(Command.NO))
    else:
        self.prompt()


def _one_no_is_enough(self: screening.Screening, said: Heard) -> None:
    self.desk.go(Trigger.CLEAR if said.command is Command.NO else Trigger.REFUSE)


def _asked_at_once(self: screening.Screening, question: int) -> None:
    self.asked = True


def _only_short(self: leaving.Leaving) -> None:
    self.desk.hush()
    self.desk.say("exit.short")


def _queues_behind(self: leaving.Leaving) -> None:
    guidance.stop(self.desk, 1.0)
    self.desk.say("exit.warning")


def _steps_at_once(self: leaving.Leaving) -> None:
    self.desk.hush()
    self.timer(Timer.REST)


def _stop_skips(self: leaving.Leaving) -> None:
    self.desk.hush()


def _stop_spares_what_waits(self: leaving.Leaving) -> None:
    if not any(say.line == "exit.short" for say in self.desk.queue):
        self.desk.hush()
        self.desk.say("exit.short", gap=0.0)


def _next_skips(self: leaving.Leaving, said: Heard) -> None:
    if said.command is Command.NEXT:
        self.desk.hush()
        self.timer(Timer.REST)


def _not_unwell(self: leaving.Leaving, symptom: Symptom) -> None:
    self.desk.say("exit.short")
    self.desk.say("help.symptom")


def _no_second_warning(self: leaving.Leaving, symptom: Symptom) -> None:
    self.visit.unwell = symptom
    self.desk.say("help.symptom")


def _may_always_go_on(self: leaving.Leaving) -> None:
    self.desk.start(Timer.TAKE_BACK, leaving.TAKE_BACK_WITHIN)


def _symptom_may_go_on(self: hold.Hold, symptom: Symptom) -> None:
    self.visit.unwell = None
    self.visit.may_go_on = True


def _resumes(self: paused.Paused, symptom: Symptom) -> None:
    self.desk.go(Trigger.RESUME)


def _pauses(self: hold.Hold) -> None:
    self.desk.go(Trigger.PAUSE)


def _only_says(self: Handler, named: object = None) -> None:
    self.desk.say("hold.offer")


def _without_reason(self: hold.Hold, condition: Condition) -> None:
    self.desk.go(Trigger.LEAVE)


def _new_cap(self: hold.Hold) -> None:
    self.visit.plan.cap = self.desk.timers[Timer.CAP] = self.desk.now + 1200


def _no_cap(self: Handler, index: int = 0) -> None:
    self.desk.cancel(Timer.CAP)


def _no_check_in(self: Handler) -> None:
    self.desk.cancel(Timer.CHECK_IN)


def _unlimited(self: Plan, change: float, now: float) -> float:
    self.ends += change
    return change


def _in_place(self: setup.Setup, index: int) -> None:
    self.in_place |= index == len(self.desk.content.setup.steps)


def _keeps_a_pass(self: idle.Idle) -> None:
    self.desk.passed_until = self.desk.now + 600


def _goes_on(self: resting.Sitting) -> None:
    self.desk.go(Trigger.FINE)


def _ready_goes_on(self: resting.Sitting, said: Heard) -> None:
    self.desk.go(Trigger.FINE)


def _cuts_and_goes_on(self: resting.Side, timer: Timer) -> None:
    self.desk.hush()
    self.desk.go(Trigger.RESTED)


def _shorter_than_short(self: Plan, change: float, now: float) -> float:
    left = self.left(now)
    wanted = min(self.cap - now, max(15.0, left + change))
    self.seconds += wanted - left
    self.ends = now + wanted
    if self.remaining is not None:
        self.remaining = wanted
    return wanted - left


def _dizzy_is_fine(*answers: Command) -> Callable[..., None]:
    def heard(self: resting.Sitting, said: Heard) -> None:
        self.desk.go(Trigger.FINE if said.command in answers else Trigger.UNWELL)

    return heard


def _help_is_better(self: lying.Lying) -> None:
    self.desk.go(Trigger.BETTER)


def _always_better(self: lying.Lying, said: Heard) -> None:
    self.desk.go(Trigger.BETTER)


def _same_call(self: Caller) -> None:
    self.visit.calls += 1
    self.desk.start(Timer.CALL, 60.0)
    self.desk.say("exit.are_you_down")


def _begins_anew(_: Session, event: Event) -> Event:
    return Began() if isinstance(event, Began) else event


def _obeys_itself(_: Session, event: Event) -> Event:
    return Heard(Command.STOP) if isinstance(event, Rejected) else event


def _stop_takes_a_step(self: leaving.Leaving) -> None:
    warns = self._warning
    self.desk.hush()
    if warns:
        self.desk.say("exit.short", gap=0.0)


def _forgets_the_doubt(self: Handler, command: Command) -> bool:
    self.doubtful = 0
    return False


def _takes_any_no(self: Session, event: Event) -> Event:
    declines = isinstance(event, Heard) and event.declines and self.handler.doubtful
    return Heard(Command.NO) if declines else event


def _ignores(fault: Fault) -> Callable[[Session, Event], Event | None]:
    return lambda _, event: None if event == Failed(fault) else event


def _hushes_all(self: Desk) -> list[Say]:
    return self.hush()


def _loses_nothing(self: Desk, event: LineEnded, fits: Callable[[Say], bool]) -> bool:
    if event.cut or not self.queue or self.queue[0].line != event.line:
        return False
    del self.queue[0]
    return not self.queue


def _holds_anyway(desk: Desk, pattern: object) -> bool:
    return False


def _keeps_pattern(self: idle.Idle, said: Heard) -> None:
    self.visit.guidance.pattern = Pattern.BOX


def _told(change: Callable[[Session, Event], Event | None], what: str) -> Mutant:
    """Return a mutant in which the session is told what `change` makes of each event."""
    real = Session.handle

    def handle(self: Session, event: Event, now: float) -> list[Action]:
        told = change(self, event)
        return [] if told is None else real(self, told, now)

    return _method(Session, "handle", handle, what)


def _quits_at_once(patch: Patch) -> Content:
    real = Session.handle

    def handle(self: Session, event: Event, now: float) -> list[Action]:
        if event != Failed(Fault.TERMINATE):
            return real(self, event, now)
        self.ending = True
        self.desk.timers.clear()
        self.desk.queue.clear()
        return [Hush(), Quit()]

    patch.setattr(Session, "handle", handle)
    return content()


def _says_no_emergency(patch: Patch) -> Content:
    real = Desk.say

    def say(self: Desk, name: str, *details: Any, **named: Any) -> None:
        if name != "emergency.call":
            real(self, name, *details, **named)

    patch.setattr(Desk, "say", say)
    return content()


def _no_pose_in_setup(patch: Patch) -> Content:
    held = (State.HOLD, State.PAUSED, State.LEAVING)
    patch.setattr(Session, "in_pose", property(lambda self: self.state in held))
    return content()


SCREENING, LEAVING, SITTING = screening.Screening, leaving.Leaving, resting.Sitting
HANDLERS = (
    _method(SCREENING, "heard", _passes(Command.UNSURE), "unsure passes"),
    _method(SCREENING, "heard", _passes(Command.YES), "yes passes"),
    _method(SCREENING, "heard", _one_no_is_enough, "one no passes everything"),
    _method(SCREENING, "no_input", _silence_passes, "silence passes"),
    _method(SCREENING, "no_match", _nothing, "talk that is no answer never counts"),
    _also(SCREENING, "ask", _asked_at_once, "an answer before the condition is named"),
    _method(SCREENING, "condition", _nothing, "a condition is ignored in the screening"),
    _also(idle.Idle, "entered", _keeps_a_pass, "a screening is passed by being idle"),
    _method(LEAVING, "entered", _only_short, "leaving begins with the short warning"),
    _method(LEAVING, "entered", _queues_behind, "the warning waits behind other lines"),
    _method(LEAVING, "entered", _steps_at_once, "leaving without a warning"),
    _also(LEAVING, "entered", _may_always_go_on, "any leaving can be taken back"),
    _method(LEAVING, "stop", _stop_skips, "stop skips the warning"),
    _method(LEAVING, "stop", _stop_spares_what_waits, "stop leaves what waits behind the warning"),
    _method(LEAVING, "stop", _stop_takes_a_step, "stop takes a step of the way down away"),
    _method(Handler, "answer_doubt", _forgets_the_doubt, "any word means that somebody is well"),
    _method(LEAVING, "heard", _next_skips, "next skips the warning"),
    _method(LEAVING, "symptom", _not_unwell, "a symptom while leaving leads to the side"),
    _method(LEAVING, "symptom", _no_second_warning, "a symptom breaks the warning off"),
    _method(LEAVING, "prompts_done", _nothing, "mute after the warning"),
    _method(LEAVING, "speaker_back", Handler.speaker_back, "the warning isn't said again"),
    _method(paused.Paused, "symptom", _resumes, "a symptom in a pause resumes"),
    _method(hold.Hold, "symptom", _only_says, "a symptom in the hold is only answered"),
    _also(hold.Hold, "symptom", _symptom_may_go_on, "a symptom can be taken back"),
    _method(hold.Hold, "stop", _pauses, "stop only pauses"),
    _method(hold.Hold, "condition", _only_says, "a condition in the hold is only answered"),
    _method(hold.Hold, "condition", _without_reason, "a condition in the hold without the reason"),
    _also(hold.Hold, "entered", _new_cap, "a pause renews the cap"),
    _also(paused.Paused, "entered", _no_cap, "a pause stops the cap"),
    _also(hold.Hold, "entered", _no_check_in, "no check-ins"),
    _method(hold.Hold, "timer", _nothing, "the end of the hold is ignored"),
    _method(paused.Paused, "timer", _nothing, "the cap is ignored in a pause"),
    _method(Plan, "resize", _unlimited, "longer passes the cap"),
    _method(hold.Hold, "no_match", Handler.no_match, "talk counts as no answer to a check-in"),
    _method(hold.Hold, "no_match", _nothing, "who speaks twice in the hold gets no word"),
    _taken(hold.Hold, lambda taken: taken - {Command.SYMPTOM}, "symptoms are not taken in HOLD"),
    _taken(hold.Hold, lambda taken: taken - {Command.REPEAT}, "no repeat in HOLD"),
    _taken(setup.Setup, lambda taken: taken - {Command.STOP}, "no stop in SETUP"),
    _also(setup.Setup, "show", _no_cap, "set-up in the pose has no end"),
    _also(setup.Setup, "show", _in_place, "the hold begins without a word that the legs are up"),
    _method(setup.Setup, "microphone_lost", Handler.microphone_lost, "waits unheard in the pose"),
    _method(setup.Setup, "speaker_lost", _nothing, "a hold begins without a speaker"),
    _method(Handler, "microphone_lost", _nothing, "the lost microphone isn't said"),
    _method(SITTING, "heard", _dizzy_is_fine(Command.NO), "who would rather not get up is fine"),
    _method(SCREENING, "_answers", lambda _, heard: True, "who would rather not say passes"),
    _method(SITTING, "heard", _dizzy_is_fine(Command.NO, Command.YES), "dizzy is fine"),
    _method(SITTING, "heard", _dizzy_is_fine(Command.NO, Command.UNSURE), "unsure is fine"),
    _method(SITTING, "heard", _dizzy_is_fine(Command.NO, Command.SKIP), "skip is fine"),
    _method(lying.Lying, "help_comes", _help_is_better, "help is coming means better"),
    _method(SITTING, "no_input", _goes_on, "told to stand without an answer"),
    _method(SITTING, "heard", _ready_goes_on, "who is ready may cut the sitting short"),
    _method(SITTING, "stop", _goes_on, "stop ends the sitting"),
    _method(resting.Side, "symptom", _nothing, "a symptom on the side is ignored"),
    _method(resting.Side, "timer", _cuts_and_goes_on, "the end of a rest cuts safety lines"),
    _method(Plan, "resize", _shorter_than_short, "shorter passes the limit"),
    _method(lying.Lying, "heard", _always_better, "no means better"),
    _method(lying.Lying, "prompts_done", _nothing, "lying goes mute"),
    _method(Caller, "call", _same_call, "a sleeper is called no louder"),
    _method(Caller, "call", _nothing, "a sleeper isn't called"),
    _method(guidance, "holds_breath", _holds_anyway, "breath is held after a refusal"),
    _method(Desk, "interrupt", _hushes_all, "any command cuts safety lines"),
    _method(Desk, "ended", _loses_nothing, "what was lost counts as said"),
    _method(Handler, "repeat", _nothing, "repeat says nothing"),
    Mutant("asked to end, it leaves people in the pose", _quits_at_once),
    _told(_begins_anew, "no warning after a power cut"),
    _method(machine, "EMERGENCIES", frozenset(), "chest pain is a symptom like any other"),
    _method(machine, "ENDS_EMERGENCY", frozenset(Command), "any word ends the emergency script"),
    Mutant("the emergency script isn't said", _says_no_emergency),
    _also(idle.Idle, "heard", _keeps_pattern, "the breathing of the person before stays"),
    _told(_obeys_itself, "obeys what was no command"),
    _told(_takes_any_no, "who would rather not say is taken to be well"),
    _told(_ignores(Fault.SPEAKER_LOST), "a lost speaker is ignored"),
    _told(_ignores(Fault.TERMINATE), "SIGTERM is ignored"),
    Mutant("legs up in SETUP don't count as the pose", _no_pose_in_setup),
)
