"""What a program gives as a record, written as the line that a file would have."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import cast

import msgspec
import orjson

from .draft import MAX_DEPTH
from .reasons import Unfit, shown

#: longest place told in a message, in characters
_PLACE = 200


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
    plain = _plain(record, ())
    try:
        return orjson.dumps(plain)
    except TypeError:  # an integer of over 64 bits, or half of a surrogate pair
        return _encoded_slowly(plain)


def _encoded_slowly(plain: object) -> bytes:
    try:
        return msgspec.json.encode(plain)
    except UnicodeEncodeError as error:
        raise Unfit(
            "NOT_JSON", "the record cannot be written as JSON: surrogates not allowed"
        ) from error
    except ValueError as error:
        raise Unfit(
            "NUMBER_OUT_OF_RANGE", "the record has a number of over 4,300 digits"
        ) from error


def _plain(value: object, path: tuple[str, ...]) -> object:
    """Return a value that JSON has, as a line of a file would have it.

    Nothing is guessed: what an encoder would write in a way of its own (a dataclass, an
    ``Enum``, NaN as null) is refused, but for a time, which has one way.
    """
    match value:
        case Enum():
            raise _foreign(value, path)
        case None | str() | int():
            return value
        case float():
            return _finite(value, path)
        case datetime():
            return _time(value, path)
        case _:
            return _plain_within(value, path)


def _plain_within(value: object, path: tuple[str, ...]) -> object:
    if len(path) > MAX_DEPTH:  # or in itself
        raise Unfit("TOO_DEEP", f"the record nests deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        mapping = cast("Mapping[object, object]", value)
        return {
            _name(name, path): _plain(each, (*path, str(name)))
            for name, each in mapping.items()
        }
    if isinstance(value, (list, tuple)):
        values = cast("Iterable[object]", value)
        return [_plain(each, (*path, str(at))) for at, each in enumerate(values)]
    raise _foreign(value, path)


def _finite(value: float, path: tuple[str, ...]) -> float:
    if not math.isfinite(value):
        message = f"{_place(path)} has a number that is NaN or infinite"
        raise Unfit("NUMBER_OUT_OF_RANGE", message)
    return value


def _time(value: datetime, path: tuple[str, ...]) -> str:
    if value.tzinfo is None:
        message = f"{_place(path)} is a time without a zone; give it one"
        raise Unfit("NOT_JSON", message)
    return value.isoformat()


def _name(name: object, path: tuple[str, ...]) -> str:
    if not isinstance(name, str) or isinstance(name, Enum):
        raise Unfit("NOT_JSON", f"{_place(path)} has a key that is no string")
    return name


def _foreign(value: object, path: tuple[str, ...]) -> Unfit:
    return Unfit(
        "NOT_JSON",
        f"{_place(path)} is of the type {shown(type(value).__name__)}, which JSON "
        "does not have; give a string, number, boolean or None",
    )


def _place(path: tuple[str, ...]) -> str:
    return ".".join(map(shown, path))[:_PLACE] or "the record"
