"""What written words mean: as the templates say, with more said around them than ears can follow.

Ears compare sounds with a graph that has to stay small. Text is certain, so here every template
counts, whatever polite words surround it; two things may be said in one breath ("no, I feel sick");
words that change nothing may stand anywhere ("it really still hurts"); small words may be others
than the template's ("that will be enough" for "that's enough"), and some need not be said ("left
foot asleep"); who corrects themselves means what comes last ("ten, no, five"); a reason may stand
before or after ("hang on, the cat's in the way"); what hurts, and who wants out, is found inside a
longer sentence (`mentions.py`); and what no template says is guessed (`guessing.py`).
Only templates that cover everything said make a no: it passes a safety question.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from legsup_voice.hearing.grammar.combining import (
    ANSWERS,
    CARRIED,
    Part,
    carrying,
    is_denied,
    together,
)
from legsup_voice.hearing.grammar.guessing import FIRM, LEAST, WISHES, WRONG, Guessing
from legsup_voice.hearing.grammar.intent import Intent, Sense
from legsup_voice.hearing.grammar.lookup import Lookup
from legsup_voice.hearing.grammar.meaning import FOREMOST, meant
from legsup_voice.hearing.grammar.mentions import BREATH, Mentions
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.hearing.grammar.written import GIST, SAID, Written
from legsup_voice.protocol.commands import Command

ROUGHLY = set(Command).difference(
    FIRM, WRONG, (Command.NEXT, Command.START, Command.SAME, Command.QUIT, Command.BED)
)
"""What is understood without its small words."""

REASONED = ROUGHLY - {Command.DURATION} | {Command.NEXT, Command.BED, Command.UNSURE}
"""What is understood with a reason before or after it."""

MOST_MISSING = 3
"""Words that are left out of all that is said, "(my) left foot (is) asleep"; no more than said."""

OF_ONESELF = (*FIRM, Command.STOP, Command.PAUSE, Command.REPEAT, Command.HELP)
"""What is understood without one of its words, as without its "I", beside something else."""

MOST_PARTS = 3
"""Things that are said in one breath."""

REASON = range(3, 11)
"""How many words give a reason; "i'm" is two."""

LONGEST = 40
"""Words; more is no command, and would take long."""

REMEMBERED = 1024
"""Parts of what is said whose meaning is kept: a long sentence's, with words left out or not."""


class _Now(NamedTuple):
    """What the session takes and asks for.

    `rough`: small words may count for nothing. `whole`: only templates that cover all that was said
    count, and no word alone beside another part but an answer.
    """

    takes: Collection[Command] | None
    asks: Collection[Command] | None
    rough: bool
    whole: bool


