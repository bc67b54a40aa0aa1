"""What the handlers of all states share.

A handler is made when its state is entered and thrown away when it is left: what it remembers
counts in that state only. What outlives a state is in the desk's `visit`.
"""

from legsup_voice.protocol.actions import Ring, Say, SetBed, SetVolume
from legsup_voice.protocol.choices import Talk
from legsup_voice.protocol.commands import Bed, Command, Condition, Pattern, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.protocol.limits import MAX_VOLUME, MIN_VOLUME
from legsup_voice.protocol.states import State
from legsup_voice.session.desk import Again, Desk
from legsup_voice.session.settings import VOLUME_STEP
from legsup_voice.session.timers import Timer
from legsup_voice.session.visit import Visit

ALWAYS = frozenset(
    {
        Command.STOP,
        Command.SYMPTOM,
        Command.CONDITION,
        Command.REPEAT,
        Command.HELP,
        Command.HOW_LONG,
        Command.HISTORY,
        Command.LOUDER,
        Command.QUIETER,
        Command.SLOWER,
        Command.FASTER,
        Command.LESS_TALK,
        Command.MORE_TALK,
        Command.BELL,
        Command.BED,
        Command.WHY,
        Command.MORE,
        Command.WHAT_IS_THIS,
        Command.QUIT,
    }
)
"""Commands taken in every state of a session."""

ANSWERS = frozenset({Command.YES, Command.NO, Command.UNSURE})

ANYTHING = frozenset(Command)

SPOKEN_WITHIN = 20.0
"""Seconds between two things said that are no command: the second may be meant for us."""

HINT_EVERY = 60.0

ASKED_AGAIN_EVERY = 20.0
"""Seconds between two times that a question without a deadline is asked again of who speaks."""

TOLD_SECONDS = 6.0
"""Seconds after something to do was said in which "okay" may only mean that it was heard."""

DATED = frozenset({"time.left", "time.nearly", "hold.halfway", "hold.minute_left"})
"""Lines that aren't true any more a moment later: "repeat" says the time instead."""

ANSWER_SECONDS = 9.0
"""Product numbers: no answer after 8 to 10 s."""

MOST_DOUBTS = 2
"""How often somebody is asked whether they are unwell, before it is taken for a yes."""

MAX_MISSES = 3
"""Two reprompts; the third silent or unparsed answer makes the safe choice."""


