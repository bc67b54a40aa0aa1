"""The session: events in, actions out, nothing else.

`Session` keeps everything that changes; what a state does is in its conduct, what can follow what
is in the transition table. Nothing is ever waited for here: lines report when they have been said,
and deadlines are times on the audio clock that the engine brings back through `tick`.
"""

from dataclasses import dataclass, field

from legsup_voice.content import Content, capitalised, duration
from legsup_voice.protocol.actions import Action, Enter, Hush, Quit, Say, SetVolume
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import (
    Began,
    Event,
    Failed,
    Heard,
    LineEnded,
    LineStarted,
    Rejected,
    VoiceStarted,
)
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.states import State
from legsup_voice.session.conduct import Conduct
from legsup_voice.session.guidance import Guidance
from legsup_voice.session.hold import Hold, Paused
from legsup_voice.session.idle import Idle
from legsup_voice.session.leaving import Leaving
from legsup_voice.session.resting import Done, Lying, Side, Sitting
from legsup_voice.session.screening import Refused, Screening
from legsup_voice.session.seated import Seated
from legsup_voice.session.settings import DEFAULT_HOLD, Settings, clamp_hold
from legsup_voice.session.setup import Setup
from legsup_voice.session.table import TRANSITIONS, Trigger
from legsup_voice.session.timers import Timer

CONDUCTS: dict[State, Conduct] = {
    State.IDLE: Idle(),
    State.SCREENING: Screening(),
    State.REFUSED: Refused(),
    State.SEATED: Seated(),
    State.SETUP: Setup(),
    State.HOLD: Hold(),
    State.PAUSED: Paused(),
    State.LEAVING: Leaving(),
    State.LYING: Lying(),
    State.SIDE: Side(),
    State.SITTING: Sitting(),
    State.DONE: Done(),
}

VOLUME_STEP = 3.0
MAX_VOLUME = 6.0
MIN_VOLUME = -12.0
"""Decibels; safety lines are above this setting."""

SPEAKING_SECONDS = 4.0
"""Whoever has begun to speak is given this long to finish before silence counts."""


class IllegalTransitionError(Exception):
    """A trigger that the table doesn't know for this state; nothing was changed."""


@dataclass
class Plan:
    """The hold that is planned or under way; seconds, and times on the audio clock."""

    seconds: float = DEFAULT_HOLD
    started: float = 0.0
    ends: float = 0.0
    cap: float = 0.0
    remaining: float = 0.0


