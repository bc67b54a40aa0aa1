"""From an utterance to what was meant: a recogniser, a verifier, and the decision between them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TypeAlias

import numpy as np

from legsup_voice.audio import Samples
from legsup_voice.hearing.attention import Attention, Situation
from legsup_voice.hearing.compiled import Compiled
from legsup_voice.hearing.deciding import (
    MARGIN_LIMIT,
    Evidence,
    Table,
    a_phone,
    confidence,
    table,
)
from legsup_voice.hearing.decoder import Decoded
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.grammar.meaning import meant
from legsup_voice.hearing.phones import Floats, phones_in
from legsup_voice.hearing.recogniser import Alternative, Recogniser
from legsup_voice.hearing.verifier import Verification, Verifier
from legsup_voice.protocol.commands import Command

UNTAKEN = 2.0
"""How much better a meaning that the session doesn't take now must fit to stand against one that it
does: nobody says "go" to a question that wants yes or no."""

READ = 2
"""Of the words that may have been said, the likeliest so many are read as text that templates need
not cover: of 306 sentences in people's own words 3 in 100 more are understood than with one. A
third adds next to nothing to that, and doubles what is taken of other talk."""

Commands: TypeAlias = frozenset[Command]
Meant: TypeAlias = tuple[Intent, bool]
"""What something means, and whether the session takes it now."""


@dataclass(frozen=True)
class Decision:
    """What an utterance was; `intent` is None when it is no command, and `why` says why not.

    `prefix`: more words may make it mean something else. `speech`: it holds words at all. `taken`:
    the session takes it now. `fit`: how well it fits the sounds `heard`, both without a verifier
    unknown.
    """

    text: str
    intent: Intent | None
    confidence: float
    why: str = ""
    prefix: bool = False
    speech: bool = True
    taken: bool = True
    fit: float = 0.0
    heard: Floats | None = None


NOTHING: tuple[float, Decision | None] = (-np.inf, None)
"""What was read where words mean nothing."""


@dataclass(frozen=True)
class Candidate:
    """A meaning that one of the two listeners names."""

    intent: Intent
    evidence: Evidence
    text: str | None
    """The recogniser's words for it."""
    taken: bool = True
    """Whether the session takes it now."""


@dataclass(frozen=True)
class Meanings:
    """What the verifier's labels mean where certain commands are taken."""

    intents: tuple[Meant, ...]
    owner: "np.typing.NDArray[np.intp]"
    """For each label, the place of its intent."""
    taken: "np.typing.NDArray[np.bool_]"


