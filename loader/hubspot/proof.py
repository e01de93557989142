"""Which records an answer proves, and how: item by item, never by position.

An element names a record by its echoed trace ID, else by the trace property among its
properties, else, where the portal echoes neither, by likeness.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from loader.model.record import CallRecord
from loader.model.verdict import (
    Doubt,
    ErrorKind,
    Found,
    ItemCreated,
    ItemError,
    ItemVerdict,
    Proof,
)

from .answers import BatchAnswer, ErrorElement, ResultElement, is_before
from .likeness import recognise


class Contradiction(Exception):
    """The answer names an ID or an object twice, or an ID that was not sent."""


def prove(
    records: Sequence[CallRecord],
    answer: BatchAnswer,
    errors: Sequence[ErrorElement],
    trace_property: str | None,
) -> Proof | Doubt:
    """Say what a complete answer proves of the records that were sent."""
    named = _Named(records)
    try:
        unnamed = [
            element
            for element in answer.results
            if not named.take_result(element, trace_property)
        ]
        for error in errors:
            named.take_error(error)
    except Contradiction as contradiction:
        return Doubt(str(contradiction), alarm=True)
    if trace_property is None:
        named.take_alike(unnamed)
    return Proof(named.items)


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
        object_id = element.object_id
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

    def take_alike(self, unnamed: Sequence[ResultElement]) -> None:
        """Give results without a name to the records that they surely are."""
        waiting: defaultdict[bytes, list[int]] = defaultdict(list)
        for position, record in enumerate(self._records):
            if position not in self.items:
                waiting[record.content].append(position)
        for position, object_id in recognise(waiting, unnamed):
            self.items[position] = ItemCreated(object_id)


def _named_by(element: ResultElement, trace_property: str | None) -> str | None:
    echoed = element.objectWriteTraceId or None
    if trace_property is None:
        return echoed
    returned = element.text(trace_property)
    if echoed is not None and returned is not None and echoed != returned:
        raise Contradiction("a result's trace ID and trace property differ")
    return echoed if echoed is not None else returned


def _item_error(error: ErrorElement) -> ItemError:
    kind = ErrorKind.INVALID
    if error.clash:
        kind = ErrorKind.CLASH
    elif error.transient:
        kind = ErrorKind.TRANSIENT
    return ItemError(
        kind=kind,
        category=error.category,
        message=error.message,
        correlation_id=error.correlation_id,
        existing_id=error.existing_id,
        property_name=error.property_name,
    )


def found_objects(
    wanted: Sequence[str],
    answer: BatchAnswer,
    trace_property: str,
    oldest_own: datetime | None,
) -> Found:
    """Return the objects of the results that carry an ID we asked for.

    A live one that was there before ``oldest_own`` is another's, whoever sent its ID
    since. An archived one stays found, whatever its times: what somebody deleted must
    not come back to life because a clock is wrong.
    """
    asked = frozenset(wanted)
    objects: dict[str, str] = {}
    older: set[str] = set()
    for element in answer.results:
        name = element.text(trace_property)
        if name is None or name not in asked or not element.object_id:
            continue
        if (
            oldest_own is not None
            and not element.archived
            and is_before(element.createdAt, oldest_own)
        ):
            older.add(name)
        objects.setdefault(name, element.object_id)
    return Found(objects, frozenset(older))


def stray(wanted: Sequence[str], answer: BatchAnswer, trace_property: str) -> str:
    """Say what is odd about a result that is nobody's; empty for nothing.

    It may be any record that is missing. One whose ID differs in case or blanks only is
    another's, for that portal takes both for the same: it refuses to make ours.
    """
    asked = frozenset(wanted)
    alike = {each.strip().casefold() for each in asked}
    for element in answer.results:
        name = element.text(trace_property)
        if name is None:
            return "the read has a result without the trace property"
        if not element.object_id:
            return "the read has a result without an object"
        if name not in asked and name.strip().casefold() not in alike:
            return "the read has a result that was not asked for"
    return ""
