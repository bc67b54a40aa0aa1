"""Reads the folder of a language and checks every name in it.

What a file names must be there, and so must what the program names; in another language than ours,
everything that ours has. A mistake is one sentence with file and line.
"""

import difflib
from collections.abc import Iterator
from pathlib import Path

from legsup_voice import files
from legsup_voice.content.ids import SAID_BY_PROGRAM
from legsup_voice.content.schema import (
    FAMILIES,
    Content,
    Facts,
    Line,
    Lines,
    Patterns,
    Place,
    Screening,
    Script,
    Setup,
)
from legsup_voice.content.spoken import Durations
from legsup_voice.errors import UserError
from legsup_voice.protocol.states import State
from legsup_voice.yamlfile import Document, Keys, read

Named = tuple[Document, Keys, str]
"""Where a line is named, and its id."""

PLACES: dict[Place, frozenset[State]] = {
    "standing": frozenset({State.SETUP}),
    "floor": frozenset({State.SETUP}),
    "pose": frozenset({State.SETUP, State.HOLD, State.PAUSED}),
}
"""The states in which a variation for each place may be asked for."""


def load(folder: Path, ours: Path | None = None) -> Content:
    """Return what `folder` holds.

    `ours` is the folder of the language that it must be like: it has the same lines, and takes
    from there what needs no translation, `setup.yaml` and `facts.yaml`.

    Raises:
        UserError: a file is missing or damaged, or something in it doesn't fit the rest.
    """
    families = {family: read(folder / "lines" / f"{family}.yaml") for family in FAMILIES}
    screening, breathing, spoken, recording = (
        read(folder / f"{name}.yaml") for name in ("screening", "breathing", "spoken", "recording")
    )
    setup, facts = (read((ours or folder) / f"{name}.yaml") for name in ("setup", "facts"))
    lines = {name: line for family, doc in families.items() for name, line in _lines(family, doc)}
    if ours is not None:
        _check_like(families, lines, load(ours).lines)
    loaded = Content(
        lines,
        screening.fit(Screening),
        setup.fit(Setup),
        breathing.fit(Patterns),
        facts.fit(Facts),
        spoken.fit(Durations),
        recording.fit(Script),
        _listed(folder / "acknowledgements.txt"),
    )
    named = [
        *_named_by_screening(screening, loaded.screening),
        *_named_by_setup(setup, loaded.setup),
        *_named_by_breathing(breathing, loaded.breathing),
        *_named_by_facts(facts, loaded.facts),
        *_named_by_recording(recording, loaded.recording),
    ]
    for name in SAID_BY_PROGRAM:
        _must_have(families, lines, name, "the program says it")
    for document, keys, name in named:
        if name not in lines:
            raise document.wrong(keys, f"there is no line {name!r}{_meant(name, lines)}")
    _check_lengths(families, loaded)
    _check_questions(screening, loaded)
    _check_ladders(setup, loaded)
    _check_sources(facts, loaded.facts)
    return loaded


def _lines(family: str, document: Document) -> Iterator[tuple[str, Line]]:
    for name, line in document.fit(Lines).root.items():
        if name.partition(".")[0] != family or name.count(".") != 1:
            raise document.wrong([name], f"an id in this file is {family}.something, not {name!r}")
        yield name, line


def _meant(name: str, lines: dict[str, Line]) -> str:
    close = difflib.get_close_matches(name, lines, n=1)
    return f" (is it {close[0]!r}?)" if close else ""


def _must_have(
    families: dict[str, Document], lines: dict[str, Line], name: str, because: str
) -> None:
    if name not in lines:
        where = families[name.partition(".")[0]].path
        raise UserError(f"{where}: the line {name!r} is missing, but {because}.")


def _named_by_screening(document: Document, screening: Screening) -> Iterator[Named]:
    places: list[Keys] = [("questions", i) for i in range(len(screening.questions))]
    for place, question in zip(
        [*places, ("combined",)], [*screening.questions, screening.combined], strict=True
    ):
        yield document, (*place, "line"), question.line
        yield document, (*place, "refusal"), question.refusal
        if question.lead is not None:
            yield document, (*place, "lead"), question.lead


def _listed(path: Path) -> frozenset[str]:
    """Return the lines of a text file.

    Raises:
        UserError: it is missing or damaged.
    """
    try:
        return frozenset(files.text(path).splitlines()) - {""}
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from error


