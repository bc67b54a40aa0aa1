"""Reads a YAML file into a pydantic model; what is wrong is named with its line."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from legsup_voice.errors import UserError

Model = TypeVar("Model", bound=BaseModel)


def load(path: Path, model: type[Model]) -> Model:
    """Return the file at `path` as `model`.

    Raises:
        UserError: the file can't be read, is no YAML, or doesn't fit the model; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} can't be read: {_reason(error)}.") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(f"{path} is not valid YAML: {_where(error)}") from error
    try:
        return model.model_validate(data if data is not None else {})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        keys = [key for key in first["loc"] if not _is_type_tag(key)]
        name = ".".join(str(key) for key in keys)
        message = first["msg"].removeprefix("Value error, ")
        place = f"{path}, line {_line_of(root, keys)}"
        raise UserError(f"{place}: {f'{name}: ' if name else ''}{message}.") from error


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error) or "it is nested too deeply"
    return f"line {mark.line + 1}: {problem}." if mark else f"{problem}."


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
            node = node.value[key]
            line = node.start_mark.line + 1
    return line
