"""What must not be missed inside a longer sentence: what is wrong with the speaker, and a way out.

"My mum's locked out in the rain, so I've got to get up this minute": no template says the whole.
"""

from collections.abc import Callable

from legsup_voice.hearing.grammar.guessing import LEAST, WRONG, has_passed, is_over
from legsup_voice.hearing.grammar.intent import Sense
from legsup_voice.hearing.grammar.lookup import Lookup
from legsup_voice.hearing.grammar.meaning import urgency
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.protocol.commands import Command, Symptom

BREATH = 14
"""Words; more are not taken apart: there would be too many ways to."""

FEWEST_HEARD = 7
"""Letters; fewer that were heard are made of other words: "of milk" is like "i'm ill"."""

NEAR = 3
"""Words before something within which a "don't" is about it."""


class Mentions:
    """Looks for parts of a sentence that mean something by themselves."""

    def __init__(self, known: Lookup, plain: Callable[[Words], tuple[Sense, ...]]) -> None:
        """`known`: who knows the rules of the language. `plain`: what templates say of words."""
        self._known, self._has, self._plain = known, known.has, plain

    def what_is_wrong(self, words: Words, *, heard: bool) -> tuple[Sense, ...]:
        """Return what a part of `words` says is wrong with the speaker, if it is the speaker's."""
        if not self._has("mine", words) or self._has("others", words):
            return ()
        if is_over(self._known, words):
            return ()
        found: list[tuple[int, int, Sense]] = []
        for start in range(len(words)):
            for stop in range(start + 2, min(start + BREATH, len(words)) + 1):
                if heard and sum(map(len, words[start:stop])) < FEWEST_HEARD:
                    continue
                near = words[max(0, start - NEAR) : start] + words[stop : stop + 1]
                after = words[stop : stop + NEAR]
                fine = self._has("pleasant", words[start:stop] + after)
                fine &= not self._has("denials", after)  # "it's not pleasant"
                for sense in self._plain(words[start:stop])[:1]:
                    urgent = sense.intent.command in WRONG
                    urgent = urgent and sense.intent.symptom is not Symptom.HELP
                    gone = fine or has_passed(self._known, words, sense.intent)
                    if urgent and not gone and not self._has("denials", near):
                        found.append((urgency(sense.intent), start - stop, sense))
        return tuple(sense for *_, sense in sorted(found, key=lambda each: each[:2])[:1])

    def way_out(self, words: Words) -> tuple[Sense, ...]:
        """Return the way out that a part of `words` asks for, if the speaker does, and for now."""
        has = self._has
        if len(words) <= LEAST or any(has(rule, words) for rule in ("later", "not_now", "stays")):
            return ()
        for start in range(len(words) - LEAST + 1):
            near = words[max(0, start - NEAR) : start]
            if any(has(rule, near) for rule in ("denials", "undone", "saying")):
                continue
            if start and has("turned", words[start - 1 : start + 1]):
                continue  # "have I got to go"
            for stop in range(start + LEAST, min(start + BREATH, len(words)) + 1):
                part = words[start:stop]
                if stop < len(words) and not has("then", words[stop : stop + 1]):
                    continue  # "take me out" for dinner
                for sense in self._plain(part)[:1]:
                    if sense.intent.command is Command.STOP and has("me", part):
                        return (sense,)
        return ()
