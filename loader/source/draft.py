"""A line that the fast way refused, looked at closely.

Either it is sound after all (fields that HubSpot's input has no place for, or a row of
a result file around it), or the first thing wrong with it is told.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import orjson

from . import identity, shape
from .associations import associations_of
from .reasons import Json, Unfit, kind, shown

#: deeper than any call record; well within what every parser takes, so that the answer
#: does not depend on who parses, or how full the stack is
MAX_DEPTH = 100
_FIELDS = ("properties", "associations", "objectWriteTraceId")


@dataclass(frozen=True, slots=True)
class Origin:
    """The line of another source that a row of a result file is about."""

    digest: str
    line: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A line that is a JSON object, before its fields are checked."""

    fields: dict[str, Json]
    #: the ID that the line brings, or the row of a result file around it
    own_id: str | None
    #: where the line comes from, if a row of a result file says so
    origin: Origin | None
    #: names of the fields that have no place in HubSpot's input
    ignored: tuple[str, ...]


def draft_of(text: bytes) -> Draft:
    """Read a line as a JSON object.

    Raises:
        Unfit: it is none, or its own ID cannot be one.
    """
    value = _parsed(text)
    if not isinstance(value, dict):
        raise Unfit("NOT_AN_OBJECT", f"the line is {kind(value)}, not a JSON object")
    fields, own_id, origin = _unwrapped(value)
    ignored = tuple(shown(name) for name in fields if name not in _FIELDS)
    return Draft(fields, own_id, origin, ignored)


def line_of(draft: Draft) -> shape.Line:
    """Check a draft's fields, exactly as strictly as the fast way does.

    Raises:
        Unfit: one of them cannot be sent.
    """
    return shape.Line(
        _properties(draft.fields.get("properties")),
        associations_of(draft.fields.get("associations")),
        draft.own_id,
    )


def checked_id(value: Json) -> str | None:
    """Return the ID that a line brings, if it does.

    Raises:
        Unfit: it cannot be one.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unfit(
            "TRACE_ID_FORMAT", f"objectWriteTraceId is {kind(value)}, not a string"
        )
    if not identity.is_usable(value):
        raise Unfit(
            "TRACE_ID_FORMAT",
            f"objectWriteTraceId must be 1 to {identity.MAX_ID_CHARACTERS} printable "
            "ASCII characters without surrounding spaces",
        )
    return value


def _parsed(text: bytes) -> Json:
    """Parse with the parser of the fast way; let the other one say what is wrong."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} of the line is not UTF-8"
        raise Unfit("NOT_UTF8", place) from None
    too_deep = Unfit("TOO_DEEP", f"the line nests deeper than {MAX_DEPTH} levels")
    try:
        value: Json = msgspec.json.decode(text)
    except RecursionError:
        raise too_deep from None
    except msgspec.ValidationError:
        raise _not_json(text, "NUMBER_OUT_OF_RANGE", "number out of range") from None
    except msgspec.MsgspecError:
        raise _not_json(text, "NOT_JSON", "the line is not valid JSON") from None
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _is_deep(value):
        raise too_deep
    return value


def _not_json(text: bytes, reason: str, message: str) -> Unfit:
    """Explain in the words of the other parser, which tell the place; else as given."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        what = re.sub(r": line \d+ column \d+ \(char \d+\)$", "", str(error))
        message = f"{what} (column {error.colno})"
        if "depth" in what:
            reason = "TOO_DEEP"
        elif "infinity" in what:
            reason = "NUMBER_OUT_OF_RANGE"
        elif "surrogate in string" in what:
            reason = "LONE_SURROGATE"
        elif reason == "NOT_JSON":
            message = f"the line is not JSON: {message}"
    return Unfit(reason, message)


def _is_deep(value: Json) -> bool:
    """Whether objects and arrays, empty ones too, nest deeper than allowed."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for each in level
            for child in _children(each)
            if isinstance(child, (dict, list))
        ]
    return bool(level)


def _children(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _unwrapped(
    fields: dict[str, Json],
) -> tuple[dict[str, Json], str | None, Origin | None]:
    """Take the record out of a row of ``rejected.ndjson`` or ``in_doubt.ndjson``.

    A row of a row too: such a file is again a source, and may leave rejects again. The
    innermost ID counts, and the innermost origin.
    """
    own_id, origin = checked_id(fields.get("objectWriteTraceId")), None
    while "record" in fields and "properties" not in fields:
        origin = _origin(fields) or origin
        record = fields["record"]
        if record is None:
            raise Unfit(
                "NOT_AN_OBJECT",
                "record is null: the line was too long to keep; its source has it",
            )
        if isinstance(record, str):
            record = _parsed(record.removeprefix("\ufeff").encode())
        if not isinstance(record, dict):
            raise Unfit("NOT_AN_OBJECT", f"record is {kind(record)}, not a JSON object")
        fields = record
        inner_id = checked_id(fields.get("objectWriteTraceId"))
        own_id = own_id if inner_id is None else inner_id
    return fields, own_id, origin


def _origin(row: dict[str, Json]) -> Origin | None:
    """Return where a row comes from, if it still says so."""
    digest, line = row.get("source"), row.get("line")
    if not isinstance(digest, str) or not identity.is_digest(digest):
        return None
    if not isinstance(line, int) or isinstance(line, bool) or line < 1:
        return None
    return Origin(digest, line)


def _properties(value: Json) -> dict[str, shape.Value]:
    if not isinstance(value, dict):
        found = "missing" if value is None else kind(value)
        raise Unfit("NO_PROPERTIES", f"properties is {found}; it must be an object")
    properties: dict[str, shape.Value] = {}
    for name, each in value.items():
        if isinstance(each, (dict, list)):
            raise Unfit(
                "PROPERTY_TYPE",
                f"properties.{shown(name)} is {kind(each)}; it must be a string, "
                "number, boolean or null",
            )
        properties[name] = each
    return properties
