"""The session: events in, actions out, nothing else.

What a state does is in its handler, what can follow what is in the transition table. Nothing is
ever waited for here: lines report when they have been said, and deadlines are times on the audio
clock that the engine brings back through `tick`.
"""

from legsup_voice.content import Content
from legsup_voice.protocol.actions import Action, Enter, Quit, Say, SetBed
from legsup_voice.protocol.commands import EMERGENCIES, Command, Condition, Symptom
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
from legsup_voice.session.desk import Again, Desk, Way
from legsup_voice.session.done import Done
from legsup_voice.session.handler import ANSWERS, Handler
from legsup_voice.session.hold import Hold
from legsup_voice.session.idle import Idle
from legsup_voice.session.leaving import Leaving
from legsup_voice.session.lying import Lying
from legsup_voice.session.paused import Paused
from legsup_voice.session.refused import Refused
from legsup_voice.session.resting import Side, Sitting
from legsup_voice.session.screening import Screening
from legsup_voice.session.seated import Seated
from legsup_voice.session.settings import Settings
from legsup_voice.session.setup import Setup
from legsup_voice.session.table import TRANSITIONS, Trigger
from legsup_voice.session.timers import MARKS, Timer

HANDLERS: dict[State, type[Handler]] = {
    handler.state: handler
    for handler in (
        Idle,
        Screening,
        Refused,
        Seated,
        Setup,
        Hold,
        Paused,
        Leaving,
        Lying,
        Side,
        Sitting,
        Done,
    )
}

ENDS_EMERGENCY = frozenset(
    {
        Command.YES,
        Command.NEXT,
        Command.STOP,
        Command.QUIT,
        Command.CONDITION,
        Command.START,
        Command.SAME,
    }
)
"""What answers the emergency script, so that it isn't said every minute any more.

Asking for something, or another symptom, is no answer; after a "no" to "say yes when help is
coming" it is said again at once.
"""

EMERGENCY_EVERY = 60.0
EMERGENCY_DB = 6.0
"""Decibels above the voice's normal level."""

SPEAKING_SECONDS = 4.0
"""Whoever has begun to speak is given this long to finish before silence counts."""


class IllegalTransitionError(Exception):
    """A trigger that the table doesn't know for this state; nothing was changed."""