@dataclass
class Session:
    """One person's session, from IDLE to IDLE; see the module."""

    settings: Settings
    content: Content
    state: State = State.IDLE
    now: float = 0.0
    timers: dict[Timer, float] = field(default_factory=dict)
    queue: list[Say] = field(default_factory=list)
    plan: Plan = field(default_factory=Plan)
    guidance: Guidance = field(default_factory=Guidance)
    passed: bool = False
    refusal: str = ""
    question: int = 0
    step: int = 0
    raised: bool = False
    exit_step: int = 0
    rungs: dict[str, int] = field(default_factory=dict)
    misses: int = 0
    unanswered: int = 0
    awaiting: bool = False
    watchful: bool = False
    unwell: bool = False
    held: float = 0.0
    steady: bool = True
    mute: bool = False
    ending: bool = False
    volume: float = 0.0
    talk: str = "normal"
    ended_by: str = ""
    came_from: State = State.IDLE
    last: list[Say] = field(default_factory=list)
    _times_said: dict[str, int] = field(default_factory=dict)
    _out: list[Action] = field(default_factory=list)

    # --- what the engine calls -------------------------------------------------------------

    @property
    def accepts(self) -> frozenset[Command]:
        """The commands that mean something now."""
        return self.conduct.takes(self)

    @property
    def next_timer(self) -> float | None:
        """The next deadline on the audio clock, if any."""
        return min(self.timers.values(), default=None)

    @property
    def in_pose(self) -> bool:
        """Whether the legs are up the wall, or were until the exit is through."""
        raising = self.state is State.SETUP and self.raised
        return raising or self.state in (State.HOLD, State.PAUSED, State.LEAVING)

    @property
    def hold_ends(self) -> float | None:
        """When the hold ends, on the audio clock; None when none runs."""
        return self.plan.ends if self.state is State.HOLD else None

    def handle(self, event: Event, now: float) -> list[Action]:
        """Take one event at `now` and return what is to be done, in order."""
        self._begin_turn(now)
        match event:
            case Began(interrupted):
                self._began(interrupted)
            case Heard() if event.command in self.accepts:
                self._heard(event)
            case Rejected() if Timer.ANSWER in self.timers and event.why != "own voice":
                self.conduct.unclear(self)
            case VoiceStarted() if Timer.ANSWER in self.timers:
                self.timers[Timer.ANSWER] = max(self.timers[Timer.ANSWER], now + SPEAKING_SECONDS)
            case LineEnded(line, _, cut) if not cut:
                self._line_ended(line)
            case Failed(fault):
                self._failed(fault)
            case LineStarted() | LineEnded() | Heard() | Rejected() | VoiceStarted():
                pass
        return self._end_turn()

    def tick(self, now: float) -> list[Action]:
        """Fire the deadlines up to `now`, earliest first."""
        actions: list[Action] = []
        while (due := self.next_timer) is not None and due <= now:
            timer = min(self.timers, key=self.timers.__getitem__)
            self._begin_turn(now)
            del self.timers[timer]
            if timer is Timer.ANSWER:
                self.conduct.missed(self)
            else:
                self.conduct.timer(self, timer)
            actions += self._end_turn()
        return actions

    # --- what the conducts call ------------------------------------------------------------

    @property
    def conduct(self) -> Conduct:
        """What the present state does."""
        return CONDUCTS[self.state]

    def go(self, trigger: Trigger) -> None:
        """Follow `trigger` to the next state and begin it.

        Raises:
            IllegalTransitionError: the table has no such way out of this state.
        """
        target = TRANSITIONS[self.state].get(trigger)
        if target is None:
            raise IllegalTransitionError(f"{trigger!r} leads nowhere from {self.state}")
        self.came_from, self.state = self.state, target
        self.timers.clear()
        self.misses = 0
        self.awaiting = False
        self.act(Enter(target))
        self.conduct.entered(self)

    def act(self, action: Action) -> None:
        """Ask for `action`."""
        self._out.append(action)

    def say(self, name: str, variant: int | None = None, gap: float = 0.3, **values: str) -> None:
        """Ask for the line `name`, its next variant unless one is named."""
        line = self.content.lines[name]
        if variant is None:
            variant = self._times_said.get(name, self.settings.seed) % len(line.say)
        self._times_said[name] = self._times_said.get(name, self.settings.seed) + 1
        text = capitalised(line.say[variant].format(**values))
        self.say_again(Say(name, text, line.pace, line.safety, gap))

    def say_again(self, say: Say) -> None:
        """Ask for exactly `say`."""
        self.queue.append(say)
        self.act(say)

    def hush(self) -> list[Say]:
        """Silence the voice and return what was not said to its end."""
        unsaid, self.queue = self.queue, []
        if unsaid:
            self.act(Hush())
        return unsaid

    def interrupt(self, *, safety_too: bool) -> list[Say]:
        """Hush for a reply; safety lines yield only to "stop" and symptoms."""
        if not safety_too and any(say.safety for say in self.queue):
            return []
        return self.hush()

    def start(self, timer: Timer, seconds: float, *, keep: bool = False) -> None:
        """Set `timer` to fire in `seconds`; a running one stays when `keep`."""
        if not (keep and timer in self.timers):
            self.timers[timer] = self.now + seconds

    def cancel(self, timer: Timer) -> None:
        """Forget `timer`."""
        self.timers.pop(timer, None)

    def say_time_left(self, seconds: float) -> None:
        """Say how much time is left."""
        if seconds < 8:
            self.say("time.nearly")
        else:
            self.say("time.left", duration=duration(seconds))

    # --- one turn --------------------------------------------------------------------------

    def _begin_turn(self, now: float) -> None:
        self.now = now
        self._out = []

    def _end_turn(self) -> list[Action]:
        said = [action for action in self._out if isinstance(action, Say)]
        if said:
            self.last = said
        return self._out

    def _began(self, interrupted: bool) -> None:
        self.talk = self.settings.talk
        self.renew()
        if interrupted:
            self.ended_by = "interrupted"
            self.go(Trigger.INTERRUPTED)
        else:
            self.act(Enter(State.IDLE))
            self.say("idle.begin")

    def renew(self) -> None:
        """Forget the session before: nothing of it counts for the next person."""
        minutes = self.settings.minutes
        self.plan = Plan(seconds=clamp_hold(minutes * 60) if minutes else DEFAULT_HOLD)
        self.guidance = Guidance(self.settings.breathing or self.content.breathing.default)
        self.passed = self.raised = self.unwell = self.watchful = False
        self.steady = True
        self.question = self.step = self.unanswered = 0
        self.rungs.clear()
        self.held = 0.0
        self.ended_by = ""

    def _line_ended(self, line: str) -> None:
        if self.queue and self.queue[0].line == line:
            del self.queue[0]
            if not self.queue:
                self._fall_quiet()

    def _fall_quiet(self) -> None:
        if self.ending:
            self.act(Quit())
        else:
            self.conduct.quiet(self)

    def _heard(self, heard: Heard) -> None:
        if not heard.outside:
            self.unanswered = 0
            self.cancel(Timer.ANSWER)
        command = heard.command
        if command is Command.SYMPTOM:
            self.interrupt(safety_too=True)
            self.conduct.symptom(self)
        elif command is Command.STOP:
            self.conduct.stop(self)
        elif command is Command.QUIT:
            self.conduct.quit(self)
        elif command is Command.CONDITION:
            self.interrupt(safety_too=False)
            self.conduct.condition(self, heard.condition or "other")
        else:
            unsaid = self.interrupt(safety_too=False)
            before = (self.state, self.step, self.question)
            if not self._common(heard):
                self.conduct.heard(self, heard)
            moved = before != (self.state, self.step, self.question)
            if unsaid and not moved and command is not Command.REPEAT:
                for say in unsaid:
                    states = self.content.lines[say.line].states
                    if not states or self.state in states:
                        self.say_again(say)
        if not self.queue:
            self._fall_quiet()

    def _common(self, heard: Heard) -> bool:
        match heard.command:
            case Command.REPEAT:
                self._repeat()
            case Command.HELP:
                self.conduct.help(self)
            case Command.WHAT_IS_THIS:
                self.say(self.conduct.what_line)
            case Command.WHY:
                self.conduct.why(self)
            case Command.HOW_LONG:
                self.conduct.how_long(self)
            case Command.LOUDER | Command.QUIETER as command:
                self._change_volume(louder=command is Command.LOUDER)
            case Command.LESS_TALK | Command.MORE_TALK as command:
                self.talk = "less" if command is Command.LESS_TALK else "more"
                self.say(f"settings.{command.value}")
            case _:
                return False
        return True

    def _repeat(self) -> None:
        if not self.last:
            self.say("fault.nothing_to_repeat")
        for say in self.last:
            self.say_again(say)

    def _change_volume(self, *, louder: bool) -> None:
        wanted = self.volume + (VOLUME_STEP if louder else -VOLUME_STEP)
        if not MIN_VOLUME <= wanted <= MAX_VOLUME:
            self.say("settings.loudest" if louder else "settings.quietest")
            return
        self.volume = wanted
        self.act(SetVolume(wanted))
        self.say("settings.louder" if louder else "settings.quieter")

    def _failed(self, fault: Fault) -> None:
        match fault:
            case Fault.MICROPHONE_LOST:
                self.conduct.microphone_lost(self)
            case Fault.MICROPHONE_BACK:
                self.conduct.microphone_back(self)
            case Fault.SPEAKER_LOST:
                self.mute = True
                self.conduct.speaker_lost(self)
            case Fault.SPEAKER_BACK:
                self.mute = False
                self.conduct.speaker_back(self)
            case Fault.RECOGNISER_STALLED:
                self.say("fault.hearing")
            case Fault.JOURNAL:
                self.conduct.journal_lost(self)
            case Fault.TERMINATE:
                self._terminate()

    def _terminate(self) -> None:
        """End soon, but not before the exit is said to someone in the pose."""
        if self.ending:
            return
        if self.in_pose and self.state is not State.LEAVING:
            self.ended_by = "asked to end"
            self.go(Trigger.LEAVE)
        self.ending = True
        self.timers.clear()
        if self.state is State.LEAVING:
            self.say("exit.alone")
        elif self.state in (State.LYING, State.SIDE, State.SITTING):
            self.hush()
            self.say("fault.ending")
        else:
            self.hush()
            self.act(Quit())