class Reader:
    """Understands text by what the templates say, all of which it holds as one graph."""

    def __init__(self, written: Written) -> None:
        self._known, self._spelling = Lookup(written), written.spelling
        self._guessing = Guessing(written.language, self._known)
        self._plain = lru_cache(maxsize=REMEMBERED)(partial(self._known.find, SAID))
        self._whole = lru_cache(maxsize=REMEMBERED)(self._find_whole)
        self._mentions = Mentions(self._known, self._plain)

    def read(
        self,
        text: str,
        takes: Collection[Command] | None = None,
        asks: Collection[Command] | None = None,
        *,
        heard: bool = False,
        whole: bool = False,
    ) -> Intent | None:
        """Return what `text` means where the session takes `takes` and asks for `asks`.

        None stands for any command: what it means foremost. `heard`: it was decoded from sound, so
        that small words may be all that tells it from other talk, and a cry may be a noise.
        `whole`: templates have to say all of it.
        """
        now = _Now(takes, asks, not heard, whole)
        for spelled in self._spelling.ways(text):
            words = self._without_cries(spelled) if heard else spelled
            if not 0 < len(words) <= LONGEST or self._known.has("idioms", words):
                return None
            found = self._meaning(words, now)
            if found is not None:
                return None if heard and self._may_be_else(found, words) else found
        return None

    def _may_be_else(self, found: Intent, words: Words) -> bool:
        """Tell whether `found` is a no that sounds like "I don't know", or made of mere numbers.

        "Five five, three" may be a length with a way to breathe, but somebody's telephone, too.
        """
        if found.command in (Command.START, Command.BREATHING, Command.DURATION):
            said = {sense.intent.command for sense in self._whole(words)}
            large = tuple(word for word in words if word not in self._spelling.small)
            return found.command not in said and self._spelling.are_numbers(large)
        return found.command is Command.NO and self._known.has("misheard", words)

    def _without_cries(self, words: Words) -> Words:
        """Return `words` without any "ow", if that isn't all."""
        return tuple(word for word in words if not self._known.has("cries", (word,))) or words

    def _meaning(self, words: Words, now: _Now) -> Intent | None:
        corrected = self._corrected(words, now)
        if corrected is not None or self._takes_back(words, now):
            return corrected
        found = self._uncorrected(words, now)
        if found is None or found.command is not Command.NO or len(words) == 1:
            return found
        more = self._known.has("goes_on", words[-1:]) or self._known.has("corrections", words[:-1])
        return None if more else found

    def _uncorrected(self, words: Words, now: _Now) -> Intent | None:
        most = MOST_PARTS if len(words) <= BREATH else 1
        said = self._whole(words)
        for parts in self._parts(words, most):
            if now.whole and _is_made_of_single_words(parts):
                continue
            found = meant(together(self._known, parts), now.takes, now.asks)
            if said and len(parts) > 1 and found is not None and found.command in FIRM:
                continue  # "it is great" isn't "it is"
            if found is not None and not (found.command is Command.NO and self._unwell(words)):
                return found
        if now.whole:
            return None
        if not any(self._parts(words, most)):
            missing = min(len(words), MOST_MISSING)
            short = self._short(words, tuple(Command), missing)
            found = meant(short, now.takes, now.asks)
            if found is not None:
                return found
        thinned = self._thinned(words)
        for parts in self._parts(thinned, most) if thinned != words else ():
            found = meant(together(self._known, parts), now.takes, now.asks)
            split = said and len(parts) > 1
            if found is not None and found.command not in (FIRM if split else (Command.NO,)):
                return found
        senses = self._mentions.what_is_wrong(words, heard=not now.rough)
        senses += self._mentions.way_out(words)
        if not self._known.has("others", words):
            senses += self._known.beginnings(words)
        senses += self._reasoned(words) or self._reasoned(thinned)
        if now.rough:
            senses += self._rough(thinned)
        seems = meant(senses, now.takes, now.asks)
        guessed = self._guessing.guess(words, seems, heard=not now.rough)
        guess = () if guessed is None else (Sense(guessed),)
        return meant(guess, now.takes, now.asks) or seems

    def _reasoned(self, words: Words) -> tuple[Sense, ...]:
        """Return what `words` mean beside the reason that is given before or after it."""
        if len(words) > BREATH:
            return ()
        for length in range(len(words) - 1, 0, -1):
            for first in (True, False):
                part, reason = words[:length], words[length:]
                if not first:
                    part, reason = words[len(words) - length :], words[: len(words) - length]
                if self._is_reason(reason):
                    senses = self._whole(part)[:1]
                    if senses and self._may_have_reason(senses[0].intent.command, part, first):
                        return senses
        return ()

    def _may_have_reason(self, command: Command, words: Words, first: bool) -> bool:
        """Tell whether `words` are more than a word, or a "get up" that may be for others."""
        if command in (Command.PAUSE, Command.UNSURE):
            bare = len(words) < LEAST and not self._plain(words)  # "may have" is not "I may have"
            return (first or len(words) > 1) and not bare
        if command is Command.STOP and len(words) < LEAST:
            return self._known.has("mine", words)
        if command in (Command.START, Command.QUIT):
            return first and len(words) > LEAST
        short = len(words) == 1 or (len(words) < LEAST and self._known.has("unfinished", words[:1]))
        goes_on = first and self._known.has("unfinished", words[-1:])  # "it is as though"
        return command in REASONED and not short and not goes_on

    def _is_reason(self, words: Words) -> bool:
        """Tell whether `words` are a sentence of their own, and none of what others say."""
        if len(words) + ("'" in words[0]) not in REASON or self._known.has("saying", words):
            return False
        begins = self._known.ends("reasons", words, 0)
        if self._known.is_finite(words):
            begins |= self._known.ends("reasons_of", words, 0)
        return bool(begins) and not self._known.has("unfinished", words[-1:])

    def _rough(self, words: Words) -> tuple[Sense, ...]:
        """Return what `words` mean if small ones count for nothing; only what is harmless."""
        large = tuple(word for word in words if word not in self._spelling.small)
        if not large or len(words) < LEAST or self._known.has("others", words):
            return ()
        senses = self._known.find(GIST, large)
        if len(large) == 1:  # what is left of many templates; it has to say as much by itself
            senses = tuple(sense for sense in senses if sense in self._plain(large))
        unwished = self._known.has("undone", words) or self._known.has("reports", words)
        wanted = ROUGHLY - WISHES if unwished else ROUGHLY
        return tuple(sense for sense in senses if sense.intent.command in wanted)

    def _unwell(self, words: Words) -> bool:
        """Tell whether a no may be the first word of something else: "no, I'm not okay"."""
        first, said = self._plain(words[:1]), self._plain(words[1:])
        commands = [senses[0].intent.command for senses in (first, said) if senses]
        return commands == [Command.NO, Command.SYMPTOM]

    def _thinned(self, words: Words) -> Words:
        """Return `words` without those that change nothing, as long as they don't follow a not."""
        kept, at = list[str](), 0
        while at < len(words):
            end = max(self._known.ends("asides", words, at), default=at)
            if end == at or self._known.has("denials", words[max(0, at - 1) : at]):
                kept.append(words[at])
                end = at + 1
            at = end
        return tuple(kept)

    def _corrected(self, words: Words, now: _Now) -> Intent | None:
        """Return what follows a "no wait" or an "I mean"; but what is wrong isn't taken back."""
        for start in range(len(words) - 1):
            for end in self._known.ends("corrections", words, start) - {len(words)}:
                before = self._meaning(words[:start], now) if start else None
                after = self._meaning(words[end:], now)
                urgent = before is not None and before.command in FOREMOST
                if urgent and (before, after) != (Intent(Command.STOP), Intent(Command.RESUME)):
                    return before
                starts = before is not None and before.command is Command.START
                if before and after and starts and after.command in CARRIED:
                    return carrying(before, [after])
                if after is not None and (not start or after.command is not Command.NO):
                    return after
        return None

    def _takes_back(self, words: Words, now: _Now) -> bool:
        """Tell whether a yes is followed by "I mean no": that is neither."""
        no = now._replace(takes={Command.NO}, asks=None)
        ends = (
            end
            for start in range(1, len(words) - 1)
            for end in self._known.ends("corrections", words, start) - {len(words)}
        )
        said = self._uncorrected(words[:1], now)
        firm = said is not None and said.command in (Command.YES, Command.NEXT)
        return firm and any(
            self._uncorrected(words[end:], no) or self._uncorrected(words[end : end + 1], no)
            for end in ends
        )

    def _parts(self, words: Words, most: int) -> Iterator[list[Part]]:
        """Yield the ways to cut `words` into parts with a meaning, the fewest parts first."""
        whole = self._whole(words)
        if whole:
            yield [(words, whole)]
        if most > 1:
            for cut in range(len(words) - 1, 0, -1):
                first = self._whole(words[:cut])
                if first:
                    for rest in self._parts(words[cut:], most - 1):
                        yield [(words[:cut], first), *rest]

    def _find_whole(self, words: Words) -> tuple[Sense, ...]:
        """Return what `words` mean without the polite ones around them."""
        for hedged in (False, True):
            starts, stops = self._around(words, hedged)
            for length in range(len(words), 0, -1):
                for start in sorted(starts):
                    if start + length in stops:
                        senses = self._plain(words[start : start + length])
                        if hedged:
                            excluded = self._excluded(words, start, start + length)
                            senses = tuple(s for s in senses if s.intent.command not in excluded)
                        if senses:
                            return senses
        return self._short(words, OF_ONESELF, 1)

    def _excluded(self, words: Words, start: int, stop: int) -> tuple[Command, ...]:
        """Return what a part of `words` doesn't mean for what stands around it."""
        denied = is_denied(self._known, words[:start], words[start:stop])
        after = self._known.has("denials", words[stop:])  # "comfortable, no"
        return (*FIRM, *(WRONG if denied else ()), *((Command.NEXT,) if after else ()))

    def _short(
        self, words: Words, commands: Collection[Command], most_missing: int
    ) -> tuple[Sense, ...]:
        """Return which of `commands` "have chest pain" is, or something that is wrong."""
        senses = self._plain(words, most_missing)
        command = senses[0].intent.command if senses else None
        return senses if command in WRONG or (command in commands and len(words) > 1) else ()

    def _around(self, words: Words, hedged: bool) -> tuple[set[int], set[int]]:
        """Return where a phrase may start after polite words, and where it may stop before some."""
        rules = ("around", "hedges") if hedged else ("around",)
        hops = {
            at: set().union(*(self._known.ends(rule, words, at) for rule in rules))
            for at in range(len(words))
        }
        starts = {0}
        for at in range(len(words)):
            if at in starts:
                starts |= hops[at]
        stops = {len(words)}
        for at in reversed(range(len(words))):
            if hops[at] & stops:
                stops.add(at)
        return starts, stops


def _is_made_of_single_words(parts: list[Part]) -> bool:
    """Tell whether a word that is no answer stands beside another part: "remain", "heart"."""
    alone = [senses[0].intent.command for words, senses in parts if len(words) == 1]
    return len(parts) > 1 and any(command not in ANSWERS for command in alone)
