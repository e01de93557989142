"""Packed columns: the records, positions and object IDs of a batch in few bytes.

A derived trace ID, ``<digest>-<line>-<check>``, is stored as its 8-byte check; one
that comes from the line is stored as text.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from loader.model.batch import Batch
from loader.model.record import CallRecord

_CHECK_SIZE = 8
#: numbers with so many digits fit 64 bits
_DIGITS = 18
_END = 10**_DIGITS


class PackedRecords(msgspec.Struct, array_like=True, frozen=True):
    """The records of a batch, column by column, relative to the batch's start."""

    digest: str
    #: from the batch's first line; empty when they follow each other
    lines: list[int]
    #: of each record from the one before, in bytes
    steps: list[int]
    checks: bytes
    #: position to trace ID, where it is not derived
    named: dict[int, str]


class PackedObjects(msgspec.Struct, array_like=True, frozen=True):
    """Object IDs by position, None where there is none; numbers count from a base."""

    base: int
    ids: list[int | str | None]


class RecordKey(msgspec.Struct, frozen=True):
    """What the ledger keeps of a record."""

    line: int
    offset: int
    trace_id: str


_encode = msgspec.msgpack.Encoder().encode
_decode_records = msgspec.msgpack.Decoder(PackedRecords).decode
_decode_positions = msgspec.msgpack.Decoder(list[int]).decode
_decode_objects = msgspec.msgpack.Decoder(PackedObjects).decode


def pack_records(batch: Batch, source_digest: str) -> bytes:
    """Pack which lines and which IDs a batch has."""
    records = batch.records
    named: dict[int, str] = {}
    checks = _all_derived_checks(records, source_digest)
    if checks is None:
        checks = b""
        for position, record in enumerate(records):
            check = _derived_check(record.trace_id, source_digest, record.line)
            if check is None:
                named[position] = record.trace_id
            checks += check or bytes(_CHECK_SIZE)
    lines = [record.line - batch.first_line for record in records]
    offsets = [batch.span.start, *[record.offset for record in records]]
    return _encode(
        PackedRecords(
            digest=source_digest,
            lines=[] if lines == list(range(len(lines))) else lines,
            steps=[right - left for left, right in pairwise(offsets)],
            checks=checks if len(named) < len(records) else b"",
            named=named,
        )
    )


def _all_derived_checks(records: Sequence[CallRecord], digest: str) -> bytes | None:
    """Return the checks of all records at once; None when an ID is not derived."""
    tails = "".join([record.trace_id[-2 * _CHECK_SIZE :] for record in records])
    try:
        checks = bytes.fromhex(tails)
    except ValueError:
        return None
    if len(checks) != _CHECK_SIZE * len(records):
        return None
    hexes = checks.hex()
    width = 2 * _CHECK_SIZE
    expected = [
        f"{digest}-{record.line}-{hexes[at : at + width]}"
        for record, at in zip(records, range(0, len(hexes), width), strict=True)
    ]
    return checks if expected == [record.trace_id for record in records] else None


def _derived_check(trace_id: str, digest: str, line: int) -> bytes | None:
    head = f"{digest}-{line}-"
    if not trace_id.startswith(head):
        return None
    tail = trace_id[len(head) :]
    try:
        check = bytes.fromhex(tail)
    except ValueError:
        return None
    return check if len(check) == _CHECK_SIZE and check.hex() == tail else None


def unpack_records(blob: bytes, *, start: int, first_line: int) -> list[RecordKey]:
    """Return lines, offsets and IDs in order of position."""
    packed = _decode_records(blob)
    lines = packed.lines or range(len(packed.steps))
    keys: list[RecordKey] = []
    offset = start
    for position, (line, step) in enumerate(zip(lines, packed.steps, strict=True)):
        offset += step
        trace_id = packed.named.get(position)
        if trace_id is None:
            at = position * _CHECK_SIZE
            check = packed.checks[at : at + _CHECK_SIZE].hex()
            trace_id = f"{packed.digest}-{first_line + line}-{check}"
        keys.append(RecordKey(first_line + line, offset, trace_id))
    return keys


def pack_positions(positions: Iterable[int]) -> bytes:
    """Pack a set of positions."""
    return _encode(sorted(positions))


def unpack_positions(blob: bytes | None) -> frozenset[int]:
    """Return a set of positions; none were packed for None."""
    return frozenset(_decode_positions(blob) if blob is not None else ())


def merge_objects(blob: bytes | None, new: Mapping[int, str], size: int) -> bytes:
    """Add object IDs by position to those packed before.

    Raises:
        ValueError: a position has another object ID already.
    """
    objects = list(unpack_objects(blob, size))
    for position, object_id in new.items():
        if objects[position] not in (None, object_id):
            message = f"position {position} has the object {objects[position]}"
            raise ValueError(message)
        objects[position] = object_id
    numbers = _numbers(objects)
    base = min((each for each in numbers if each is not None), default=0)
    ids = [
        object_id if number is None else number - base
        for object_id, number in zip(objects, numbers, strict=True)
    ]
    return _encode(PackedObjects(base, ids))


def count_objects(blob: bytes) -> int:
    """Return how many positions have an object."""
    ids = _decode_objects(blob).ids
    return len(ids) - ids.count(None)


def unpack_objects(blob: bytes | None, size: int) -> Sequence[str | None]:
    """Return the object ID of each position, None where it is not created."""
    if blob is None:
        return [None] * size
    packed = _decode_objects(blob)
    return [
        str(packed.base + each) if isinstance(each, int) else each
        for each in packed.ids
    ]


def _numbers(objects: Sequence[str | None]) -> Sequence[int | None]:
    """Return plain decimals as numbers, which pack shorter; most are nothing else."""
    try:
        numbers = [int(object_id) for object_id in objects if object_id is not None]
    except ValueError:
        numbers = []
    plain = numbers and 0 <= min(numbers) <= max(numbers) < _END
    if plain and list(map(str, numbers)) == objects:
        return numbers
    return [_number(object_id) for object_id in objects]


def _number(object_id: str | None) -> int | None:
    if object_id is None or len(object_id) > _DIGITS or not object_id.isdecimal():
        return None
    number = int(object_id)
    return number if str(number) == object_id else None
