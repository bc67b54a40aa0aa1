"""All that utterances are compared with, made of the templates once, then read.

Making it takes six seconds of a fast core and 250 MB, reading it next to nothing. The package
brings it (`python -m legsup_voice.hearing.compiled` writes it for the wheel); what a person's own
phrases change is kept in the cache folder. What is kept is signed with all that it was made of
(templates, lexicon, own phrases, and the code of this folder), so that it is used whole and up to
date, or not at all.
"""

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from legsup_voice import content
from legsup_voice.config import cache_directory
from legsup_voice.hearing import pronunciations
from legsup_voice.hearing.alike import refuse_alike
from legsup_voice.hearing.fillers import fillers, wake_words
from legsup_voice.hearing.grammar.entries import KINDS
from legsup_voice.hearing.grammar.grammar import Grammar, grammar
from legsup_voice.hearing.grammar.graph import Graph
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.grammar.meaning import Sense
from legsup_voice.hearing.grammar.spoken import Spoken
from legsup_voice.hearing.models import bundled
from legsup_voice.hearing.phone_graph import Around, PhoneGraph
from legsup_voice.hearing.phones import Phones
from legsup_voice.private import write_whole
from legsup_voice.protocol import commands
from legsup_voice.protocol.commands import Command

FILE = "grammar-{language}.bin"
"""Its name in the cache folder, and in the one that the package brings."""

PHRASES = 6000
"""Phrases that the recogniser listens for, the plainest of each way to say something. Its time
doesn't grow with them, and of 40 people's commands it reads, with 400, 1000, 2500 and 6000 of them,
67, 67, 87 and 90 in a hundred."""

CHECKED = 1000
"""Phrases that a person's own are compared with."""

_SIGNATURE = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Compiled:
    """What both listeners need to know of the grammar.

    `phrases` and `fillers` are what the recogniser listens for, `ways` how their words are said,
    `phones` what the verifier scores, where there is one for the language.
    """

    spoken: Spoken
    phrases: tuple[str, ...]
    fillers: tuple[str, ...]
    ways: Mapping[str, tuple[Phones, ...]]
    phones: PhoneGraph | None


def compiled(own_phrases: Path | None = None, language: str = content.LANGUAGE) -> Compiled:
    """Return what the grammar of `language` and the file of a person's own phrases are made into.

    Raises:
        UserError: a file is malformed, or a phrase of the person's own means something else or
            sounds like something else.
    """
    name = FILE.format(language=language)
    path = cache_directory() / name
    sources = _sources(own_phrases, language)
    kept = _read(bundled("grammar") / name, sources) or _read(path, sources)
    if kept is None and _written_apart(path, own_phrases, language):
        kept = _read(path, sources)
    return kept or _made(own_phrases, language)


def write(path: Path, own_phrases: Path | None, language: str) -> None:
    """Make it and keep it at `path`.

    Raises:
        OSError: it can't be kept; told before the work.
        UserError: as `compiled` does.
    """
    write_whole(path, b"")
    sources = _sources(own_phrases, language)
    kept = _stored(_made(own_phrases, language))
    write_whole(path, _signature(sources, kept) + kept)


_WRITE = """
import sys
from pathlib import Path
root, path, own_phrases, language = sys.argv[1:]
sys.path.insert(0, root)
from legsup_voice.hearing.compiled import write
write(Path(path), Path(own_phrases) if own_phrases else None, language)
"""


def _written_apart(path: Path, own_phrases: Path | None, language: str) -> bool:
    """Return whether a process of its own could `write`: its memory ends with it.

    Why it couldn't shows when it is made here.
    """
    root = Path(__file__).parents[2]
    arguments = [str(root), str(path), str(own_phrases or ""), language]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-P", "-c", _WRITE, *arguments], capture_output=True, check=False
    )
    return done.returncode == 0


def _made(own_phrases: Path | None, language: str) -> Compiled:
    known = grammar(own_phrases, language)
    phrases = known.phrases(PHRASES)
    if own_phrases is not None and own_phrases.exists():
        built_in = grammar(language=language)
        own = {text: it for text, it in phrases.items() if built_in.spoken.meaning(text) is None}
        refuse_alike(own, built_in.phrases(CHECKED), language)
    return of(known, tuple(phrases), language)


