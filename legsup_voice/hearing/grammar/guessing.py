"""When words that no template says are taken for what they resemble.

A guess passes no question, is no length, and tells nothing that is denied or said of others: the
classifier knows which words people use, not how they stand to each other.
"""

from legsup_voice.hearing.grammar.classifier import classifier
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.grammar.lookup import Lookup
from legsup_voice.hearing.grammar.meaning import urgency
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.protocol.commands import EMERGENCIES, Command

FIRM = (Command.UNSURE, Command.YES, Command.NO)
"""What is something else with "I think" before it."""

WRONG = (Command.SYMPTOM, Command.CONDITION, Command.TINGLING)
"""What is wrong with somebody; a "don't" or "no" before it may take it away."""

GUESSED = set(Command).difference((*FIRM, Command.DURATION))
"""What is guessed at all."""

WISHES = frozenset(
    {
        *(Command.START, Command.SAME, Command.NEXT, Command.BACK, Command.REPEAT, Command.SKIP),
        *(Command.PAUSE, Command.RESUME, Command.LONGER, Command.SHORTER, Command.EASIER),
        *(Command.HARDER, Command.LOUDER, Command.QUIETER, Command.FASTER, Command.SLOWER),
    }
)
"""What is not wished for where it is taken back: "not another minute", "don't skip it"."""

ENTRANCES = (Command.START, Command.SAME, Command.QUIT)
"""What only certain text is guessed to be, and only where that is as good as sure."""

SURE, SURE_OF_WISHES, SURER = 0.5, 0.55, 0.8
"""How probable a guess has to be: that something is wrong; that something is wished for; and where
words are few, may be others, or seem to mean something else."""

LEAST = 3
"""Words; in fewer none is small, and nothing is guessed."""


class Guessing:
    """Guesses with the classifier of a language, if there is one."""

    def __init__(self, language: str, known: Lookup) -> None:
        """`known`: who knows the rules of the language."""
        self._classifier, self._known = classifier(language), known

    def guess(self, words: Words, seems: Intent | None, *, heard: bool) -> Intent | None:
        """Return what `words` resemble where that is surer than what they seem to mean; else None.

        `heard`: they were decoded from sound.
        """
        if self._classifier is None or len(words) < LEAST:
            return None
        intent, sure = self._classifier.classify(words)
        if intent is None or intent.command not in GUESSED:
            return None
        entrance = intent.command in ENTRANCES
        clear = not heard and seems is None and len(words) > LEAST and not entrance
        more_urgent = seems is not None and urgency(seems) < urgency(intent)
        enough = SURE if intent.command in WRONG else SURE_OF_WISHES
        if more_urgent or sure < (enough if clear else SURER) or (entrance and heard):
            return None
        return intent if self._is_so(intent, words) else None

    def _is_so(self, intent: Intent, words: Words) -> bool:
        """Tell whether nothing takes it back, puts it off, or says it of others."""
        has, command = self._known.has, intent.command
        reports = command in (*WISHES, *WRONG) and has("reports", words)
        if reports and not has("denials", words):
            return False
        if command in WISHES and has("undone", words):
            return False
        if command in (Command.STOP, *ENTRANCES):
            return not has("later", words) and not has("stays", words)
        if command not in WRONG:
            return True
        others = (has("others", words) and not has("mine", words)) or has("kin", words)
        over = is_over(self._known, words) or has_passed(self._known, words, intent)
        if (others and not has("me", words)) or over:
            return False
        told = self._known.without("unrelieved", words)
        once = command is not Command.CONDITION and has("not_now", told)
        return not once and not has("denials", told) and not has("pleasant", told)


def is_over(known: Lookup, words: Words) -> bool:
    """Tell whether what is wrong in `words` was so once, and isn't again."""
    return known.has("over", words) and not known.has("again", words)


def has_passed(known: Lookup, words: Words, intent: Intent) -> bool:
    """Tell whether `words` end with saying that what `intent` is has gone by.

    An emergency never has: "my chest is tight, but otherwise I'm fine now".
    """
    passed = known.closes("passed", words) and not known.has("unrelieved", words)
    return passed and intent.symptom not in EMERGENCIES
