"""All that utterances are compared with, made of the templates once, then read.

Making it takes six seconds of a fast core and 250 MB, reading it next to nothing. The package
brings it (`python -m legsup_voice.hearing.compiled` writes it for the wheel); what a person's own
phrases change is kept in the cache folder. What is kept is signed with all that it was made of
(templates, lexicon, own phrases, and the code of this folder), so that it is used whole and up to
date, or not at all.
"""

import hashlib
import io
import itertools
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from legsup_voice import content, files
from legsup_voice.config import cache_directory
from legsup_voice.errors import UserError
from legsup_voice.hearing import pronunciations, stored
from legsup_voice.hearing.alike import refuse_alike
from legsup_voice.hearing.decoder import Decoder
from legsup_voice.hearing.fillers import fillers, wake_words
from legsup_voice.hearing.grammar.grammar import Grammar, grammar
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.hearing.grammar.reading import Reader
from legsup_voice.hearing.grammar.spelling import Words
from legsup_voice.hearing.grammar.spoken import Spoken
from legsup_voice.hearing.grammar.words import in_words
from legsup_voice.hearing.language_model import language_model
from legsup_voice.hearing.models import broken, bundled, packaged
from legsup_voice.hearing.phone_graph import Around, PhoneGraph
from legsup_voice.hearing.phones import Phones
from legsup_voice.private import write_whole
from legsup_voice.protocol import commands

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
    """What both listeners need to know of the grammar, and what text is read by.

    `phrases` and `fillers` are what the recogniser listens for, `ways` how their words are said,
    `phones` what the verifier scores and `decoder` what else may be said, where there is a verifier
    for the language. `written`: what text is read by, packed.
    """

    spoken: Spoken
    phrases: tuple[str, ...]
    fillers: tuple[str, ...]
    ways: Mapping[str, tuple[Phones, ...]]
    phones: PhoneGraph | None
    decoder: Decoder | None
    written: bytes

    @cached_property
    def reader(self) -> Reader:
        """Who understands text; made when it is first asked for, with 7 MB."""
        return Reader(stored.unpacked(self.written))


def compiled(own_phrases: Path | None = None, language: str = content.LANGUAGE) -> Compiled:
    """Return what the grammar of `language` and the file of a person's own phrases are made into.

    Raises:
        UserError: a file is malformed, or a phrase of the person's own means something else or
            sounds like something else.
    """
    name = FILE.format(language=language)
    path = cache_directory() / name
    sources = _sources(own_phrases, language)
    kept = _brought(sources, language) or _read(path, sources)
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


def _brought(sources: bytes, language: str) -> Compiled | None:
    """Return what the package brings, if it was made of `sources`."""
    return _read(bundled("grammar") / FILE.format(language=language), sources)


def _made(own_phrases: Path | None, language: str) -> Compiled:
    pronunciations.lexicon()  # broken, it ends the work before it begins
    if own_phrases is None or not own_phrases.exists():
        known = grammar(language=language)
        return of(known, tuple(known.phrases(PHRASES)), language)
    built_in = _brought(_sources(None, language), language) or grammar(language=language)
    known = grammar(own_phrases, language, built_in.reader)
    phrases = known.phrases(PHRASES)
    already, own = dict[str, Intent](), dict[str, Intent]()
    for text, intent in phrases.items():
        (own if built_in.spoken.meaning(text) is None else already)[text] = intent
    refuse_alike(own, dict(itertools.islice(already.items(), CHECKED)), language)
    return of(known, tuple(phrases), language)


def of(known: Grammar, phrases: tuple[str, ...], language: str = content.LANGUAGE) -> Compiled:
    """Return `known` compiled; the recogniser listens for `phrases`."""
    spoken, written = known.spoken, stored.packed(known.text)
    ways = pronunciations.of_words(spoken.words, language)
    others = fillers(spoken.graph, language)
    if not content.locale(language).verified:
        return Compiled(spoken, phrases, others, ways, None, None, written)
    foreign = [*others, *wake_words(language)]
    sounds = [way for each in pronunciations.of_texts(foreign) for way in each]
    around = Around(known.added("before", "leading"), known.added("after", "after_no"))
    graph = PhoneGraph.made(spoken.graph, ways, sounds, around)
    model = language_model(known, pronunciations.lexicon(), sentences(language))
    decoder = Decoder.made(model, pronunciations.of_words(model.free, language))
    return Compiled(spoken, phrases, others, ways, graph, decoder, written)


