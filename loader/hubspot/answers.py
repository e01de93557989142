"""Answers of HubSpot, as far as we read them: results strictly, errors leniently."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec

from . import once

#: longest message kept of an error, and longest of its other words, in characters
_MESSAGE = 2000
_WORD = 100
_HELD_BY = re.compile(r"(\d+) already has that value|Existing ID: (\d+)", re.IGNORECASE)
_PROPERTY = re.compile(r"propertyName=(\w+)")
_CLASH_CODES = frozenset(
    {"CONFLICT", "OBJECT_ALREADY_EXISTS", "UNIQUE_VALUE_CONFLICT", "ALREADY_EXISTS"}
)
_CLASH_TEXT = re.compile(r"already has that value|UNIQUE_VALUE_CONFLICT", re.IGNORECASE)
#: what asks for another try whatever the record; BLOCKED is no lock
_TRANSIENT = re.compile(
    r"RATE_LIMIT|INTERNAL|SERVER_ERROR|TIME(D_)?_?OUT|UNAVAILABLE|(?<![A-Z])LOCK"
    r"|MISSING_SCOPE",
    re.IGNORECASE,
)
#: the ID of an object; anything else in its place is none
_OBJECT_ID = re.compile(r"[\x21-\x7e]{1,100}")
_END_OF_IDS = 2**63
#: what a JSON decoder says of bytes that are none
NOT_JSON = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError)


def is_before(time: object, moment: datetime) -> bool:
    """Tell whether a time, as an answer has it, can be read and is before a moment."""
    try:
        return datetime.fromisoformat(str(time)) < moment
    except (ValueError, TypeError):
        return False


class ResultElement(msgspec.Struct, frozen=True, gc=False):
    """An element of ``results``."""

    id: str | int | None = None
    objectWriteTraceId: str | None = None  # noqa: N815 - HubSpot's name
    properties: dict[str, Any] | None = None
    #: a time, ISO 8601, and a flag; of any type, since they prove nothing of a record
    createdAt: Any = None  # noqa: N815 - HubSpot's name
    archived: Any = None

    @property
    def object_id(self) -> str:
        """The object's ID; empty when the element has none that could be one."""
        if isinstance(self.id, int):
            return str(self.id) if 0 < self.id < _END_OF_IDS else ""
        return self.id if self.id and _OBJECT_ID.fullmatch(self.id) else ""

    def text(self, name: str) -> str | None:
        """Return a property that came back as a text with something in it."""
        value = (self.properties or {}).get(name)
        return value if isinstance(value, str) and value else None


class BatchAnswer(msgspec.Struct, frozen=True):
    """The envelope of a batch answer; ``status`` and ``results`` are required."""

    status: str
    results: list[ResultElement]
    errors: Any = None
    numErrors: Any = None  # noqa: N815 - HubSpot's name


_decode_answer = msgspec.json.Decoder(BatchAnswer).decode


