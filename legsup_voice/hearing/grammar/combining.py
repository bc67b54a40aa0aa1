"""What several things mean together that are said in one breath."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from legsup_voice.hearing.grammar.guessing import WRONG
from legsup_voice.hearing.grammar.intent import Intent, Sense
from legsup_voice.hearing.grammar.lookup import Lookup
from legsup_voice.hearing.grammar.meaning import FOREMOST, urgency
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.protocol.commands import Command

Part: TypeAlias = tuple[Words, tuple[Sense, ...]]
"""Words, and what they may mean by themselves."""

ANSWERS = (Command.UNSURE, Command.YES, Command.NEXT, Command.NO)
"""What may be said along with something else; the first of them counts where that is all."""

CARRIED = {Command.DURATION, Command.BREATHING}
"""What a start takes along when they are said in one breath."""


def together(known: Lookup, parts: list[Part]) -> tuple[Sense, ...]:
    """Return what things said in one breath mean together; contradictions mean nothing."""
    if len(parts) == 1:
        return parts[0][1]
    for (before, told), (words, senses) in pairwise(parts):
        commands = [each[0].intent.command for each in (told, senses)]
        if commands[0] not in WRONG and commands[1] in WRONG and is_denied(known, before, words):
            return ()
        denies = len(before) > 1 and known.has("denials", before[-1:])
        if commands[0] is Command.NO and denies and commands[1] not in WRONG:
            return ()  # "i'd rather not" before "carry on"
    first = [senses[0] for _, senses in parts]
    urgent = [sense for sense in first if sense.intent.command in FOREMOST]
    if urgent:
        return (min(urgent, key=lambda sense: urgency(sense.intent)),)
    others = [sense for sense in first if sense.intent.command not in ANSWERS]
    if others:
        answers = [sense for sense in first if sense not in others]
        if {sense.intent.command for sense in others} == {Command.PAUSE} and answers:
            last = first[-1:] if first[-1] in answers and len(answers) == 1 else []
            return (others[0], *last)  # "wait, no" may be a no; "no, wait" never is
        merged = _merged(others, [senses for _, senses in parts])
        if {sense.intent.command for sense in answers} & {Command.YES, Command.UNSURE}:
            return tuple(sense for sense in merged if sense.intent.command is not Command.NO)
        return merged
    said = {sense.intent.command for sense in first}
    if len(said) > 1 and Command.NO in said:
        return ()
    return (min(first, key=_least_said),)


def _merged(others: list[Sense], all_said: list[tuple[Sense, ...]]) -> tuple[Sense, ...]:
    """Return what things that are no answers mean together: a start with what it carries."""
    intents = [sense.intent for sense in others]
    if intents[0].command is Command.PAUSE and len(set(intents)) == 2:
        intents, others = intents[1:], others[1:]  # "wait, who are you"
    if len(set(intents)) == 1:
        return next(senses for senses in all_said if senses[0] == others[0])
    commands = [intent.command for intent in intents]
    if set(commands) == {Command.LONGER, Command.PAUSE}:
        return (others[commands.index(Command.LONGER)],)  # "not yet, give me a few minutes"
    starts = [intent for intent in intents if intent.command is Command.START]
    if len(starts) == 1 and set(commands) <= CARRIED | {Command.START}:
        return (Sense(carrying(starts[0], intents)),)
    if set(commands) == CARRIED:  # "box breathing, for ten minutes"
        return (Sense(carrying(Intent(Command.START), intents)),)
    if len(set(commands)) == 1 and len(others) < len(all_said):
        return (others[-1],)  # "ten, no, five"
    return ()


def is_denied(known: Lookup, before: Words, words: Words) -> bool:
    """Tell whether "I don't have" is before "chest pain"; not "no" before "my chest hurts"."""
    sentence = known.has("mine", words) or known.is_finite(words)
    return known.has("denials", before[-2:]) and (len(before) > 1 or not sentence)


def carrying(start: Intent, said: Iterable[Intent]) -> Intent:
    """Return `start` with what was `said` of its length and breathing; of two the last counts."""
    for each in said:
        start = replace(
            start, seconds=each.seconds or start.seconds, pattern=each.pattern or start.pattern
        )
    return start


def _least_said(answer: Sense) -> tuple[int, bool]:
    """Return where `answer` stands among those that agree with it: what clears least, first.

    Of two noes that is the one that says what it is about: "no, no, I'd rather not".
    """
    return ANSWERS.index(answer.intent.command), not answer.intent.carried()
