"""Answers of HubSpot, as far as we read them: results strictly, errors leniently."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

#: longest message kept of an error, in characters
_MESSAGE = 2000
_HELD_BY = re.compile(r"(\d+) already has that value|Existing ID: (\d+)", re.IGNORECASE)
_PROPERTY = re.compile(r"propertyName=(\w+)")
_CLASH_CATEGORIES = frozenset(
    {"CONFLICT", "OBJECT_ALREADY_EXISTS", "UNIQUE_VALUE_CONFLICT", "ALREADY_EXISTS"}
)
_CLASH_TEXT = re.compile(r"already has that value|UNIQUE_VALUE_CONFLICT", re.IGNORECASE)


class ResultElement(msgspec.Struct, frozen=True, gc=False):
    """An element of ``results``."""

    id: str | int | None = None
    objectWriteTraceId: str | None = None  # noqa: N815 - HubSpot's name
    properties: dict[str, Any] | None = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """The envelope of a batch answer; ``status`` and ``results`` are required."""

    status: str
    results: list[ResultElement]
    errors: Any = None


_decode_answer = msgspec.json.Decoder(BatchAnswer).decode


@dataclass(frozen=True, slots=True)
class ErrorElement:
    """An element of ``errors``, or the body of a refusal; every field is optional."""

    category: str
    message: str
    correlation_id: str | None
    context: Mapping[str, tuple[str, ...]]
    #: contexts of nested errors, joined
    details: tuple[Mapping[str, tuple[str, ...]], ...]

    @property
    def trace_ids(self) -> tuple[str, ...]:
        """The records that the error names."""
        return self.context.get("objectWriteTraceId", ())

    @property
    def clash(self) -> bool:
        """A unique value is taken."""
        return (
            self.category in _CLASH_CATEGORIES
            or "existingId" in self.context
            or _CLASH_TEXT.search(self.message) is not None
        )

    @property
    def existing_id(self) -> str | None:
        """The object that holds the value, when the error says so."""
        named = self.context.get("existingId")
        if named:
            return named[0]
        match = _HELD_BY.search(self.message)
        return None if match is None else match[1] or match[2]

    @property
    def property_name(self) -> str | None:
        """The property whose value is taken, when the error says so."""
        match = _PROPERTY.search(self.message)
        return None if match is None else match[1]

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """The scopes that a refusal asks for."""
        scopes: list[str] = []
        for context in (self.context, *self.details):
            for name in ("requiredGranularScopes", "missingScopes", "requiredScopes"):
                scopes += context.get(name, ())
        return tuple(dict.fromkeys(scopes))


def parse_answer(body: bytes) -> BatchAnswer:
    """Read the answer to a batch request.

    Raises:
        msgspec.MsgspecError: it is no JSON, or not of the right shape.
        UnicodeDecodeError: it is not UTF-8.
    """
    return _decode_answer(body)


def parse_error(body: bytes) -> ErrorElement | None:
    """Read the body of a refusal; None when it is no JSON object."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return as_error(value) if isinstance(value, dict) else None


def error_elements(errors: Any) -> Iterator[ErrorElement]:  # noqa: ANN401 - any JSON value
    """Give the elements of ``errors`` that are objects."""
    if isinstance(errors, list):
        for each in errors:
            if isinstance(each, dict):
                yield as_error(each)


def as_error(value: Mapping[str, Any]) -> ErrorElement:
    """Read one error; whatever is odd in it is left out."""
    nested = value.get("errors")
    details = (
        [each for each in nested if isinstance(each, dict)]
        if isinstance(nested, list)
        else []
    )
    category = _first_text(value, "category", "errorType", "policyName")
    return ErrorElement(
        category=category or "UNKNOWN",
        message=(_first_text(value, "message") or "")[:_MESSAGE],
        correlation_id=_first_text(value, "correlationId"),
        context=_context(value.get("context")),
        details=tuple(_context(each.get("context")) for each in details),
    )


def _first_text(value: Mapping[str, Any], *names: str) -> str | None:
    for name in names:
        text = value.get(name)
        if isinstance(text, str) and text:
            return text
    return None


def _context(value: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401 - any JSON value
    """Read a context: lists of strings, a string, or the whole as JSON in a string."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return {}
    if not isinstance(value, dict):
        return {}
    return {name: _texts(each) for name, each in value.items()}


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - any JSON value
    values = value if isinstance(value, list) else [value]
    return tuple(
        str(each)
        for each in values
        if isinstance(each, (str, int)) and not isinstance(each, bool)
    )
