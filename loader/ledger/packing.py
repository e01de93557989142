"""Packed columns: the records, positions and object IDs of a batch in few bytes.

A derived trace ID, ``<digest>-<line>-<check>``, is stored as its 8-byte check; one
that comes from the line is stored as text.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from loader.model.batch import Batch

_CHECK_SIZE = 8


class PackedRecords(msgspec.Struct, array_like=True, frozen=True):
    """The records of a batch, column by column, relative to the batch's start."""

    digest: str
    lines: list[int]
    offsets: list[int]
    checks: bytes
    #: position to trace ID, where it is not derived
    named: dict[int, str]


class RecordKey(msgspec.Struct, frozen=True):
    """What the ledger keeps of a record."""

    line: int
    offset: int
    trace_id: str


_encode = msgspec.msgpack.Encoder().encode
_decode_records = msgspec.msgpack.Decoder(PackedRecords).decode
_decode_positions = msgspec.msgpack.Decoder(list[int]).decode
_decode_objects = msgspec.msgpack.Decoder(list[int | str | None]).decode


def pack_records(batch: Batch, source_digest: str) -> bytes:
    """Pack which lines and which IDs a batch has."""
    checks = bytearray()
    named: dict[int, str] = {}
    for position, record in enumerate(batch.records):
        check = _derived_check(record.trace_id, source_digest, record.line)
        if check is None:
            named[position] = record.trace_id
        checks += check or bytes(_CHECK_SIZE)
    return _encode(
        PackedRecords(
            digest=source_digest,
            lines=[record.line - batch.first_line for record in batch.records],
            offsets=[record.offset - batch.span.start for record in batch.records],
            checks=bytes(checks) if len(named) < len(batch.records) else b"",
            named=named,
        )
    )


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
    keys: list[RecordKey] = []
    for position, (line, offset) in enumerate(
        zip(packed.lines, packed.offsets, strict=True)
    ):
        trace_id = packed.named.get(position)
        if trace_id is None:
            at = position * _CHECK_SIZE
            check = packed.checks[at : at + _CHECK_SIZE].hex()
            trace_id = f"{packed.digest}-{first_line + line}-{check}"
        keys.append(RecordKey(first_line + line, start + offset, trace_id))
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
    return _encode([_compact(object_id) for object_id in objects])


def unpack_objects(blob: bytes | None, size: int) -> Sequence[str | None]:
    """Return the object ID of each position, None where it is not created."""
    if blob is None:
        return [None] * size
    return [None if each is None else str(each) for each in _decode_objects(blob)]


def _compact(object_id: str | None) -> int | str | None:
    """Turn a plain decimal into an integer, which packs shorter."""
    if object_id is None or len(object_id) > 18 or not object_id.isdecimal():  # noqa: PLR2004 - below 2**63
        return object_id
    number = int(object_id)
    return number if str(number) == object_id else object_id
