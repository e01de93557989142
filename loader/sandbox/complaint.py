"""Why a file does not fit its description, in words that help to mend it."""

import re
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec

_PATH = re.compile(r" - at `\$\.?(.*?)`$")
_STEP = re.compile(r"(\w+)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"unknown field `(.*)`")


def explain(message: str, shape: type[msgspec.Struct], table: dict[str, Any]) -> str:
    """Turn a message of the validation into: key, what is wrong, what is allowed."""
    at = _PATH.search(message)
    path = at[1] if at else ""
    wrong = message[: at.start()] if at else message
    wrong = wrong.replace("enum value", "value")
    unknown = _UNKNOWN.search(wrong)
    if unknown is not None:
        keys = _shape_at(shape, path, table)
        place = f"{path}." if path else ""
        return f"unknown key {place}{unknown[1]}; allowed: {', '.join(_keys(keys))}"
    options = _options(shape, path, table)
    allowed = f"; allowed: {', '.join(options)}" if options else ""
    return f"{path}: {wrong}{allowed}"


def _keys(shape: type[msgspec.Struct] | None) -> Iterator[str]:
    if shape is None:
        return
    tag = shape.__struct_config__.tag_field
    if tag is not None:
        yield tag
    yield from shape.__struct_fields__


def _options(
    shape: type[msgspec.Struct], path: str, table: dict[str, Any]
) -> list[str]:
    """List what a key may be, where that is a closed list."""
    parent, _, name = path.rpartition(".")
    holder = _shape_at(shape, parent, table) if parent else shape
    if holder is None or name == holder.__struct_config__.tag_field:
        return sorted(_kinds(shape))
    hint = get_type_hints(holder).get(name)
    options = [repr(each) for each in _literals(hint)]
    if options and int in get_args(hint):
        options.append("or a number from 1")
    return options


def _shape_at(
    shape: type[msgspec.Struct],
    path: str,
    table: Any,  # noqa: ANN401 - any TOML value
) -> type[msgspec.Struct] | None:
    """Follow a path to the part of the description that it leads to."""
    found: type[msgspec.Struct] | None = shape
    for name, place in _STEP.findall(path):
        table = table[name] if name else table[int(place)]
        if name and found is not None:
            inner = _structs(get_type_hints(found).get(name))
            found = inner[0] if len(inner) == 1 else None
        elif not name:
            found = _kinds(shape).get(str(table.get("kind")), found)
    return found


def _kinds(shape: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """Return the tagged parts of a description by their tags."""
    parts = [each for hint in get_type_hints(shape).values() for each in _structs(hint)]
    return {
        str(each.__struct_config__.tag): each
        for each in parts
        if each.__struct_config__.tag is not None
    }


def _structs(hint: Any) -> list[type[msgspec.Struct]]:  # noqa: ANN401 - any annotation
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return [hint]
    return [each for part in get_args(hint) for each in _structs(part)]


def _literals(hint: Any) -> list[Any]:  # noqa: ANN401 - any annotation
    """Return the values of a ``Literal``, also within a union."""
    values: list[Any] = []
    for part in get_args(hint):
        values += _literals(part) if get_args(part) else []
        if isinstance(part, (str, int)):
            values.append(part)
    return values