def sentences(language: str = content.LANGUAGE) -> list[Words]:
    """Return the words of what people may say in `language`, beside what templates say."""
    path = content.path("said.tsv", language)
    rows = packaged(path).splitlines() if path.exists() else []
    return [in_words(row.split("\t")[-1], {}) for row in rows if not row.startswith("#")]


def _sources(own_phrases: Path | None, language: str) -> bytes:
    """Return a digest of everything that the result depends on.

    Raises:
        UserError: a file can't be read.
    """
    digest = hashlib.sha256()
    for path in _files(language):
        try:
            text = path.read_bytes()
        except OSError as error:
            raise broken(path) from error
        digest.update(f"{path.name} {len(text)}\n".encode() + text)
    if own_phrases is not None:
        try:
            digest.update(b"own\n" + files.content(own_phrases))
        except (FileNotFoundError, NotADirectoryError):
            pass  # most people have none
        except OSError as error:
            raise UserError(f"{own_phrases} can't be read: {error.strerror}.") from error
    return digest.digest()


def _files(language: str) -> Iterator[Path]:
    yield from sorted(content.path("commands", language).glob("*.yaml"))
    for name in ("rules.yaml", "numbers.yaml", "fillers.txt", "wake_words.txt", "locale.yaml"):
        yield content.path(name, language)
    if (said := content.path("said.tsv", language)).exists():
        yield said
    yield bundled("phones") / "lexicon.txt"
    yield from (Path(commands.__file__), *sorted(Path(__file__).parent.rglob("*.py")))


def _signature(sources: bytes, kept: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(sources)
    digest.update(kept)
    return digest.digest()


def _read(path: Path, sources: bytes) -> Compiled | None:
    """Return what is kept at `path`; None if it isn't whole or made of something else."""
    try:
        whole = memoryview(path.read_bytes())
    except OSError:
        return None
    signature, kept = whole[:_SIGNATURE], whole[_SIGNATURE:]
    if signature != _signature(sources, kept):
        return None
    with np.load(io.BytesIO(kept)) as arrays:
        text, written = stored.told(arrays["text"]), arrays["written"].tobytes()
        spoken, graph, decoder = stored.spoken(text, arrays), None, None
        if "arcs" in arrays:
            graph = PhoneGraph(arrays["arcs"], arrays["columns"], spoken.graph.meanings)
            decoder = Decoder(tuple(text["vocabulary"]), arrays["following"], arrays["weights"])
    ways = {word: tuple(map(tuple, each)) for word, each in text["ways"].items()}
    phrases, others = tuple(text["phrases"]), tuple(text["fillers"])
    return Compiled(spoken, phrases, others, ways, graph, decoder, written)


def _stored(made: Compiled) -> bytes:
    """Return `made` as it is kept."""
    text = stored.spoken_data(made.spoken) | {
        "phrases": made.phrases,
        "fillers": made.fillers,
        "ways": dict(made.ways),
        "vocabulary": made.decoder.words if made.decoder else (),
    }
    arrays = stored.graph_arrays(made.spoken.graph)
    if made.phones:
        arrays |= {"arcs": made.phones.arcs, "columns": made.phones.columns}
    if made.decoder:
        arrays |= {"following": made.decoder.arcs, "weights": made.decoder.weights}
    written = np.frombuffer(made.written, np.uint8)
    file = io.BytesIO()
    np.savez(file, text=stored.text(text), written=written, **arrays)
    return file.getvalue()


if __name__ == "__main__":
    folder = Path(__file__).resolve().parents[1] / "models" / "grammar"
    for each in content.languages():
        write(folder / FILE.format(language=each), None, each)