@dataclass(frozen=True, slots=True)
class ErrorElement:
    """An element of ``errors``, or the body of a refusal; every field is optional."""

    category: str
    message: str
    correlation_id: str | None
    context: Mapping[str, tuple[str, ...]]
    #: codes of whatever kind: its own, and those of nested errors
    codes: frozenset[str]
    #: messages of nested errors
    remarks: tuple[str, ...]
    #: contexts of nested errors
    details: tuple[Mapping[str, tuple[str, ...]], ...]

    @property
    def trace_ids(self) -> tuple[str, ...]:
        """The records that the error names, each once."""
        return tuple(dict.fromkeys(self.context.get("objectWriteTraceId", ())))

    @property
    def clash(self) -> bool:
        """A unique value is taken; looked for wherever HubSpot may say so.

        A clash that we missed would be taken for a refusal of the record, although the
        one who has the value may be the record itself.
        """
        return (
            not _CLASH_CODES.isdisjoint(self.codes)
            or bool(self._named("existingId"))
            or any(_CLASH_TEXT.search(text) for text in self._texts)
        )

    @property
    def existing_id(self) -> str | None:
        """The object that holds the value, when the error says so."""
        named = self._named("existingId")
        if named:
            return named[0]
        match = self._first(_HELD_BY)
        return None if match is None else match[1] or match[2]

    @property
    def property_name(self) -> str | None:
        """The property whose value is taken, when the error says so."""
        match = self._first(_PROPERTY)
        return None if match is None else match[1]

    @property
    def transient(self) -> bool:
        """The portal could not do it now."""
        return _TRANSIENT.search(self.category) is not None

    @property
    def says_absent(self) -> bool:
        """What was asked for is not there."""
        return any(code.endswith("NOT_FOUND") for code in (self.category, *self.codes))

    @property
    def lacks_scope(self) -> bool:
        """The token may not do this."""
        return self.category == "MISSING_SCOPES"

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """The scopes that a refusal asks for."""
        return self._named("requiredGranularScopes", "missingScopes", "requiredScopes")

    @property
    def _texts(self) -> tuple[str, ...]:
        return (self.message, *self.remarks)

    def _named(self, *names: str) -> tuple[str, ...]:
        contexts = (self.context, *self.details)
        found = [each for c in contexts for name in names for each in c.get(name, ())]
        return tuple(dict.fromkeys(found))

    def _first(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        matches = (pattern.search(text) for text in self._texts)
        return next((match for match in matches if match), None)


def parse_answer(body: bytes) -> BatchAnswer:
    """Read the answer to a batch request.

    Raises:
        NOT_JSON: it is no JSON, not of the right shape, or can be read in two ways.
    """
    answer = _decode_answer(body)
    once.check(body)
    return answer


def parse_error(body: bytes, correlation_id: str | None = None) -> ErrorElement | None:
    """Read the body of a refusal; None when it is no JSON object, or ambiguous."""
    try:
        error = _object(msgspec.json.decode(body))
        once.check(body)
        return None if error is None else as_error(error, correlation_id)
    except NOT_JSON:
        return None


def error_elements(
    errors: object, correlation_id: str | None = None
) -> Iterator[ErrorElement]:
    """Give the elements of ``errors`` that are objects."""
    for each in _list(errors):
        error = _object(each)
        if error is not None:
            yield as_error(error, correlation_id)


def as_error(
    error: Mapping[str, object], correlation_id: str | None = None
) -> ErrorElement:
    """Read one error; whatever is odd in it is left out.

    ``correlation_id`` is that of the exchange, for an error without its own.
    """
    nested = [_object(each) or {} for each in _list(error.get("errors"))]
    message = _first_text(error, "message") or ""
    return ErrorElement(
        category=_first_text(error, *_CATEGORIES, length=_WORD) or "UNKNOWN",
        message=message[:_MESSAGE],
        correlation_id=_first_text(error, "correlationId", length=_WORD)
        or correlation_id,
        context=_context(error.get("context")),
        codes=frozenset(_codes([error, *nested])),
        remarks=tuple(
            (_first_text(each, "message") or "")[:_MESSAGE] for each in nested
        ),
        details=tuple(_context(each.get("context")) for each in nested),
    )


#: where older and newer bodies name the kind of an error
_CATEGORIES = ("category", "errorType", "policyName")


def _codes(errors: Sequence[Mapping[str, object]]) -> Iterator[str]:
    for error in errors:
        for name in ("category", "errorType", "subCategory", "code", "error"):
            code = _first_text(error, name, length=_WORD)
            if code is not None:
                yield code.rpartition(".")[2]  # Properties.PROPERTY_WITH_NAME_EXISTS


def _first_text(
    value: Mapping[str, object], *names: str, length: int = _MESSAGE
) -> str | None:
    for name in names:
        text = value.get(name)
        if isinstance(text, str) and text:
            return text[:length]
    return None


def _context(value: object) -> dict[str, tuple[str, ...]]:
    """Read a context: lists of strings, a string, or the whole as JSON in a string."""
    if isinstance(value, str):
        try:
            text, value = value, msgspec.json.decode(value)
            once.check(text)
        except NOT_JSON:
            return {}
    return {name: _texts(each) for name, each in (_object(value) or {}).items()}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(
        str(each)
        for each in _list(value) or (value,)
        if isinstance(each, (str, int)) and not isinstance(each, bool)
    )


def _object(value: object) -> Mapping[str, object] | None:
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def _list(value: object) -> Sequence[object]:
    return cast("list[object]", value) if isinstance(value, list) else ()
