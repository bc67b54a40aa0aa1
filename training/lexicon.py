"""Pronunciations: CMUdict without stress, a few of our own, letter-to-sound for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from legsup_voice.hearing import phones
from legsup_voice.hearing.letter_to_sound import pronounce

Pronunciation = tuple[str, ...]

BLANK = "<blk>"
PHONES = [BLANK, *phones.PHONES]
"""The 39 ARPAbet phones of CMUdict; the index in this list is the network's output."""

INDEX = {phone: index for index, phone in enumerate(PHONES)}

WAYS = 3
"""Pronunciations of a word that the product's lexicon keeps."""

OWN: dict[str, tuple[str, ...]] = {
    "pots": ("P AA T S", "P IY OW T IY EH S"),
    "pott's": ("P AA T S",),
    "viparita": ("V IH P AH R IY T AH", "V IY P AA R IY T AH"),
    "karani": ("K AH R AA N IY", "K AA R AH N IY"),
    "karanee": ("K AH R AA N IY",),
    "orthostatic": ("AO R TH AH S T AE T IH K", "AO R TH OW S T AE T IH K"),
    "hypotension": ("HH AY P OW T EH N SH AH N", "HH AY P AH T EH N SH AH N"),
    "glaucoma": ("G L AO K OW M AH", "G L AW K OW M AH"),
    "diaphragmatic": ("D AY AH F R AE G M AE T IH K",),
    "quieter": ("K W AY AH T ER", "K W AY T ER"),
    "resume": ("R IH Z UW M", "R IY Z UW M", "R IH Z Y UW M"),
    "okay": ("OW K EY", "AH K EY"),
    "yeah": ("Y AE", "Y AE AH", "Y EH AH", "Y EH"),
    "nope": ("N OW P",),
    "mycroft": ("M AY K R AO F T", "M AY K R AA F T"),
    "siri": ("S IH R IY", "S IY R IY"),
    "alexa": ("AH L EH K S AH",),
    "bixby": ("B IH K S B IY",),
    "nabu": ("N AA B UW",),
    "sonos": ("S OW N OW S",),
    "tingly": ("T IH NG G L IY", "T IH NG L IY"),
    "tingling": ("T IH NG G L IH NG", "T IH NG L IH NG", "T IH NG G AH L IH NG"),
}
"""Ways to say a word that CMUdict lacks."""


@cache
def cmudict() -> dict[str, list[Pronunciation]]:
    """Read CMUdict (39 phones, no stress) as the `pocketsphinx` wheel ships it."""
    import pocketsphinx

    path = Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"
    entries: dict[str, list[Pronunciation]] = {}
    for line in path.read_text(encoding="utf8").splitlines():
        word, *phones = line.split()
        entries.setdefault(re.sub(r"\(\d+\)$", "", word), []).append(tuple(phones))
    return entries


def words(text: str) -> list[str]:
    """Split a transcript into lower-case words."""
    return re.findall(r"[a-z']+", text.lower())


@cache
def pronunciations(word: str) -> tuple[Pronunciation, ...]:
    """Return every pronunciation of a word, our own first; at least one."""
    own = [tuple(p.split()) for p in OWN.get(word, ())]
    known = cmudict().get(word) or cmudict().get(word.strip("'")) or []
    found = tuple(dict.fromkeys(own + known))
    return found or (pronounce([word])[word],)


def write(words: Iterable[str], path: Path) -> int:
    """Write a few pronunciations of every word, one a line, for the product; return the lines."""
    lines = _lines(words)
    path.write_text("\n".join(lines) + "\n", encoding="utf8")
    return len(lines)


def add(words: Iterable[str], path: Path) -> list[str]:
    """Add those of ``words`` that the product's lexicon at ``path`` lacks; return them."""
    lines = path.read_text(encoding="utf8").splitlines()
    lacking = sorted(set(words) - {line.split()[0] for line in lines})
    together = sorted(lines + _lines(lacking), key=lambda line: line.split()[0])
    path.write_text("\n".join(together) + "\n", encoding="utf8")
    return lacking


def _lines(words: Iterable[str]) -> list[str]:
    return [" ".join((word, *phones)) for word in words for phones in pronunciations(word)[:WAYS]]


def learn(texts: Iterable[str]) -> dict[str, Pronunciation]:
    """Return one pronunciation for every word of ``texts``, guessing the unknown in one go."""
    needed = {word for text in texts for word in words(text)}
    listed = cmudict()
    unknown = [w for w in needed if w not in OWN and w not in listed and w.strip("'") not in listed]
    guessed = pronounce(sorted(unknown))
    return {w: guessed.get(w) or pronunciations(w)[0] for w in needed}


def targets(text: str, lexicon: dict[str, Pronunciation]) -> list[int] | None:
    """Turn a transcript into phone indices; None when a word has no pronunciation."""
    spoken = [lexicon.get(word, ()) for word in words(text)]
    if not spoken or not all(spoken):
        return None
    return [INDEX[phone] for word in spoken for phone in word]