def _named_by_setup(document: Document, setup: Setup) -> Iterator[Named]:
    places: list[Keys] = [("steps", i) for i in range(len(setup.steps))]
    for place, step in zip([*places, ("ready",)], [*setup.steps, setup.ready], strict=True):
        yield document, (*place, "line"), step.line
        yield document, (*place, "why"), step.why
    for name, ladder in (("easier", setup.easier), ("harder", setup.harder)):
        for at in PLACES:
            for i, rung in enumerate(ladder.rungs(at)):
                yield document, (name, at, i, "line"), rung.line
    for i, way in enumerate(setup.exit):
        yield document, ("exit", i, "line"), way.line
    for i, line in enumerate(setup.scan):
        yield document, ("scan", i), line


def _named_by_breathing(document: Document, breathing: Patterns) -> Iterator[Named]:
    for name, pattern in breathing.patterns.items():
        yield document, ("patterns", name, "line"), pattern.line
        yield document, ("patterns", name, "how"), pattern.how
    yield document, ("how_own",), breathing.how_own


def _named_by_facts(document: Document, facts: Facts) -> Iterator[Named]:
    for name, fact in facts.facts.items():
        for i, line in enumerate(fact.lines):
            yield document, ("facts", name, "lines", i), line


def _named_by_recording(document: Document, script: Script) -> Iterator[Named]:
    for when, sections in (
        *(("before", script.before), ("after", script.after), ("night", script.night)),
    ):
        for i, section in enumerate(sections):
            for j, part in enumerate(section.parts):
                if part.line:
                    yield document, (when, i, "parts", j, "line"), part.line


def _check_lengths(families: dict[str, Document], loaded: Content) -> None:
    """A line keeps to its number of words with whatever fills it."""
    for name, line in loaded.lines.items():
        for i, text in enumerate(line.say):
            if any(len(filled.split()) > line.most_words for filled in loaded.fillings(text)):
                mistake = f"{name} has more than {line.most_words} words when it is filled in"
                raise families[name.partition(".")[0]].wrong((name, "say", i), mistake)


def _check_questions(document: Document, loaded: Content) -> None:
    """Both ways to ask must name what is asked for; an early answer counts from there on."""
    screening = loaded.screening
    for i, question in enumerate([*screening.questions, screening.combined]):
        place: Keys = ("questions", i) if i < len(screening.questions) else ("combined",)
        texts = loaded.lines[question.line].say
        if len(texts) != 2:
            mistake = f"{question.line!r} needs two variants: to ask, and to ask again"
            raise document.wrong((*place, "line"), mistake)
        if not all(question.named in text.lower() for text in texts):
            mistake = f"a variant of {question.line!r} doesn't say {question.named!r}"
            raise document.wrong((*place, "named"), mistake)


def _check_ladders(document: Document, loaded: Content) -> None:
    """A variation may be said wherever it may be asked for."""
    for name, ladder in (("easier", loaded.setup.easier), ("harder", loaded.setup.harder)):
        for place, states in PLACES.items():
            for i, rung in enumerate(ladder.rungs(place)):
                if missing := states - loaded.lines[rung.line].states:
                    mistake = f"{rung.line!r} may not be said in {', '.join(sorted(missing))}"
                    raise document.wrong((name, place, i), mistake)


def _check_sources(document: Document, facts: Facts) -> None:
    for name, fact in facts.facts.items():
        if fact.source is not None and fact.source not in facts.sources:
            mistake = f"{fact.source!r} is not one of the sources above"
            raise document.wrong(("facts", name, "source"), mistake)


def _check_like(
    families: dict[str, Document], lines: dict[str, Line], ours: dict[str, Line]
) -> None:
    """Another language says the same: every line, in the same states, at the same pace."""
    for name, line in ours.items():
        _must_have(families, lines, name, "English has it")
        for key in ("states", "pace", "safety"):
            if getattr(line, key) != getattr(lines[name], key):
                document = families[name.partition(".")[0]]
                raise document.wrong((name, key), f"{key} of {name!r} is not as in English")
    for name in lines:
        if name not in ours:
            document = families[name.partition(".")[0]]
            raise document.wrong([name], f"English has no line {name!r}{_meant(name, ours)}")
