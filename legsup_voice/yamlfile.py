"""Reads a YAML file into a pydantic model; what is wrong is named with its line.

Two things YAML does are kept from people who write these files by hand: only `true` and `false` are
booleans, so that `no` and `yes` are words someone says, and a key that stands twice is an error.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from legsup_voice.errors import UserError

Model = TypeVar("Model", bound=BaseModel)

LARGEST_BYTES = 1_000_000
_BOOLEAN = "tag:yaml.org,2002:bool"


class _Loader(yaml.SafeLoader):
    """YAML with the booleans of version 1.2, and every key once."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401
        """Return the value of `node`; one that its tag doesn't allow is named with its line."""
        try:
            return super().construct_object(node, deep)
        except (LookupError, AttributeError, TypeError, ValueError) as error:
            kind = node.tag.rsplit(":", 1)[-1]
            raise yaml.MarkedYAMLError(
                problem=f"this is not a valid {kind}", problem_mark=node.start_mark
            ) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return the mapping of `node`."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"{key.value!r} stands here twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOLEAN]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile("^(?:true|True|false|False)$"), list("tTfF"))


def load(path: Path, model: type[Model]) -> Model:
    """Return the file at `path` as `model`.

    Raises:
        UserError: the file can't be read, is no YAML, or doesn't fit the model; names the line.
    """
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise UserError(f"{path} is not valid YAML: {_where(error)}") from error
    try:
        return model.model_validate(data if data is not None else {})
    except ValidationError as error:
        raise UserError(_sentence(path, root, error)) from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UserError(f"{path} is larger than a megabyte: it is no file of this program.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UserError(f"{path} can't be read: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error) or "it is nested too deeply"
    problem = " ".join(problem.split())
    return f"line {mark.line + 1}: {problem}." if mark else f"{problem}."


def _sentence(path: Path, root: yaml.Node | None, error: ValidationError) -> str:
    """Return one sentence on the first mistake."""
    first = error.errors(include_url=False)[0]
    keys = [key for key in first["loc"] if not _is_type_tag(key)]
    name = ".".join(str(key) for key in keys)
    place = f"{path}, line {_line_of(root, keys)}"
    if first["type"] == "extra_forbidden":
        return f"{place}: {first['loc'][-1]!r} is not a key that is known here."
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    message = " ".join(message.split())
    return f"{place}: {f'{name}: ' if name else ''}{message}."


def _is_type_tag(key: int | str) -> bool:
    return isinstance(key, str) and ("[" in key or key.endswith(("Model", "Step")))


def _line_of(root: yaml.Node | None, keys: list[int | str]) -> int:
    """Return the 1-based line where the path `keys` leads, as far as the file has it."""
    node, line = root, 1 if root is None else root.start_mark.line + 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(key)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            if key >= len(node.value):
                break
            node = node.value[key]
            line = node.start_mark.line + 1
    return line
