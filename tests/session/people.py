"""Ten people and their sessions, in their own words; docs/transcripts.md shows what was heard."""

from collections.abc import Callable
from typing import NamedTuple

from legsup_voice.protocol.choices import Choices, Talk
from legsup_voice.protocol.commands import Pattern
from legsup_voice.protocol.states import State
from tests.session.spoken import Spoken


class Person(NamedTuple):
    """Somebody with a session: a title, what is to be known about them, and what they do."""

    title: str
    about: str
    lives: Callable[[], Spoken]


def down(talk: Spoken) -> Spoken:
    """Let someone who feels fine come down, from LEAVING on, and the program fall silent."""
    talk.wait_for(State.SITTING)
    while talk.lines()[-1] != "sitting.dizzy":
        talk.wait(1)
    return talk.say("no, I'm fine").wait_for(State.IDLE).listen()


def expert() -> Spoken:
    talk = Spoken().say("let's begin", "no", "nope", "no", "no", "not at all", "none of that")
    talk.say("I know the pose", "no counting", "twenty minutes", "legs are up")
    talk.wait(20).say("quiet please", "bell on")
    talk.wait_for(State.HOLD).wait(1140)
    talk.say("yes").wait_for(State.LEAVING)
    return down(talk)


def nervous() -> Spoken:
    talk = Spoken().say("hello?", "what can I say", "what is this", "okay start")
    talk.say("why do you ask", "no", "what did you say", "no", "what is that", "no")
    talk.say("no", "I don't think so... no, never", "no, none of those")
    talk.say("is this safe", "can you wait a moment")
    talk.wait(30).say("no").wait(3).say("okay", "can you wait a moment").wait(50)
    talk.say("I'm ready", "I'm lying down", "that's too hard", "okay", "done", "done", "next", "ok")
    talk.say("what is box breathing", "belly", "is five minutes okay", "three minutes")
    talk.wait(30).say("my feet are tingling").wait(45)
    talk.say("how long is left").wait(20).say("yes").wait(67).say("yes, it is")
    talk.wait_for(State.LEAVING)
    return down(talk)


def slow() -> Spoken:
    talk = Spoken(minutes=2, breathing="belly").listen().wait(12)
    talk.say("start please", "no", "no", "no", "no", "no", "no", after=6)
    talk.listen().wait(40).say("I found a wall")
    talk.say("not yet", after=4).wait(170).say("the mat is down")
    talk.listen().wait(50).say("okay", after=2).listen().wait(55).say("done")
    talk.listen().wait(40).say("my legs are up").listen().wait(30)
    talk.say("what did you say", "yes", "okay", after=5)
    talk.listen().wait(50).say("okay")
    talk.wait_for(State.HOLD).wait(105).say("yes").wait_for(State.LEAVING)
    talk.wait_for(State.SIDE).wait(10).say("I'm ready")
    return down(talk)


def sleeper() -> Spoken:
    talk = Spoken(minutes=5, breathing="four_six", returning=True)
    talk.say("start", "no, nothing", "ready").wait_for(State.LEAVING).wait(250)
    talk.say("oh, yes, I'm down")
    return talk.say("no").wait_for(State.IDLE).listen()


def refused() -> Spoken:
    talk = Spoken().say("start five minutes of box breathing")
    talk.say("yes, but I take tablets for it", "why", "okay, let's do that")
    talk.wait(15).say("box breathing please", "why is this good for me", "tell me more")
    talk.say("hold on, someone's at the door").wait(40).say("I'm back")
    return talk.wait_for(State.IDLE).listen()


def in_pain() -> Spoken:
    talk = Spoken(minutes=10, breathing="belly", returning=True)
    talk.say("begin", "no", "my legs are up").wait(130)
    talk.speak("ow, my chest hurts").wait(30).speak("I can't get up").wait(70)
    talk.say("yes, the ambulance is coming").wait(100).say("I feel better now")
    return down(talk)


def every_day() -> Spoken:
    yesterday = Choices(600.0, Pattern.FOUR_SIX, bell=True)
    talk = Spoken(returning=True, last=yesterday).say("same as last time", "no", "ready")
    talk.wait_for(State.HOLD).wait(585).say("yes").wait_for(State.LEAVING)
    return down(talk)


def chatty() -> Spoken:
    talk = Spoken(minutes=8, returning=True).say("start", "no", "skip", "deep breathing", "I'm up")
    talk.wait(8).say("what is this called", "tell me more", "what else", "and what else")
    talk.say("talk to me", "play some rain", "a bit louder", "how long have I got")
    talk.wait(30).speak("did you see the game").wait(6)
    talk.speak("my brother was there").wait(4).say("what can I say", "easier", "shorter")
    talk.say("repeat that", "five more minutes", "pause").wait(20).say("carry on")
    talk.say("stop").wait(5).speak("no wait, continue").wait(60)
    talk.say("is it good for my back", "that's enough")
    return down(talk)


def wrong_answers() -> Spoken:
    talk = Spoken().say("banana", "start", "no", "twenty minutes", "no", "skip", "no")
    talk.say("no", "no", "no", "yes", "faster", "next", "next", "next", "louder", "no")
    talk.say("next", "next", "next", "next", "rain", "maybe", "yes", "pineapple", "yes")
    talk.wait_for(State.HOLD).wait(285).say("next").wait_for(State.LEAVING)
    talk.say("no", "skip")
    talk.wait_for(State.SITTING)
    while talk.lines()[-1] != "sitting.dizzy":
        talk.wait(1)
    return talk.say("skip", "pineapple", "fine").wait_for(State.IDLE).listen()


def at_night() -> Spoken:
    quiet = Choices(600.0, Pattern.NONE, Talk.LESS, bell=True)
    talk = Spoken(returning=True, last=quiet).say("start", "no", "the same", "I'm in place")
    talk.wait_for(State.HOLD).wait(585).speak("yes").wait_for(State.LEAVING).listen()
    talk.say("good night")
    return down(talk)


PEOPLE = (
    Person("The expert", "Knows the pose and wants silence, with a bell.", expert),
    Person("The nervous one", "Has never done this, asks before every step.", nervous),
    Person("The slow one", "Takes time to find a wall, to lie down, to answer.", slow),
    Person("The sleeper", "Falls asleep in the hold.", sleeper),
    Person("The refused one", "Has treated high blood pressure.", refused),
    Person("The one in pain", "Gets chest pain in the hold.", in_pain),
    Person("Every day the same", "Ten minutes each evening, as yesterday.", every_day),
    Person("The chatty one", "Talks, to us and to others, and stops by mistake.", chatty),
    Person("Wrong answers", "Answers something else than what was asked.", wrong_answers),
    Person("At night", "Wants silence, and to sleep afterwards.", at_night),
)