def of(known: Grammar, phrases: tuple[str, ...], language: str = content.LANGUAGE) -> Compiled:
    """Return `known` compiled; the recogniser listens for `phrases`."""
    spoken = known.spoken
    ways = pronunciations.of_words(spoken.words, language)
    others = fillers(spoken.graph, language)
    if not content.locale(language).verified:
        return Compiled(spoken, phrases, others, ways, None)
    foreign = [*others, *wake_words(language)]
    sounds = [way for each in pronunciations.of_texts(foreign) for way in each]
    around = Around(known.added("before", "leading"), known.added("after", "after_no"))
    graph = PhoneGraph.made(spoken.graph, ways, sounds, around)
    return Compiled(spoken, phrases, others, ways, graph)


def _sources(own_phrases: Path | None, language: str) -> bytes:
    """Return a digest of everything that the result depends on."""
    digest = hashlib.sha256()
    for path in _files(own_phrases, language):
        text = path.read_bytes()
        digest.update(f"{path.name} {len(text)}\n".encode() + text)
    return digest.digest()


def _files(own_phrases: Path | None, language: str) -> Iterator[Path]:
    yield from sorted(content.path("commands", language).glob("*.yaml"))
    for name in ("rules.yaml", "numbers.yaml", "fillers.txt", "wake_words.txt", "locale.yaml"):
        yield content.path(name, language)
    yield bundled("phones") / "lexicon.txt"
    yield from (Path(commands.__file__), *sorted(Path(__file__).parent.rglob("*.py")))
    if own_phrases is not None and own_phrases.exists():
        yield own_phrases


def _signature(sources: bytes, kept: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(sources)
    digest.update(kept)
    return digest.digest()


def _read(path: Path, sources: bytes) -> Compiled | None:
    """Return what is kept at `path`; None if it isn't whole or made of something else."""
    try:
        stored = memoryview(path.read_bytes())
    except OSError:
        return None
    signature, kept = stored[:_SIGNATURE], stored[_SIGNATURE:]
    if signature != _signature(sources, kept):
        return None
    with np.load(io.BytesIO(kept)) as arrays:
        text = json.loads(arrays["text"].tobytes())
        labels = tuple(map(tuple, text["labels"]))
        graph = PhoneGraph(arrays["arcs"], arrays["columns"], labels) if labels else None
    ways = {word: tuple(map(tuple, each)) for word, each in text["ways"].items()}
    return Compiled(_spoken(text), tuple(text["phrases"]), tuple(text["fillers"]), ways, graph)


def _spoken(text: dict[str, Any]) -> Spoken:
    finals = {int(node): tuple(labels) for node, labels in text["finals"].items()}
    senses = (tuple(map(_sense, each)) for each in text["senses"])
    return Spoken(Graph(tuple(text["arcs"]), finals), tuple(senses))


def _sense(stored: tuple[str, dict[str, Any], bool]) -> Sense:
    command, given, asked = stored
    details = {name: KINDS[name](value) for name, value in given.items()}
    return Sense(Intent(Command(command), **details), asked)


def _stored_sense(sense: Sense) -> tuple[str, dict[str, Any], bool]:
    return sense.intent.command, sense.intent.details(), sense.asked


def _stored(made: Compiled) -> bytes:
    """Return `made` as it is kept."""
    graph, phones = made.spoken.graph, made.phones
    text = {
        "arcs": graph.arcs,
        "finals": graph.finals,
        "senses": [list(map(_stored_sense, each)) for each in made.spoken.senses],
        "phrases": made.phrases,
        "fillers": made.fillers,
        "ways": dict(made.ways),
        "labels": phones.labels if phones else (),
    }
    arrays: dict[str, Any] = {"arcs": phones.arcs, "columns": phones.columns} if phones else {}
    file = io.BytesIO()
    np.savez(file, text=np.frombuffer(json.dumps(text).encode(), np.uint8), **arrays)
    return file.getvalue()


if __name__ == "__main__":
    folder = Path(__file__).resolve().parents[1] / "models" / "grammar"
    for each in content.languages():
        write(folder / FILE.format(language=each), None, each)
