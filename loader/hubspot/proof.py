"""Which records an answer proves, and how: item by item, never by position.

An element names a record by its echoed trace ID, else by the trace property among its
properties, else, where the portal echoes neither, by exact equality of all properties
that we sent; records that are equal in everything are interchangeable.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from loader.model.record import CallRecord
from loader.model.verdict import (
    Doubt,
    ErrorKind,
    ItemCreated,
    ItemError,
    ItemVerdict,
    Proof,
)

from .answers import BatchAnswer, ErrorElement, ResultElement, error_elements

#: categories that ask for another try, whatever the record
TRANSIENT = frozenset(
    {
        "RATE_LIMIT", "RATE_LIMITS", "INTERNAL_ERROR", "INTERNAL_SERVER_ERROR",
        "SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT", "GATEWAY_TIMEOUT",
        "LOCKED", "LOCK_TIMEOUT", "MISSING_SCOPES",
    }
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Contradiction(Exception):
    """The answer names an ID twice, or one that was not sent."""


def prove(
    records: Sequence[CallRecord], answer: BatchAnswer, trace_property: str | None
) -> Proof | Doubt:
    """Say what a complete answer proves of the records that were sent."""
    ledger = _Named(records)
    try:
        unnamed = [
            element
            for element in answer.results
            if not ledger.take_result(element, trace_property)
        ]
        for error in error_elements(answer.errors):
            ledger.take_error(error)
        if trace_property is None:
            ledger.take_equal(unnamed)
    except Contradiction as contradiction:
        return Doubt(str(contradiction), alarm=True)
    return Proof(ledger.items)


class _Named:
    """What an answer says, by position. What changes: the items named so far."""

    def __init__(self, records: Sequence[CallRecord]) -> None:
        self._records = records
        self._positions = {
            record.trace_id: position for position, record in enumerate(records)
        }
        self._objects: set[str] = set()
        self.items: dict[int, ItemVerdict] = {}

    def take_result(self, element: ResultElement, trace_property: str | None) -> bool:
        """Take an element of ``results``; False when it names no record."""
        object_id = "" if element.id is None else str(element.id)
        if not object_id:
            return True  # no object: it proves nothing
        if object_id in self._objects:
            raise Contradiction("the answer names one object twice")
        self._objects.add(object_id)
        name = _named_by(element, trace_property)
        if name is None:
            return False
        self._put(name, ItemCreated(object_id))
        return True

    def take_error(self, error: ErrorElement) -> None:
        """Take an element of ``errors``, for each record that it names."""
        for trace_id in error.trace_ids:
            self._put(trace_id, _item_error(error))

    def _put(self, trace_id: str, verdict: ItemVerdict) -> None:
        position = self._positions.get(trace_id)
        if position is None:
            raise Contradiction("the answer names a record that was not sent")
        if position in self.items:
            raise Contradiction("the answer names one record twice")
        self.items[position] = verdict

    def take_equal(self, elements: Sequence[ResultElement]) -> None:
        """Give results without a name to the records that equal them."""
        waiting: defaultdict[bytes, list[int]] = defaultdict(list)
        for position, record in enumerate(self._records):
            if position not in self.items:
                waiting[record.content].append(position)
        alike = [(_properties(content), content) for content in waiting]
        for element in elements:
            fits = [content for sent, content in alike if _equals(sent, element)]
            # contents that differ in associations only cannot be told apart
            if len(fits) == 1 and waiting[fits[0]]:
                position = waiting[fits[0]].pop(0)
                self.items[position] = ItemCreated(str(element.id))


def _named_by(element: ResultElement, trace_property: str | None) -> str | None:
    echoed = element.objectWriteTraceId
    if trace_property is None:
        return echoed
    value = (element.properties or {}).get(trace_property)
    returned = value if isinstance(value, str) and value else None
    if echoed is not None and returned is not None and echoed != returned:
        raise Contradiction("a result's trace ID and trace property differ")
    return echoed if echoed is not None else returned


def _item_error(error: ErrorElement) -> ItemError:
    kind = ErrorKind.INVALID
    if error.clash:
        kind = ErrorKind.CLASH
    elif error.category in TRANSIENT:
        kind = ErrorKind.TRANSIENT
    return ItemError(
        kind=kind,
        category=error.category,
        message=error.message,
        correlation_id=error.correlation_id,
        existing_id=error.existing_id,
        property_name=error.property_name,
    )


def _properties(content: bytes) -> dict[str, str]:
    properties: dict[str, str] = msgspec.json.decode(content)["properties"]
    return properties


def _equals(sent: Mapping[str, str], element: ResultElement) -> bool:
    """Every property that was sent came back as it was."""
    returned = element.properties or {}
    return all(_same(name, text, returned.get(name)) for name, text in sent.items())


def _same(name: str, sent: str, returned: Any) -> bool:  # noqa: ANN401 - any JSON value
    if returned == sent:
        return True
    if name != "hs_timestamp" or not isinstance(returned, str):
        return False
    left, right = _instant(sent), _instant(returned)
    return left is not None and left == right


def _instant(text: str) -> int | None:
    """Return milliseconds since 1970 of either form that HubSpot documents."""
    if text.isdecimal():
        return int(text) if len(text) < 19 else None  # noqa: PLR2004 - 64 bits
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round((moment - _EPOCH).total_seconds() * 1000)


def found_objects(
    wanted: Sequence[str], answer: BatchAnswer, trace_property: str
) -> Iterator[tuple[str, str]]:
    """Give trace ID and object ID of each result that carries an ID we asked for."""
    asked = frozenset(wanted)
    for element in answer.results:
        value = (element.properties or {}).get(trace_property)
        if element.id is not None and isinstance(value, str) and value in asked:
            yield value, str(element.id)
