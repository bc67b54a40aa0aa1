"""IDLE: one line on how to begin, then silence."""

from legsup_voice.protocol.actions import Quit
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.states import State
from legsup_voice.session import guidance
from legsup_voice.session.handler import (
    ALWAYS,
    ANSWER_SECONDS,
    ANSWERS,
    HINT_EVERY,
    Handler,
)
from legsup_voice.session.refused import refusal_for
from legsup_voice.session.table import Trigger
from legsup_voice.session.timers import Timer
from legsup_voice.session.visit import new_visit

HINT_WITHIN = 20.0
"""Seconds after its own line in which speech that is no command gets a hint."""

UNWELL_SECONDS = 600.0
"""So long nobody who felt unwell is told how to begin."""

STAYING = ALWAYS - {Command.LESS_TALK, Command.MORE_TALK}
WAITING = STAYING | {Command.START, Command.SAME}


class Idle(Handler):
    """Waits for "start"."""

    state = State.IDLE
    upright = True
    stays_unwell = True

    @property
    def takes(self) -> frozenset[Command]:
        """Take "start" unless mute; "stop" means something only while something is said."""
        waits = not self.desk.mute and not self.desk.parting
        taken = WAITING if waits else STAYING
        speaks = self.desk.queue or Timer.EMERGENCY in self.desk.timers
        if Timer.EMERGENCY in self.desk.timers:  # "say yes when help is coming"
            taken |= ANSWERS | {Command.NEXT}
        return taken if speaks else taken - {Command.STOP}

    def entered(self) -> None:
        """Hint nothing to somebody unwell."""
        if self.visit.unwell:
            self.desk.start(Timer.HINTED, UNWELL_SECONDS)

    def prompts_done(self) -> None:
        """Be silent; whoever speaks now may not know how to begin."""
        if self.doubtful:
            self.desk.start(Timer.ANSWER, ANSWER_SECONDS)
        self.desk.start(Timer.SPOKEN, HINT_WITHIN)

    def prompt(self) -> None:
        """Say how to begin."""
        self.desk.say("idle.welcome_back" if self.desk.settings.last else "idle.begin")

    def heard(self, heard: Heard) -> None:
        """Begin a session of its own; a screening passed a moment ago counts."""
        if heard.command not in (Command.START, Command.SAME):
            return
        desk = self.desk
        passed = desk.now < desk.passed_until
        desk.visit = new_visit(
            desk.settings,
            desk.content.breathing.default,
            seconds=heard.seconds,
            pattern=heard.pattern,
            same=heard.command is Command.SAME,
        )
        desk.visit.barred = desk.now < desk.barred_until
        guidance.choose_unheld(desk, desk.visit.guidance.pattern)
        if passed:
            desk.visit.cleared = desk.content.screening.conditions
        desk.go(Trigger.AGAIN if passed else Trigger.START)

    def no_match(self) -> None:
        """Hint at how to begin, to someone who may be speaking to us."""
        timers = self.desk.timers
        if Timer.EMERGENCY in timers:
            return
        if Timer.SPOKEN in timers and Timer.HINTED not in timers and not self.desk.queue:
            self.desk.say("idle.hint")
            self.desk.start(Timer.HINTED, HINT_EVERY)

    def stop(self) -> None:
        """Be silent."""
        self.desk.hush()

    def quit(self) -> None:
        """Say goodbye; the program ends after it."""
        self.desk.parting = True
        self.desk.hush()
        self.desk.say("idle.goodbye")
        self.desk.act(Quit())

    def symptom(self, symptom: Symptom) -> None:
        """Give help advice; there is no pose to leave, and nobody is told how to begin now."""
        self.desk.start(Timer.HINTED, UNWELL_SECONDS)
        self.desk.say("help.rest_now")
        self.desk.say("help.symptom")

    def condition(self, condition: Condition) -> None:
        """Refuse before anything has begun; what may follow is a session of its own."""
        desk = self.desk
        desk.visit = new_visit(desk.settings, desk.content.breathing.default)
        desk.visit.refusal = refusal_for(desk, condition)
        desk.go(Trigger.CONDITION)

    def how_long(self) -> None:
        """Say how long the hold is planned."""
        self.desk.say("time.planned")