class Session:
    """One person's session, from IDLE to IDLE; see the module."""

    def __init__(self, settings: Settings, content: Content, state: State = State.IDLE) -> None:
        self.desk = Desk(settings, content)
        self.state = state
        self.handler = HANDLERS[state](self.desk, state)
        self.ending = False
        """Asked to end: the program ends when everything has been said."""

        self._emergency = False

    # --- what the engine calls -------------------------------------------------------------

    @property
    def accepts(self) -> frozenset[Command]:
        """The commands that mean something now."""
        takes = self.handler.takes
        return takes | ANSWERS | {Command.NEXT} if self.handler.doubtful else takes

    @property
    def asks(self) -> frozenset[Command]:
        """The commands that were asked for: what means something only as an answer may mean them.

        Where seldom anything is asked, a no isn't among them: the ears would take it for a
        question of safety, and want to be surer of "stop".
        """
        awaited = {Command.YES, Command.UNSURE, Command.NEXT} if self.handler.awaits else set()
        if Timer.EMERGENCY in self.desk.timers:  # "okay" doesn't tell that help is coming
            awaited |= {Command.UNSURE}
        return self.accepts & (self.handler.asking | awaited)

    @property
    def next_timer(self) -> float | None:
        """The next deadline on the audio clock, if any."""
        return min(self.desk.timers.values(), default=None)

    @property
    def in_pose(self) -> bool:
        """Whether the legs may be up the wall: until the exit is through, and was answered."""
        raising = self.state is State.SETUP and self.desk.visit.raised
        posed = raising or self.state in (State.HOLD, State.PAUSED, State.LEAVING)
        return posed or self.desk.visit.asleep

    @property
    def hold_ends(self) -> float | None:
        """When the hold ends, on the audio clock; None when none runs."""
        return self.desk.visit.plan.ends if self.state is State.HOLD else None

    @property
    def volume(self) -> float:
        """Decibels above normal that all but safety lines are played at."""
        return self.desk.wishes.volume

    @volume.setter
    def volume(self, gain_db: float) -> None:
        self.desk.wishes.volume = gain_db

    def handle(self, event: Event, now: float) -> list[Action]:
        """Take one event at `now` and return what is to be done, in order."""
        self._begin_turn(now)
        timers = self.desk.timers
        match event:
            case Began(interrupted):
                self._began(interrupted)
            case Heard() if event.command in self.accepts:
                self._heard(event)
            case Rejected() if event.why != "own voice":
                self._no_match(event.text)
            case VoiceStarted() if Timer.ANSWER in timers:
                timers[Timer.ANSWER] = max(timers[Timer.ANSWER], now + SPEAKING_SECONDS)
            case LineStarted():
                self.desk.sounding_since = event.start
            case LineEnded():
                if not event.cut:
                    self.handler.line_done(event.line)
                if self.desk.ended(event, self.handler.fits):
                    self._prompts_done()
            case Failed(fault):
                self._failed(fault)
            case Heard() | Rejected() | VoiceStarted():
                pass
        return self._end_turn()

    def tick(self, now: float) -> list[Action]:
        """Fire the deadlines up to `now`, earliest first."""
        actions: list[Action] = []
        while (due := self.next_timer) is not None and due <= now:
            timers = self.desk.timers
            timer = min(timers, key=timers.__getitem__)
            self._begin_turn(now)
            del timers[timer]
            self._fire(timer)
            actions += self._end_turn()
        return actions

    def go(self, trigger: Trigger) -> None:
        """Follow `trigger` to the next state and begin it.

        Raises:
            IllegalTransitionError: the table has no such way out of this state.
        """
        target = TRANSITIONS[self.state].get(trigger)
        if target is None:
            raise IllegalTransitionError(f"{trigger!r} leads nowhere from {self.state}")
        came_from, self.state = self.state, target
        self.desk.clear_timers()
        self.desk.act(Enter(target))
        self.handler = HANDLERS[target](self.desk, came_from)
        self._say_emergency()
        self.handler.entered()

    # --- one turn --------------------------------------------------------------------------

    def _begin_turn(self, now: float) -> None:
        self.desk.now = now
        self.desk.actions = []

    def _end_turn(self) -> list[Action]:
        self._follow()
        desk = self.desk
        said = [action for action in desk.actions if isinstance(action, Say)]
        if said:
            desk.last = tuple(Again(say.line, desk.variants[say.line]) for say in said)
        return desk.actions

    def _follow(self) -> None:
        """Go where the state asked to go, if it did."""
        while self.desk.way is not None:
            way, self.desk.way = self.desk.way, None
            self._go(way)

    def _go(self, way: Way) -> None:
        self.go(way.trigger)
        for line in way.lines:
            self.desk.say(line)

    def _began(self, interrupted: bool) -> None:
        if interrupted:
            self.desk.visit.ended_by = "interrupted"
            self.desk.go(Trigger.INTERRUPTED)
        else:
            self.desk.act(Enter(State.IDLE))
            if self.desk.wishes.bed is not None:
                self.desk.act(SetBed(self.desk.wishes.bed))
            if self.desk.settings.welcomes:
                self.handler.prompt()

    def _prompts_done(self) -> None:
        if self.ending:
            self.desk.act(Quit())
        else:
            self.handler.prompts_done()

    def _fire(self, timer: Timer) -> None:
        if timer is Timer.EMERGENCY:
            self._call_for_help()
        elif timer is Timer.ANSWER and self.handler.doubtful:
            self.handler.doubt_missed()
        elif timer is Timer.ANSWER:
            self.handler.no_input()
        elif timer not in MARKS:
            self.handler.timer(timer)

    def _no_match(self, text: str) -> None:
        if not self.handler.doubtful:
            rests = self.in_pose or self.state is State.IDLE
            if not (rests and self.desk.content.acknowledges(text)):  # "thank you"
                self.handler.no_match()
        elif Timer.ANSWER in self.desk.timers:
            self.desk.cancel(Timer.ANSWER)
            self.handler.doubt_missed()

    # --- commands ----------------------------------------------------------------------------

    def _heard(self, heard: Heard) -> None:
        desk, handler = self.desk, self.handler
        called = Timer.EMERGENCY in desk.timers and not self.in_pose
        if not heard.outside:  # only a person here answers, or shows that they are awake
            desk.visit.unanswered = 0
            desk.visit.asleep, desk.visit.calls = False, 0
            desk.cancel(Timer.ANSWER, Timer.CALL)
            if called and heard.command in ENDS_EMERGENCY:
                desk.cancel(Timer.EMERGENCY)
            handler.awake()
        match heard.command:
            case Command.YES if called:
                desk.interrupt()
                handler.help_comes()
            case Command.NEXT if called:
                desk.interrupt()
                handler.it_passed()
            case Command.NO | Command.UNSURE if called and not heard.outside:
                if all(say.line != "emergency.call" for say in desk.queue):
                    self._call_for_help()
            case Command.SYMPTOM:
                self._symptom(heard.symptom or Symptom.DIZZY)
            case Command.STOP:
                handler.doubtful = 0
                handler.stop()
            case Command.QUIT:
                handler.doubtful = 0
                desk.visit.night |= heard.night is True
                handler.quit()
            case Command.CONDITION:
                desk.passed_until = desk.now
                desk.interrupt()
                handler.condition(heard.condition or Condition.OTHER)
            case _:
                self._asked(heard)
        self._follow()
        if not desk.queue:
            self._prompts_done()

    def _symptom(self, symptom: Symptom) -> None:
        """Symptoms beat everything; only "help" of someone who may be well is asked about."""
        desk, handler = self.desk, self.handler
        desk.hush()
        well = handler.upright and not handler.doubtful and Timer.EMERGENCY not in desk.timers
        if symptom is Symptom.HELP and well:
            handler.doubt()
            return
        handler.doubtful = 0
        desk.note_unwell()
        self._emergency = symptom in EMERGENCIES
        if handler.stays_unwell:
            self._say_emergency()
        handler.symptom(symptom)

    def _say_emergency(self) -> None:
        """Say the emergency script if it is due: as soon as we are where a symptom leads."""
        if self._emergency:
            self._emergency = False
            self._call_for_help()

    def _call_for_help(self) -> None:
        """Say the emergency script, loud; it is said again until somebody answers."""
        self.desk.start(Timer.EMERGENCY, EMERGENCY_EVERY)
        self.desk.say("emergency.call", gap=0.0, gain_db=EMERGENCY_DB)
        if not self.in_pose:
            self.desk.say("emergency.answer", gain_db=EMERGENCY_DB)

    def _asked(self, heard: Heard) -> None:
        """Obey a command; what it broke off is said again, and an open question asked again."""
        desk, handler = self.desk, self.handler
        doubtful = handler.doubtful > 0
        if not doubtful and handler.only_acknowledges(heard):
            return
        silent = not desk.queue or doubtful
        unsaid = desk.interrupt()
        if handler.doubtful and heard.declines:  # "I'd rather not" tells nobody that they are well
            handler.doubt_missed()
            return
        place = handler.place
        answered = doubtful and not heard.outside and handler.answer_doubt(heard.command)
        if not answered:
            replied = handler.common(heard)
            if not replied:
                handler.heard(heard)
            if doubtful and desk.way is None:  # it is still to be answered
                if all(say.line != "help.unwell" for say in desk.queue):
                    desk.say("help.unwell")
                return
            if desk.way is None and handler.place == place and heard.command is not Command.REPEAT:
                for say in filter(handler.fits, unsaid):
                    desk.say_again(say.line)
                if replied and silent and handler.asks:
                    handler.prompt()

    # --- faults ------------------------------------------------------------------------------

    def _failed(self, fault: Fault) -> None:
        match fault:
            case Fault.MICROPHONE_LOST:
                self.handler.microphone_lost()
            case Fault.MICROPHONE_BACK:
                self.handler.microphone_back()
            case Fault.SPEAKER_LOST:
                self.desk.mute = True
                self.handler.speaker_lost()
            case Fault.SPEAKER_BACK:
                self.desk.mute = False
                self.handler.speaker_back()
            case Fault.RECOGNISER_STALLED:
                self.desk.say("fault.hearing")
            case Fault.JOURNAL:
                self.handler.journal_lost()
            case Fault.TERMINATE:
                self._terminate()

    def _terminate(self) -> None:
        """End soon, but not before the exit is said to someone in the pose."""
        if self.ending:
            return
        desk = self.desk
        if self.in_pose and self.state in (State.SETUP, State.HOLD, State.PAUSED):
            desk.visit.ended_by = "asked to end"
            self.go(Trigger.LEAVE)
        self.ending = True
        desk.timers.clear()
        if self.state is State.LEAVING:
            desk.say("exit.alone")
        elif self.state in (State.LYING, State.SIDE, State.SITTING):
            desk.hush()
            desk.say("fault.ending")
        else:
            desk.hush()
            desk.act(Quit())
