"""A fake link for the session: speaks its lines on a virtual clock and lets a person answer.

A line takes half a second a word. What happened is kept as a list that reads like a conversation:
state names in capitals, line ids, and `person: ...`.
"""

from typing import Any, Self

from legsup_voice.content import content
from legsup_voice.protocol.actions import Action, Enter, Hush, Quit, Record, Remember, Say
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Began, Event, Heard, LineEnded, LineStarted, Rejected
from legsup_voice.protocol.states import State
from legsup_voice.session.session import Session
from legsup_voice.session.settings import Settings

SECONDS_PER_WORD = 0.5


class Conversation:
    """A session in progress; times are seconds on its virtual clock."""

    def __init__(self, *, interrupted: bool = False, language: str = "en", **settings: Any) -> None:
        self.session = Session(Settings.model_validate(settings), content(language))
        self.now = 0.0
        self.told: list[str] = []
        self.actions: list[tuple[float, Action]] = []
        self.records: list[Record] = []
        self.remembered: Choices | None = None
        self.quit = False
        self._queue: list[Say] = []
        self._line_ends: float | None = None
        self._lost = 0.0
        self.tell(Began(interrupted))

    def tell(self, event: Event) -> Self:
        """Hand the session an event now."""
        self._do(self.session.handle(event, self.now))
        return self

    def hear(self, command: Command, **details: Any) -> Self:
        """Let the person give a command now."""
        self.told.append(f"person: {command.value}")
        return self.tell(Heard(command, text=command.value, **details))

    def answer(self, *commands: Command) -> Self:
        """Let the person give each command half a second after the voice has fallen silent."""
        for command in commands:
            self.listen()
            self.wait(0.5)
            self.hear(command)
        return self

    def listen(self) -> Self:
        """Let everything queued be said."""
        while self._queue:
            self._to_next(float("inf"))
        return self

    def wait(self, seconds: float) -> Self:
        """Let `seconds` pass."""
        until = self.now + seconds
        while self._to_next(until):
            pass
        self.now = until
        return self

    def reject(self, why: str = "unknown") -> Self:
        """Let somebody say what is no command."""
        self.told.append("person: ...")
        return self.tell(Rejected("purple", why=why))

    def lose(self, seconds: float) -> Self:
        """Let the line that sounds come to its end with so much of it lost."""
        self._lost, ends = seconds, self._line_ends
        assert ends is not None
        while self._line_ends == ends:
            self._to_next(float("inf"))
        return self

    def index(self, line: str) -> int:
        """Return the number of the action that asked for `line` last."""
        return max(i for i, (_, a) in enumerate(self.actions) if getattr(a, "line", "") == line)

    def texts(self) -> list[str]:
        """Return the words of everything asked to be said."""
        return [a.text for _, a in self.actions if isinstance(a, Say)]

    def says(self) -> list[tuple[float, Say]]:
        """Return everything asked to be said, and when."""
        return [(at, action) for at, action in self.actions if isinstance(action, Say)]

    def talk_between(self, first: State, last: State) -> float:
        """Return the seconds of talk from when `first` is entered until `last` is."""
        actions = [action for _, action in self.actions]
        since, until = actions.index(Enter(first)), actions.index(Enter(last))
        words = [len(a.text.split()) for a in actions[since:until] if isinstance(a, Say)]
        return SECONDS_PER_WORD * sum(words)

    def wait_for(self, state: State, within: float = 3000.0) -> Self:
        """Let time pass until `state` is entered."""
        until = self.now + within
        while self.session.state is not state and self._to_next(until):
            pass
        assert self.session.state is state, (self.session.state, self.told[-12:])
        return self

    def seconds(self, say: Say) -> float:
        """Return how long a line takes."""
        return SECONDS_PER_WORD * len(say.text.split())

    def line_begins(self, say: Say) -> None:
        """A line begins to sound."""

    @property
    def silent(self) -> bool:
        """Whether everything asked for has been said."""
        return not self._queue

    def lines(self) -> list[str]:
        """Return the ids of everything asked to be said."""
        return [a.line for _, a in self.actions if isinstance(a, Say)]

    def states(self) -> list[State]:
        """Return the states entered."""
        return [a.state for _, a in self.actions if isinstance(a, Enter)]

    def _to_next(self, until: float) -> bool:
        """Go to the next line's end or deadline up to `until`; False when there is none."""
        timer = self.session.next_timer
        moments = [m for m in (self._line_ends, timer) if m is not None]
        if not moments or min(moments) > until:
            return False
        self.now = max(self.now, min(moments))
        if self._line_ends is not None and self._line_ends <= self.now:
            said = self._queue.pop(0)
            self._line_ends = None
            self._start_line()
            lost, self._lost = self._lost, 0.0
            self.tell(LineEnded(said.line, self.now, lost=lost))
        else:
            self._do(self.session.tick(self.now))
        return True

    def _start_line(self) -> None:
        if self._queue and self._line_ends is None:
            say = self._queue[0]
            self._line_ends = self.now + say.gap + self.seconds(say)
            self.line_begins(say)
            self.session.handle(LineStarted(say.line, say.text, self.now + say.gap), self.now)

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            self.actions.append((self.now, action))
            match action:
                case Enter(state):
                    self.told.append(state.value)
                case Say(line):
                    self.told.append(line)
                    self._queue.append(action)
                case Hush():
                    self._hush()
                case Record():
                    self.records.append(action)
                case Remember(choices):
                    self.remembered = choices
                case Quit():
                    self.quit = True
        self._start_line()

    def _hush(self) -> None:
        sounding, self._queue = self._queue, []
        self._line_ends = None
        if sounding:
            self.session.handle(LineEnded(sounding[0].line, self.now, cut=True), self.now)


def in_hold(minutes: float = 5.0, **settings: Any) -> Conversation:
    """Return a conversation that has come to HOLD."""
    talk = Conversation(minutes=minutes, breathing="belly", **settings)
    return into_hold(talk)


def in_setup(**settings: Any) -> Conversation:
    """Return a conversation that has passed the screening."""
    talk = Conversation(**settings)
    talk.answer(Command.START)
    return talk.answer(*[Command.NO] * len(content().screening.questions))


def into_hold(talk: Conversation) -> Conversation:
    """Bring a conversation in IDLE to HOLD."""
    talk.answer(Command.START).answer(*[Command.NO] * len(content().screening.questions))
    return talk.answer(*[Command.NEXT] * content().setup.choices).listen().wait_for(State.HOLD)


def from_leaving_to_done(talk: Conversation) -> Conversation:
    """Let someone who feels fine come down."""
    talk.wait_for(State.SITTING).listen()
    while talk.lines()[-1] != "sitting.dizzy":
        talk.wait(1)
    return talk.answer(Command.NO).wait_for(State.DONE)