class Handler:
    """What one state does. The defaults suit a state that waits for nothing."""

    state: State
    """The state that this handler is for."""

    help_line = "help.idle"
    what_line = "benefit.what"
    own: frozenset[Command] = frozenset()
    """Commands taken here besides those taken everywhere."""

    upright = False
    """Nobody is in the pose or just out of it: "help" may only ask what can be said."""

    asking: frozenset[Command] = frozenset()
    """What is taken as an answer, too: a bare "five" is a length, "okay" means on to the next."""

    waiting_line = ""
    """What is said when somebody asked us to wait, in a state that "okay" would go on from."""

    breathes = False
    """The breath is guided: "slower" means the breathing."""

    stays_unwell = False
    """A symptom leads nowhere else from here."""

    def __init__(self, desk: Desk, came_from: State) -> None:
        self.desk = desk
        self.came_from = came_from
        self.misses = 0
        self.doubtful = 0
        """How often "Are you unwell?" has been asked of someone who said "help"."""

        self.helped = 0
        """How often it was said here what can be said: what matters most comes first."""

    @property
    def visit(self) -> Visit:
        """What is known of this person's session."""
        return self.desk.visit

    @property
    def may_go_on(self) -> bool:
        """Whether we wait for somebody to be ready, which a mere "okay" doesn't tell at once."""
        return False

    @property
    def takes(self) -> frozenset[Command]:
        """The commands this state takes now."""
        return ALWAYS | self.own

    @property
    def place(self) -> int:
        """Where in the state we are; a reply that moves on isn't followed by the old question."""
        return 0

    def entered(self) -> None:
        """Begin: speak, set timers."""

    def line_done(self, line: str) -> None:
        """A line has been said; after the one that we wait "okay" may only mean that."""
        if line == self.waiting_line:
            self.desk.start(Timer.TOLD, TOLD_SECONDS)

    def prompts_done(self) -> None:
        """Everything asked for has been said."""

    def prompt(self) -> None:
        """Say what is to be done or answered now."""

    @property
    def awaits(self) -> bool:
        """Whether an answer is awaited in a state that mostly asks nothing."""
        return self.doubtful > 0

    @property
    def asks(self) -> bool:
        """Whether a question is open, which is asked again after a reply to something else."""
        return False

    def awake(self) -> None:
        """Somebody gives a command, whichever it is."""

    def heard(self, heard: Heard) -> None:
        """Obey a command that isn't common to all states."""

    def stop(self) -> None:
        """Obey "stop"."""

    def quit(self) -> None:
        """Obey "quit", which during a session is "stop"."""
        self.stop()

    def symptom(self, symptom: Symptom) -> None:
        """Answer a symptom; the sound is already off."""

    def condition(self, condition: Condition) -> None:
        """Answer a condition named."""

    def no_match(self) -> None:
        """Go on after speech that was no command; where an answer is awaited, ask again."""
        if Timer.ANSWER not in self.desk.timers:
            return
        self.desk.cancel(Timer.ANSWER)
        if self.misses == 0:
            self.desk.say("fault.pardon")
        self.no_input()

    def only_acknowledges(self, heard: Heard) -> bool:
        """Tell whether an "okay" may only mean that what is or was just being said was heard."""
        told = Timer.TOLD in self.desk.timers or bool(self.desk.queue)
        going_on = self.may_go_on and heard.command in (Command.NEXT, Command.YES)
        return told and going_on and self.desk.content.acknowledges(heard.text)

    def speaks_again(self) -> bool:
        """Tell whether this is the second thing in a short time that is no command, or a later one.

        Whoever talks to us is told once a minute what can be said; the first may be for others.
        """
        timers = self.desk.timers
        if Timer.SPOKEN not in timers:
            self.desk.start(Timer.SPOKEN, SPOKEN_WITHIN)
            return False
        if Timer.HINTED in timers:
            return False
        self.desk.start(Timer.HINTED, HINT_EVERY)
        return True

    def ask_again(self, line: str, gain_db: float = 0.0) -> None:
        """Ask with `line` again, who answered something else, unless that was done just now."""
        if Timer.HINTED not in self.desk.timers and not self.desk.queue:
            self.desk.start(Timer.HINTED, ASKED_AGAIN_EVERY)
            self.desk.say(line, gain_db=gain_db)

    def no_input(self) -> None:
        """Go on after no answer."""

    def timer(self, timer: Timer) -> None:
        """Go on after a deadline other than the answer's."""

    def help(self) -> None:
        """Say what can be said now, three at a time."""
        self.desk.say(self.help_line, variant=self.helped)
        self.helped += 1

    def how_long(self) -> None:
        """Answer "how long"."""
        self.desk.say("time.rest")

    def why(self) -> None:
        """Say why the pose was left, if something was named; else something that is known."""
        reason = self.visit.reason
        if not reason:
            self.tell_a_fact()
        elif self.state in self.desk.content.lines[reason].states:
            self.desk.say(reason)
        else:
            self.desk.say("refused.doctor")

    def more(self) -> None:
        """Answer "tell me more"."""
        self.tell_a_fact()

    def tell_a_fact(self) -> None:
        """Say the next thing that is known and may be said here."""
        visit = self.visit
        visit.fact, line = self.desk.content.next_fact(self.state, visit.fact)
        self.desk.say(line)

    def what_is_this(self, pattern: Pattern | None) -> None:
        """Say what this is, or how `pattern` is done (`none`: the one that is chosen)."""
        if pattern is None:
            self.desk.say(self.what_line)
            return
        chosen = self.visit.guidance.pattern if pattern is Pattern.NONE else pattern
        data = self.desk.content.breathing.patterns[chosen]
        lines = self.desk.content.lines
        said = (line for line in (data.how, data.line) if self.state in lines[line].states)
        self.desk.say(next(said, self.what_line))

    def talk_changed(self) -> None:
        """More or less is to be said from now on."""

    def bell_changed(self) -> None:
        """The bell is on or off from now on."""

    def help_comes(self) -> None:
        """Somebody in an emergency says that help is coming."""
        self.visit.help_coming = True
        self.desk.say("emergency.wait")

    def it_passed(self) -> None:
        """Somebody in an emergency says that it is better: that is still one for a doctor."""
        self.desk.say("emergency.passed")

    # --- devices -----------------------------------------------------------------------------

    def microphone_lost(self) -> None:
        """Say that nothing can be heard; and in a hold or breathing upright, that it still ends."""
        self.desk.say("fault.microphone", variant=0 if self.breathes else 1)

    def microphone_back(self) -> None:
        """Say that hearing is back."""
        self.desk.say("fault.microphone_back")

    def journal_lost(self) -> None:
        """The session could not be stored: nothing to say before it is over."""

    def speaker_lost(self) -> None:
        """Nothing said is heard any more; before the pose, end here."""

    def speaker_back(self) -> None:
        """Say that the voice is back after it was lost."""
        self.desk.say("fault.speaker_back")

    # --- what means the same in every state --------------------------------------------------

    def common(self, heard: Heard) -> bool:
        """Answer what is answered in every state; return False if it is none of that."""
        match heard.command:
            case Command.REPEAT:
                self.repeat()
            case Command.HELP:
                self.help()
            case Command.WHAT_IS_THIS:
                self.what_is_this(heard.pattern)
            case Command.WHY:
                self.why()
            case Command.MORE:
                self.more()
            case Command.HOW_LONG:
                self.how_long()
            case Command.HISTORY:
                practised = self.desk.practised > 0
                self.desk.say("time.practised" if practised else "time.not_practised")
            case Command.LOUDER | Command.QUIETER:
                self._change_volume(louder=heard.command is Command.LOUDER)
            case Command.SLOWER | Command.FASTER if heard.speech or not self.breathes:
                self.desk.wishes.slow = heard.command is Command.SLOWER
                slow = self.desk.wishes.slow
                self.desk.say("settings.slow" if slow else "settings.usual_pace")
            case Command.LESS_TALK | Command.MORE_TALK:
                self._change_talk(heard.command)
            case Command.BELL:
                self._change_bell(on=heard.on is not False)
            case Command.BED:
                self._change_bed(heard.bed or Bed.NONE)
            case _:
                return False
        return True

    def fits(self, said: Say | Again) -> bool:
        """Return whether the line may be said in this state."""
        states = self.desk.content.lines[said.line].states
        return not states or self.state in states

    def repeat(self) -> None:
        """Say again what was said last and is still true; else what is to be done now."""
        waiting = len(self.desk.queue)
        fitting = [*filter(self.fits, self.desk.last)]
        if any(again.line in DATED for again in fitting):
            self.how_long()
        elif fitting:
            for again in fitting:
                self.desk.say(again.line, again.variant)
        if len(self.desk.queue) == waiting:
            self.prompt()

    def _change_volume(self, *, louder: bool) -> None:
        wishes = self.desk.wishes
        wanted = wishes.volume + (VOLUME_STEP if louder else -VOLUME_STEP)
        if not MIN_VOLUME <= wanted <= MAX_VOLUME:
            self.desk.say("settings.loudest" if louder else "settings.quietest")
            return
        wishes.volume = wanted
        self.desk.act(SetVolume(wanted))
        self.desk.say("settings.louder" if louder else "settings.quieter")

    def _change_talk(self, command: Command) -> None:
        """Say less at once; more step by step, so that the usual can be had back."""
        wishes = self.desk.wishes
        if command is Command.LESS_TALK:
            wishes.talk, line = Talk.LESS, "settings.less_talk"
        elif wishes.talk is Talk.LESS:
            wishes.talk, line = Talk.NORMAL, "settings.usual_talk"
        else:
            wishes.talk, line = Talk.MORE, "settings.more_talk"
        wishes.guided = wishes.talk is Talk.MORE
        self.desk.say(line)
        self.talk_changed()

    def _change_bell(self, *, on: bool) -> None:
        self.desk.wishes.bell = on
        if on:
            self.desk.act(Ring())
        self.desk.say("settings.bell_on" if on else "settings.bell_off")
        self.bell_changed()

    def _change_bed(self, bed: Bed) -> None:
        self.desk.wishes.bed = bed
        self.desk.act(SetBed(bed))
        self.desk.say("settings.bed_off" if bed is Bed.NONE else "settings.bed_on")

    # --- "help" from someone who may be well --------------------------------------------------

    def doubt(self) -> None:
        """Ask whether someone who said "help" is unwell."""
        self.doubtful += 1
        self.desk.say("help.unwell")

    def doubt_missed(self) -> None:
        """Nobody answered whether they are unwell: ask once more, then take it that they are."""
        if self.doubtful < MOST_DOUBTS:
            self.doubt()
        else:
            self.answer_doubt(Command.YES)

    def answer_doubt(self, command: Command) -> bool:
        """Take the answer to "Are you unwell?"; return False if it was none: it stays open."""
        if command in (Command.NO, Command.NEXT):
            self.doubtful = 0
            self.help()
            self.prompt()
        elif command in ANSWERS:
            self.doubtful = 0
            self.desk.hush()
            self.desk.note_unwell()
            self.symptom(Symptom.HELP)
        else:
            return False
        return True
