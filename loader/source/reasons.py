"""Why a line cannot be sent: looks closely at a line that the fast way refused.

=====================  ==================================================
reason                 the line
=====================  ==================================================
NOT_UTF8               is not UTF-8
NOT_JSON               is not one JSON value
TOO_DEEP               nests deeper than a parser should go
NUMBER_OUT_OF_RANGE    has a number that no double holds
NOT_AN_OBJECT          is JSON, but no object
NO_PROPERTIES          has no object ``properties``
PROPERTY_TYPE          has a property that is no string, number, boolean or null
PROPERTY_TOO_LONG      has a property above HubSpot's limit
NO_TIMESTAMP           has no ``hs_timestamp``
ASSOCIATION_SHAPE      has an association that is not of HubSpot's form
TRACE_ID_FORMAT        has an ``objectWriteTraceId`` that cannot be one
TRACE_PROPERTY_SET     sets the trace property to something of its own
KEY_MISSING            lacks the property that ``--key`` names
LINE_TOO_LONG          is longer than ``--max-line-bytes``
DUPLICATE_ID           has the ID of an earlier line, with other content
=====================  ==================================================
"""

import re
from dataclasses import dataclass
from typing import Any, TypeGuard

import msgspec
import orjson

_FIELDS = ("properties", "associations", "objectWriteTraceId")
_KINDS = (
    (dict, "an object"),
    (list, "an array"),
    (str, "a string"),
    (bool, "a boolean"),
)


class Unfit(Exception):
    """The line cannot be sent; a reason code and a sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Explained:
    """A line that is sound after all, without the fields that have no place."""

    value: dict[str, Any]
    #: the ID that a row of a result file gives its record
    trace_id: str | None
    #: names of the fields left out
    ignored: tuple[str, ...]


def explain(text: bytes) -> Explained:
    """Look at a line that is not simply a create input.

    Raises:
        Unfit: it cannot be sent; says why.
    """
    value = _parsed(text)
    if not _is_object(value):
        raise Unfit("NOT_AN_OBJECT", f"the line is {_kind(value)}, not a JSON object")
    value, trace_id = _unwrapped(value)
    ignored = tuple(shorten(name) for name in value if name not in _FIELDS)
    value = {name: value[name] for name in _FIELDS if name in value}
    _check_properties(value.get("properties"))
    _check_associations(value.get("associations"))
    own = value.get("objectWriteTraceId")
    if own is not None and not isinstance(own, str):
        raise Unfit("TRACE_ID_FORMAT", f"objectWriteTraceId is {_kind(own)}")
    return Explained(value, trace_id, ignored)


def _parsed(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise Unfit(
            "NOT_UTF8", f"byte {error.start + 1} of the line is not UTF-8"
        ) from None
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise Unfit("TOO_DEEP", "the line nests too deep") from None
    except msgspec.ValidationError:
        raise Unfit(
            "NUMBER_OUT_OF_RANGE", "the line has a number that is out of range"
        ) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _not_json(text) from None


def _not_json(text: bytes) -> Unfit:
    """Let the other parser say where: its messages are the better ones."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        what = re.sub(r": line \d+ column \d+ \(char \d+\)$", "", str(error))
        if "depth" in what:
            return Unfit("TOO_DEEP", "the line nests too deep")
        if "infinity" in what:
            return Unfit("NUMBER_OUT_OF_RANGE", f"{what} (column {error.colno})")
        return Unfit("NOT_JSON", f"{what} (column {error.colno})")
    return Unfit("NOT_JSON", "the line is not valid JSON")


def _unwrapped(row: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Take the record out of a row of ``rejected.ndjson`` or ``in_doubt.ndjson``."""
    if "record" not in row or "properties" in row:
        return row, None
    record, trace_id = row["record"], row.get("objectWriteTraceId")
    if isinstance(record, str):
        record = _parsed(record.encode("utf-8", "surrogatepass"))
    if not _is_object(record):
        raise Unfit("NOT_AN_OBJECT", f"record is {_kind(record)}, not a JSON object")
    return record, trace_id if isinstance(trace_id, str) else None


def _check_properties(properties: object) -> None:
    if not _is_object(properties):
        found = "missing" if properties is None else _kind(properties)
        raise Unfit("NO_PROPERTIES", f"properties is {found}; it must be an object")
    for name, value in properties.items():
        if _is_object(value) or _is_array(value):
            raise Unfit(
                "PROPERTY_TYPE",
                f"properties.{shorten(name)} is {_kind(value)}; it must be a string, "
                "number, boolean or null",
            )


def _check_associations(associations: object) -> None:
    if associations is None:
        return
    if not _is_array(associations):
        raise Unfit("ASSOCIATION_SHAPE", f"associations is {_kind(associations)}")
    for position, each in enumerate(associations):
        fault = _association_fault(each)
        if fault is not None:
            raise Unfit("ASSOCIATION_SHAPE", f"associations[{position}]{fault}")


def _association_fault(association: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """Say what is wrong with an association; None when it looks sound."""
    if not _is_object(association):
        return f" is {_kind(association)}, not an object"
    unknown = [name for name in association if name not in ("to", "types")]
    if unknown:
        return f".{shorten(unknown[0])} is unknown"
    target = association.get("to")
    if not _is_object(target) or not isinstance(target.get("id"), (str, int)):
        return ".to.id is missing; it must be the ID of a record"
    if isinstance(target["id"], bool) or target["id"] == "":
        return ".to.id must be the ID of a record"
    types = association.get("types")
    if not _is_array(types) or not types:
        return ".types must be a list with at least one type"
    return None


def shorten(text: str) -> str:
    """Return a name fit for a message: at most 60 characters."""
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _kind(value: object) -> str:
    """Say in JSON's words what a value is."""
    if value is None:
        return "null"
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return "a number"
