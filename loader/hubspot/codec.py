"""Records to request bodies. Pure, and byte for byte the same for the same records."""

from collections.abc import Sequence

import orjson

from loader.model.record import CallRecord


def create_body(records: Sequence[CallRecord], trace_property: str | None) -> bytes:
    """Write the body of ``batch/create``.

    Each input is the record's own content with its ``objectWriteTraceId`` put in front
    and, where there is one, the trace property put last.
    """
    name = None if trace_property is None else orjson.dumps(trace_property)
    inputs = (_input(record, name) for record in records)
    return b'{"inputs":[' + b",".join(inputs) + b"]}"


def _input(record: CallRecord, trace_property: bytes | None) -> bytes:
    """Splice the ID into content that ends with its properties, never an empty set."""
    trace_id = orjson.dumps(record.trace_id)
    head = b'{"objectWriteTraceId":' + trace_id + b","
    if trace_property is None:
        return head + record.content[1:]
    tail = b"," + trace_property + b":" + trace_id + b"}}"
    return head + record.content[1:-2] + tail


def read_body(trace_ids: Sequence[str], trace_property: str) -> bytes:
    """Write the body of ``batch/read`` by the trace property."""
    return orjson.dumps(
        {
            "idProperty": trace_property,
            "inputs": [{"id": trace_id} for trace_id in trace_ids],
            "properties": [trace_property],
            "propertiesWithHistory": [],
        }
    )
