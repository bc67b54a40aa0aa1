"""A person's own phrases must not sound like what already means something else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from legsup_voice.content import LANGUAGE
from legsup_voice.errors import UserError
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.phones import Phones

LEAST_PHONES = 3
"""A shorter phrase is found in any talk."""

ALIKE = 0.3
"""Two phrases sound alike when fewer than this part of their phones have to be changed to make one
of the other: "stop" and "stock" (a quarter), but not "pause" and "paws up" (two fifths)."""


def refuse_alike(
    own: Mapping[str, Intent], known: Mapping[str, Intent], language: str = LANGUAGE
) -> None:
    """See that no phrase of `own` is too short, or sounds like one of `known` of another meaning.

    Raises:
        UserError: one does; names both and what the other means.
    """
    sounds = _sounds([*own, *known], language)
    for phrase, intent in own.items():
        if len(sounds[phrase]) < LEAST_PHONES:
            raise UserError(
                f'Your own phrase "{phrase}" is too short to be told from other talk; make it '
                "longer."
            )
        for other, meant in known.items():
            same = replace(meant, seconds=None) == replace(intent, seconds=None)
            if not same and _difference(sounds[phrase], sounds[other]) < ALIKE:
                raise UserError(
                    f'Your own phrase "{phrase}" sounds too much like "{other}", which means '
                    f"{meant.command}; choose another."
                )


def _sounds(phrases: Sequence[str], language: str) -> dict[str, Phones]:
    """Return how each of `phrases` is said, its words one after the other."""
    words = {word for phrase in phrases for word in phrase.split()}
    ways = pronunciations.of_words(words, language)
    return {
        phrase: tuple(phone for word in phrase.split() for phone in ways[word][0])
        for phrase in phrases
    }


def _difference(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the edits (Levenshtein) that make one of the other, as part of the longer one."""
    longer = max(len(one), len(other))
    if abs(len(one) - len(other)) >= ALIKE * longer:
        return 1.0
    costs = list(range(len(other) + 1))
    for row, phone in enumerate(one, start=1):
        before, costs[0] = costs[0], row
        for column, match in enumerate(other, start=1):
            change = before + (phone != match)
            before = costs[column]
            costs[column] = min(change, before + 1, costs[column - 1] + 1)
    return costs[-1] / longer
