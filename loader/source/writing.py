"""What a program gives as a record, written as the line that a file would have."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import msgspec
import orjson

from .reasons import Unfit


@dataclass(frozen=True, slots=True)
class Written:
    """A line with its line break, and why it is no record, when that shows already."""

    raw: bytes
    fault: Unfit | None = None


def written(record: object) -> Written:
    """Write a mapping as JSON; take bytes and text as a line of JSON."""
    try:
        line = _line(record)
    except Unfit as unfit:
        # the same record gives the same line in every run, though not its own
        return Written(orjson.dumps(unfit.message) + b"\n", unfit)
    return Written(line.rstrip(b" \t\r\n") + b"\n")


def _line(record: object) -> bytes:
    if isinstance(record, str):
        record = record.encode("utf-8", "surrogatepass")  # NOT_UTF8, later
    if isinstance(record, bytes):
        return record if b"\n" not in record.rstrip() else _joined(record)
    return _encoded(record)


def _joined(text: bytes) -> bytes:
    """Bring JSON that was written over several lines into one."""
    try:
        line = msgspec.json.format(text, indent=-1)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        line = b"\n"
    if b"\n" in line:
        raise Unfit(
            "NOT_JSON",
            "the record is several lines and not one JSON object; give each alone",
        )
    return line


def _encoded(record: object) -> bytes:
    if isinstance(record, Mapping):
        record = dict(cast("Mapping[object, object]", record))
    try:
        line = orjson.dumps(record)
    except TypeError as error:
        message = f"the record cannot be written as JSON: {error}"
        raise Unfit("NOT_JSON", message) from error
    if b"null" in line and _has_strange_number(record):
        raise Unfit(
            "NUMBER_OUT_OF_RANGE", "the record has a number that is NaN or infinite"
        )
    return line


def _has_strange_number(value: object) -> bool:
    """Whether a number would be written as null."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return any(_has_strange_number(each) for each in _children(value))


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[object, object]", value).values()
    return cast("Iterable[object]", value if isinstance(value, (list, tuple)) else ())
