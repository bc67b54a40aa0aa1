"""Reads a YAML file into a pydantic model; what is wrong is named with its line.

YAML 1.2, so that `no`, `yes` and `on` are words someone says; a key stands once, and one without a
value counts as left out.

To read all that a session needs takes a quarter of its start, so what came of it may be kept.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from legsup_voice import files
from legsup_voice.errors import UserError
from legsup_voice.private import write_whole

Model = TypeVar("Model", bound=BaseModel)
Keys = Sequence[str | int]
"""The way to a place in a file: keys of mappings, and counts from 0 in lists."""

MERGE = "tag:yaml.org,2002:merge"

READ = "read.bin"
"""Where in the cache folder it is kept what was read for a session."""


class _Constructor(SafeConstructor):
    def construct_object(self, node: Node, deep: bool = False) -> Any:  # noqa: ANN401
        """Return the value of `node`; one that its tag doesn't allow is named with its line."""
        try:
            return super().construct_object(node, deep)
        except (LookupError, AttributeError, TypeError, ValueError) as error:
            kind = str(node.tag).rsplit(":", 1)[-1]
            raise MarkedYAMLError(
                problem=f"this is not a valid {kind}", problem_mark=node.start_mark
            ) from error

    def flatten_mapping(self, node: MappingNode) -> Any:  # noqa: ANN401
        """Refuse to merge other mappings into `node`: a few lines may stand for millions."""
        for key, _ in node.value:
            if key.tag == MERGE:
                raise MarkedYAMLError(
                    problem=f"{key.value!r} can't be used here", problem_mark=key.start_mark
                )
        return super().flatten_mapping(node)

    def check_mapping_key(
        self,
        node: Node,
        key_node: Node,
        mapping: Any,  # noqa: ANN401
        key: Any,  # noqa: ANN401
        value: Any,  # noqa: ANN401
    ) -> bool:
        """Return that `key` is new in `mapping`; else it is named with its line."""
        if key in mapping:
            raise MarkedYAMLError(
                problem=f"{key!r} stands here twice", problem_mark=key_node.start_mark
            )
        return True

    def construct_mapping(self, node: Node, deep: bool = False) -> Any:  # noqa: ANN401
        """Return the mapping of `node` without the keys that have no value."""
        mapping = super().construct_mapping(node, deep)
        return {key: value for key, value in mapping.items() if value is not None}


@dataclass(frozen=True)
class Document:
    """A YAML file that was read: what it holds, and where each part of it stands."""

    path: Path
    data: Any
    text: str

    @cached_property
    def root(self) -> Node | None:
        """What `text` is made of; None for nothing."""
        root: Node | None = _yaml().compose(self.text)
        return root

    def fit(self, model: type[Model]) -> Model:
        """Return what the file holds as `model`.

        Raises:
            UserError: it doesn't fit; names the line.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            keys = [key for key in first["loc"] if not _is_type_tag(key)]
            raise self.wrong(keys, _mistake(first, keys, model)) from error

    def wrong(self, keys: Keys, mistake: str) -> UserError:
        """Return the sentence that says where, namely at `keys`, which `mistake` is."""
        return UserError(f"{self.path}, line {self.line(keys)}: {mistake}.")

    def line(self, keys: Keys) -> int:
        """Return the line, counted from 1, where `keys` lead, as far as the file has them."""
        node, line = self.root, 1 if self.root is None else self.root.start_mark.line + 1
        for key in keys:
            if isinstance(node, MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == str(key)), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, SequenceNode) and isinstance(key, int):
                if key >= len(node.value):
                    break
                node = node.value[key]
                line = node.start_mark.line + 1
        return int(line)


def load(path: Path, model: type[Model]) -> Model:
    """Return the file at `path` as `model`.

    Raises:
        UserError: the file can't be read, is not YAML, or doesn't fit the model; names the line.
    """
    return read(path).fit(model)


def read(path: Path) -> Document:
    """Return the file at `path`.

    Raises:
        UserError: the file can't be read or is not YAML; names the line.
    """
    text = _text(path)
    key = hashlib.sha256(_HOW + text.encode()).hexdigest()
    if key in _known:
        data = _known[key]
    else:
        try:
            root = _yaml().compose(text)
            data = None if root is None else _yaml().constructor.construct_document(root)
        except (YAMLError, ValueError, RecursionError, TypeError) as error:
            raise UserError(f"{path} is not valid YAML: {_where(error)}") from error
    for used in _used:
        used[key] = data
    return Document(path, {} if data is None else data, text)


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    return yaml


_HOW = Path(__file__).read_bytes()
"""What else than its text decides what a file holds."""


_known: dict[str, Any] = {}
"""What files hold that were read in an earlier start, by the digest of their text."""
_used: list[dict[str, Any]] = []
"""The same of what has been read in this one, for who wants to keep it."""


@contextlib.contextmanager
def kept(path: Path) -> Iterator[None]:
    """Meanwhile take from `path` what was read before, and keep there what is read.

    A file that has changed is read anew, and all of them when `path` is not whole.
    """
    known, used = _signed(path), dict[str, Any]()
    _known.update(known)
    _used.append(used)
    try:
        yield
    finally:
        _known.clear()
        _used.remove(used)
    if used.keys() != known.keys():
        stored = json.dumps({key: data for key, data in used.items() if _is_exact(data)}).encode()
        with contextlib.suppress(OSError):  # it only takes longer again
            write_whole(path, hashlib.sha256(stored).digest() + stored)


def _signed(path: Path) -> dict[str, Any]:
    """Return what is kept at `path`; nothing when it is damaged."""
    with contextlib.suppress(OSError, ValueError):
        stored = path.read_bytes()
        size = hashlib.sha256().digest_size
        if hashlib.sha256(stored[size:]).digest() == stored[:size]:
            return dict(json.loads(stored[size:]))
    return {}


def _is_exact(data: Any) -> bool:  # noqa: ANN401
    try:
        return bool(json.loads(json.dumps(data)) == data)
    except (TypeError, ValueError):  # a date, say
        return False


def _text(path: Path) -> str:
    try:
        return files.text(path)
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from error


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    deep = isinstance(error, RecursionError)
    problem = "it is nested too deeply" if deep else getattr(error, "problem", None) or str(error)
    problem = " ".join(problem.split())
    return f"line {mark.line + 1}: {problem}." if mark else f"{problem}."


def _mistake(error: ErrorDetails, keys: list[str | int], model: type[BaseModel]) -> str:
    """Return what is wrong, without the place."""
    if error["type"] == "extra_forbidden":
        return f"{error['loc'][-1]!r} is not a key that is known here"
    if error["type"] == "missing":
        return f"the key {error['loc'][-1]!r} is missing here"
    if not keys and error["type"] == "model_type":
        names = [f'"{field.alias or name}:"' for name, field in model.model_fields.items()]
        one = f"write {names[0]} above it, and what stands here below that"
        return one if len(names) == 1 else f"the file has to be made of {', '.join(names)}"
    name = ".".join(str(key) for key in keys)
    if error["type"] in ("model_type", "dataclass_type"):
        return f"{name}: this should be keys with what they stand for"
    if error["type"] in ("tuple_type", "list_type"):
        return f"{name}: this should be a list"
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    message = message.replace("Input should be", "this should be", 1)
    return f"{name}: {' '.join(message.split())}" if name else " ".join(message.split())


def _is_type_tag(key: int | str) -> bool:
    return isinstance(key, str) and "[" in key