class Interpreter:
    """Made once; keeps nothing from one utterance to the next."""

    def __init__(
        self,
        compiled: Compiled,
        recogniser: Recogniser,
        verifier: Verifier | None,
        decisions: Table | None = None,
    ) -> None:
        """Without a verifier the recogniser's word is all there is."""
        self._compiled = compiled
        self._spoken = compiled.spoken
        self._recogniser = recogniser
        self._verifier = verifier
        self.table = decisions or table()
        self._meanings = lru_cache(maxsize=64)(self._find_meanings)

    def interpret(
        self, utterance: Samples, attention: Attention, situation: Situation, *, first: bool = False
    ) -> Decision:
        """Return what `utterance` (16 kHz) means; `first`: by one pass, whatever it leaves open.

        Where nothing fits, the recogniser isn't asked: other talk takes it four times as long.
        Where no phrase is told, any words are that were said, and read as text.
        """
        if self._verifier is None:
            return self._decide(self._recogniser.decode(utterance), None, attention, situation)
        verification = self._verifier.verify(utterance, first=first)
        fit = a_phone(float(verification.fits.max()), verification.phones)
        decision = Decision("", None, 0.0, "unknown", speech=verification.speech)
        if fit >= self.table.least_fit:
            readings = self._recogniser.decode(utterance)
            decision = self._decide(readings, verification, attention, situation)
        if decision.intent is None and not first:
            again = self._verifier.again(utterance)
            decision = self._read(verification, again, attention, situation) or decision
        return replace(decision, heard=verification.heard)

    def _read(
        self,
        verification: Verification,
        again: Iterable[Floats],
        attention: Attention,
        situation: Situation,
    ) -> Decision | None:
        """Return what the words that were said mean as text; None if nothing sure.

        Where the likeliest words mean nothing sure, what templates cover whole need not fit as
        well, nor be as likely; but a no has to. Of few phones only such words are read. And where
        somebody who talks to us may have said them, it is heard `again`, slower and faster.
        """
        decoder, phones = self._compiled.decoder, verification.phones
        if decoder is None or not self.table.reads(phones, situation):
            return None
        short = phones < self.table.fewest_read
        told = decoder.decode(verification.heard)
        ways = [(each, False) for each in told[: 0 if short else READ]]
        for each, whole in ways + [(each, True) for each in told]:
            surely, found = self._surely_read(each, phones, attention, situation, whole=whole)
            if found is not None and surely >= (self.table.surer if short else 0):
                return found
        if short or not told or told[0].likely < self.table.likely_again:
            return None
        others = [
            self._surely_read(each, phones_in(rows), attention, situation, whole=True)
            for rows in again
            for each in decoder.decode(rows)
        ]
        surely, found = max(others, key=lambda other: other[0], default=NOTHING)
        return found if surely >= self.table.surer else None

    def _surely_read(
        self,
        said: Decoded,
        phones: int,
        attention: Attention,
        situation: Situation,
        *,
        whole: bool,
    ) -> tuple[float, Decision | None]:
        """Return how much better than it must what was `said` fits, and what it means."""
        read = partial(self._compiled.reader.read, said.text, heard=True, whole=whole)
        intent, taken = _foremost(read, attention) or (None, False)
        if intent is None or (whole and (not taken or intent.command is Command.NO)):
            return NOTHING
        surely = self.table.surely_read(said.fit, phones, intent.command, situation, whole=whole)
        sure = confidence(surely, 0.0)
        return surely, Decision(said.text, intent, sure, prefix=True, taken=taken, fit=said.fit)

    def _decide(
        self,
        readings: Sequence[Alternative],
        verification: Verification | None,
        attention: Attention,
        situation: Situation,
    ) -> Decision:
        heard = readings[0].text if readings else ""
        speech = verification.speech if verification else bool(heard)
        candidates = self.candidates(readings, verification, attention)
        if not candidates:
            return Decision(heard, None, 0.0, "unknown", speech=speech)
        score, best = max(
            ((self.table.score(each.evidence), each) for each in candidates),
            key=lambda scored: scored[0],
        )
        least = self.table.threshold(
            best.intent.command, situation, verified=verification is not None
        )
        sure = confidence(score, least)
        if score < least:
            why = "unsure" if best.text == heard else "unknown"
            return Decision(heard, None, sure, why, speech=speech)
        text = best.text
        if text is None:
            text = self._text((best.intent, best.taken), verification, attention)
        prefix = self._spoken.may_go_on(text)
        fit = best.evidence.whole_fit
        return Decision(text, best.intent, sure, "", prefix, taken=best.taken, fit=fit)

    def candidates(
        self,
        readings: Sequence[Alternative],
        verification: Verification | None,
        attention: Attention,
    ) -> list[Candidate]:
        """Return each meaning that the recogniser names, and the verifier's best one."""
        accepts, asks = attention.accepts, attention.asks
        read: dict[Meant, tuple[float, str]] = {}
        meanings = [self.meaning(each.text, attention) for each in readings]
        for each, intent in zip(readings, meanings, strict=True):
            if intent is not None and intent not in read:
                rivals = [
                    other.score
                    for other, meaning in zip(readings, meanings, strict=True)
                    if meaning != intent and not self._recogniser.alike(each.text, other.text)
                ]
                read[intent] = each.score - max(rivals) if rivals else MARGIN_LIMIT, each.text
        if verification is None:
            return [
                Candidate(intent, Evidence(margin, None, None), text, taken)
                for (intent, taken), (margin, text) in read.items()
            ]
        known = self._meanings(accepts, asks)
        fits = np.full(len(known.intents), -np.inf)
        np.maximum.at(fits, known.owner, verification.fits)
        phones = verification.phones
        named = dict.fromkeys([*read, known.intents[int(fits.argmax())]])
        found = []
        for named_one in named:
            at = known.intents.index(named_one)
            rivals_fit = np.where(known.taken | ~known.taken[at], fits, fits - UNTAKEN)
            rival = max(float(np.delete(rivals_fit, at).max()), verification.filler)
            margin, text = read.get(named_one, (None, None))
            fit = float(fits[at])
            evidence = Evidence(margin, a_phone(fit, phones), fit - rival, phones)
            found.append(Candidate(named_one[0], evidence, text, named_one[1]))
        return found

    def meaning(self, text: str, attention: Attention) -> Meant | None:
        """Return what `text` means now; if nothing that is taken, what it means foremost."""
        return _foremost(partial(self._spoken.meaning, text), attention)

    def _find_meanings(self, accepts: Commands, asks: Commands) -> Meanings:
        assert self._verifier is not None
        senses = map(self._spoken.of, self._verifier.labels)
        intents = []
        for each in senses:
            now = meant(each, accepts, asks)
            intents.append((now or each[0].intent, now is not None))
        listed = tuple(dict.fromkeys(intents))
        place = {intent: at for at, intent in enumerate(listed)}
        return Meanings(
            listed,
            np.array([place[intent] for intent in intents], np.intp),
            np.array([taken for _, taken in listed]),
        )

    def _text(self, wanted: Meant, verification: Verification | None, attention: Attention) -> str:
        """Return the verifier's likeliest words for what is `wanted`."""
        assert verification is not None
        assert self._verifier is not None
        known = self._meanings(attention.accepts, attention.asks)
        ours = np.flatnonzero(known.owner == known.intents.index(wanted))
        labels = self._verifier.labels[ours[verification.fits[ours].argmax()]]
        return self._verifier.text(labels, verification.heard)


def _foremost(meaning: Callable[..., Intent | None], attention: Attention) -> Meant | None:
    """Return what `meaning` finds of what is taken now; if nothing, what it finds foremost."""
    now = meaning(attention.accepts, attention.asks)
    foremost = now or meaning()
    return None if foremost is None else (foremost, now is not None)
