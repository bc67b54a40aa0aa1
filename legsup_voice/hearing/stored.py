"""What the grammar is made into, as arrays and JSON, and back.

Plain data, so that reading it runs nothing. What text is read by stays packed, a fifth of its size,
until it is needed: most sessions never do.
"""

import io
import json
from array import array
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from legsup_voice.hearing.grammar.graph import NUMBERS, PLACES, Graph
from legsup_voice.hearing.grammar.intent import KINDS, Intent, Meaning, Sense
from legsup_voice.hearing.grammar.spelling import Spelling
from legsup_voice.hearing.grammar.spoken import Spoken
from legsup_voice.hearing.grammar.written import Written
from legsup_voice.protocol.commands import Command

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]

_ARRAYS = {"first": PLACES, "word": NUMBERS, "to": PLACES, "ends": PLACES}
"""Those of a graph, and what they hold."""


def spoken_data(spoken: Spoken) -> dict[str, Any]:
    """Return what is to be stored of `spoken` as JSON; the rest are the arrays of its graph."""
    senses = [list(map(_sense_data, each)) for each in spoken.senses]
    return _graph_data(spoken.graph) | {"senses": senses}


def spoken(data: Mapping[str, Any], arrays: Arrays) -> Spoken:
    """Return what `spoken_data` and `graph_arrays` were given."""
    senses = (tuple(map(_sense, each)) for each in data["senses"])
    return Spoken(_graph(data, arrays), tuple(senses))


def packed(written: Written) -> bytes:
    """Return `written` as it is stored."""
    data = _graph_data(written.graph) | {
        "names": list(written.starts),
        "meanings": [(_sense_data(each.first), each.otherwise) for each in written.meanings],
        "lists": dict(written.lists),
        "numbers": written.spelling.numbers,
        "alike": written.spelling.alike,
        "short": written.spelling.short,
        "small": sorted(written.spelling.small),
        "left_out": (written.spelling.left_out, written.spelling.left_out_first),
        "known": sorted(written.spelling.known),
        "language": written.language,
    }
    file = io.BytesIO()
    np.savez_compressed(file, text=text(data), **graph_arrays(written.graph))
    return file.getvalue()


def unpacked(stored: bytes) -> Written:
    """Return what was `packed`."""
    with np.load(io.BytesIO(stored)) as arrays:
        data = told(arrays["text"])
        graph = _graph(data, arrays)
    meanings = (
        Meaning(_sense(first), tuple(map(Command, others))) for first, others in data["meanings"]
    )
    lists = {name: (detail, tuple(values)) for name, (detail, values) in data["lists"].items()}
    numbers = {int(number): words for number, words in data["numbers"].items()}
    short = {end: tuple(words) for end, words in data["short"].items()}
    small, known = frozenset(data["small"]), frozenset(data["known"])
    left_out, first = map(tuple, data["left_out"])
    spelling = Spelling(numbers, data["alike"], short, small, left_out, first, known)
    starts = dict(zip(data["names"], graph.starts, strict=True))
    return Written(graph, starts, tuple(meanings), lists, spelling, data["language"])


def text(data: Mapping[str, Any]) -> npt.NDArray[np.uint8]:
    """Return `data` as JSON in an array."""
    return np.frombuffer(json.dumps(data).encode(), np.uint8)


def told(stored: npt.NDArray[np.uint8]) -> dict[str, Any]:
    """Return what was made a `text`."""
    found: dict[str, Any] = json.loads(stored.tobytes())
    return found


def graph_arrays(graph: Graph) -> dict[str, Any]:
    """Return what is to be stored of `graph` as arrays."""
    return {name: np.array(getattr(graph, name), kind) for name, kind in _ARRAYS.items()}


def _graph_data(graph: Graph) -> dict[str, Any]:
    return {"words": graph.words, "labels": graph.meanings, "starts": graph.starts}


def _graph(data: Mapping[str, Any], stored: Arrays) -> Graph:
    arrays = {name: _array(kind, stored[name]) for name, kind in _ARRAYS.items()}
    labels = tuple(map(tuple, data["labels"]))
    return Graph(tuple(data["words"]), labels, tuple(data["starts"]), **arrays)


def _array(kind: str, stored: npt.NDArray[Any]) -> "array[int]":
    """Return `stored` without another copy on the way."""
    found = array(kind)
    found.frombytes(stored.view(np.uint8).data)
    return found


def _sense_data(sense: Sense) -> tuple[str, dict[str, Any], bool]:
    return sense.intent.command, sense.intent.details(), sense.asked


def _sense(stored: tuple[str, dict[str, Any], bool]) -> Sense:
    command, given, asked = stored
    details = {name: KINDS[name](value) for name, value in given.items()}
    return Sense(Intent(Command(command), **details), asked)
